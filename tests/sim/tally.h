// Tally: how often a run played what only some seeds play, so that nobody has to believe that it
// happens. `sim --seeds` prints the sums, and fails when one of them is 0 over many seeds.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace demarc::sim {

// Each is counted where its effect is seen, mostly at the peer that the box passed it to.
enum class Played : uint8_t {
  offer_in_update,     // reached a peer
  answer_to_update,    // came back to the peer that offered
  refresh_by_update,   // without SDP, from the box or through it
  cancel_of_reinvite,  // reached a peer that had not answered yet
  reinvite_cancelled,  // its sender heard that it is over
  offer_in_reliable,   // its answer went back in PRACK
  offer_in_prack,      // answered in the 2xx
  early_request,       // reached a peer
  early_update,        // the same, with an offer
  fork_of_its_own,     // a 2xx with another SDP than that of the first fork
  subscribe,           // reached a peer
  subscription_notify,
  count,
};
inline constexpr unsigned played_count = static_cast<unsigned>(Played::count);
std::string_view spelling(Played played);

class Tally {
 public:
  void count(Played played) { ++counts_[static_cast<unsigned>(played)]; }
  uint64_t of(Played played) const { return counts_[static_cast<unsigned>(played)]; }
  void add(const Tally& other) {
    for (unsigned i = 0; i < played_count; ++i) counts_[i] += other.counts_[i];
  }

 private:
  std::array<uint64_t, played_count> counts_{};
};

}  // namespace demarc::sim
