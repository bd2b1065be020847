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
#include "dataplane/media/burst.h"
#include "dataplane/media/cold.h"
#include "dataplane/media/frame.h"
#include "dataplane/media/key_rows.h"
#include "dataplane/media/made.h"
#include "dataplane/media/observed.h"
#include "dataplane/media/own_reports.h"
#include "dataplane/media/ports.h"
#include "dataplane/media/slot.h"
#include "dataplane/media/sources.h"
#include "dataplane/media/srtp/key_source.h"
#include "dataplane/media/works.h"
#include "dataplane/memory/arena.h"
#include "dataplane/memory/pool.h"

namespace demarc::media {

class Table {
 public:
  static constexpr uint8_t realm_dscp = 0xff;  // as the realm has it
  struct Limits {
    uint32_t slots = 0;             // four per call with one m-line: RTP and RTCP of both sides
    uint32_t address_capacity = 0;  // media addresses of all realms together
    contract::WorkerIndex worker = 0;
    uint16_t workers = 1;
    contract::Duration quarantine = contract::Duration::seconds(5);
    Works::Limits works = {};  // payload work
    // Of SRTP in use at once: two per encrypted side of an m-line. Half of them may be of GCM.
    uint32_t keys = 0;
  };
  // `region` must outlive the table; see srtp::KeySource for `secret`.
  Table(memory::Arena& arena, const Limits& limits, contract::Region& region,
        const srtp::Secret& secret = {});
  static size_t octets_needed(const Limits& limits);

  // A new snapshot. An address that stayed keeps its ports and streams, whatever its realm is now
  // numbered or called; one that went away keeps its live streams until they close, and gives no
  // new ports. Streams go on leaving by the address that they were opened with.
  void adopt(const contract::Snapshot& snapshot);
  // Addresses of the snapshot for which there is no room (Limits::address_capacity).
  uint32_t refused_addresses() const { return ports_.refused_addresses(); }

  // --- control (call/) ---

  // A port pair of the realm in a block of this worker (see owner_of_port), least recently used
  // first, never one in quarantine; at the address `wanted` as long as that has one. rtp_port 0
  // when there is none.
  PortPair acquire(contract::RealmId realm, contract::Instant now,
                   const contract::IpAddress& wanted = {});
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
    uint8_t dscp = realm_dscp;  // of what goes on
    // Reports of our own go to the peer that gets this side's media, as long as no RTCP does.
    bool ensures_rtcp = false;
  };
  struct SlotPair {
    SlotId rtp = SlotId::none;
    SlotId rtcp = SlotId::none;
    bool is_set() const { return rtp != SlotId::none; }
  };
  SlotPair open(const Side& side, contract::Instant now);
  // Both sides of one m-line, once both are open: what one side's source is, the other's packets
  // follow, and reports of one side are about the other.
  void join(const SlotPair& first, const SlotPair& second);
  // The peer of this side sends from `rtp` and `rtcp` (as its SDP said); port 0: nobody may send.
  void expect(const SlotPair& slots, const contract::Endpoint& rtp, const contract::Endpoint& rtcp);
  // The same for an offer or answer of that peer: where its trunk latches, this opens the window in
  // which another source can be learnt. Both sides must be joined, the other one aimed already.
  struct Expected {
    contract::Endpoint rtp;
    contract::Endpoint rtcp;
    contract::IpAddress signalling;  // where the call's signalling comes from; unset: unknown
  };
  void listen(const SlotPair& slots, const Expected& expected, contract::Instant now);
  // Opens the window again for a source that nothing was learnt of: its peer may begin to send now.
  void listen_again(const SlotPair& slots, contract::Instant now);
  // Packets of this side go on to the other side's peer at `rtp` and `rtcp`; port 0: hold them back
  // (counted rtp_drop_not_ready). So is what goes to no unicast address (decision D10) or to one of
  // another family than `out` has.
  void aim(const SlotPair& slots, const contract::Endpoint& rtp, const contract::Endpoint& rtcp);
  // Whether the peer that this side's media goes to takes RTCP at all, as its SDP says; else it
  // gets no reports of ours.
  void allow_reports(const SlotPair& slots, bool is_allowed);
  // What is relayed from now on, after a new offer and answer: RTP, of that clock rate where
  // name_codecs() says no other, or UDPTL.
  void retune(const SlotPair& slots, Stream stream, uint32_t clock_rate_hz);
  // Which codecs, with which clocks, the payload types stand for that this side's peer was told and
  // so sends; the peer of `told_by` may do as it said itself. A number keeps its meaning for the
  // session (RFC 3264 section 8.3.2), so what was known before stays.
  void name_codecs(const SlotPair& slots, const SlotPair& told_by, const CodecNames& names);
  const CodecNames& codecs(const SlotPair& slots) const { return at(slots.rtp).observed->codecs; }
  // Keys of SRTP and SRTCP from now on: `in` of what this side's peer sends, `out` of what goes on
  // to the other side's. A key that is in force keeps its state. False, with nothing changed, when
  // no key is left, which is counted (srtp_keys_exhausted).
  bool key(const SlotPair& slots, const Keying& in, const Keying& out);
  // An answer stands: keys of ours for that peer other than those of `own` do not come back.
  void settle_keys(const SlotPair& slots, srtp::OwnKey own);
  // The keys of one peer go with it to other slots, with their state: a roll-over counter is no
  // secret of the call that it began in. `from` is what the peer sends, `to` what it is sent.
  KeyRows::Row take_keys(const SlotPair& from, const SlotPair& to) {
    return keys_.take(at(from.rtp).crypto, at(to.rtp).crypto);
  }
  // To slots that were opened and have no keys yet.
  void put_keys(const SlotPair& from, const SlotPair& to, const KeyRows::Row& keys);
  srtp::KeySource& key_source() { return key_source_; }
  uint32_t free_tone_detectors() const { return works_.free_detectors(); }
  uint32_t free_repacketizers() const { return works_.free_repacketizers(); }
  uint32_t live_keys() { return keys_.contexts().live(); }
  // From now on the peer of this side sends and receives RTCP at the ports for RTP, or does not. To
  // be followed by expect() of this side and aim() of the other, with equal addresses.
  void multiplex(const SlotPair& slots, bool is_multiplexed);
  // What is done with the payload of this side's RTP; digits that are heard in it are those of
  // `side`, 0 or 1, of its call. False when there is no room for it (media_works_exhausted): the
  // payload passes as it is; or for a part of it (tone_detectors_exhausted,
  // repacketizers_exhausted): it goes without that part.
  bool plan(const SlotPair& slots, const CodecPlan& plan, unsigned side);
  // Whether this side's peer has sent events of digits lately.
  bool hears_events(const SlotPair& slots, contract::Instant now) const {
    const uint32_t row = at(slots.rtp).work;
    return row != no_row && works_.hears_events(row, now);
  }
  // This side's peer told a digit in its signalling: its event, if it comes, is no second one.
  void told_digit(const SlotPair& slots, uint8_t event, contract::Instant now) {
    const uint32_t row = at(slots.rtp).work;
    if (row != no_row) works_.told_digit(row, event, now);
  }
  // A digit for the peer that this side's media goes to. False when its plan says no, or when too
  // many wait.
  bool send_digit(const SlotPair& slots, uint8_t event, uint16_t duration_ms,
                  contract::Instant now);
  // Digits that were heard and are the calls' matter; to be drained in each loop.
  DigitRing& heard() { return works_.digits(); }
  // Makes what is due by time; what it makes is finished by the next relay(). What it has no room
  // for in made() waits for the next call, which is due at once.
  void on_timers(contract::Instant now);
  // When on_timers() has something to do, or heard() has; not set: not by itself.
  contract::Instant next_due() const;
  // Adds what the slots counted since the last call of it to the counters of the incoming trunk, so
  // that its ledger closes: in = out + drops.
  void fold(const SlotPair& slots);
  // Ledger of RTP and RTCP, quality and addresses of this side since open; what SDP said of its
  // direction is left to the caller. `wall_offset_ns` makes Unix time of Instants.
  contract::MediaSummary summary(const SlotPair& slots, int64_t wall_offset_ns) const;
  // What this side counted. It goes on counting from there under other slots, when another peer
  // took the place of one of the two (resume()), and nothing of it reaches the trunks twice.
  struct Past {
    struct OfSlot {
      uint64_t packets_in = 0;
      uint64_t octets_in = 0;
      uint64_t packets_relayed = 0;
      uint64_t octets_relayed = 0;
      uint32_t drop_wrong_source = 0;
      uint32_t drop_not_ready = 0;
      uint32_t drop_malformed = 0;
      uint32_t drop_no_route = 0;
      uint32_t drop_tx_full = 0;
    };
    OfSlot rtp;
    OfSlot rtcp;
    SlowCounts counts;
    Folded folded;  // the loss of RTP among it
    uint32_t expected = 0;
    uint32_t duplicates = 0;
    uint32_t late = 0;
    uint32_t loss_runs = 0;
    Bursts bursts;
    contract::Instant first_packet;
  };
  Past past(const SlotPair& slots);
  // To slots that were just opened. `is_same_peer`: its media began when it began before.
  void resume(const SlotPair& slots, const Past& past, bool is_same_peer);
  // When anything acceptable last arrived; the time of open() before the first.
  struct Heard {
    contract::Instant rtp;  // and all else at its port that is not multiplexed
    contract::Instant rtcp;
  };
  Heard last_heard(const SlotPair& slots) const;
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
  // The two halves of find(), for a burst: what the second one reads is on its way into the cache
  // when the first one returns.
  Ports::Cell begin_find(const contract::IpAddress& address, uint16_t port) const {
    return ports_.begin_find(address, port);
  }
  static uint32_t finish_find(Ports::Cell cell) { return Ports::value_at(cell); }
  void prefetch(uint32_t slot) const;
  Slot& slot(uint32_t index) { return slots_[index]; }
  // In use or not.
  uint32_t slot_count() const { return static_cast<uint32_t>(slots_.size()); }
  // Decides and rewrites each frame in place: IP and UDP headers of the outgoing side, TTL 64, UDP
  // checksum updated incrementally so that damage before us stays visible. Counts in the slots.
  // A slot that was closed since find() drops its frame (media_no_slot).
  // Streams with keys, payload work or an open source go through the stages (stages.h) instead.
  void relay(std::span<Frame> frames, contract::Instant now);
  // A packet of our own that leaves by `slot`, not in answer to a frame: its payload of `length`
  // octets (at most max_made_payload) is to be written by the caller. The next relay() finishes it.
  // nullptr when the pool is full, which is counted (made_pool_full).
  MadePacket* make(SlotId slot, uint16_t length);
  // What relay() finished: those that go on are to be sent, each behind the frame `after`; then
  // they are to be given back.
  std::span<MadePacket> made() { return made_.all(); }
  bool has_made() const { return made_.count() != 0; }
  void clear_made() { made_.clear(); }
  // lcore/ could not send a frame that relay() forwarded: moves it from relayed to dropped. To be
  // called before anything closes a stream.
  enum class Unsent : uint8_t { no_route, tx_full };
  void unsent(uint32_t slot, Unsent why, uint16_t payload_length);

 private:
  static Ports::Limits port_limits(const Limits& limits);
  static KeyRows::Limits key_limits(const Limits& limits);
  void open_slot(uint32_t index, Stream stream, const Side& side, contract::Instant now);
  void aim_slot(SlotId id, const contract::Endpoint& destination);
  void expect_slot(SlotId id, const contract::Endpoint& source);
  Source* source_of(SlotId rtp);
  void begin_source(const Side& side, const SlotPair& slots);
  void end_source(SlotId rtp);
  void end_observation(SlotId rtp);
  void expect_source(Source& source, const Expected& expected, contract::Instant now);
  void follow(Source& source);
  void follow_rtcp(Source& source, const contract::Endpoint& from);
  void follow_learnt();
  void send_reports(contract::Instant now);
  void send_report(uint32_t row, contract::Instant now);
  Report report_of(uint32_t row, contract::Instant now);
  ReportBlock block_of(OwnReport& own, const Slot& heard, contract::Instant now) const;
  uint32_t row_of(const Observed& observed) const;
  void fill_quality(contract::MediaSummary& sum, const Slot& rtp) const;
  Past::OfSlot counted_by(SlotId id) const;
  void resume_slot(SlotId id, const Past::OfSlot& counted);
  void close_slot(SlotId id, const PortPair& pair, uint16_t port);
  void drop_closed(Frame& frame);
  Work::Origin origin_of(SlotId rtp, unsigned side) const;
  void end_work(Slot& slot);
  void turn_rtcp(const Observed& one);
  void part(Observed& one);
  void queue_made();
  void run_stages();
  Slot& demultiplex(Frame& frame);
  Slot& at(SlotId id) { return slots_[static_cast<uint32_t>(id)]; }
  const Slot& at(SlotId id) const { return slots_[static_cast<uint32_t>(id)]; }
  Cold& cold_of(SlotId id) { return cold_[row_of_slot(static_cast<uint32_t>(id))]; }
  const Cold& cold_of(SlotId id) const { return cold_[row_of_slot(static_cast<uint32_t>(id))]; }
  contract::Endpoint source_out(SlotId id) const;

  contract::Region& region_;
  contract::WorkerIndex worker_;
  Ports ports_;
  // Of a direction, by its row, which is that of its Observed (row_of_slot).
  std::span<Slot> slots_;
  std::span<Cold> cold_;
  std::span<Folded> folded_;
  memory::Pool<Observed> observed_;
  OwnReports reports_;
  memory::Pool<Source> sources_;
  contract::Snapshot snapshot_;  // in force; its sections live until the next adopt()
  Works works_;
  contract::Instant ticked_;  // when time had moved on all works
  uint32_t next_busy_ = 0;    // the place where the next on_timers() goes on
  MadePackets made_;
  KeyRows keys_;
  srtp::KeySource key_source_;
  Burst& burst_;
};

}  // namespace demarc::media
