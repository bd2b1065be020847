// b= lines (RFC 8866 section 5.8, RFC 3890 for TIAS, RFC 3556 for RS and RR), all of one level.
//
// Used by the model and the printer. Types that are not known say nothing to us and are not kept,
// as the RFC has it; a plain value without pointers.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace demarc::sdp {

enum class BandwidthType : uint8_t {
  ct,    // kbit/s of the whole session
  as,    // kbit/s
  tias,  // bit/s
  rs,    // bit/s of RTCP by senders
  rr,    // bit/s of RTCP by receivers
  count,
};
inline constexpr uint32_t max_bandwidth = UINT32_MAX;

std::string_view spelling(BandwidthType type);

class Bandwidths {
 public:
  bool empty() const { return present_ == 0; }
  bool has(BandwidthType type) const { return ((present_ >> index(type)) & 1) != 0; }
  // 0 when it is absent.
  uint32_t value(BandwidthType type) const { return has(type) ? values_[index(type)] : 0; }
  void set(BandwidthType type, uint32_t value) {
    values_[index(type)] = value;
    present_ = static_cast<uint8_t>(present_ | 1u << index(type));
  }
  void erase(BandwidthType type) {
    present_ = static_cast<uint8_t>(present_ & ~(1u << index(type)));
  }
  // Leaves the values as they are: only those that are present are ever read.
  void clear() { present_ = 0; }

 private:
  static constexpr unsigned index(BandwidthType type) { return static_cast<unsigned>(type); }

  std::array<uint32_t, static_cast<size_t>(BandwidthType::count)> values_{};
  uint8_t present_ = 0;
};

}  // namespace demarc::sdp
