#include <algorithm>
#include <array>
#include <span>

#include "dataplane/call/calls.h"
#include "dataplane/call/headers/privacy.h"
#include "dataplane/call/shown_locations.h"
#include "dataplane/route/admission.h"
#include "dataplane/route/route.h"

namespace demarc::call {
namespace {

using contract::Duration;
using contract::TrunkCounter;
using contract::WorkerCounter;
using memory::DatagramId;
using sip::HeaderName;

// The largest request that goes over UDP where TCP may be used, since nothing is known of the
// path's MTU (RFC 3261 section 18.1.1).
constexpr size_t max_udp_request_octets = 1300;

// Whether another target could do better with the same INVITE.
bool is_of_the_target(uint16_t status_code) {
  return status_code == 503 || status_code == 480 || status_code == 415;
}

contract::Attempt begun_at(const Call& call, const route::Target& target, contract::Instant now) {
  contract::Attempt attempt;
  attempt.target = target.endpoint;
  attempt.trunk = target.trunk;
  attempt.route = call.route;
  attempt.after_ms = static_cast<uint32_t>((now - call.started).ns / 1'000'000);
  return attempt;
}

struct Between {
  contract::TrunkId trunk;  // whose limit it is
  contract::TrunkId other;
};
// What the leg of a trunk would take, where that or a group of it has a limit and media does not go
// past us. Not 0 then, whatever the offer says: a leg that is not counted at all stays so.
uint32_t kbps_of_offer(const contract::Snapshot& snapshot, Session& session, const Call& call,
                       std::string_view body, const Between& between) {
  const contract::TrunkConfig& trunk = snapshot.trunk(between.trunk);
  if (!route::counts_bandwidth(snapshot, between.trunk)) return 0;
  if (!call.must_relay && route::may_bypass(snapshot, between.trunk, between.other)) return 0;
  return std::max(1u, session.kbps_of_offer(body, !snapshot.realm(trunk.realm).address.is_v4()));
}

// Of one that could not even be asked.
contract::Attempt unasked_at(const Call& call, const route::Target& target, contract::Instant now) {
  contract::Attempt attempt = begun_at(call, target, now);
  attempt.end = contract::AttemptEnd::dropped;
  return attempt;
}

// Who calls and who is called, as From and To show them.
void set_parties(InviteParts& parts, const headers::CallerName& caller,
                 const headers::ShownName& called) {
  parts.display_name = caller.display_name;
  parts.has_quotes = caller.has_quotes;
  parts.calling_user = caller.user;
  parts.is_anonymous = caller.is_anonymous;
  parts.called_name = called.text;
  parts.called_name_has_quotes = called.has_quotes;
}

}  // namespace

// The first target that takes the INVITE; a refusal when there is none.
Refusal Calls::try_targets(Call& call, uint32_t slot, const Received& request, Refusal last) {
  for (;;) {
    const route::Target target = search_of(call).hunt.next(*snapshot_, services_.region,
                                                           static_cast<uint32_t>(mint_.random()));
    if (!target.is_set()) return last;
    const bool is_without = call.is_delayed || call.has_made_offer;
    if (is_without && policy_of(target.trunk).needs_offer && !may_make_offer(call, target.trunk)) {
      go_on_route(call, target.route);
      add_attempt(call, unasked_at(call, target, request.now));
      search_of(call).hunt.skip_trunk();
      last = {488};
      continue;
    }
    const Refusal refusal = try_target(call, slot, request, target, false);
    if (refusal.status_code == 0) {
      keep_request(call, request);
      return {};
    }
    leave_target(slot, request.now);
    if (!refusal.is_passed_over && !is_of_the_target(refusal.status_code)) return refusal;
    last = refusal;
  }
}

bool Calls::may_need_sdp(contract::TrunkId trunk) const {
  const contract::CallPolicy& policy = policy_of(trunk);
  return contract::may_handle(policy.transfer) || policy.takes_replaces || policy.makes_offer;
}

Refusal Calls::try_target(Call& call, uint32_t slot, const Received& request,
                          const route::Target& target, bool is_again) {
  // What was asked for by a sips URI goes over TLS or not at all (RFC 5630 section 5.3).
  const bool is_sips = call.leg(Side::in).advertised.is_sips;
  if (!is_again) go_on_route(call, target.route);
  if (is_sips && snapshot_->trunk(target.trunk).transport != contract::Transport::tls) {
    add_attempt(call, unasked_at(call, target, request.now));
    return {480};
  }
  // The transferee is counted where it is until it is here.
  const bool has_caller = !transfers_.is_referred(slot);
  route::Entry entry = entry_of(call, target.trunk, route::Direction::out);
  entry.kbps =
      kbps_of_offer(*snapshot_, session_, call, request.body(), {target.trunk, request.trunk});
  const contract::LimitMet met = enter_trunks(call, request, entry, has_caller);
  if (met != contract::LimitMet::none) {
    if (!route::is_of_caller(met)) {
      add_attempt(call, begun_at(call, target, request.now));
      note_attempt(call, contract::AttemptEnd::limited, 0);
    }
    return limited(call, {request.trunk, target.trunk}, met);
  }
  trunk_counters(target.trunk).add(TrunkCounter::live);
  const contract::TrunkConfig& trunk = snapshot_->trunk(target.trunk);
  const bool has_number = begin_target(call, target.trunk, is_again);
  Leg& out = call.leg(Side::out);
  out.trunk = target.trunk;
  out.counted = {true, Side::out, entry.prefix, entry.kbps};
  call.keeps_sdp = !has_caller || may_need_sdp(request.trunk) || may_need_sdp(target.trunk);
  call.challenges = 0;
  out.target = target.id;
  out.timing = transaction::timing_of(trunk);
  out.advertised = advertised(target.trunk);
  out.path.realm = trunk.realm;
  out.path.local = {snapshot_->realm(trunk.realm).address, trunk.local_port};
  out.path.remote = target.endpoint;
  out.path.transport = trunk.transport;
  call.trunk_names[1] = call.text.put(snapshot_->trunk_name(target.trunk));
  call.rule_lines.out_file = trunk.file;
  call.ring_timeout_ms = trunk.ring_timeout_ms;
  out.media_timeout_ms = trunk.media_timeout_ms;
  out.silent_peer = trunk.silent_peer;
  out.srtp = trunk.media.srtp;
  // Another trunk's rules may make a number of it.
  Refusal refusal{480};
  if (has_number) {
    settle_who_offers(call, target.trunk);
    sip::Writer body(body_);
    refusal = open_session(call, slot, request, body);
    if (refusal.status_code == 0) refusal = send_invite(call, slot, request, body.written());
  }
  if (refusal.status_code != 0) add_attempt(call, unasked_at(call, target, request.now));
  return refusal;
}

// A place at each trunk, and one call of the rate of the called one. The caller's is kept while
// other targets are tried, or another call could take it meanwhile.
contract::LimitMet Calls::enter_trunks(Call& call, const Received& request, const route::Entry& to,
                                       bool has_caller) {
  route::Entry own = entry_of(call, request.trunk, route::Direction::in);
  own.kbps = kbps_of_offer(*snapshot_, session_, call, request.body(), {request.trunk, to.trunk});
  Leg& in = call.leg(Side::in);
  const bool has_place = !has_caller || in.counted.is_set;
  const contract::LimitMet met = has_place ? route::enter_leg(*snapshot_, services_.region, to)
                                           : route::enter(*snapshot_, services_.region, own, to);
  if (met != contract::LimitMet::none) return met;
  if (has_caller && has_place) {
    // Media may have gone past us with the target before, and not with this one.
    const contract::LimitMet more =
        route::take_more(*snapshot_, services_.region, own, in.counted.kbps);
    if (more != contract::LimitMet::none) {
      route::leave_leg(services_.region, to);
      return more;
    }
    in.counted.kbps = own.kbps;
  }
  if (!has_place) {
    in.counted = {true, Side::in, own.prefix, own.kbps};
    trunk_counters(request.trunk).add(TrunkCounter::live);
  }
  route::Entry fresh = to;
  fresh.rated_in = request.trunk;
  fresh.rated_out = route::rated_before(*snapshot_, search_of(call).rated.trunks(), to.trunk);
  if (fresh.rated_out == to.trunk) return met;
  const contract::LimitMet rate =
      route::take_rate(*snapshot_, services_.region, fresh, request.now);
  if (rate != contract::LimitMet::none) {
    route::leave_leg(services_.region, to);
    return rate;
  }
  search_of(call).rated.add(to.trunk);
  return rate;
}

route::Entry Calls::entry_of(const Call& call, contract::TrunkId trunk,
                             route::Direction direction) const {
  const std::string_view called = call.text.get(call.called_ruled);
  return {trunk, direction, call.on_route().is_emergency,
          route::prefix_limit(*snapshot_, trunk, called)};
}

// The trunk whose limit it is says what the caller gets. A full trunk is passed over for the next
// one. Against a limit of the caller's own trunk no other one helps, but for bandwidth: with
// another one media may go past us.
Refusal Calls::limited(Call& call, const BetweenTrunks& trunks, contract::LimitMet met) {
  const bool is_bandwidth = route::is_of_bandwidth(met);
  count(is_bandwidth ? WorkerCounter::bandwidth_full : WorkerCounter::trunk_full);
  call.limits_met |= static_cast<uint32_t>(met);
  const bool is_passed_over = !route::is_of_caller(met) || is_bandwidth;
  if (is_passed_over) {
    search_of(call).hunt.skip_trunk();
  } else {
    search_of(call).hunt.skip_all();
  }
  const contract::TrunkId full = route::is_of_caller(met) ? trunks.caller : trunks.called;
  const contract::TrunkLimits& limits = snapshot_->trunk(full).limits;
  sip::Writer extra(extra_);
  if (limits.retry_after_s != 0) extra.field(HeaderName::retry_after, limits.retry_after_s);
  return {limits.status_code, extra.written(), is_passed_over};
}

// Each target starts fresh: what another one said, asked for or was called is nothing to it. The
// same one in other terms goes on with those. False when there is no number for it.
bool Calls::begin_target(Call& call, contract::TrunkId trunk, bool is_again) {
  const uint32_t min_se_s = is_again ? call.leg(Side::out).min_se_s : 0;
  sip::Writer called(body_);
  if (is_again) called.raw(call.text.get(call.called_sent));
  call.text.rewind(call.text_mark);
  call.calling_sent = {};
  number::Number number;
  if (!is_again) {
    number = called_for(call, trunk);
    called.raw(number.view());
  }
  call.called_sent = call.text.put(called.written());
  if (!is_again) call.retries = 0;
  if (!is_again) call.stays_on_udp = false;
  if (!is_again) drop(search_of(call).redirection);
  call.leg(Side::out) = Leg{};
  call.leg(Side::out).min_se_s = min_se_s;
  return !call.called_sent.empty();
}

// The caller's offer, or none when the called side is to make it.
Refusal Calls::open_session(Call& call, uint32_t slot, const Received& request, sip::Writer& body) {
  Leg& in = call.leg(Side::in);
  Leg& out = call.leg(Side::out);
  in.offer = out.offer = dialog::OfferState::idle;
  if (call.is_delayed) return {};
  // A transferee says nothing to the target itself: its words to the transferor are repeated.
  const auto words = transfers_.is_referred(slot) ? Session::Words::made : Session::Words::own;
  const SessionResult result = call.has_made_offer
                                   ? make_offer(call, slot, body, request.now)
                                   : session_.offer(session_of(slot, memory::no_index), Side::in,
                                                    request.body(), body, request.now, words);
  switch (result) {
    case SessionResult::ok:
      // The caller has offered nothing that it waits an answer for.
      if (!call.has_made_offer) in.offer = dialog::OfferState::received;
      out.offer = dialog::OfferState::sent;
      return {};
    case SessionResult::unreadable:
      return {400};
    case SessionResult::not_acceptable:
      return {488};
    case SessionResult::no_ports:
      count(WorkerCounter::media_ports_exhausted);
      return {503};
    case SessionResult::no_lines:
      count(WorkerCounter::line_pool_full);
      return {503};
    case SessionResult::too_long:
      break;
  }
  return {513};
}

// Supported, Require, the session timer and what crosses of the INVITE that goes out.
std::string_view Calls::invite_extra(const Call& call, const Received& request,
                                     std::string_view shown_user, sip::Writer& writer) {
  const Leg& out = call.leg(Side::out);
  const contract::Use reliable = policy_of(out.trunk).reliable_provisionals;
  // An offer in a reliable 18x must be answered in its PRACK (RFC 3262 section 5), which a caller
  // without PRACK can not do.
  const bool is_possible =
      !call.is_delayed ||
      (call.leg(Side::in).takes_reliable &&
       policy_of(call.leg(Side::in).trunk).reliable_provisionals != contract::Use::off);
  const bool has_reliable = reliable != contract::Use::off && is_possible;
  writer.field(HeaderName::supported, supported_of(out.trunk, has_reliable));
  if (has_reliable && reliable == contract::Use::required) {
    writer.field(HeaderName::require, "100rel");
  }
  const contract::TrunkConfig& trunk = snapshot_->trunk(out.trunk);
  const contract::BindingConfig* binding = snapshot_->binding(out.target);
  const std::string_view route = contract::text(
      snapshot_->trunks->header, binding == nullptr ? trunk.preloaded_route : binding->route);
  if (!route.empty()) writer.begin(HeaderName::route).unfolded(route).end();
  write_request_terms(call, Side::out, writer);
  transfers_.write_referral(call, writer);
  write_crossing(writer, request,
                 {.identity = call.leg(Side::in).identity,
                  .to = out.trunk,
                  .called_user = call.text.get(call.called_sent),
                  .shown_user = shown_user,
                  .locations = shown_locations(request, call, Side::in, policy_of(out.trunk))});
  return writer.written();
}

// A request that may be more than the path's MTU must not go over UDP (RFC 3261 section 18.1.1).
bool Calls::is_for_tcp(const Leg& leg, size_t octets) const {
  return leg.path.transport == contract::Transport::udp && policy_of(leg.trunk).large_over_tcp &&
         octets > max_udp_request_octets;
}

bool Calls::was_moved_to_tcp(const Leg& leg) const {
  return leg.path.transport == contract::Transport::tcp &&
         snapshot_->trunk(leg.trunk).transport == contract::Transport::udp;
}

// An INVITE that went over TCP for its size alone, and reached nobody there, goes over UDP all the
// same, in fragments (RFC 3261 section 18.1.1).
bool Calls::falls_back_to_udp(Call& call) {
  const bool is_setup = call.state == State::trying || call.state == State::proceeding;
  const Leg& out = call.leg(Side::out);
  if (!is_setup || !keeps_request(call) || !was_moved_to_tcp(out)) return false;
  call.stays_on_udp = true;
  search_of(call).redirect = out.path.remote;
  return true;
}

Refusal Calls::send_invite(Call& call, uint32_t slot, const Received& request,
                           std::string_view body) {
  Leg& out = call.leg(Side::out);
  const contract::TrunkConfig& trunk = snapshot_->trunk(out.trunk);
  const Mint::Branch branch = mint_.branch();
  const contract::MintedName tag = mint_.name();
  const contract::MintedName call_id = mint_.name();
  headers::CallerTexts texts;
  const headers::CallerName caller = caller_for(call, request, out.trunk, texts);
  number::DisplayName made_name;
  const headers::CalledName names{*snapshot_, limits_.worker, out.trunk};
  const headers::ShownName called =
      names.show(request.message, request.datagram, call.text.get(call.called_sent), made_name);
  const contract::CallPolicy& peer = trunk.policy;
  if (lacks_location(request, call, Side::in, peer)) return {415, accept_line};
  sip::Writer extra(extra_);
  call.calling_sent = call.text.put(caller.user);
  InviteParts parts;
  parts.sender = {out.advertised, branch.view()};
  parts.called_user = call.text.get(call.called_sent);
  parts.peer_host = contract::text(snapshot_->trunks->header, trunk.peer_host);
  parts.peer_port = trunk.peer_port;
  // Who registered is addressed by its own Contact (RFC 3261 section 16.6, step 2).
  if (const contract::BindingConfig* binding = snapshot_->binding(out.target)) {
    parts.peer_host = contract::text(snapshot_->trunks->header, binding->host);
    parts.peer_port = binding->port;
  }
  set_parties(parts, caller, called);
  parts.from_host = contract::text(snapshot_->trunks->header, trunk.policy.from_domain);
  parts.from_tag = tag.view();
  parts.call_id = call_id.view();
  parts.max_forwards = max_forwards_of(request) - 1;
  parts.contact_user = contract::text(snapshot_->trunks->header, trunk.contact_user);
  parts.contact_host = contact_host(out.trunk);
  parts.user_is_phone = trunk.policy.user_is_phone;
  parts.allow = allow_of(out.trunk);
  const bool is_shown_instead = call.on_route().hides_name && !caller.is_anonymous;
  parts.extra = invite_extra(call, request, is_shown_instead ? caller.user : "", extra);
  parts.body = body;
  parts.enclosed = {shown_locations(request, call, Side::in, peer), request.datagram};

  sip::Writer writer(scratch_);
  write_local_identity(writer, parts);
  out.dialog.local_identity = call.text.put(writer.written());
  writer = sip::Writer(scratch_);
  write_remote_identity(writer, parts);
  out.dialog.remote_identity = call.text.put(writer.written());
  out.dialog.local_tag = call.text.put(tag.view());
  out.dialog.call_id = call.text.put(call_id.view());
  out.dialog.local_cseq = parts.cseq;
  out.invite_cseq = parts.cseq;
  if (call.text.is_full()) return {513};

  writer = sip::Writer(scratch_);
  write_invite(writer, parts);
  if (!call.stays_on_udp && is_for_tcp(out, writer.written().size())) {
    out.path.transport = out.advertised.transport = contract::Transport::tcp;
    parts.sender.advertised = out.advertised;
    writer = sip::Writer(scratch_);
    write_invite(writer, parts);
  }
  const DatagramId invite = keep(writer);
  if (invite == DatagramId::none) return {503};
  const transaction::Identity identity{call_id.view(), tag.view(), {}, parts.cseq};
  out.invite = services_.transactions.start(sip::Method::invite, branch.view(), identity, invite,
                                            out.path, out.timing, out.trunk, request.now);
  services_.datagrams.release(invite);
  if (!out.invite.is_set()) {
    count(WorkerCounter::transaction_table_full);
    return {503};
  }
  services_.transactions.set_user(out.invite, user_of({slot, Side::out}));
  index_leg(slot, Side::out);
  remember_sdp(call, Side::out, body);
  forget_shown(call);  // of the target before
  remember_words(call, Side::in, request.body());
  trunk_counters(out.trunk).add(TrunkCounter::attempts_out);
  add_attempt(call, begun_at(call, {out.trunk, out.path.remote}, request.now));
  call.is_ring_timed = false;
  return {};
}

// The INVITE as it came stays as long as it may be sent to another target, or to the same one with
// other terms. Each target is waited for by the failover timer, the last one as well, and no
// longer than one that rings.
void Calls::keep_request(Call& call, const Received& request) {
  const contract::CallPolicy& policy = policy_of(call.leg(Side::out).trunk);
  const bool may_return = policy.asks_session_timer ||
                          policy.redirects == contract::Redirects::followed ||
                          was_moved_to_tcp(call.leg(Side::out));
  Search& search = search_of(call);
  if (search.request == DatagramId::none &&
      (may_return || search.hunt.has_next(*snapshot_, services_.region))) {
    search.request = services_.datagrams.keep(request.datagram);
    if (search.request == DatagramId::none) count(WorkerCounter::datagram_pool_empty);
  }
  services_.timers.cancel(call.patience);
  call.is_failover_timed = policy.failover_ms != 0;
  if (!call.is_failover_timed) return;
  const auto user = services_.transactions.user_of(call.leg(Side::out).invite);
  const uint32_t patience_ms = std::min(policy.failover_ms, call.ring_timeout_ms);
  start_call_timer(call.patience, CallTimer::failover, leg_of_user(user).slot,
                   request.now + Duration::milliseconds(patience_ms));
}

}  // namespace demarc::call
