#include "dataplane/media/latch.h"

namespace demarc::media {
namespace {

using contract::Endpoint;
using contract::Instant;

bool continues(const Latch& latch, const LatchPacket& packet) {
  const auto ahead = static_cast<uint16_t>(packet.sequence_number - latch.candidate_sequence);
  return packet.source == latch.candidate && packet.ssrc == latch.candidate_ssrc && ahead != 0 &&
         ahead <= max_latch_step;
}

// Whether the packet's source may be the candidate from now on.
bool may_begin(const Latch& latch, const LatchPacket& packet, Instant now) {
  const bool is_learnt =
      latch.state == LatchState::provisional || latch.state == LatchState::challenged;
  if (is_learnt && packet.nearness <= latch.learnt_nearness) return false;
  if (latch.candidate_nearness == Nearness::none || packet.source == latch.candidate) return true;
  return packet.nearness > latch.candidate_nearness || now - latch.candidate_heard > latch_patience;
}

Nearness nearness_of(const LatchPacket& packet) {
  // Only the peer has the keys, wherever it sends from.
  return packet.is_authentic ? Nearness::exact : packet.nearness;
}

LatchEvent event_of(const Latch& latch, const LatchRules& rules, const LatchPacket& packet,
                    Instant now) {
  if (latch.candidate_nearness != Nearness::none && continues(latch, packet)) {
    if (latch.run + 1 < rules.packets) return LatchEvent::next;
    return packet.nearness == Nearness::exact ? LatchEvent::proven_top : LatchEvent::proven;
  }
  return may_begin(latch, packet, now) ? LatchEvent::fresh : LatchEvent::weaker;
}

void drop_candidate(Latch& latch) {
  latch.candidate = {};
  latch.candidate_nearness = Nearness::none;
  latch.run = 0;
}

void apply(Latch& latch, const LatchRules& rules, LatchEvent event, const LatchPacket& packet,
           Instant now) {
  const LatchStep taken = step(latch.state, event);
  latch.state = taken.next;
  if ((taken.actions & forget) != 0) {
    latch.in_force = latch.signalled;
    latch.learnt_nearness = Nearness::none;
    drop_candidate(latch);
  }
  if ((taken.actions & open_window) != 0) {
    latch.window_end = now + rules.window;
    latch.learnt_nearness = Nearness::none;
    drop_candidate(latch);
  }
  if ((taken.actions & start_run) != 0) {
    latch.candidate = packet.source;
    latch.candidate_nearness = packet.nearness;
    latch.candidate_ssrc = packet.ssrc;
    latch.run = 1;
  }
  if ((taken.actions & count_run) != 0) ++latch.run;
  if ((taken.actions & (start_run | count_run)) != 0) {
    latch.candidate_sequence = packet.sequence_number;
    latch.candidate_heard = now;
  }
  if ((taken.actions & learn) != 0) {
    latch.in_force = latch.candidate;
    latch.learnt_nearness = latch.candidate_nearness;
    ++latch.learnt_count;
    drop_candidate(latch);
  }
}

}  // namespace

void on_offer(Latch& latch, const LatchRules& rules, const Endpoint& source, Instant last_heard,
              Instant now) {
  LatchEvent event = LatchEvent::offer_new;
  if (source.port == 0) {
    event = LatchEvent::offer_none;
  } else if (source == latch.signalled && latch.state != LatchState::shut) {
    const bool is_alive = last_heard.is_set() && now - last_heard <= latch_is_alive;
    event = is_alive ? LatchEvent::offer_same : LatchEvent::offer_silent;
  }
  latch.signalled = source;
  apply(latch, rules, event, {}, now);
}

LatchVerdict on_packet(Latch& latch, const LatchRules& rules, const LatchPacket& packet,
                       Instant now) {
  if (latch.is_open() && now > latch.window_end)
    apply(latch, rules, LatchEvent::window_over, {}, now);
  const bool was_open = latch.is_open();
  LatchEvent event = LatchEvent::weaker;
  if (was_open && packet.nearness != Nearness::none) {
    LatchPacket ranked = packet;
    ranked.nearness = nearness_of(packet);
    event = event_of(latch, rules, ranked, now);
    apply(latch, rules, event, ranked, now);
  }
  if (latch.in_force.port != 0 && packet.source == latch.in_force) return LatchVerdict::relay;
  return event == LatchEvent::weaker ? LatchVerdict::refused : LatchVerdict::learning;
}

}  // namespace demarc::media
