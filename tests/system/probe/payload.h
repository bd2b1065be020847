// The audio that the probe sends: for every (call, direction, packet number) octets that only the
// right packet has, so that a receiver can check each of them without a word from the sender.
// Called by Stream. RFC 3550 sections 5.1 (RTP header), 6.4.1 (sender report), 6.5 (SDES).

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/system/probe/codec.h"

namespace demarc::probe {

constexpr size_t rtp_header_octets = 12;
constexpr size_t audio_octets = 160;  // 20 ms of G.711
constexpr size_t rtp_octets = rtp_header_octets + audio_octets;
constexpr size_t rtcp_octets = 28 + 24;  // a sender report and a CNAME of 14 characters

// One direction of one call. Both ends know it: the number called carries the call.
struct StreamId {
  uint32_t call = 0;
  bool is_from_caller = true;
};

uint32_t ssrc_of(StreamId id);
uint16_t first_sequence_of(StreamId id);
uint32_t first_timestamp_of(StreamId id);

// Packet number `index` of a stream; `is_last` marks the end of the stream in its octets.
std::array<uint8_t, rtp_octets> make_rtp(StreamId id, uint32_t index, bool is_last,
                                         Codec codec = Codec::pcma);
// The same packet of a peer as an end with these codecs hears it.
std::array<uint8_t, rtp_octets> heard_rtp(StreamId id, uint32_t index, bool is_last, Codecs codecs);

// Report number `index`; the CNAME carries it, since RTCP has no sequence number.
struct Report {
  uint32_t index = 0;
  uint32_t packets = 0;  // RTP packets sent before it
  uint64_t ntp = 0;
};
std::array<uint8_t, rtcp_octets> make_rtcp(StreamId id, Report report);

// The report found in a datagram of the right length; the caller compares it whole by make_rtcp.
Report read_rtcp(std::span<const uint8_t, rtcp_octets> datagram);

}  // namespace demarc::probe
