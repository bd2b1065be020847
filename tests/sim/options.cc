#include "tests/sim/options.h"

#include <string_view>

#include "tests/sim/text.h"

namespace demarc::sim {
namespace {

constexpr std::string_view kind_names[kind_count] = {
    "honest",           "slow",     "deaf",  "forking",    "glaring", "repeating",
    "double_answering", "storming", "lying", "cancelling", "hasty",   "unacknowledging",
    "extended"};

// A rate for half of the seeds, 0 for the others.
uint32_t maybe(Random& random, uint32_t highest) {
  const bool is_on = random.chance(500);
  const uint32_t rate = random.between(1, highest);
  return is_on ? rate : 0;
}

Faults draw_faults(Random& random) {
  Faults faults;
  faults.drop = maybe(random, 150);
  faults.delay = maybe(random, 200);
  faults.duplicate = maybe(random, 150);
  faults.reorder = maybe(random, 200);
  faults.truncate = maybe(random, 50);
  faults.has_outages = random.chance(200);
  return faults;
}

StreamFaults draw_stream_faults(Random& random) {
  StreamFaults faults;
  faults.cut = maybe(random, 800);
  faults.join = maybe(random, 800);
  faults.reset = maybe(random, 30);
  faults.silence = maybe(random, 10);
  faults.refuse = maybe(random, 200);
  faults.close = maybe(random, 30);
  faults.garbage = maybe(random, 10);
  return faults;
}

Plays draw_plays(Random random) {
  Plays plays;
  const bool has_any = random.chance(750);
  if (!has_any) return plays;
  plays.has_update = random.chance(600);
  plays.cancels_reinvites = random.chance(600);
  plays.has_early_offers = random.chance(600);
  plays.forks_differ = random.chance(600);
  plays.subscribes = random.chance(600);
  return plays;
}

}  // namespace

std::string_view spelling(Kind kind) {
  return kind_names[static_cast<unsigned>(kind)];
}

Options::Options(uint64_t seed_value) : seed(seed_value) {
  Random random(seed_value);
  workers = static_cast<uint16_t>(random.between(1, 4));
  trunks = static_cast<uint16_t>(random.between(2, 8));
  calls = random.between(60, 700);
  for (unsigned i = 0; i < kind_count; ++i) kinds |= random.chance(450) ? 1u << i : 0u;
  // Somebody must be there, and most runs have peers that behave.
  if (kinds == 0 || random.chance(600)) kinds |= 1u << static_cast<unsigned>(Kind::honest);
  faults = draw_faults(random);
  is_tight = random.chance(150);
  has_operator = random.chance(300);
  has_next_trunk = random.chance(300);
  targets = static_cast<uint16_t>(random.between(1, 2));
  ring_timeout_ms = random.between(10, 45) * 1000;
  no_response_ms = random.between(4, 32) * 1000;
  media_timeout_ms = random.chance(300) ? random.between(5, 40) * 1000 : 0;
  failover_ms = random.chance(500) ? random.between(1, 10) * 1000 : 0;
  reliable_provisionals = static_cast<contract::Use>(random.below(2));
  transfer = static_cast<contract::Transfer>(random.below(2));
  passes_unknown_methods = random.chance(500);
  asks_session_timer = random.chance(200);
  call_capacity = is_tight ? random.between(2, 8) : 768u / workers;
  transaction_capacity = is_tight ? random.between(24, 64) : 8192u / workers;
  datagram_capacity = is_tight ? random.between(32, 96) : 8192u / workers;
  record_capacity = is_tight ? 16 : 1024;
  max_calls = is_tight && random.chance(500) ? random.between(1, 6) : 0;
  // Ports go to workers by blocks of 256: one block for each, so that they are used again and
  // again, or more than there are calls, or so few that most workers have none.
  const uint32_t ports = random.chance(500) ? 256u * workers : 4096u;
  media_ports = static_cast<uint16_t>(is_tight ? 2 * random.between(4, 400) : ports);
  // Last, or from a source of its own, so that all else of a seed is as it was.
  if (Random(seed_value ^ 0x7ea45fe4).chance(300)) transfer = contract::Transfer::handled;
  has_attended =
      transfer == contract::Transfer::handled && Random(seed_value ^ 0xa77e4ded).chance(600);
  plays = draw_plays(Random(seed_value ^ 0x91a75eed));
  Random groups(seed_value ^ 0x96009b5);
  if (groups.chance(200)) {
    group_calls_in = groups.between(2, 40);
    group_calls_out = groups.between(2, 40);
    group_kbps = groups.chance(500) ? groups.between(200, 4000) : 0;
  }
  const uint32_t some = static_cast<uint32_t>(random.next()) & ((1u << trunks) - 1);
  const bool has_streams = random.chance(500);
  tls_trunks = static_cast<uint32_t>(random.next());
  takes_alias = random.chance(500);
  if (!has_streams) return;
  tcp_trunks = some;
  streams = draw_stream_faults(random);
}

std::string Options::print() const {
  std::string out;
  const auto say = [&](std::string_view name, uint64_t value) {
    out.append(name).append(" ");
    append(out, value);
    out += '\n';
  };
  say("seed", seed);
  say("workers", workers);
  say("trunks", trunks);
  say("targets of each", targets);
  say("calls", calls);
  out += "kinds";
  for (unsigned i = 0; i < kind_count; ++i) {
    if (has(static_cast<Kind>(i))) out.append(" ").append(kind_names[i]);
  }
  out += '\n';
  say("drop per mille", faults.drop);
  say("delay per mille", faults.delay);
  say("duplicate per mille", faults.duplicate);
  say("reorder per mille", faults.reorder);
  say("truncate per mille", faults.truncate);
  say("outages", faults.has_outages);
  say("trunks over TCP or TLS, as bits", tcp_trunks);
  say("of them over TLS", tcp_trunks & tls_trunks);
  say("takes alias", takes_alias);
  say("cut per mille", streams.cut);
  say("join per mille", streams.join);
  say("reset per mille", streams.reset);
  say("silence per mille", streams.silence);
  say("refuse per mille", streams.refuse);
  say("close per mille", streams.close);
  say("garbage per mille", streams.garbage);
  say("tight tables", is_tight);
  say("operator", has_operator);
  say("next trunk", has_next_trunk);
  say("ring_timeout_ms", ring_timeout_ms);
  say("no_response_timeout_ms", no_response_ms);
  say("media_timeout_ms", media_timeout_ms);
  say("failover_ms", failover_ms);
  say("reliable_provisionals", static_cast<uint64_t>(reliable_provisionals));
  say("transfer", static_cast<uint64_t>(transfer));
  say("attended transfers", has_attended);
  say("passes_unknown_methods", passes_unknown_methods);
  say("asks_session_timer", asks_session_timer);
  say("UPDATE in Allow", plays.has_update);
  say("CANCEL of re-INVITE", plays.cancels_reinvites);
  say("early offers and requests", plays.has_early_offers);
  say("forks differ", plays.forks_differ);
  say("subscribes", plays.subscribes);
  say("calls per worker", call_capacity);
  say("transactions per worker", transaction_capacity);
  say("datagrams per worker", datagram_capacity);
  say("records per worker", record_capacity);
  say("media ports of a realm", media_ports);
  say("max_calls of a trunk", max_calls);
  say("max_calls_in of a group", group_calls_in);
  say("max_calls_out of a group", group_calls_out);
  say("bandwidth_kbps of a group", group_kbps);
  return out;
}

}  // namespace demarc::sim
