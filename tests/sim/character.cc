#include "tests/sim/character.h"

namespace demarc::sim {
namespace {

using contract::Duration;

constexpr std::string_view method_names[] = {"INVITE", "ACK",       "CANCEL",  "BYE",    "OPTIONS",
                                             "UPDATE", "INFO",      "MESSAGE", "NOTIFY", "REFER",
                                             "PRACK",  "SUBSCRIBE", "SHUFFLE"};
static_assert(std::size(method_names) == static_cast<size_t>(Method::count));

// What callees refuse with: every class, and what must not cross as it is.
constexpr uint16_t refusals[] = {300, 302, 380, 400, 401, 403, 404, 407, 408, 420,
                                 480, 481, 486, 487, 488, 491, 500, 503, 600, 603};

Character draw_honest(Random& random) {
  Character one;
  one.think = random.milliseconds(1, 60);
  one.sends_100 = random.chance(700);
  one.rings = random.below(3);
  one.has_early_media = random.chance(300);
  one.has_record_route = random.chance(200);
  one.has_alien_contact = random.chance(100);
  one.rings_for = random.milliseconds(50, 8000);
  if (random.chance(300)) one.final_status = refusals[random.below(std::size(refusals))];
  one.requests = random.chance(300) ? random.between(1, 3) : 0;
  one.holds_for =
      random.chance(150) ? random.milliseconds(60'000, 600'000) : random.milliseconds(500, 40'000);
  one.hangs_up = random.chance(500);
  one.gives_up_after = random.milliseconds(0, 9000);
  one.cancels = random.chance(50);
  if (random.chance(150)) one.refuses_with = random.chance(500) ? 488 : 491;
  return one;
}

// The called side's fork answers late, twice, or after it was told to stop.
void draw_forks(Character& one, Random& random) {
  one.forks = random.between(2, 5);
  one.rings = one.forks + random.below(3);
  one.answers = random.between(1, one.forks);
  one.final_status = 200;
}

void extend(Character& one, Random& random) {
  one.supports_100rel = true;
  one.requires_100rel = random.chance(200);
  one.has_delayed_offer = random.chance(400);
  one.session_expires_s = random.chance(400) ? random.between(90, 300) : 0;
  one.requests = random.between(1, 5);
  if (random.chance(100)) one.final_status = 422;
}

}  // namespace

std::string_view spelling(Method method) {
  return method_names[static_cast<unsigned>(method)];
}

Method method_of(std::string_view name) {
  for (unsigned i = 0; i < std::size(method_names); ++i) {
    if (method_names[i] == name) return static_cast<Method>(i);
  }
  return Method::unheard_of;
}

Kind draw_kind(const Options& options, Random& random) {
  for (;;) {
    const auto kind = static_cast<Kind>(random.below(kind_count));
    if (options.has(kind)) return kind;
  }
}

Character draw_character(Kind kind, Random& random) {
  Character one = draw_honest(random);
  one.kind = kind;
  switch (kind) {
    case Kind::slow:
      one.think = random.milliseconds(500, 6000);
      one.rings_for = random.milliseconds(2000, 90'000);
      break;
    case Kind::deaf:
      one.falls_deaf = random.chance(500);
      one.is_deaf = !one.falls_deaf;
      break;
    case Kind::forking:
      draw_forks(one, random);
      break;
    case Kind::glaring:
      one.final_status = 200;
      one.requests = random.between(1, 4);
      one.requests_at_once = true;
      break;
    case Kind::repeating:
      one.copies = random.between(2, 3);
      break;
    case Kind::double_answering:
      one.answers = random.between(2, 3);
      break;
    case Kind::storming:
      one.final_status = 200;
      one.requests = random.between(10, 25);
      break;
    case Kind::lying:
      one.lies = random.between(50, 400);
      break;
    case Kind::cancelling:
      one.cancels = true;
      one.cancels_by_bye = random.chance(200);
      one.answers_cancelled = random.chance(400);
      if (random.chance(300)) one.gives_up_after = one.rings_for;
      break;
    case Kind::hasty:
      one.final_status = 200;
      one.hangs_up = true;
      one.hangs_up_at_once = random.chance(500);
      one.holds_for = random.milliseconds(0, 300);
      break;
    case Kind::unacknowledging:
      one.lost_acks = random.chance(400) ? 1000 : random.between(300, 900);
      break;
    case Kind::extended:
      extend(one, random);
      break;
    case Kind::honest:
    case Kind::count:
      break;
  }
  return one;
}

}  // namespace demarc::sim
