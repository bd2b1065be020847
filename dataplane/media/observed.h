// Observed: what is noted of one direction of a stream when something rare happens: its begin, a
// loss, a packet out of order, an RTCP report, a refused source. A packet in sequence touches
// nothing of it. Both slots of the direction lead here, and it leads to both.
//
// One per direction, written by quality.cc, reports.cc and the source checks, read by
// Table::summary. RFC 3611 section 4.7.2 (bursts and gaps). One worker only.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/contract/media_summary.h"
#include "dataplane/contract/time.h"

namespace demarc::media {

enum class SlotId : uint32_t { none = 0xffffffff };  // of a Slot (slot.h)

// RFC 3611 section 4.7.2: as many packets in a row must arrive for a burst of losses to be over.
inline constexpr uint32_t burst_gap_packets = 16;

// Which codecs the payload types of one direction stand for, as SDP has it.
struct CodecNames {
  static constexpr uint32_t max_clock_rate_hz = (1u << 20) - 1;
  // In one word, since each direction has several. A clock beyond the largest is none.
  struct Name {
    constexpr Name() = default;
    constexpr Name(uint32_t clock_hz, uint8_t number,
                   contract::AudioCodec what = contract::AudioCodec::unknown, bool beside = false)
        : clock_rate_hz((clock_hz > max_clock_rate_hz ? 0 : clock_hz) & max_clock_rate_hz),
          payload_type(number & 0x7f),
          codec(what),
          is_beside(beside) {}
    uint32_t clock_rate_hz : 20 = 0;  // 0: nobody said
    uint32_t payload_type : 7 = 0;
    contract::AudioCodec codec : 4 = contract::AudioCodec::unknown;
    bool is_beside : 1 = false;  // comfort noise or telephone events: no codec of the stream
  };
  static_assert(sizeof(Name) == sizeof(uint32_t));
  static_assert(static_cast<unsigned>(contract::AudioCodec::count) <= 16);
  static constexpr unsigned capacity = 7;
  std::array<Name, capacity> names = {};
  uint8_t count = 0;
  bool is_whole = true;  // there was room for all

  // A payload type that stood there already gets the newer name.
  void add(const Name& name) {
    if (Name* known = find(name.payload_type)) {
      *known = name;
    } else if (count == capacity) {
      is_whole = false;
    } else {
      names[count++] = name;
    }
  }
  void add_missing(const Name& name) {
    if (find(name.payload_type) == nullptr) add(name);
  }
  Name of(uint8_t payload_type) const {
    for (unsigned i = 0; i < count; ++i) {
      if (names[i].payload_type == payload_type) return names[i];
    }
    Name name{0, payload_type, contract::static_codec(payload_type)};
    // What nobody spoke of keeps a way through a NAT open (RFC 6263 section 4.6).
    const bool is_unheard = count != 0 && is_whole && name.codec == contract::AudioCodec::unknown;
    name.is_beside = payload_type == comfort_noise || is_unheard;
    return name;
  }

 private:
  static constexpr uint8_t comfort_noise = 13;  // RFC 3389

  Name* find(uint8_t payload_type) {
    for (unsigned i = 0; i < count; ++i) {
      if (names[i].payload_type == payload_type) return &names[i];
    }
    return nullptr;
  }
};

struct Observed {
  contract::Instant opened;
  contract::Instant first_packet;  // of RTP or UDPTL
  contract::Endpoint refused;      // the source that was refused last
  uint32_t expected_before = 0;    // packets of SSRCs and sequences that ended
  uint32_t duplicates = 0;
  uint32_t late = 0;
  uint32_t loss_runs = 0;
  uint8_t payload_type = contract::no_payload_type;  // of the codec that was heard last
  bool is_report_ours = false;  // the last sender report, for a peer that sends none

  CodecNames codecs;

  // Losses that less than burst_gap_packets packets lie between; extended sequence numbers.
  struct Cluster {
    uint32_t begin = 0;
    uint32_t end = 0;
    uint32_t lost = 0;  // 0: there is no cluster
  } cluster;
  // Clusters of more than one loss that are over.
  uint32_t bursts = 0;
  uint32_t burst_packets = 0;
  uint32_t burst_lost = 0;

  // Of the last sender report that went this way, as it passed (RFC 3550 section 6.4.1).
  uint32_t report_ntp = 0;  // the middle 32 bits of its NTP timestamp; 0: none passed yet
  contract::Instant report_passed;
  uint32_t round_trip_us = 0;  // between us and this side's peer; 0: not measured
  uint32_t left_ssrc = 0;      // the source that said BYE last (RFC 3550 section 6.6)
  contract::Instant left;      // when it did; not set: none has

  SlotId rtp = SlotId::none;
  SlotId rtcp = SlotId::none;
  Observed* opposite = nullptr;  // of the other direction, while both are joined
};
static_assert(sizeof(Observed) == 160);

// `count` packets are missing from the extended sequence number `first` on.
void note_loss(Observed& observed, uint32_t first, uint32_t count);
// One that was missed arrived after all.
void note_late(Observed& observed, uint32_t sequence);
// A sequence ended: no burst goes on from it into the next one.
void close_cluster(Observed& observed);

struct Bursts {
  uint32_t count = 0;
  uint32_t packets = 0;
  uint32_t lost = 0;
};
// The burst that is going on included.
Bursts bursts_of(const Observed& observed);

}  // namespace demarc::media
