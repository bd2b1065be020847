#include "controlplane/rest/request.h"

#include <nlohmann/json.hpp>

#include "sip-parser/base/ascii.h"

namespace demarc::rest {
namespace {

std::string_view title_of(unsigned status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = ascii::to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool decode(std::string_view text, std::string& out) {
  out.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return false;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return true;
}

}  // namespace

bool parse_target(std::string_view target, Request& request) {
  if (target.empty() || target.front() != '/') return false;
  target = target.substr(0, target.find('#'));
  const size_t mark = std::min(target.find('?'), target.size());
  if (!decode(target.substr(0, mark), request.path)) return false;
  std::string_view rest = target.substr(std::min(mark + 1, target.size()));
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const size_t equals = std::min(pair.find('='), pair.size());
    std::string name;
    std::string value;
    if (!decode(pair.substr(0, equals), name) ||
        !decode(pair.substr(std::min(equals + 1, pair.size())), value)) {
      return false;
    }
    request.query[name] = value;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return true;
}

Response problem(unsigned status, std::string_view detail, std::string_view path) {
  const nlohmann::ordered_json body = {{"type", "about:blank"},
                                       {"title", title_of(status)},
                                       {"status", status},
                                       {"detail", detail},
                                       {"instance", path}};
  using Handling = nlohmann::ordered_json::error_handler_t;
  return {
      status, "application/problem+json", body.dump(2, ' ', false, Handling::replace) + "\n", {}};
}

}  // namespace demarc::rest
