#include "sip-parser/write.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"

namespace demarc::sip {

namespace {

// "00" to "99", as they stand in memory.
constexpr std::array<uint16_t, 100> pairs = [] {
  std::array<uint16_t, 100> table{};
  for (unsigned i = 0; i < table.size(); ++i) {
    table[i] = static_cast<uint16_t>(('0' + i / 10) | ('0' + i % 10) << 8);
  }
  return table;
}();

// Of any length. Apart, so that short numbers have no room on the stack to make.
[[gnu::noinline]] Writer& write_long(Writer& writer, uint64_t number) {
  char digits[std::numeric_limits<uint64_t>::digits10 + 3];
  char* begin = std::end(digits);
  for (; number >= 100; number /= 100) {
    begin -= sizeof pairs[0];
    std::memcpy(begin, &pairs[number % 100], sizeof pairs[0]);
  }
  begin -= sizeof pairs[0];
  std::memcpy(begin, &pairs[number], sizeof pairs[0]);
  if (number < 10) ++begin;
  return writer.raw({begin, static_cast<size_t>(std::end(digits) - begin)});
}

bool is_forbidden(char c) {
  return c == '\r' || c == '\n' || c == '\0';
}

bool has_forbidden_octet(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_forbidden);
}

#ifdef __AVX2__
template <class Word>
Word copy_word(char* to, const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  std::memcpy(to, &word, sizeof word);
  return word;
}

// Of the octets in `block` that the low bits of `mask` name none is CR or below, as CR, LF and NUL
// are.
bool is_above_cr(__m128i block, unsigned mask) {
  const __m128i found = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8('\r')), block);
  return (static_cast<unsigned>(_mm_movemask_epi8(found)) & mask) == 0;
}

// Copies `size` octets; false when one of them may be forbidden. Each is looked at on its way: what
// was just written can not be read back in blocks of another size without a wait. The last block
// overlaps the one before.
bool copy_above_cr(char* to, const char* from, size_t size) {
  if (size >= sizeof(__m256i)) {
    const size_t last = size - sizeof(__m256i);
    __m256i least = copy_word<__m256i>(to + last, from + last);
    for (size_t at = 0; at < last; at += sizeof(__m256i)) {
      least = _mm256_min_epu8(least, copy_word<__m256i>(to + at, from + at));
    }
    const __m128i low = _mm256_castsi256_si128(least);
    return is_above_cr(_mm_min_epu8(low, _mm256_extracti128_si256(least, 1)), 0xffff);
  }
  if (size >= sizeof(__m128i)) {
    const size_t last = size - sizeof(__m128i);
    const __m128i first = copy_word<__m128i>(to, from);
    return is_above_cr(_mm_min_epu8(first, copy_word<__m128i>(to + last, from + last)), 0xffff);
  }
  if (size >= sizeof(uint64_t)) {
    const size_t last = size - sizeof(uint64_t);
    const auto first = copy_word<int64_t>(to, from);
    return is_above_cr(_mm_set_epi64x(first, copy_word<int64_t>(to + last, from + last)), 0xffff);
  }
  if (size >= sizeof(uint32_t)) {
    const size_t last = size - sizeof(uint32_t);
    const auto first = copy_word<int32_t>(to, from);
    return is_above_cr(_mm_set_epi32(0, 0, first, copy_word<int32_t>(to + last, from + last)),
                       0xff);
  }
  bool is_above = true;
  for (size_t i = 0; i < size; ++i) is_above &= static_cast<unsigned char>(to[i] = from[i]) > '\r';
  return is_above;
}
#endif

}  // namespace

bool Writer::append_line(std::string_view text) {
#ifdef __AVX2__
  if (text.size() > room()) [[unlikely]] {
    fail();
    return true;
  }
  char* const to = next_;
  next_ += text.size();
  if (copy_above_cr(to, text.data(), text.size())) [[likely]]
    return true;
#else
  append(text);
#endif
  return !has_forbidden_octet(text);
}

Writer& Writer::request_line(std::string_view method, std::string_view request_uri) {
  const uint32_t size = static_cast<uint32_t>(request_uri.size());
  if (!ascii::is_token(method) || request_uri.empty() || size > UINT16_MAX ||
      find_outside(request_uri, 0, size, CharClass::visible()) != size) {
    fail();
  }
  return raw(method).raw(" ").value(request_uri).raw(" SIP/2.0\r\n");
}

Writer& Writer::status_line(uint16_t status_code, std::string_view reason_phrase) {
  if (status_code < 100 || status_code > 699) fail();
  return raw("SIP/2.0 ").number(status_code).raw(" ").value(reason_phrase).raw("\r\n");
}

Writer& Writer::field(HeaderName name, std::string_view text) {
  return begin(name).value(text).end();
}

Writer& Writer::field(HeaderName name, uint64_t value) {
  return begin(name).number(value).end();
}

Writer& Writer::field(std::string_view name, std::string_view text) {
  if (!ascii::is_token(name)) fail();
  return raw(name).raw(": ").value(text).end();
}

Writer& Writer::begin(HeaderName name) {
  const FieldBegin& line = field_begin(name);
  if (line.length == 0) fail();
  if (room() < sizeof line) return raw({line.text.data(), line.length});
  std::memcpy(next_, &line, sizeof line);
  next_ += line.length;
  return *this;
}

// What has a CR, LF or NUL in it.
Writer& Writer::unfold(std::string_view text) {
  for (;;) {
    const size_t fold = text.find('\r');
    if (fold == std::string_view::npos) return value(text);
    value(text.substr(0, fold));
    text.remove_prefix(fold);
    if (text.size() < 3 || text[1] != '\n' || !ascii::is_wsp(text[2])) {
      fail();
      return *this;
    }
    text.remove_prefix(3);
    while (!text.empty() && ascii::is_wsp(text.front())) text.remove_prefix(1);
    append(" ");
  }
}

// Most numbers have two digits at most, or four: the zeros before them are shifted out.
Writer& Writer::number(uint64_t number) {
  if (number >= 10'000 || room() < sizeof(uint32_t)) [[unlikely]]
    return write_long(*this, number);
  char* const out = next_;
  const auto small = static_cast<uint32_t>(number);
  if (small < 100) {
    const unsigned zeros = unsigned{small < 10};
    const auto text = static_cast<uint16_t>(pairs[small] >> 8 * zeros);
    std::memcpy(out, &text, sizeof text);
    next_ += sizeof text - zeros;
    return *this;
  }
  const unsigned zeros = unsigned{small < 1000};
  const uint32_t digits = pairs[small / 100] | uint32_t{pairs[small % 100]} << 16;
  const uint32_t text = digits >> 8 * zeros;
  std::memcpy(out, &text, sizeof text);
  next_ += sizeof text - zeros;
  return *this;
}

Writer& Writer::finish(std::string_view body) {
  field(HeaderName::content_length, body.size()).raw("\r\n").raw(body);
  close();
  return *this;
}

}  // namespace demarc::sip
