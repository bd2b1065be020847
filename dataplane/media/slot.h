// Slot: all that one direction of one media stream needs per packet, in 256 octets (decision D6).
//
// We own the destination of a packet, so (our address, our port) leads by an array index to a slot:
// who may send here, and where the packet goes on. Lines 0 and 1 are read by each packet, line 2 is
// written by each packet, line 3 only by what is rare. Written by Table and relay(); one worker
// only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/time.h"
#include "dataplane/media/observed.h"

namespace demarc::media {

// closed: no stream uses the slot. waiting: nothing may go on yet, or for now.
enum class Action : uint8_t { closed, waiting, relay };
// udptl: T.38 (ITU-T), relayed as it is; it is looked at while its source is learnt (udptl.h).
enum class Stream : uint8_t { rtp, rtcp, udptl };

// How far the sender of a stream is fixed. All but `fixed` take the longer way (stages.h).
enum class Watch : uint8_t {
  fixed,     // only the signalled address and port may send
  latching,  // RTP: another source may be learnt (latch.h)
  follows,   // RTCP: of the address that RTP was learnt from, the port that sends first
};

inline constexpr uint32_t no_row = 0xffffffff;

// The slots of RTP and of RTCP of a direction stand side by side, RTP first; all else that the
// direction has is under its row.
inline constexpr uint32_t slots_per_row = 2;
constexpr uint32_t row_of_slot(uint32_t slot) {
  return slot / slots_per_row;
}
inline constexpr uint32_t unresolved_adjacency = 0xffffffff;
inline constexpr uint8_t v4_header_length = 28;  // IPv4 and UDP
inline constexpr uint8_t v6_header_length = 48;  // IPv6 and UDP

struct alignas(64) Slot {
  // --- line 0: read by each packet ---
  contract::IpAddress expected_source;  // who may send here
  uint16_t expected_port = 0;           // 0: nobody
  Action action = Action::closed;
  Stream stream = Stream::rtp;
  uint8_t header_length = 0;  // of `header`: 28 (IPv4 + UDP) or 48 (IPv6 + UDP)
  uint8_t dscp = 46;
  contract::TrunkId trunk_in = contract::TrunkId::none;   // whose peer sends here
  contract::TrunkId trunk_out = contract::TrunkId::none;  // whose peer gets it
  contract::NicPortId port_out = contract::NicPortId::none;
  contract::RealmId realm_out = contract::RealmId::none;  // whose VLAN it leaves by
  bool is_v6_in : 1 = false;
  bool is_codec_due : 1 =
      false;  // which codec comes is to be asked of the next packet (quality.cc)
  Watch watch = Watch::fixed;
  uint32_t adjacency = unresolved_adjacency;  // filled by lcore/ on the first packet
  contract::CallSlot call = contract::CallSlot::none;
  uint32_t clock_rate_hz = 8000;
  // Of the slot for RTCP, where the peer sends it to the port for RTP (RFC 5761); else no_row.
  uint32_t rtcp_slot = no_row;
  uint64_t units_per_ns = 0;  // clock_rate_hz / 10^9, times 2^64
  uint32_t crypto = no_row;   // of the keys; no_row: plain on both sides
  // Of what is done with the payload; no_row: it passes as it is. Of the slot for RTCP: of a stream
  // that its reports are on, whichever side's.
  uint32_t work = no_row;

  // Relayed in one pass (relay.h). A slot of any other kind goes through all stages (stages.h).
  bool is_plain() const {
    return (crypto & work & rtcp_slot) == no_row && watch == Watch::fixed &&
           action != Action::closed;
  }

  // --- line 1: read by each packet: the IP and UDP header of what goes out ---
  std::array<uint8_t, 48> header{};  // lengths and checksums zero
  uint16_t ip_sum = 0;               // of the IPv4 header as it stands in `header`
  uint16_t pseudo_sum = 0;           // of the outgoing addresses, ports and protocol number
  uint16_t checksum_delta = 0;       // outgoing minus incoming addresses and ports (RFC 1624)
  uint16_t base_sequence = 0;        // the first one of what rtp_packets counts; rarely written
  Observed* observed = nullptr;      // what is rare is noted there; of the table

  // --- line 2: written by each packet ---
  uint64_t packets_in = 0;
  uint64_t octets_in = 0;  // of UDP payload
  uint64_t packets_relayed = 0;
  uint64_t octets_relayed = 0;
  contract::Instant last_packet;  // the last from the right source with a right header
  uint32_t ssrc = 0;
  uint32_t highest_sequence = 0;  // extended: cycles << 16 | sequence
  uint32_t timestamp = 0;         // of the last packet in time
  uint32_t rtp_packets = 0;       // of the SSRC in force; 0 before the first
  uint32_t transit = 0;           // RFC 3550 appendix A.8
  uint32_t jitter = 0;            // in RTP timestamp units, times 16

  // --- line 3: slow ---
  uint32_t drop_wrong_source = 0;
  uint32_t drop_not_ready = 0;
  uint32_t drop_malformed = 0;
  uint32_t drop_no_route = 0;  // also: no headroom to grow from IPv4 to IPv6
  uint32_t drop_tx_full = 0;
  uint32_t lost_before = 0;         // loss of SSRCs and sequences that ended
  uint32_t bad_sequence = 0x10001;  // RFC 3550 appendix A.1: the next one after a jump
  contract::Endpoint local;         // ours, where this slot receives
  contract::Endpoint remote_out;    // where packets go on to
};
static_assert(sizeof(Slot) == 256);
static_assert(offsetof(Slot, work) + sizeof(uint32_t) == 64);
static_assert(offsetof(Slot, header) == 64);
static_assert(offsetof(Slot, packets_in) == 128);
static_assert(offsetof(Slot, drop_wrong_source) == 192);

}  // namespace demarc::media
