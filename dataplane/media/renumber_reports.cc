#include "dataplane/media/renumber_reports.h"

#include <cstring>
#include <optional>

namespace demarc::media {
namespace {

constexpr size_t word = 4;
constexpr uint8_t transport_feedback = 205;  // RFC 4585 section 6.2
constexpr uint8_t extended_report = 207;     // RFC 3611
constexpr size_t extended_report_head = 8;

size_t length_of(const uint8_t* head) {
  return word + word * read_be16(head + 2);
}

void write_length(std::span<uint8_t> packet) {
  write_be16(&packet[2], static_cast<uint16_t>(packet.size() / word - 1));
}

// What stands behind `packet[from]` moves to `to`, which is before it. The new length.
size_t close_up(std::span<uint8_t> packet, size_t to, size_t from) {
  std::memmove(&packet[to], packet.data() + from, packet.size() - from);
  return packet.size() - (from - to);
}

bool correct_block(uint8_t* block, Work& heard) {
  switch (heard.reported(read_be32(block))) {
    case Work::Reported::untouched:
      return true;
    case Work::Reported::foreign:
      return false;
    case Work::Reported::known:
      break;
  }
  const uint32_t loss = read_be32(block + 4);  // fraction, which is one on both sides, and count
  Work::Received said{static_cast<int32_t>(loss << 8) >> 8, read_be32(block + 8)};
  if (!heard.received(said)) return false;
  write_be32(block + 4, (loss & 0xff000000) | (static_cast<uint32_t>(said.lost) & 0x00ffffff));
  write_be32(block + 8, said.highest_sequence);
  return true;
}

// False when its counts are of no stream that we know.
bool correct_sender(uint8_t* report, const Work& sent) {
  switch (sent.reported(read_be32(report + 4))) {
    case Work::Reported::untouched:
      return true;
    case Work::Reported::foreign:
      return false;
    case Work::Reported::known:
      break;
  }
  const Work::Sent said = sent.sent({read_be32(report + 20), read_be32(report + 24)});
  write_be32(report + 20, said.packets);
  write_be32(report + 24, said.octets);
  return true;
}

// A sender or receiver report; its new length, none when its blocks do not fit into it.
std::optional<size_t> correct_report(std::span<uint8_t> report, const ReportedStreams& streams) {
  const bool is_sender = report[1] == sender_report;
  size_t at = is_sender ? sender_report_length : receiver_report_length;
  unsigned count = report[0] & 0x1f;
  if (report.size() < at + count * report_block_length) return std::nullopt;
  if (is_sender && streams.sent != nullptr && !correct_sender(report.data(), *streams.sent)) {
    report = report.first(close_up(report, receiver_report_length, at));
    report[1] = receiver_report;
    at = receiver_report_length;
  }
  for (unsigned left = count; left != 0 && streams.heard != nullptr; --left) {
    if (correct_block(&report[at], *streams.heard)) {
      at += report_block_length;
    } else {
      report = report.first(close_up(report, at, at + report_block_length));
      --count;
    }
  }
  report[0] = static_cast<uint8_t>((report[0] & 0xe0) | count);
  write_length(report);
  return report.size();
}

// Transport feedback that names packets by number.
constexpr bool is_of_packets(uint8_t format) {
  return format == 1 ||  // generic NACK, RFC 4585 section 6.2.1
         format == 7 ||  // third-party loss, RFC 6642
         format == 8 ||  // ECN, RFC 6679 section 5.1
         format == 11;   // congestion control, RFC 8888 section 3.1
}

// Blocks of an extended report that list or count packets from one number to another.
constexpr bool names_packets(uint8_t block_type) {
  switch (block_type) {
    case 1:  // loss, duplicates and receipt times, RFC 3611 sections 4.1 to 4.3
    case 2:
    case 3:
    case 6:   // statistics, RFC 3611 section 4.6
    case 10:  // loss after repair, RFC 5725
    case 14:  // what was measured, RFC 6776
    case 25:  // discarded packets, RFC 7097
    case 33:  // loss after repair, RFC 7509
      return true;
    default:
      return false;
  }
}

// Octets of padding behind a packet's contents; none when there are more than the contents have.
std::optional<size_t> padding_of(std::span<const uint8_t> packet, size_t contents) {
  if ((packet[0] & 0x20) == 0) return 0;
  const size_t padding = packet.back();
  if (padding == 0 || padding % word != 0 || padding > contents) return std::nullopt;
  return padding;
}

// An extended report without the blocks that name packets; its new length, 0 when there were only
// such. What stands behind a block that ends beyond the report can not be told, so all of it goes.
std::optional<size_t> correct_extended(std::span<uint8_t> report) {
  if (report.size() < extended_report_head) return std::nullopt;
  const auto padding = padding_of(report, report.size() - extended_report_head);
  if (!padding) return std::nullopt;
  size_t at = extended_report_head;
  bool is_shorter = false;
  while (at < report.size() - *padding) {
    const size_t length = length_of(&report[at]);
    if (length > report.size() - *padding - at) return std::nullopt;
    if (names_packets(report[at])) {
      report = report.first(close_up(report, at, at + length));
      is_shorter = true;
    } else {
      at += length;
    }
  }
  if (is_shorter && at == extended_report_head) return 0;
  write_length(report);
  return report.size();
}

// One of the packets of a compound; its new length: 0 when it may not cross, none when it is
// broken.
std::optional<size_t> correct_one(std::span<uint8_t> packet, const ReportedStreams& streams) {
  const uint8_t type = packet[1];
  if (type == sender_report || type == receiver_report) return correct_report(packet, streams);
  if (streams.heard == nullptr || !streams.heard->changes_numbers()) return packet.size();
  if (type == extended_report) return correct_extended(packet);
  if (type == transport_feedback && is_of_packets(packet[0] & 0x1f)) return 0;
  return packet.size();
}

}  // namespace

Renumbered renumber_reports(std::span<uint8_t> packet, const ReportedStreams& streams) {
  Renumbered result;
  size_t kept = 0;
  size_t at = 0;
  // Lengths that do not add up end it (RFC 3550 appendix A.2): nobody can read on from there.
  while (packet.size() - at >= word && (packet[at] & 0xc0) == 0x80) {
    const size_t length = length_of(&packet[at]);
    if (length > packet.size() - at) break;
    const std::optional<size_t> left = correct_one(packet.subspan(at, length), streams);
    if (left) {
      if (kept != at) std::memmove(&packet[kept], &packet[at], *left);
      kept += *left;
      result.has_left_out |= *left == 0;
    }
    at += length;
  }
  if (kept >= rtcp_header_length) result.length = static_cast<uint16_t>(kept);
  return result;
}

}  // namespace demarc::media
