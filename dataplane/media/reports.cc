#include "dataplane/media/reports.h"

#include <algorithm>

#include "dataplane/media/rtp.h"

namespace demarc::media {
namespace {

using contract::Instant;

constexpr size_t goodbye_length = 8;                // with one source
constexpr uint64_t max_round_trip_us = 60'000'000;  // what is above is a mistake of the peer's

uint64_t microseconds_of(uint32_t units_of_65536th) {
  return uint64_t{units_of_65536th} * 1'000'000 >> 16;
}

// RFC 3550 section 6.4.1: the report that LSR names passed us, and came back DLSR later.
void read_block(Observed& own, const uint8_t* block, Instant now) {
  const uint32_t last_report = read_be32(block + 16);
  const Observed& opposite = *own.opposite;
  if (last_report == 0 || last_report != opposite.report_ntp) return;
  const auto passed_us = static_cast<uint64_t>((now - opposite.report_passed).ns) / 1000;
  const uint64_t held_us = microseconds_of(read_be32(block + 20));
  if (held_us > passed_us || passed_us - held_us > max_round_trip_us) return;
  // 0 stands for "not measured".
  own.round_trip_us = static_cast<uint32_t>(std::max<uint64_t>(passed_us - held_us, 1));
}

// RFC 3550 section 6.6: who leaves comes first, whose audio it mixed after it.
void read_goodbye(Observed& own, std::span<const uint8_t> packet, Instant now) {
  const bool has_source = (packet[0] & 0x1f) != 0 && read_be16(&packet[2]) != 0;
  if (!has_source || packet.size() < goodbye_length) return;
  own.left_ssrc = read_be32(&packet[4]);
  own.left = now;
}

void read_one(Observed& own, std::span<const uint8_t> packet, Instant now) {
  const uint8_t type = packet[1];
  if (type == goodbye) return read_goodbye(own, packet, now);
  if (type != sender_report && type != receiver_report) return;
  size_t at = type == sender_report ? sender_report_length : receiver_report_length;
  if (packet.size() < at) return;
  if (type == sender_report) {
    own.report_ntp = read_be32(&packet[10]);
    own.report_passed = now;
    own.is_report_ours = false;
  }
  if (own.opposite == nullptr) return;
  for (unsigned i = packet[0] & 0x1f; i != 0 && packet.size() - at >= report_block_length; --i) {
    read_block(own, &packet[at], now);
    at += report_block_length;
  }
}

}  // namespace

void read_reports(Observed& own, std::span<const uint8_t> packet, Instant now) {
  while (packet.size() >= rtcp_header_length && (packet[0] & 0xc0) == 0x80) {
    const size_t length = std::min<size_t>(4u + 4u * read_be16(&packet[2]), packet.size());
    read_one(own, packet.first(std::max(length, rtcp_header_length)), now);
    packet = packet.subspan(length);
  }
}

}  // namespace demarc::media
