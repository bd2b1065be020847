#include "sip-parser/write.h"

#include <algorithm>
#include <array>
#include <charconv>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"

namespace demarc::sip {

namespace {

constexpr unsigned block_octets = 32;

// "00" to "99", as they stand in memory.
constexpr std::array<uint16_t, 100> pairs = [] {
  std::array<uint16_t, 100> table{};
  for (unsigned i = 0; i < table.size(); ++i) {
    table[i] = static_cast<uint16_t>(('0' + i / 10) | ('0' + i % 10) << 8);
  }
  return table;
}();

#ifdef __AVX2__
// Whether none of the first `size` octets, at most 32, is CR or below, as CR, LF and NUL are. Reads
// 32 octets.
bool is_above_cr(const char* octets, size_t size) {
  const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(octets));
  const __m256i found = _mm256_cmpeq_epi8(_mm256_min_epu8(block, _mm256_set1_epi8('\r')), block);
  const auto mask = static_cast<uint32_t>(_mm256_movemask_epi8(found));
  return (mask & ((uint64_t{1} << size) - 1)) == 0;
}
#endif

}  // namespace

// CR, LF or NUL in what stands from `begin` on. Blocks of 32 may reach behind the text, never
// behind the buffer.
bool Writer::has_forbidden_octet(size_t begin) const {
  size_t at = begin;
#ifdef __AVX2__
  for (; at < size_ && buffer_.size() - at >= block_octets; at += block_octets) {
    const size_t size = std::min<size_t>(size_ - at, block_octets);
    if (is_above_cr(buffer_.data() + at, size)) [[likely]]
      continue;
    if (has_forbidden_octet_scalar(at, at + size)) return true;
  }
#endif
  return has_forbidden_octet_scalar(at, size_);
}

bool Writer::has_forbidden_octet_scalar(size_t begin, size_t end) const {
  for (size_t at = begin; at < end; ++at) {
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
  const FieldBegin& line = field_begin(name);
  if (line.length == 0) failed_ = true;
  if (room() < sizeof line) return raw({line.text.data(), line.length});
  std::memcpy(buffer_.data() + size_, &line, sizeof line);
  size_ += line.length;
  return *this;
}

Writer& Writer::end() {
  return raw("\r\n");
}

Writer& Writer::value(std::string_view text) {
  const size_t begin = size_;
  append(text);
#ifdef __AVX2__
  // Most are shorter than a block.
  if (size_ - begin <= block_octets && buffer_.size() - begin >= block_octets) [[likely]] {
    if (is_above_cr(buffer_.data() + begin, size_ - begin)) [[likely]]
      return *this;
  }
#endif
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
  char* const out = buffer_.data() + size_;
  // Most numbers have four digits at most: the zeros before them are shifted out.
  if (number < 10'000 && room() >= sizeof(uint32_t)) [[likely]] {
    const auto small = static_cast<uint32_t>(number);
    const unsigned zeros = unsigned{small < 1000} + unsigned{small < 100} + unsigned{small < 10};
    const uint32_t digits = pairs[small / 100] | uint32_t{pairs[small % 100]} << 16;
    const uint32_t text = digits >> 8 * zeros;
    std::memcpy(out, &text, sizeof text);
    size_ += sizeof text - zeros;
    return *this;
  }
  const std::to_chars_result result = std::to_chars(out, out + room(), number);
  if (result.ec != std::errc{}) {
    failed_ = true;
  } else {
    size_ += static_cast<size_t>(result.ptr - out);
  }
  return *this;
}

Writer& Writer::finish(std::string_view body) {
  field(HeaderName::content_length, body.size()).raw("\r\n").raw(body);
  is_finished_ = true;
  return *this;
}

}  // namespace demarc::sip
