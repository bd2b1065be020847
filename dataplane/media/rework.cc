#include <cstring>

#include "dataplane/contract/counters.h"
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

}  // namespace

void rework(Burst& burst, Works& works) {
  // Those that are made meanwhile stand behind them and need no work.
  const unsigned count = burst.count;
  for (unsigned i = 0; i < count; ++i) {
    Candidate& candidate = burst.candidates[i];
    if (candidate.is_made || candidate.is_rtcp || candidate.verdict != Verdict::go) continue;
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
