// Character: how one peer behaves in one call, drawn from its kind. Data only; agent.h acts on it.
#pragma once

#include <cstdint>

#include "dataplane/contract/time.h"
#include "tests/sim/options.h"
#include "tests/sim/random.h"

namespace demarc::sim {

enum class Method : uint8_t {
  invite,
  ack,
  cancel,
  bye,
  options,
  update,
  info,
  message,
  notify,
  refer,
  prack,
  subscribe,
  unheard_of,  // a method that no RFC defines
  count,
};
std::string_view spelling(Method method);
Method method_of(std::string_view name);

struct Character {
  Kind kind = Kind::honest;
  // --- every message ---
  unsigned copies = 1;             // of each that it sends
  uint32_t lies = 0;               // per mille with a wrong tag, branch, CSeq or Call-ID
  uint32_t lost_acks = 0;          // per mille that it never sends
  bool is_deaf = false;            // never reacts to anything
  bool falls_deaf = false;         // from the middle of the call on
  bool has_alien_contact = false;  // an address that is not of its trunk
  bool has_record_route = false;
  // --- before the answer, calling ---
  bool cancels = false;
  bool cancels_by_bye = false;
  contract::Duration gives_up_after;
  bool has_delayed_offer = false;
  bool supports_100rel = false;
  bool requires_100rel = false;
  uint32_t session_expires_s = 0;  // 0: does not ask
  // --- before the answer, called ---
  contract::Duration think;  // before each step
  bool sends_100 = true;
  unsigned rings = 1;
  unsigned forks = 1;
  unsigned answers = 1;  // final responses: one from each fork, or two to the same request
  uint16_t final_status = 200;
  contract::Duration rings_for;
  bool answers_cancelled = false;  // 200 to an INVITE that was cancelled
  bool has_early_media = false;
  // --- in the dialog ---
  unsigned requests = 0;
  bool requests_at_once = false;  // together with the other side: glare
  uint16_t refuses_with = 0;      // a re-INVITE; 0: takes it
  contract::Duration holds_for;   // then BYE
  bool hangs_up = true;
  bool hangs_up_at_once = false;  // before the ACK can be there
};

Character draw_character(Kind kind, Random& random);
// One of the kinds that the options enable.
Kind draw_kind(const Options& options, Random& random);

}  // namespace demarc::sim
