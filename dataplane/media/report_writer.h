// ReportWriter: RTCP packets of our own: a sender or receiver report with the name of its source.
//
// Called by Table for the peers that get no RTCP from the other side (own_reports.h). A pure
// function from facts to octets. RFC 3550 sections 6.4.1, 6.4.2 and 6.5; RFC 7022 for the name.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/contract/time.h"

namespace demarc::media {

// 96 random bits in hexadecimal: a name for one call, that says nothing of us (RFC 7022 section 5).
using CanonicalName = std::array<char, 24>;
using NameBits = std::array<uint32_t, 3>;
CanonicalName spelled(const NameBits& bits);

// What is known of the stream that the receiver of the report sends.
struct ReportBlock {
  uint32_t ssrc = 0;
  uint8_t fraction_lost = 0;      // since the last report, in units of 1/256
  int32_t lost = 0;               // since the stream began; cut to 24 bits
  uint32_t highest_sequence = 0;  // extended
  uint32_t jitter = 0;            // in RTP timestamp units
  uint32_t last_report = 0;       // the middle 32 bits of its last NTP timestamp; 0: none came
  uint32_t delay = 0;             // since that came, in units of 1/65536 s
};

struct Report {
  uint32_t ssrc = 0;
  bool is_sender = false;  // a sender report, with the next four
  uint64_t ntp = 0;        // 32 bits of seconds, 32 of their fraction
  uint32_t rtp_timestamp = 0;
  uint32_t packets = 0;
  uint32_t octets = 0;     // of payload
  bool has_block = false;  // `block` follows
  ReportBlock block;
  CanonicalName name = {};
};

inline constexpr uint16_t max_report_octets = 28 + 24 + 36;

// Writes a compound packet and gives its length in octets; `out` must hold max_report_octets.
uint16_t write_report(const Report& report, std::span<uint8_t> out);

// Of a clock that began at some time of its own (RFC 3550 section 4 allows it).
uint64_t ntp_of(contract::Instant now);
// In units of 1/65536 s, at most what fits.
uint32_t report_delay(contract::Duration since);

}  // namespace demarc::media
