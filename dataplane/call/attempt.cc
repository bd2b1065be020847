#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/call/headers/privacy.h"
#include "dataplane/route/account.h"
#include "dataplane/route/failover.h"
#include "dataplane/route/route.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/reason.h"
#include "sip-parser/retry_after.h"
#include "sip-parser/uri.h"
#include "sip-parser/validate.h"

namespace demarc::call {
namespace {

using contract::CallEnd;
using contract::Duration;
using contract::TrunkCounter;
using contract::WorkerCounter;
using memory::DatagramId;
using sip::HeaderName;

// An INVITE that its target wants otherwise is sent again so often.
constexpr uint8_t max_retries = 3;
// The largest request that goes over UDP where TCP may be used, since nothing is known of the
// path's MTU (RFC 3261 section 18.1.1).
constexpr size_t max_udp_request_octets = 1300;

// Whether another target could do better with the same INVITE.
bool is_of_the_target(uint16_t status_code) {
  return status_code == 503 || status_code == 480;
}

}  // namespace

// The first target that takes the INVITE; a refusal when there is none.
Calls::Refusal Calls::try_targets(Call& call, uint32_t slot, const Received& request,
                                  Refusal last) {
  for (;;) {
    const route::Target target =
        call.hunt.next(*snapshot_, services_.region, static_cast<uint32_t>(mint_.random()));
    if (!target.is_set()) return last;
    const bool is_without = call.is_delayed || call.has_made_offer;
    if (is_without && policy_of(target.trunk).needs_offer && !may_make_offer(call, target.trunk)) {
      call.hunt.skip_trunk();
      last = {488};
      continue;
    }
    const Refusal refusal = try_target(call, slot, request, target, false);
    if (refusal.status_code == 0) {
      keep_request(call, request);
      return {};
    }
    leave_target(slot, request.now);
    if (!is_of_the_target(refusal.status_code)) return refusal;
    last = refusal;
  }
}

Calls::Refusal Calls::try_target(Call& call, uint32_t slot, const Received& request,
                                 const route::Target& target, bool is_again) {
  // What was asked for by a sips URI goes over TLS or not at all (RFC 5630 section 5.3).
  const bool is_sips = call.leg(Side::in).advertised.is_sips;
  if (!is_again) go_on_route(call, target.route);
  if (is_sips && snapshot_->trunk(target.trunk).transport != contract::Transport::tls) {
    return {480};
  }
  // The transferee is counted where it is until it is here.
  const bool has_caller = !transfers_.is_referred(slot);
  const contract::LimitMet met = enter_trunks(call, request, target.trunk, has_caller);
  if (met != contract::LimitMet::none) return limited(call, request.trunk, met);
  trunk_counters(target.trunk).add(TrunkCounter::live);
  const contract::TrunkConfig& trunk = snapshot_->trunk(target.trunk);
  const bool has_number = begin_target(call, target.trunk, is_again);
  Leg& out = call.leg(Side::out);
  out.trunk = target.trunk;
  out.is_counted = true;
  out.counted_as = Side::out;
  call.keeps_sdp = !has_caller || may_transfer(request.trunk) || may_transfer(target.trunk);
  call.challenges = 0;
  out.target = target.id;
  out.timing = transaction::timing_of(trunk);
  out.advertised = advertised(target.trunk);
  out.path.realm = trunk.realm;
  out.path.local = {snapshot_->realm(trunk.realm).address, trunk.local_port};
  out.path.remote = target.endpoint;
  out.path.transport = trunk.transport;
  call.trunk_names[1] = call.text.put(snapshot_->trunk_name(target.trunk));
  call.ring_timeout_ms = trunk.ring_timeout_ms;
  call.media_timeout_ms =
      std::max(trunk.media_timeout_ms, snapshot_->trunk(request.trunk).media_timeout_ms);
  // Another trunk's rules may make a number of it.
  if (!has_number) return {480};
  settle_who_offers(call, target.trunk);
  sip::Writer body(body_);
  const Refusal refusal = open_session(call, slot, request, body);
  return refusal.status_code != 0 ? refusal : send_invite(call, slot, request, body.written());
}

// A place at each trunk, and one call of the rate of the called one. The caller's is kept while
// other targets are tried, or another call could take it meanwhile.
contract::LimitMet Calls::enter_trunks(Call& call, const Received& request, contract::TrunkId to,
                                       bool has_caller) {
  const bool is_emergency = call.on_route().is_emergency;
  const route::Entry entry{to, route::Direction::out, is_emergency};
  Leg& in = call.leg(Side::in);
  const bool has_place = !has_caller || in.is_counted;
  const contract::LimitMet met =
      has_place ? route::enter_leg(*snapshot_, services_.region, entry)
                : route::enter(*snapshot_, services_.region, request.trunk, to, is_emergency);
  if (met != contract::LimitMet::none) return met;
  if (!has_place) {
    in.is_counted = true;
    in.counted_as = Side::in;
    trunk_counters(request.trunk).add(TrunkCounter::live);
  }
  if (call.rated == to) return met;
  if (!route::take_rate(*snapshot_, services_.region, entry, request.now)) {
    route::leave_leg(services_.region, to, route::Direction::out);
    return contract::LimitMet::rate_out;
  }
  call.rated = to;
  return met;
}

// The next trunk is tried, if there is one; what the caller gets is what its own trunk says.
Calls::Refusal Calls::limited(Call& call, contract::TrunkId from, contract::LimitMet met) {
  count(WorkerCounter::trunk_full);
  call.limits_met = static_cast<uint8_t>(call.limits_met | static_cast<uint8_t>(met));
  call.hunt.skip_trunk();
  const bool is_own = met == contract::LimitMet::calls_in || met == contract::LimitMet::rate_in ||
                      met == contract::LimitMet::group_in;
  if (!is_own) return {503};
  const contract::TrunkLimits& limits = snapshot_->trunk(from).limits;
  sip::Writer extra(extra_);
  if (limits.retry_after_s != 0) extra.field(HeaderName::retry_after, limits.retry_after_s);
  return {limits.status_code, extra.written()};
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
  call.leg(Side::out) = Leg{};
  call.leg(Side::out).min_se_s = min_se_s;
  return !call.called_sent.empty();
}

// The caller's offer, or none when the called side is to make it.
Calls::Refusal Calls::open_session(Call& call, uint32_t slot, const Received& request,
                                   sip::Writer& body) {
  Leg& in = call.leg(Side::in);
  Leg& out = call.leg(Side::out);
  in.offer = out.offer = dialog::OfferState::idle;
  if (call.is_delayed) return {};
  const SessionResult result = call.has_made_offer
                                   ? make_offer(call, slot, body, request.now)
                                   : session_.offer(session_of(slot, memory::no_index), Side::in,
                                                    request.body(), body, request.now);
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
                  .shown_user = shown_user});
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
bool Calls::falls_back_to_udp(Call& call) const {
  const bool is_setup = call.state == State::trying || call.state == State::proceeding;
  const Leg& out = call.leg(Side::out);
  if (!is_setup || call.request == DatagramId::none || !was_moved_to_tcp(out)) return false;
  call.stays_on_udp = true;
  call.redirect = out.path.remote;
  return true;
}

Calls::Refusal Calls::send_invite(Call& call, uint32_t slot, const Received& request,
                                  std::string_view body) {
  Leg& out = call.leg(Side::out);
  const contract::TrunkConfig& trunk = snapshot_->trunk(out.trunk);
  const Mint::Branch branch = mint_.branch();
  const contract::MintedName tag = mint_.name();
  const contract::MintedName call_id = mint_.name();
  number::Number calling;
  const headers::CallerName caller = caller_for(call, request, out.trunk, calling);
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
  parts.display_name = caller.display_name;
  parts.has_quotes = caller.has_quotes;
  parts.calling_user = caller.user;
  parts.is_anonymous = caller.is_anonymous;
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
  if (call.attempt_count < contract::max_attempts) {
    const Duration after = request.now - call.started;
    call.attempts[call.attempt_count] = {out.path.remote, out.trunk, 0, 0,
                                         static_cast<uint32_t>(after.ns / 1'000'000)};
  }
  ++call.attempt_count;
  call.is_ring_timed = false;
  return {};
}

// The INVITE as it came stays as long as it may be sent to another target, or to the same one with
// other terms; so does the failover timer.
void Calls::keep_request(Call& call, const Received& request) {
  const bool has_next = call.hunt.has_next(*snapshot_, services_.region);
  const contract::CallPolicy& policy = policy_of(call.leg(Side::out).trunk);
  const bool may_return =
      policy.asks_session_timer || policy.follow_redirects || was_moved_to_tcp(call.leg(Side::out));
  if (call.request == DatagramId::none && (has_next || may_return)) {
    call.request = services_.datagrams.keep(request.datagram);
    if (call.request == DatagramId::none) count(WorkerCounter::datagram_pool_empty);
  }
  services_.timers.cancel(call.patience);
  call.is_failover_timed = false;
  if (!has_next || call.request == DatagramId::none || policy.failover_ms == 0) return;
  call.is_failover_timed = true;
  const auto slot = services_.transactions.user_of(call.leg(Side::out).invite);
  start_call_timer(call.patience, CallTimer::failover, leg_of_user(slot).slot,
                   request.now + Duration::milliseconds(policy.failover_ms));
}

// Whether the INVITE goes to the same trunk once more: with the interval that a 422 names (RFC 4028
// section 7.1), or to where a 3xx points (RFC 3261 section 8.1.3.4).
bool Calls::is_sent_again(Call& call, const Received& response) const {
  const bool is_setup = call.state == State::trying || call.state == State::proceeding;
  if (!is_setup || call.request == DatagramId::none || call.retries == max_retries) return false;
  const uint16_t status = response.message.status_code;
  call.redirect = {};
  if (status < 400) {
    if (!take_redirect(call, response)) return false;
  } else {
    const uint32_t min_se_s = terms_of(response).min_se_s;
    if (status != 422 || min_se_s <= call.leg(Side::out).min_se_s) return false;
    call.leg(Side::out).min_se_s = min_se_s;
    call.redirect = call.leg(Side::out).path.remote;
  }
  ++call.retries;
  return true;
}

// The first Contact of a 3xx that is an address of the same trunk (decision D10), with its user.
bool Calls::take_redirect(Call& call, const Received& response) const {
  const Leg& out = call.leg(Side::out);
  if (!policy_of(out.trunk).follow_redirects) return false;
  const auto* field = response.message.first(HeaderName::contact);
  for (; field != nullptr; field = response.message.next(*field)) {
    sip::NameAddrCursor cursor(field->value, response.datagram);
    sip::NameAddr addr;
    for (sip::Uri uri; cursor.next(addr, uri);) {
      const auto address = contract::parse_address(text(uri.host, response.datagram));
      const bool is_sip = uri.scheme == sip::UriScheme::sip;
      if (!is_sip || !address || !address->is_unicast() || uri.user.empty()) continue;
      const uint16_t port = uri.port == 0 ? default_port(out.path.transport) : uri.port;
      const contract::Endpoint endpoint{*address, port};
      if (!route::is_source_of(*snapshot_, out.trunk, out.path.local, endpoint,
                               out.path.transport)) {
        continue;
      }
      const Span user = call.text.put(text(uri.user, response.datagram));
      if (user.empty()) return false;
      call.called_sent = user;
      call.redirect = endpoint;
      return true;
    }
  }
  return false;
}

bool Calls::goes_on(const Call& call, uint16_t status_code) const {
  if (call.state != State::trying && call.state != State::proceeding) return false;
  if (call.request == DatagramId::none) return false;
  return route::is_next_tried(policy_of(call.leg(Side::out).trunk), *snapshot_->trunks,
                              status_code) &&
         call.hunt.has_next(*snapshot_, services_.region);
}

// What a failure counts as: the peer's trunk may say that a cause means more than the status does.
uint16_t Calls::failure_of(Call& call, const Received& response) const {
  uint16_t cause = 0;
  const auto* field = response.message.first(HeaderName::reason);
  for (; field != nullptr && cause == 0; field = response.message.next(*field)) {
    const auto reason =
        sip::find_reason(field->value, sip::ReasonProtocol::q850, response.datagram);
    if (reason && reason->has_cause) cause = static_cast<uint16_t>(reason->cause);
  }
  if (call.attempt_count != 0 && call.attempt_count <= contract::max_attempts) {
    call.attempts[call.attempt_count - 1].cause = cause;
  }
  return route::failure_status(policy_of(call.leg(Side::out).trunk), *snapshot_->trunks,
                               response.message.status_code, cause);
}

void Calls::note_attempt(Call& call, uint16_t status_code) const {
  if (call.attempt_count == 0 || call.attempt_count > contract::max_attempts) return;
  contract::Attempt& attempt = call.attempts[call.attempt_count - 1];
  if (attempt.status_code == 0) attempt.status_code = status_code;
}

// What the target's health is judged by beside probes.
void Calls::note_sign(const Leg& out, const Received& response) const {
  if (out.target == contract::TargetId::none) return;
  contract::TargetSigns& signs = services_.region.target_signs(limits_.worker, out.target);
  if (response.message.status_code != 503) return contract::TargetSigns::add(signs.answered);
  const auto retry =
      sip::parse_retry_after(response.message.value(HeaderName::retry_after), response.datagram);
  signs.retry_after_s.store(retry ? retry->delay_s : 0, std::memory_order_relaxed);
  contract::TargetSigns::add(signs.unavailable);
}

void Calls::note_silence(const Call& call, contract::StreamFault fault) const {
  const contract::TargetId target = call.leg(Side::out).target;
  if (target == contract::TargetId::none) return;
  contract::TargetSigns& signs = services_.region.target_signs(limits_.worker, target);
  if (fault == contract::StreamFault::none) return contract::TargetSigns::add(signs.unanswered);
  signs.fault.store(fault, std::memory_order_relaxed);
  contract::TargetSigns::add(signs.refused);
}

// A tag that the caller has seen in an early dialog names that one and no other. True when it has
// seen one, and has another from now on.
bool Calls::leave_early(uint32_t slot) {
  Call& call = calls_[slot];
  Leg& in = call.leg(Side::in);
  const bool was_shown = call.first_early != memory::no_index;
  drop_all_early(slot);
  if (!was_shown || !in.is_indexed) return false;
  unindex_leg(slot, Side::in);
  // Names are of one length, so that this one takes the other's place.
  static_cast<void>(call.text.replace(in.dialog.local_tag, mint_.name().view()));
  in.dialog.remote_cseq = in.invite_cseq;
  index_leg(slot, Side::in);
  return true;
}

// What the target had is given back; the caller's leg stays.
void Calls::leave_target(uint32_t slot, contract::Instant now) {
  Call& call = calls_[slot];
  end_exchanges(slot, now);
  // An INVITE that comes again gets this, not the ports of a session that is over.
  if (leave_early(slot)) static_cast<void>(respond_in(slot, {.status_code = 100}, now));
  unindex_leg(slot, Side::out);
  services_.timers.cancel(call.patience);
  session_.close(call, now);
  leave_trunk(call.leg(Side::out));
  call.leg(Side::out).invite = {};
}

// Gives this target up and sends the INVITE to the next one, or to the same one in other terms.
void Calls::try_next(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  Leg& out = call.leg(Side::out);
  note_attempt(call, cause.received == nullptr ? uint16_t{0} : cause.received->message.status_code);
  trunk_counters(out.trunk).add(TrunkCounter::failed_out);
  const route::Target again{out.trunk, call.redirect};
  const bool is_again = again.is_set();
  call.redirect = {};
  let_go(out.invite, now);
  leave_target(slot, now);
  Refusal refusal{cause.status_code};
  const std::string_view request = services_.datagrams.octets(call.request);
  if (sip::parse(request, message_)) {
    const sip::Essentials essentials = sip::read_essentials(message_, request);
    const Leg& in = call.leg(Side::in);
    const Received received{message_, request,  essentials, call.request_source,
                            in.path,  in.trunk, now};
    refusal = is_again ? try_target(call, slot, received, again, true)
                       : try_targets(call, slot, received, refusal);
    if (is_again && refusal.status_code == 0) keep_request(call, received);
  }
  if (refusal.status_code == 0) return write_row(slot);
  if (is_again) leave_target(slot, now);
  call.state = State::ended;
  call.end = CallEnd::failed;
  call.status_code = refusal.status_code;
  // What leaving a target composed may stand where the refusal's fields stood.
  const std::string_view extra = is_again ? std::string_view() : refusal.extra;
  static_cast<void>(respond_in(slot, {.status_code = refusal.status_code, .extra = extra}, now));
  finish(slot, cause, now);
}

// No progress in the time of the trunk, "fast failover": the next target, if there
// still is one; else the call goes on waiting.
void Calls::on_failover(uint32_t slot, contract::Instant now) {
  Call& call = calls_[slot];
  if (call.state != State::trying && call.state != State::proceeding) return;
  call.is_failover_timed = false;
  if (!services_.transactions.is_proceeding(call.leg(Side::out).invite)) {
    note_silence(call, contract::StreamFault::none);
  }
  if (!goes_on(call, 408)) {
    const Cause late{Event::trying_100, CallEnd::no_response, 408};
    return start_ring_timer(slot, late, now);
  }
  apply(slot, {Event::next_target, CallEnd::no_response, 408}, now);
}

}  // namespace demarc::call
