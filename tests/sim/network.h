// Network: carries messages between the box and its peers, and does to them what the faults of the
// seed say. After healing it only carries, with a small even delay.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/contract/address.h"
#include "dataplane/contract/transport.h"
#include "dataplane/transaction/path.h"
#include "tests/sim/event_queue.h"
#include "tests/sim/options.h"
#include "tests/sim/random.h"

namespace demarc::sim {

inline constexpr uint32_t nobody = 0xffffffff;

// One message on its way.
struct Parcel {
  std::string octets;
  contract::Endpoint box;   // ours
  contract::Endpoint peer;  // the other end
  uint16_t trunk = 0;
  uint32_t sender = nobody;  // agent
  bool is_to_box = false;
  bool is_lie = false;  // its sender changed it on purpose
  bool is_cut = false;  // truncated on the way, or no message from the start
  contract::Transport transport = contract::Transport::udp;
  transaction::StreamId stream = transaction::StreamId::none;  // the box's end that it came to
  uint32_t line = nobody;      // what it came on; from a peer: what it came back on, if any
  uint16_t broken_status = 0;  // of one that broke its stream: what is owed for it
  bool is_whole() const { return !is_lie && !is_cut; }
};

class Network {
 public:
  Network(const Options& options, EventQueue& queue, Random random);

  // Puts a message on its way: copies of it arrive as events of Kind::arrival, or none does.
  void carry(const Parcel& parcel);
  const Parcel& parcel(uint32_t id) const { return parcels_[id]; }
  // The parcel arrived and is not needed any more.
  void forget(uint32_t id) { free_.push_back(id); }
  void heal() { is_healed_ = true; }
  bool is_healed() const { return is_healed_; }
  uint64_t lost() const { return lost_; }
  // The trunk's network is silent now.
  bool is_out(uint16_t trunk) const;
  // How long something takes on its way.
  contract::Duration draw_delay(Random& random) const;

 private:
  struct Outage {
    contract::Instant begin;
    contract::Instant end;
  };
  void send_copy(const Parcel& parcel);

  const Options& options_;
  EventQueue& queue_;
  Random random_;
  std::vector<Outage> outages_;  // of each trunk
  std::vector<Parcel> parcels_;
  std::vector<uint32_t> free_;
  bool is_healed_ = false;
  uint64_t lost_ = 0;
};

}  // namespace demarc::sim
