#include <cstring>

#include "dataplane/contract/counters.h"
#include "dataplane/media/renumber_reports.h"
#include "dataplane/media/stages.h"
#include "dataplane/media/works.h"

namespace demarc::media {
namespace {

// What the work made goes right behind the packet that it was made of.
void queue_output(Burst& burst, Works& works, const Candidate& cause) {
  for (const OutputPacket& packet : works.output().packets()) {
    Candidate* made = burst.make(*cause.slot, cause.slot_index, cause.index, packet.length);
    if (made == nullptr) return;
    std::memcpy(made->payload, packet.octets.data(), packet.length);
  }
}

Work* work_of(const Burst& burst, Works& works, const Observed* stream) {
  if (stream == nullptr) return nullptr;
  return works.find(burst.slots[static_cast<uint32_t>(stream->rtp)].work);
}

// By now it was heard and counted as RTCP. With nothing left it is broken, unless something of it
// is whole and merely not for the other side.
void rework_rtcp(Burst& burst, Works& works, Candidate& candidate) {
  const Observed& own = *candidate.slot->observed;
  const ReportedStreams streams{work_of(burst, works, &own), work_of(burst, works, own.opposite)};
  if (streams.sent == nullptr && streams.heard == nullptr) return;
  const auto [length, has_left_out] =
      renumber_reports({candidate.payload, candidate.length}, streams);
  if (length == 0) {
    candidate.verdict = has_left_out ? Verdict::absorbed : Verdict::malformed;
    return;
  }
  candidate.room_behind = static_cast<uint16_t>(candidate.room_behind + candidate.length - length);
  candidate.length = length;
  candidate.is_changed = true;
}

}  // namespace

void rework(Burst& burst, Works& works) {
  // Those that are made meanwhile stand behind them and need no work.
  const unsigned count = burst.count;
  for (unsigned i = 0; i < count; ++i) {
    Candidate& candidate = burst.candidates[i];
    if (candidate.is_made || candidate.verdict != Verdict::go) continue;
    if (candidate.is_rtcp) {
      rework_rtcp(burst, works, candidate);
      continue;
    }
    if (candidate.slot->work == no_row || candidate.slot->stream != Stream::rtp) continue;
    Work::Packet packet{candidate.payload, candidate.length,
                        static_cast<uint16_t>(candidate.length + candidate.room_behind), false};
    if (works.process(candidate.slot->work, packet, burst.now)) {
      candidate.room_behind = static_cast<uint16_t>(packet.room - packet.length);
      candidate.length = packet.length;
      candidate.is_changed |= packet.is_changed;
    } else {
      candidate.verdict = Verdict::absorbed;
    }
    queue_output(burst, works, candidate);
  }
  const uint32_t lost = works.take_lost_digits();
  if (lost != 0) burst.counters.add(contract::WorkerCounter::digits_lost, lost);
}

}  // namespace demarc::media
