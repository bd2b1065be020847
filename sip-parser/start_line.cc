#include "sip-parser/start_line.h"

#include <cstring>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/base/separators.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

constexpr std::string_view version = "SIP/2.0";
constexpr CharClass token = CharClass::where(ascii::is_token);
constexpr CharClass visible = CharClass::visible();

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

// The Request-URI of [begin, end): visible ASCII in nearly every message.
bool is_request_uri(std::string_view datagram, uint32_t begin, uint32_t end) {
  const uint32_t stop = find_outside(datagram, begin, end, visible);
  return begin != end && (stop == end || !has_blank_or_control(datagram.substr(stop, end - stop)));
}

StartLine parse_status_line(Span span, std::string_view line) {
  StartLine result;
  // "SIP/2.0" SP 3DIGIT SP [Reason-Phrase]
  if (line.size() < 12 || line[7] != ' ' || line[11] != ' ' ||
      (line.substr(0, version.size()) != version &&
       !ascii::iequals(line.substr(0, version.size()), version))) {
    return result;
  }
  uint64_t code = 0;
  if (!ascii::parse_decimal(line.substr(8, 3), 999, code)) return result;
  result.kind = StartLine::Kind::response;
  result.status_code = static_cast<uint16_t>(code);
  result.reason_phrase.assign(span.offset + 12u, span.end());
  return result;
}

// Method SP Request-URI SP SIP-Version
StartLine parse_request_line(Span span, std::string_view datagram) {
  StartLine result;
  const uint32_t end = span.end();
  const uint32_t method_end = find_outside(datagram, span.offset, end, token);
  if (method_end == span.offset || method_end == end || datagram[method_end] != ' ') return result;
  result.kind = StartLine::Kind::bad_request;
  result.method_text.assign(span.offset, method_end);
  result.method = method_of(text(result.method_text, datagram));

  const uint32_t uri = method_end + 1;
  const size_t blank = datagram.substr(0, end).find(' ', uri);
  if (blank == std::string_view::npos) return result;
  const uint32_t uri_end = static_cast<uint32_t>(blank);
  if (!is_request_uri(datagram, uri, uri_end)) return result;
  const std::string_view last = datagram.substr(uri_end + 1, end - uri_end - 1);
  if (last != version && !is_version(last)) return result;
  result.request_uri.assign(uri, uri_end);
  result.kind = last == version || ascii::iequals(last, version) ? StartLine::Kind::request
                                                                 : StartLine::Kind::bad_version;
  return result;
}

// A request line of visible ASCII that ends with " SIP/2.0": as nearly all are, in three runs.
bool read_usual_request_line(Span span, std::string_view datagram, StartLine& result) {
  constexpr std::string_view tail = " SIP/2.0";
  if (span.length < 16) return false;
  const uint32_t uri_end = span.end() - static_cast<uint32_t>(tail.size());
  if (std::memcmp(datagram.data() + uri_end, tail.data(), tail.size()) != 0) return false;
  const uint32_t method_end = find_outside(datagram, span.offset, uri_end, token);
  if (method_end == span.offset || datagram[method_end] != ' ') return false;
  const uint32_t uri = method_end + 1;
  if (uri >= uri_end || Separators<visible>(datagram, uri, uri_end).next() != uri_end) return false;
  result.kind = StartLine::Kind::request;
  result.method_text.assign(span.offset, method_end);
  result.method = method_of(text(result.method_text, datagram));
  result.request_uri.assign(uri, uri_end);
  return true;
}

}  // namespace

StartLine parse_start_line(Span span, std::string_view datagram) {
  StartLine result;
  if (read_usual_request_line(span, datagram, result)) return result;
  const std::string_view line = text(span, datagram);
  if (line.size() >= 4 && line[3] == '/' && ascii::is_word(line.substr(0, 3), "sip")) {
    return parse_status_line(span, line);
  }
  return parse_request_line(span, datagram);
}

}  // namespace demarc::sip
