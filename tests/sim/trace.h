// Trace: a hash over everything that happened, and on request the ladder of one call. The hash is
// what two runs of one seed must have in common.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "dataplane/contract/time.h"
#include "tests/sim/network.h"
#include "tests/sim/text.h"

namespace demarc::sim {

class Trace {
 public:
  explicit Trace(contract::Instant begin) : begin_(begin) {}
  // Keeps the ladder of that call; with `has_text` each message, too.
  void follow(uint32_t call, bool has_text) {
    followed_ = call;
    has_text_ = has_text;
  }

  enum class Way : uint8_t { to_box, from_box, to_peer };
  struct Entry {
    contract::Instant at;
    Way way = Way::to_box;
    uint32_t call = nobody;
    bool is_calling_leg = true;
  };
  void message(const Entry& entry, const Parcel& parcel, const Text& text);
  void remark(contract::Instant at, uint32_t call, std::string_view what);
  void mix(uint64_t value) { hash_ = std::rotl((hash_ ^ value) * 0x9e3779b97f4a7c15u, 29); }
  void mix(std::string_view octets) {
    mix(octets.size());
    for (; octets.size() >= 8; octets.remove_prefix(8)) mix(word(octets.substr(0, 8)));
    mix(word(octets));
  }
  uint64_t hash() const { return hash_; }
  uint64_t messages() const { return messages_; }
  const std::string& ladder() const { return ladder_; }

 private:
  static uint64_t word(std::string_view octets) {
    uint64_t value = 0;
    if (!octets.empty()) std::memcpy(&value, octets.data(), octets.size());
    return value;
  }
  void write_time(contract::Instant at);

  contract::Instant begin_;
  uint64_t hash_ = 0;
  uint64_t messages_ = 0;
  uint32_t followed_ = nobody;
  bool has_text_ = false;
  std::string ladder_;
};

}  // namespace demarc::sim
