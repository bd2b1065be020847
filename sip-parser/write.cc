#include "sip-parser/write.h"

#include <charconv>
#include <cstring>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"

namespace demarc::sip {
namespace {

// One pass without a branch, which compilers turn into SIMD.
bool has_forbidden_octet(std::string_view text) {
  unsigned found = 0;
  for (const char c : text) {
    found |= static_cast<unsigned>(c == '\r') | static_cast<unsigned>(c == '\n') |
             static_cast<unsigned>(c == '\0');
  }
  return found != 0;
}

}  // namespace

void Writer::append(std::string_view text) {
  if (failed_ || is_finished_ || text.size() > buffer_.size() - size_) {
    failed_ = true;
    return;
  }
  if (text.empty()) return;
  std::memcpy(buffer_.data() + size_, text.data(), text.size());
  size_ += text.size();
}

Writer& Writer::request_line(std::string_view method, std::string_view request_uri) {
  const uint32_t size = static_cast<uint32_t>(request_uri.size());
  if (!ascii::is_token(method) || request_uri.empty() || size > UINT16_MAX ||
      find_outside(request_uri, 0, size, CharClass::visible()) != size) {
    failed_ = true;
  }
  return raw(method).raw(" ").value(request_uri).raw(" SIP/2.0\r\n");
}

Writer& Writer::status_line(uint16_t status_code, std::string_view reason_phrase) {
  if (status_code < 100 || status_code > 699) failed_ = true;
  return raw("SIP/2.0 ").number(status_code).raw(" ").value(reason_phrase).raw("\r\n");
}

Writer& Writer::field(HeaderName name, std::string_view text) {
  return begin(name).value(text).end();
}

Writer& Writer::field(HeaderName name, uint64_t value) {
  return begin(name).number(value).end();
}

Writer& Writer::field(std::string_view name, std::string_view text) {
  if (!ascii::is_token(name)) failed_ = true;
  return raw(name).raw(": ").value(text).end();
}

Writer& Writer::begin(HeaderName name) {
  const std::string_view text = spelling(name);
  if (text.empty()) failed_ = true;
  return raw(text).raw(": ");
}

Writer& Writer::end() {
  return raw("\r\n");
}

Writer& Writer::raw(std::string_view text) {
  append(text);
  return *this;
}

Writer& Writer::value(std::string_view text) {
  if (has_forbidden_octet(text)) failed_ = true;
  append(text);
  return *this;
}

Writer& Writer::unfolded(std::string_view text) {
  for (;;) {
    const size_t fold = text.find('\r');
    if (fold == std::string_view::npos) return value(text);
    value(text.substr(0, fold));
    text.remove_prefix(fold);
    if (text.size() < 3 || text[1] != '\n' || !ascii::is_wsp(text[2])) {
      failed_ = true;
      return *this;
    }
    text.remove_prefix(3);
    while (!text.empty() && ascii::is_wsp(text.front())) text.remove_prefix(1);
    append(" ");
  }
}

Writer& Writer::number(uint64_t number) {
  char digits[20];
  const std::to_chars_result result = std::to_chars(digits, digits + sizeof digits, number);
  append({digits, static_cast<size_t>(result.ptr - digits)});
  return *this;
}

Writer& Writer::finish(std::string_view body) {
  field(HeaderName::content_length, body.size()).raw("\r\n").raw(body);
  is_finished_ = true;
  return *this;
}

}  // namespace demarc::sip
