#include "sip-parser/write.h"

#include <charconv>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"

namespace demarc::sip {

// CR, LF or NUL in what stands from `begin` on. Blocks of 32 may reach behind the text, never
// behind the buffer.
bool Writer::has_forbidden_octet(size_t begin) const {
  size_t at = begin;
#ifdef __AVX2__
  const __m256i cr = _mm256_set1_epi8('\r');
  const __m256i lf = _mm256_set1_epi8('\n');
  for (; at < size_ && buffer_.size() - at >= 32; at += 32) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(buffer_.data() + at));
    const __m256i found =
        _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(block, cr), _mm256_cmpeq_epi8(block, lf)),
                        _mm256_cmpeq_epi8(block, _mm256_setzero_si256()));
    const auto mask = static_cast<uint32_t>(_mm256_movemask_epi8(found));
    const size_t left = size_ - at;
    if ((left < 32 ? mask & ((1u << left) - 1) : mask) != 0) return true;
  }
#endif
  for (; at < size_; ++at) {
    const char c = buffer_[at];
    if (c == '\r' || c == '\n' || c == '\0') return true;
  }
  return false;
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

Writer& Writer::value(std::string_view text) {
  const size_t begin = size_;
  append(text);
  if (has_forbidden_octet(begin)) failed_ = true;
  return *this;
}

Writer& Writer::unfolded(std::string_view text) {
  const size_t begin = size_;
  append(text);
  if (!has_forbidden_octet(begin)) [[likely]]
    return *this;
  size_ = begin;
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
