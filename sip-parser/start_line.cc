#include "sip-parser/start_line.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

constexpr std::string_view version = "SIP/2.0";

// SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT
bool is_version(std::string_view text) {
  if (text.size() < 7 || !ascii::iequals(text.substr(0, 4), "SIP/")) return false;
  const size_t dot = text.find('.', 4);
  if (dot == std::string_view::npos) return false;
  uint64_t ignored = 0;
  return ascii::parse_decimal(text.substr(4, dot - 4), UINT32_MAX, ignored) &&
         ascii::parse_decimal(text.substr(dot + 1), UINT32_MAX, ignored);
}

bool has_blank_or_control(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return true;
  }
  return false;
}

StartLine parse_status_line(Span span, std::string_view line) {
  StartLine result;
  // "SIP/2.0" SP 3DIGIT SP [Reason-Phrase]
  if (!ascii::iequals(line.substr(0, version.size()), version) || line.size() < 12 ||
      line[7] != ' ' || line[11] != ' ') {
    return result;
  }
  uint64_t code = 0;
  if (!ascii::parse_decimal(line.substr(8, 3), 999, code)) return result;
  result.kind = StartLine::Kind::response;
  result.status_code = static_cast<uint16_t>(code);
  result.reason_phrase = make_span(span.offset + 12u, span.end());
  return result;
}

}  // namespace

StartLine parse_start_line(Span span, std::string_view datagram) {
  const std::string_view line = text(span, datagram);
  if (line.size() >= 4 && ascii::iequals(line.substr(0, 4), "SIP/")) {
    return parse_status_line(span, line);
  }

  StartLine result;
  const size_t method_end = line.find(' ');
  if (method_end == std::string_view::npos) return result;
  const std::string_view method = line.substr(0, method_end);
  if (!ascii::is_token(method)) return result;
  result.kind = StartLine::Kind::bad_request;
  result.method = method_of(method);
  result.method_text = span_of(method, datagram);

  const size_t uri_end = line.find(' ', method_end + 1);
  if (uri_end == std::string_view::npos) return result;
  const std::string_view uri = line.substr(method_end + 1, uri_end - method_end - 1);
  if (uri.empty() || has_blank_or_control(uri)) return result;
  const std::string_view last = line.substr(uri_end + 1);
  if (!is_version(last)) return result;
  result.request_uri = span_of(uri, datagram);
  result.kind =
      ascii::iequals(last, version) ? StartLine::Kind::request : StartLine::Kind::bad_version;
  return result;
}

}  // namespace demarc::sip
