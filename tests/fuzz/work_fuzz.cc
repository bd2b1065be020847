// Payload work on any packets, under any plan: what goes on fits where it stood, what is made is
// whole RTP, digits are digits, time brings nothing without end, and RTCP beside it stays whole.

#include <array>
#include <memory>

#include "dataplane/media/renumber_reports.h"
#include "dataplane/media/work.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using media::CodecPlan;
using media::PlanRow;
using media::Treatment;

constexpr unsigned most_octets = 200;  // of one packet
constexpr unsigned room_behind = 40;   // less than some packets grow by

CodecPlan read_plan(Script& script) {
  CodecPlan plan;
  const unsigned rows = script.below(CodecPlan::max_rows + 1);
  for (unsigned i = 0; i < rows; ++i) {
    PlanRow row;
    row.in = script.octet() & 0x7f;
    row.out = script.octet() & 0x7f;
    const unsigned how = script.octet();
    row.treatment = static_cast<Treatment>(how % 6);
    row.law = how >= 128 ? media::Law::a : media::Law::mu;
    row.khz_in = (how & 32) != 0 ? uint8_t{48} : uint8_t{8};
    row.khz_out = (how & 64) != 0 ? uint8_t{48} : uint8_t{8};
    DEMARC_CHECK(plan.add(row));
  }
  const unsigned bits = script.octet();
  plan.ptime_ms = static_cast<uint8_t>((bits & 3) * 10);
  plan.event_out = (bits & 4) != 0 ? uint8_t{101} : media::no_payload_type;
  plan.is_listening = (bits & 8) != 0;
  plan.makes_events = (bits & 16) != 0;
  constexpr media::Digits forms[] = {media::Digits::events, media::Digits::reported,
                                     media::Digits::tones, media::Digits::events};
  plan.digits = forms[(bits >> 5 & 1) | (bits >> 6 & 2)];
  plan.tone_out = script.octet() & 0x7f;
  plan.event_khz = (bits & 64) != 0 ? uint8_t{48} : uint8_t{8};
  return plan;
}

// The parts of one work, which are large.
struct Bench {
  media::Work work;
  media::ToneDetector detector;
  media::Repacketizer repacketizer;
  media::Output output;
  media::DigitRing digits;
  media::Work::Yield yield{output, digits};

  void plan(const CodecPlan& plan) {
    work.plan(plan, {plan.is_listening ? &detector : nullptr,
                     plan.ptime_ms != 0 ? &repacketizer : nullptr});
  }
  void check_yield() {
    DEMARC_CHECK(output.packets().size() <= media::max_output);
    for (const media::OutputPacket& packet : output.packets()) {
      DEMARC_CHECK(media::is_rtp(packet.view()));
    }
    output.clear();
    for (media::HeardDigit digit; digits.pop(digit);) {
      DEMARC_CHECK(digit.event < media::digit_events && digit.duration_ms != 0);
    }
  }
};

void check_packet(Bench& bench, std::string_view octets, contract::Instant now) {
  std::string buffer(octets);
  buffer.resize(buffer.size() + room_behind);
  buffer.shrink_to_fit();
  media::Work::Packet packet{reinterpret_cast<uint8_t*>(buffer.data()),
                             static_cast<uint16_t>(octets.size()),
                             static_cast<uint16_t>(buffer.size()), false};
  const bool was_rtp = media::is_rtp({packet.octets, packet.length});
  if (bench.work.process(packet, bench.yield, now)) {
    DEMARC_CHECK(packet.length <= packet.room);
    DEMARC_CHECK(!was_rtp || media::is_rtp({packet.octets, packet.length}));
    const bool is_same = packet.length == octets.size() &&
                         std::memcmp(packet.octets, octets.data(), octets.size()) == 0;
    DEMARC_CHECK(is_same || packet.is_changed);
  }
  bench.check_yield();
}

// What is left is no longer, and its lengths add up.
void check_report(Bench& bench, std::string_view octets) {
  std::string buffer(octets);
  buffer.shrink_to_fit();
  const std::span<uint8_t> packet(reinterpret_cast<uint8_t*>(buffer.data()), buffer.size());
  const size_t length = media::renumber_reports(packet, {&bench.work, &bench.work}).length;
  DEMARC_CHECK(length <= octets.size());
  size_t end = 0;
  while (end < length) end += 4u + 4u * media::read_be16(&packet[end + 2]);
  DEMARC_CHECK(end == length);
}

}  // namespace
}  // namespace demarc::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace demarc;
  fuzz::Script script(fuzz::view_of(data, size));
  const auto bench = std::make_unique<fuzz::Bench>();
  bench->work.begin({});
  bench->plan(fuzz::read_plan(script));
  contract::Instant now{1'000'000'000};
  while (!script.is_done()) {
    const unsigned what = script.octet();
    now = now + contract::Duration::milliseconds(what & 0x3f);
    if (what >= 0xf8) bench->plan(fuzz::read_plan(script));
    if (what >= 0xf0) bench->work.send_digit(what & 15, static_cast<uint16_t>(what * 3), now);
    const std::string_view piece = script.piece(fuzz::most_octets);
    if ((what & 0xc0) == 0x80) {
      fuzz::check_report(*bench, piece);
    } else {
      fuzz::check_packet(*bench, piece, now);
    }
    bench->work.tick(bench->yield, now);
    bench->check_yield();
  }
  // Time goes on without packets.
  for (unsigned i = 0; i < 64 && bench->work.is_busy(); ++i) {
    now = now + contract::Duration::milliseconds(500);
    bench->work.tick(bench->yield, now);
    bench->check_yield();
  }
  return 0;
}
