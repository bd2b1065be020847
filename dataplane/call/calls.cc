#include "dataplane/call/calls.h"

#include <new>

#include "dataplane/call/headers/header_policy.h"
#include "dataplane/call/identity_host.h"

namespace demarc::call {
namespace {

constexpr size_t scratch_octets = sip::max_message_octets;

}  // namespace

Calls::Calls(memory::Arena& arena, const Limits& limits, const Services& services,
             const contract::NameKeys& names, const SipHashKey& entropy, const SipHashKey& tables)
    : limits_(limits),
      services_(services),
      texts_(arena, limits.calls),
      calls_(arena, limits.calls),
      searches_(arena, limits.searches()),
      exchanges_(arena, limits.exchanges()),
      early_dialogs_(arena, limits.early_dialogs()),
      digit_queues_(arena, limits.digit_queues()),
      attempts_(arena, limits.calls_of_many_attempts()),
      legs_by_tag_(arena, limits.calls * 2 + limits.early_dialogs()),
      calls_by_id_(arena, limits.calls),
      mint_(names, limits.worker, limits.workers, entropy),
      tables_(tables),
      session_(services.media, arena, {limits.further_lines(), limits.open_offers()}),
      transfers_(*this, arena, limits.transfers()),
      media_ledger_(arena, limits, services.region, services.media),
      records_(services.region.records(limits.worker)),
      scratch_(arena.take<char>(scratch_octets)),
      body_(arena.take<char>(scratch_octets)),
      extra_(arena.take<char>(scratch_octets)) {}

size_t Calls::octets_needed(const Limits& limits) {
  return dialog::TextStore::octets_needed(limits.calls) +
         memory::Pool<Call>::octets_needed(limits.calls) +
         memory::Pool<Search>::octets_needed(limits.searches()) +
         memory::Pool<Exchange>::octets_needed(limits.exchanges()) +
         memory::Pool<EarlyDialog>::octets_needed(limits.early_dialogs()) +
         memory::Pool<DigitQueue>::octets_needed(limits.digit_queues()) +
         AttemptStore::octets_needed(limits.calls_of_many_attempts()) +
         memory::HashIndex::octets_needed(limits.calls * 2 + limits.early_dialogs()) +
         memory::HashIndex::octets_needed(limits.calls) +
         Session::octets_needed({limits.further_lines(), limits.open_offers()}) +
         transfers::Transfers::octets_needed(limits.transfers()) +
         MediaLedger::octets_needed(limits) + 3 * memory::Arena::octets_for<char>(scratch_octets);
}

Held Calls::held() const {
  return {.texts = texts_.live(),
          .lines = session_.live_lines(),
          .stream_rows = media_ledger_.live(),
          .offers = session_.live_offers(),
          .searches = searches_.live(),
          .attempts = attempts_.live(),
          .digit_queues = digit_queues_.live()};
}

// Of a call that is to be set up; none when all are taken, or too many ring.
uint32_t Calls::take_place() {
  return searches_.live() == searches_.capacity() ? memory::no_index : calls_.acquire();
}

// A slot that was just taken, as if nobody had used it before. What of a call is text is not
// cleared, and nothing is copied.
Call& Calls::begin_slot(uint32_t slot) {
  Call& call = *new (&calls_[slot]) Call;
  call.text.open(texts_);
  return call;
}

// Our address on a trunk, as the peer sees it.
OwnAddress Calls::advertised(contract::TrunkId trunk) const {
  const contract::TrunkConfig& config = snapshot_->trunk(trunk);
  const bool is_stream = config.transport != contract::Transport::udp;
  return {.address = snapshot_->realm(config.realm).advertised_address,
          .port = config.local_port,
          .transport = config.transport,
          .has_alias = is_stream && config.policy.takes_alias};
}

// The peer proved to be where a message of its dialog came from. Over a connection that is a place
// for answers; new connections go to the port that it names in Via (RFC 3261 section 18.1.1).
void Calls::follow(Leg& leg, const Received& received) {
  // One message that went over TCP for its size (RFC 3261 section 18.1.1) moves nothing else there.
  if (received.path.transport != leg.path.transport) return;
  if (!received.path.is_reliable()) {
    leg.path.remote = received.source;
  } else if (received.message.is_request) {
    leg.path.remote = received.path.remote;
  }
  leg.path.stream = received.path.stream;
}

std::string_view Calls::contact_host(contract::TrunkId trunk) const {
  return contract::text(snapshot_->trunks->header, policy_of(trunk).contact_host);
}

void Calls::write_crossing(sip::Writer& writer, const Received& received, const Across& across) {
  const contract::TrunkId to = across.to;
  // A trunk that left the configuration has no side of which anything could be shown.
  if (!snapshot_->has_trunk(to)) return;
  const IdentityHost host(*snapshot_, to);
  const headers::CallerNumbers numbers{*snapshot_, limits_.worker, received.trunk, to};
  const bool is_ruled = across.identity == headers::Identity::ruled && numbers.has_rules();
  const headers::CallerNames names = caller_names(received, to);
  const bool are_named = across.identity != headers::Identity::as_it_came && names.has_rules();
  const headers::CrossingCount count_of =
      headers::write_crossing_fields(writer, {.message = received.message,
                                              .datagram = received.datagram,
                                              .from_address = received.essentials.from,
                                              .trunks = *snapshot_->trunks,
                                              .from = snapshot_->trunk(received.trunk),
                                              .to = snapshot_->trunk(to),
                                              .our_host = host.view(),
                                              .called_user = across.called_user,
                                              .identity = across.identity,
                                              .shown_user = across.shown_user,
                                              .numbers = is_ruled ? &numbers : nullptr,
                                              .names = are_named ? &names : nullptr,
                                              .locations = across.locations});
  for (unsigned i = 0; i < count_of.dropped; ++i) {
    count(contract::WorkerCounter::header_field_dropped);
  }
}

void Calls::write_own(sip::Writer& writer, sip::Method method, contract::TrunkId to) {
  if (!snapshot_->has_trunk(to)) return;
  const headers::CrossingCount count_of = headers::write_own_fields(
      writer, {.method = method, .trunks = *snapshot_->trunks, .to = snapshot_->trunk(to)});
  for (unsigned i = 0; i < count_of.dropped; ++i) {
    count(contract::WorkerCounter::header_field_dropped);
  }
}

std::string_view Calls::allow_of(contract::TrunkId trunk) const {
  const contract::CallPolicy& policy = policy_of(trunk);
  return allowed_methods(policy.reliable_provisionals != contract::Use::off,
                         policy.transfer != contract::Transfer::refused);
}

// What Supported lists in messages to the peer of a trunk.
std::string_view Calls::supported_of(contract::TrunkId trunk, bool has_reliable) const {
  const contract::CallPolicy& policy = policy_of(trunk);
  const bool has_referrals = contract::may_handle(policy.transfer);
  if (policy.takes_replaces && has_referrals) {
    return has_reliable ? "100rel, timer, replaces, norefersub" : "timer, replaces, norefersub";
  }
  if (policy.takes_replaces) return has_reliable ? "100rel, timer, replaces" : "timer, replaces";
  if (has_referrals) return has_reliable ? "100rel, timer, norefersub" : "timer, norefersub";
  return has_reliable ? "100rel, timer" : "timer";
}

memory::DatagramId Calls::keep(const sip::Writer& writer) {
  if (writer.failed()) {
    count(contract::WorkerCounter::sip_too_long);
    return memory::DatagramId::none;
  }
  const memory::DatagramId id = services_.datagrams.keep(writer.written());
  if (id == memory::DatagramId::none) count(contract::WorkerCounter::datagram_pool_empty);
  return id;
}

void Calls::drop(memory::DatagramId& id) {
  services_.datagrams.release(id);
  id = memory::DatagramId::none;
}

void Calls::count(contract::WorkerCounter counter) {
  services_.region.worker(limits_.worker).counters.add(counter);
}

contract::TrunkCounters& Calls::trunk_counters(contract::TrunkId trunk) const {
  return services_.region.trunk_counters(limits_.worker, trunk);
}

void Calls::index_tag(uint32_t slot, Side side, Span tag) {
  legs_by_tag_.insert(tag_hash(calls_[slot].text.get(tag)), slot * 2 + index_of(side));
}

void Calls::unindex_tag(uint32_t slot, Side side, Span tag) {
  legs_by_tag_.erase(tag_hash(calls_[slot].text.get(tag)), slot * 2 + index_of(side));
}

void Calls::index_leg(uint32_t slot, Side side) {
  Call& call = calls_[slot];
  call.leg(side).is_indexed = true;
  index_tag(slot, side, call.leg(side).dialog.local_tag);
  if (side == Side::out) return;
  calls_by_id_.insert(tag_hash(call.text.get(call.leg(side).dialog.call_id)), slot);
}

void Calls::unindex_leg(uint32_t slot, Side side) {
  Call& call = calls_[slot];
  if (!call.leg(side).is_indexed) return;
  call.leg(side).is_indexed = false;
  unindex_tag(slot, side, call.leg(side).dialog.local_tag);
  if (side == Side::out) return;
  calls_by_id_.erase(tag_hash(call.text.get(call.leg(side).dialog.call_id)), slot);
}

}  // namespace demarc::call
