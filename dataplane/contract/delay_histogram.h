// DelayHistogram: how long packets took, in log-linear buckets (as HDR histograms have them): 16 to
// each power of two, so a value is known to within 1/16.
//
// Part of each WorkerRow. One writer with plain increments, relaxed reads by anybody, never reset:
// a reader that wants the last minute subtracts what it read before.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>

namespace demarc::contract {

inline constexpr unsigned delay_sub_bits = 4;
inline constexpr unsigned delay_top_bit = 32;  // what takes 4.3 s or more is in the last bucket
inline constexpr unsigned delay_bucket_count = (delay_top_bit - delay_sub_bits + 1)
                                               << delay_sub_bits;

constexpr unsigned delay_bucket_of(uint64_t ns) {
  constexpr uint64_t linear = 1u << delay_sub_bits;
  if (ns < linear) return static_cast<unsigned>(ns);
  const unsigned shift = static_cast<unsigned>(std::bit_width(ns)) - 1 - delay_sub_bits;
  const uint64_t bucket = ((shift + 1u) << delay_sub_bits) + ((ns >> shift) - linear);
  return static_cast<unsigned>(std::min<uint64_t>(bucket, delay_bucket_count - 1));
}
// The greatest value that belongs to a bucket.
constexpr uint64_t delay_bucket_end(unsigned bucket) {
  constexpr unsigned linear = 1u << delay_sub_bits;
  if (bucket < linear) return bucket;
  const unsigned shift = (bucket >> delay_sub_bits) - 1;
  return ((uint64_t{bucket % linear} + linear + 1) << shift) - 1;
}

struct alignas(64) DelayHistogram {
  std::atomic<uint64_t> longest_ns;
  std::atomic<uint64_t> packets[delay_bucket_count];

  // `count` packets took so long.
  void add(uint64_t ns, uint64_t count) {
    std::atomic<uint64_t>& bucket = packets[delay_bucket_of(ns)];
    bucket.store(bucket.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    if (ns > longest_ns.load(std::memory_order_relaxed)) {
      longest_ns.store(ns, std::memory_order_relaxed);
    }
  }
};

}  // namespace demarc::contract
