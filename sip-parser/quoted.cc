#include "sip-parser/quoted.h"

#include "sip-parser/base/ascii.h"

namespace demarc::sip {
namespace {

bool is_fold(std::string_view text) {
  return text.size() > 2 && text[0] == '\r' && text[1] == '\n' && ascii::is_wsp(text[2]);
}

}  // namespace

bool QuotedCursor::next(std::string_view& piece) {
  if (rest_.empty()) return false;
  if (is_fold(rest_)) {
    rest_.remove_prefix(3);
    while (!rest_.empty() && ascii::is_wsp(rest_.front())) rest_.remove_prefix(1);
    piece = " ";
    return true;
  }
  if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
  // The first octet stands for itself, whatever it is: it is plain, or was escaped.
  const size_t end = rest_.find_first_of("\\\r", 1);
  piece = rest_.substr(0, end);
  rest_.remove_prefix(piece.size());
  return true;
}

bool is_quoted_equal(std::string_view content, std::string_view plain) {
  std::string_view piece;
  for (QuotedCursor cursor(content); cursor.next(piece);) {
    if (plain.substr(0, piece.size()) != piece) return false;
    plain.remove_prefix(piece.size());
  }
  return plain.empty();
}

bool is_quotable(std::string_view plain) {
  for (const char c : plain) {
    const uint8_t octet = static_cast<uint8_t>(c);
    if ((octet < 0x20 && c != '\t') || octet == 0x7f) return false;
  }
  return true;
}

Writer& write_quoted(Writer& writer, std::string_view plain) {
  // value() refuses a line break, which is how a writer is made to fail from outside.
  if (!is_quotable(plain)) return writer.value("\n");
  writer.raw("\"");
  for (;;) {
    const size_t special = plain.find_first_of("\"\\");
    writer.value(plain.substr(0, special));
    if (special == std::string_view::npos) break;
    writer.raw("\\").value(plain.substr(special, 1));
    plain.remove_prefix(special + 1);
  }
  return writer.raw("\"");
}

}  // namespace demarc::sip
