// Table: the media of one worker: ports, slots and the index that leads from a port to its slot.
//
// Used by call/ to open, aim and close streams, and by lcore/ to relay bursts. DPDK-free: frames
// are octets with room before them. One worker only.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/contract/directory.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/contract/time.h"
#include "dataplane/media/frame.h"
#include "dataplane/media/ports.h"
#include "dataplane/media/slot.h"
#include "dataplane/memory/arena.h"
#include "dataplane/memory/pool.h"

namespace demarc::media {

class Table {
 public:
  struct Limits {
    uint32_t slots = 0;             // four per call with one m-line: RTP and RTCP of both sides
    uint32_t address_capacity = 0;  // media addresses of all realms together
    contract::WorkerIndex worker = 0;
    uint16_t workers = 1;
    contract::Duration quarantine = contract::Duration::seconds(5);
  };
  // `region` must outlive the table.
  Table(memory::Arena& arena, const Limits& limits, contract::Region& region);
  static size_t octets_needed(const Limits& limits);

  // A new snapshot. An address that stayed keeps its ports and streams, whatever its realm is now
  // numbered or called; one that went away keeps its live streams until they close, and gives no
  // new ports. Streams go on leaving by the address that they were opened with.
  void adopt(const contract::Snapshot& snapshot);
  // Addresses of the snapshot for which there is no room (Limits::address_capacity).
  uint32_t refused_addresses() const { return ports_.refused_addresses(); }

  // --- control (call/) ---

  // A port pair of the realm in a block of this worker (see owner_of_port), least recently used
  // first, never one in quarantine. rtp_port 0 when there is none.
  PortPair acquire(contract::RealmId realm, contract::Instant now);
  // What the pair is bound to, and what SDP shows for it.
  contract::IpAddress bound_address(const PortPair& pair) const;
  contract::IpAddress advertised_address(const PortPair& pair) const;

  // One side of a bridged m-line: what it receives goes out from `out` to the other side's peer.
  // Makes the RTP and the RTCP slot, both `waiting`. none when no slot is left.
  struct Side {
    PortPair in;   // where this side's peer sends
    PortPair out;  // the other side's pair: the source of what goes on
    contract::TrunkId trunk_in = contract::TrunkId::none;
    contract::TrunkId trunk_out = contract::TrunkId::none;
    contract::CallSlot call = contract::CallSlot::none;
    uint32_t clock_rate_hz = 8000;
  };
  struct SlotPair {
    SlotId rtp = SlotId::none;
    SlotId rtcp = SlotId::none;
    bool is_set() const { return rtp != SlotId::none; }
  };
  SlotPair open(const Side& side, contract::Instant now);
  // The peer of this side sends from `rtp` and `rtcp` (as its SDP said); port 0: nobody may send.
  void expect(const SlotPair& slots, const contract::Endpoint& rtp, const contract::Endpoint& rtcp);
  // Packets of this side go on to the other side's peer at `rtp` and `rtcp`; port 0: hold them back
  // (counted rtp_drop_not_ready). So is what goes to no unicast address (decision D10) or to one of
  // another family than `out` has.
  void aim(const SlotPair& slots, const contract::Endpoint& rtp, const contract::Endpoint& rtcp);
  // What is relayed from now on: RTP of that clock rate, or UDPTL, after a new offer and answer.
  void retune(const SlotPair& slots, Stream stream, uint32_t clock_rate_hz);
  // Adds what the slots counted since the last call of it to the counters of the incoming trunk, so
  // that its ledger closes: in = out + drops.
  void fold(const SlotPair& slots);
  // Sum of RTP and RTCP of this side since open.
  contract::MediaSummary summary(const SlotPair& slots) const;
  // When anything acceptable last arrived; the time of open() before the first.
  contract::Instant last_heard(const SlotPair& slots) const;
  // Folds, frees the slots and puts the pair `in` into quarantine. Both become unset.
  void close(SlotPair& slots, PortPair& in, contract::Instant now);
  // Folds and frees the slots, but the pair `in` stays the caller's: the next open() takes it, and
  // what arrives in between is dropped (media_no_slot).
  void unbind(SlotPair& slots, const PortPair& in);
  // Gives a pair back that was never opened; into quarantine too, since SDP may have shown it.
  void give_back(PortPair& pair, contract::Instant now);
  // Pairs of a realm on this worker that no stream has, for headroom; those in quarantine included.
  uint32_t free_pairs(contract::RealmId realm) const;

  // --- the packet path (lcore/) ---

  static constexpr uint32_t no_slot = 0xffffffff;
  // The slot of (our address, our port), or no_slot.
  uint32_t find(const contract::IpAddress& address, uint16_t port) const {
    return ports_.find(address, port);
  }
  // For a burst: brings what find() reads into the cache, so that it is there in the second pass.
  void prefetch_find(const contract::IpAddress& address, uint16_t port) const {
    ports_.prefetch(address, port);
  }
  void prefetch(uint32_t slot) const;
  Slot& slot(uint32_t index) { return slots_[index]; }
  uint32_t slot_count() const { return slots_.capacity(); }  // in use or not
  // Decides and rewrites each frame in place: IP and UDP headers of the outgoing side, TTL 64, UDP
  // checksum updated incrementally so that damage before us stays visible. Counts in the slots.
  // A slot that was closed since find() drops its frame (media_no_slot).
  void relay(std::span<Frame> frames, contract::Instant now);
  // lcore/ could not send a frame that relay() forwarded: moves it from relayed to dropped. To be
  // called before anything closes a stream.
  enum class Unsent : uint8_t { no_route, tx_full };
  void unsent(uint32_t slot, Unsent why, uint16_t payload_length);

 private:
  // What of a slot only control needs, apart from the lines that packets touch.
  struct Cold {
    contract::Endpoint source_out;  // ours, on the other side
    uint64_t packets_in = 0;        // all below: as fold() has counted them
    uint64_t octets_in = 0;
    uint64_t packets_out = 0;
    uint64_t octets_out = 0;
    uint32_t lost = 0;
    uint32_t drop_wrong_source = 0;
    uint32_t drop_not_ready = 0;
    uint32_t drop_malformed = 0;
    uint32_t drop_no_route = 0;
    uint32_t drop_tx_full = 0;
  };

  static Ports::Limits port_limits(const Limits& limits);
  void open_slot(uint32_t index, Stream stream, const Side& side, contract::Instant now);
  void aim_slot(SlotId id, const contract::Endpoint& destination);
  void expect_slot(SlotId id, const contract::Endpoint& source);
  void fold_slot(SlotId id);
  void close_slot(SlotId id, const PortPair& pair);
  Slot& at(SlotId id) { return slots_[static_cast<uint32_t>(id)]; }
  const Slot& at(SlotId id) const { return slots_[static_cast<uint32_t>(id)]; }

  contract::Region& region_;
  contract::WorkerIndex worker_;
  Ports ports_;
  memory::Pool<Slot> slots_;
  std::span<Cold> cold_;
};

}  // namespace demarc::media
