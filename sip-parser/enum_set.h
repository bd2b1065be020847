// EnumSet: a set of enumerators in one word of bits.
//
// What Allow, Supported, Privacy and P-Early-Media are read into. A value, on any thread.
#pragma once

#include <bit>
#include <cstdint>

namespace demarc::sip {

template <class Enum>
class EnumSet {
 public:
  constexpr EnumSet() = default;
  template <class... More>
  constexpr explicit EnumSet(Enum first, More... more) {
    add(first);
    (add(more), ...);
  }

  constexpr void add(Enum value) { bits_ |= bit(value); }
  constexpr void add(EnumSet other) { bits_ |= other.bits_; }
  constexpr void remove(Enum value) { bits_ &= ~bit(value); }
  constexpr bool has(Enum value) const { return bits_ & bit(value); }
  constexpr bool has_all(EnumSet other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr bool has_any(EnumSet other) const { return bits_ & other.bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr unsigned size() const { return static_cast<unsigned>(std::popcount(bits_)); }
  friend constexpr bool operator==(const EnumSet&, const EnumSet&) = default;

 private:
  // Enumerators are below 64; a longer enumeration asserts that it is.
  static constexpr uint64_t bit(Enum value) { return uint64_t{1} << static_cast<unsigned>(value); }

  uint64_t bits_ = 0;
};

}  // namespace demarc::sip
