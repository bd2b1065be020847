#include <algorithm>

#include "dataplane/media/quality.h"
#include "dataplane/media/report_writer.h"
#include "dataplane/media/table.h"

// What Table does about RTCP of its own: which peers get a report, and what it says.

namespace demarc::media {
namespace {

using contract::Instant;

// So many of the packets that can be made at once are left for what is heard.
constexpr unsigned most_at_once = max_made_packets / 2;

// Lost of what was expected since the last report, in units of 1/256 (RFC 3550 appendix A.3).
uint8_t fraction_of(uint32_t expected, uint32_t received) {
  if (expected == 0 || received >= expected) return 0;
  return static_cast<uint8_t>(
      std::min<uint64_t>((uint64_t{expected - received} << 8) / expected, 255));
}

}  // namespace

uint32_t Table::row_of(const Observed& observed) const {
  return static_cast<uint32_t>(&observed - &observed_[0]);
}

void Table::allow_reports(const SlotPair& slots, bool is_allowed) {
  reports_.allow(row_of(*at(slots.rtp).observed), is_allowed);
}

void Table::send_reports(Instant now) {
  while (made_.count() < most_at_once) {
    const uint32_t row = reports_.take_due(now);
    if (row == no_row) return;
    send_report(row, now);
  }
}

// Not where the other side's reports arrive, and not where nothing may go.
void Table::send_report(uint32_t row, Instant now) {
  Observed& observed = observed_[row];
  const Slot& rtcp = at(observed.rtcp);
  const Slot& rtp = at(observed.rtp);
  if (rtcp.action != Action::relay || rtp.stream != Stream::rtp) return;
  if (observed.opposite == nullptr || !reports_.is_allowed(row)) return;
  const bool was_heard = rtcp.last_packet > observed.opened;
  if (was_heard && now - rtcp.last_packet < report_timeout) return;
  if (keys_.is_awaiting(rtp.crypto)) return;
  const Report report = report_of(row, now);
  MadePacket* made = make(observed.rtcp, max_report_octets);
  if (made == nullptr) return;
  made->frame.payload_length = write_report(report, {made->payload(), max_report_octets});
  if (!report.is_sender) return;
  // The answer to it brackets the way to the peer, as it would with a report that passes.
  observed.report_ntp = static_cast<uint32_t>(report.ntp >> 16);
  observed.report_passed = now;
  observed.is_report_ours = true;
}

// A sender report where something was sent since the last one (RFC 3550 section 6.4).
Report Table::report_of(uint32_t row, Instant now) {
  OwnReport& own = reports_[row];
  const Slot& rtp = at(observed_[row].rtp);
  const Slot& heard = at(observed_[row].opposite->rtp);
  Report report;
  report.ssrc = rtp.rtp_packets == 0 ? own.ssrc : rtp.ssrc;
  report.name = spelled(own.name);
  if (own.ssrc_sent != report.ssrc) {
    own.ssrc_sent = report.ssrc;
    own.packets_before = own.packets_sent;
    own.octets_before = own.octets_sent;
  }
  const auto packets_sent = static_cast<uint32_t>(rtp.packets_relayed);
  // Fewer than before where some could not be sent after all.
  report.is_sender =
      rtp.rtp_packets != 0 && static_cast<int32_t>(packets_sent - own.packets_sent) > 0;
  own.packets_sent = packets_sent;
  own.octets_sent = rtp.octets_relayed;
  if (report.is_sender) {
    const uint32_t packets = own.packets_sent - own.packets_before;
    const uint64_t octets = own.octets_sent - own.octets_before;
    const uint64_t headers = uint64_t{packets} * (rtp_header_length + keys_.tag_octets(rtp.crypto));
    report.ntp = ntp_of(now);
    report.rtp_timestamp = rtp_timestamp_at(rtp, now);
    report.packets = packets;
    report.octets = static_cast<uint32_t>(octets - std::min(octets, headers));
  }
  report.has_block = heard.rtp_packets != 0 && !has_left(heard);
  if (report.has_block) report.block = block_of(own, heard, now);
  return report;
}

ReportBlock Table::block_of(OwnReport& own, const Slot& heard, Instant now) const {
  const Reception reception = reception_of(heard);
  // A stream that began again is counted from there.
  if (own.ssrc_heard != heard.ssrc || reception.expected < own.expected) {
    own.expected = own.received = 0;
  }
  ReportBlock block;
  block.ssrc = own.ssrc_heard = heard.ssrc;
  block.fraction_lost =
      fraction_of(reception.expected - own.expected,
                  reception.received - std::min(reception.received, own.received));
  block.lost = static_cast<int32_t>(reception.expected - reception.received);
  block.highest_sequence = reception.highest_sequence;
  block.jitter = reception.jitter;
  own.expected = reception.expected;
  own.received = reception.received;
  const Observed& observed = *heard.observed;
  if (observed.report_ntp != 0 && !observed.is_report_ours) {
    block.last_report = observed.report_ntp;
    block.delay = report_delay(now - observed.report_passed);
  }
  return block;
}

}  // namespace demarc::media
