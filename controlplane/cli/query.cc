#include "controlplane/cli/query.h"

#include <string_view>

#include "sip-parser/base/ascii.h"

namespace demarc::cli {

std::string escaped(const std::string& text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string query;
  for (const char c : text) {
    if (ascii::is_alphanum(c) || c == '-' || c == '_' || c == '.') {
      query += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      query += '%';
      query += digits[octet >> 4];
      query += digits[octet & 15];
    }
  }
  return query;
}

std::string trace_query(const CommandLine& line) {
  std::string headers;
  for (const std::string& header : line.headers) {
    headers += (headers.empty() ? std::string() : std::string("\n")) + header;
  }
  return "from=" + escaped(line.trunk) + "&called=" + escaped(line.called) +
         "&calling=" + escaped(line.calling) + "&header=" + escaped(headers);
}

}  // namespace demarc::cli
