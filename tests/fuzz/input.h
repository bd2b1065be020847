// How a fuzz target holds its input: octets that end exactly where reading must end, spans that are
// checked against them, and a script behind a NUL for targets that need more than one text.
//
// Included by the targets of this folder only; it allocates. A target is one function of
// libFuzzer's shape that aborts by DEMARC_CHECK when something that must hold does not. clang links
// it with libFuzzer, g++ with replay_main.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "sip-parser/base/check.h"
#include "sip-parser/base/span.h"
#include "tests/support/guarded_buffer.h"

#if defined(__SANITIZE_ADDRESS__)
#define DEMARC_FUZZ_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DEMARC_FUZZ_HEAP 1
#endif
#endif

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace demarc::fuzz {

#ifdef DEMARC_FUZZ_HEAP
// A block of exactly this size, whose red zones AddressSanitizer watches on both sides.
class Placed {
 public:
  Placed(std::string_view octets, size_t padding, char fill)
      : block_(new char[octets.size() + padding]), length_(octets.size()) {
    if (!octets.empty()) std::memcpy(block_.get(), octets.data(), octets.size());
    std::memset(block_.get() + octets.size(), fill, padding);
  }
  std::string_view view() const { return {block_.get(), length_}; }

 private:
  std::unique_ptr<char[]> block_;
  size_t length_;
};
#else
using Placed = support::GuardedBuffer;
#endif

inline std::string_view view_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void check_inside(Span span, std::string_view datagram) {
  DEMARC_CHECK(span.end() <= datagram.size());
}
inline void check_inside(Span span, Span outer) {
  DEMARC_CHECK(span.empty() || (span.offset >= outer.offset && span.end() <= outer.end()));
}

// What stands before the last NUL is the text, what stands behind it tells what to do with it. So
// every plain message is a seed as it is, with an empty script.
struct Scripted {
  std::string_view text;
  std::string_view script;
};
inline Scripted split_script(std::string_view input) {
  const size_t nul = input.rfind('\0');
  if (nul == std::string_view::npos) return {input, {}};
  return {input.substr(0, nul), input.substr(nul + 1)};
}

// Reads a script; past its end everything is zero.
class Script {
 public:
  explicit Script(std::string_view script) : rest_(script) {}
  bool is_done() const { return rest_.empty(); }
  uint8_t octet() {
    if (rest_.empty()) return 0;
    const uint8_t value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  unsigned below(unsigned limit) { return octet() % limit; }
  // Up to `most` octets.
  std::string_view piece(unsigned most) {
    const size_t length = below(most + 1);
    const std::string_view value = rest_.substr(0, length);
    rest_.remove_prefix(value.size());
    return value;
  }

 private:
  std::string_view rest_;
};

// A value alone, and the same value inside a datagram of hostile neighbours: a parser that looks
// beside its span sees something else there.
class Neighboured {
 public:
  explicit Neighboured(std::string_view value)
      : text_(std::string(before) + std::string(value) + std::string(behind)),
        placed_(text_, 0, '\0'),
        span_{static_cast<uint16_t>(before.size()), static_cast<uint16_t>(value.size())} {}
  std::string_view datagram() const { return placed_.view(); }
  Span span() const { return span_; }

  // Whether a span of the value alone is the same piece as a span in here. Absent is absent.
  bool is_same(Span alone, Span inside) const {
    if (alone == Span{}) return inside.empty();
    if (alone.empty() && inside.empty()) return true;
    return alone.length == inside.length && alone.offset + before.size() == inside.offset;
  }

  static constexpr std::string_view before = "a<\",;\\=%\r\n ";
  static constexpr std::string_view behind = "1a\";x=\">,\r\n ?@:]";

 private:
  std::string text_;
  Placed placed_;
  Span span_;
};
// Longer values would not leave room for the neighbours.
inline constexpr size_t max_value_octets = 65000;

}  // namespace demarc::fuzz
