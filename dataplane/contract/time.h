// Monotonic time as an argument: nothing below lcore/ reads a clock.
#pragma once

#include <compare>
#include <cstdint>

namespace demarc::contract {

struct Duration {
  int64_t ns = 0;

  static constexpr Duration milliseconds(int64_t n) { return {n * 1'000'000}; }
  static constexpr Duration seconds(int64_t n) { return {n * 1'000'000'000}; }
  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
  friend constexpr Duration operator*(Duration a, int64_t n) { return {a.ns * n}; }
};

// Nanoseconds of CLOCK_MONOTONIC; 0 means "never".
struct Instant {
  uint64_t ns = 0;

  constexpr bool is_set() const { return ns != 0; }
  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant t, Duration d) {
    return {t.ns + static_cast<uint64_t>(d.ns)};
  }
  friend constexpr Duration operator-(Instant a, Instant b) {
    return {static_cast<int64_t>(a.ns - b.ns)};
  }
};

}  // namespace demarc::contract
