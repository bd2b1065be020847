#include <algorithm>
#include <limits>
#include <utility>

#include "dataplane/call/calls.h"
#include "dataplane/route/failover.h"
#include "dataplane/route/route.h"
#include "sip-parser/reason.h"
#include "sip-parser/retry_after.h"
#include "sip-parser/validate.h"

namespace demarc::call {
namespace {

using contract::AttemptEnd;
using contract::CallEnd;
using contract::FailoverTimeout;
using contract::TrunkCounter;
using memory::DatagramId;
using sip::HeaderName;

// An INVITE that its target wants otherwise is sent again so often.
constexpr uint8_t max_retries = 3;

// Why a target is left that has not refused.
AttemptEnd attempt_end_of(const Cause& cause) {
  if (cause.attempt != AttemptEnd::none) return cause.attempt;
  switch (cause.end) {
    case CallEnd::no_response:
      return AttemptEnd::no_response;
    case CallEnd::no_answer:
      return AttemptEnd::no_answer;
    case CallEnd::cancelled:
      return AttemptEnd::cancelled;
    default:
      return AttemptEnd::dropped;
  }
}

}  // namespace

// Whether the INVITE goes to the same trunk once more: with the interval that a 422 names (RFC 4028
// section 7.1), or to where a 3xx points (RFC 3261 section 8.1.3.4).
bool Calls::is_sent_again(Call& call, const Received& response) {
  const bool is_setup = call.state == State::trying || call.state == State::proceeding;
  if (!is_setup || !keeps_request(call) || call.retries == max_retries) return false;
  const uint16_t status = response.message.status_code;
  search_of(call).redirect = {};
  if (status < 400) {
    if (!take_redirect(call, response)) return false;
    ++call.retries;
    return true;
  }
  const uint32_t min_se_s = terms_of(response).min_se_s;
  if (status != 422 || min_se_s <= call.leg(Side::out).min_se_s) {
    // 6xx: nobody else would answer otherwise.
    return status < 600 && goes_to_contact(call);
  }
  call.leg(Side::out).min_se_s = min_se_s;
  search_of(call).redirect = call.leg(Side::out).path.remote;
  ++call.retries;
  return true;
}

// Whether a 3xx has named others who may be asked now that this one has failed.
bool Calls::goes_to_contact(Call& call) {
  const bool is_setup = call.state == State::trying || call.state == State::proceeding;
  if (!is_setup || !keeps_request(call) || call.retries == max_retries) return false;
  if (!take_next_contact(call)) return false;
  ++call.retries;
  return true;
}

void Calls::begin_search(Call& call) {
  call.search = searches_.acquire();
  searches_[call.search] = {};
}

void Calls::end_search(Call& call) {
  if (call.search == memory::no_index) return;
  drop(search_of(call).request);
  drop(search_of(call).redirection);
  searches_.release(call.search);
  call.search = memory::no_index;
}

bool Calls::keeps_request(const Call& call) const {
  return call.search != memory::no_index && searches_[call.search].request != DatagramId::none;
}

// Whether another target is left, and the call such that it may be tried.
bool Calls::may_go_on(const Call& call) const {
  if (call.state != State::trying && call.state != State::proceeding) return false;
  return keeps_request(call) && searches_[call.search].hunt.has_next(*snapshot_, services_.region);
}

bool Calls::goes_on(const Call& call, uint16_t status_code) const {
  return route::is_next_tried(policy_of(call.leg(Side::out).trunk), *snapshot_->trunks,
                              status_code) &&
         may_go_on(call);
}

bool Calls::goes_on(const Call& call, FailoverTimeout timeout) const {
  return route::is_next_tried(policy_of(call.leg(Side::out).trunk), timeout) && may_go_on(call);
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
  if (call.attempts.count != 0) AttemptStore::last(call.attempts).cause = cause;
  return route::failure_status(policy_of(call.leg(Side::out).trunk), *snapshot_->trunks,
                               response.message.status_code, cause);
}

void Calls::add_attempt(Call& call, const contract::Attempt& attempt) {
  if (!attempts_.add(call.attempts, attempt)) count(contract::WorkerCounter::attempts_forgotten);
}

// What is known first stays: what comes behind it is the end of the transaction, not of the wish.
void Calls::note_attempt(Call& call, AttemptEnd end, uint16_t status_code) const {
  if (call.attempts.count == 0) return;
  contract::Attempt& attempt = AttemptStore::last(call.attempts);
  if (attempt.end != AttemptEnd::none) return;
  attempt.end = end;
  attempt.status_code = status_code;
}

void Calls::note_attempt(Call& call, const Cause& cause) const {
  const bool is_response = cause.received != nullptr && !cause.received->message.is_request;
  const uint16_t status = is_response ? cause.received->message.status_code : uint16_t{0};
  note_attempt(call, is_response ? AttemptEnd::refused : attempt_end_of(cause), status);
}

// The caller waits from its own INVITE on, whatever was tried before; a target answers for its own
// time alone.
void Calls::note_ringing(Call& call, contract::Instant now) const {
  if (!call.ringing.is_set()) call.ringing = now;
  if (call.attempts.count == 0) return;
  contract::Attempt& attempt = AttemptStore::last(call.attempts);
  if (attempt.ringing_ms != 0) return;
  constexpr uint64_t longest_ms = std::numeric_limits<uint16_t>::max();
  const uint64_t after_ms =
      static_cast<uint64_t>((now - call.started).ns) / 1'000'000 - attempt.after_ms;
  attempt.ringing_ms = static_cast<uint16_t>(std::clamp<uint64_t>(after_ms, 1, longest_ms));
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

// A tag that the caller has seen names that target and no other, also where it made no early
// dialog: the first SDP under it is the one that counts (RFC 3261 section 13.2.1). True when it has
// seen one, and has another from now on.
bool Calls::leave_early(uint32_t slot) {
  Call& call = calls_[slot];
  Leg& in = call.leg(Side::in);
  const bool was_shown = std::exchange(call.is_tag_shown, false);
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
  // Digits that wait were pressed for it.
  for (const Side side : {Side::in, Side::out}) drop_digits(call, side);
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
  note_attempt(call, cause);
  trunk_counters(out.trunk).add(TrunkCounter::failed_out);
  Search& search = search_of(call);
  const route::Target again{out.trunk, search.redirect};
  const bool is_again = again.is_set();
  search.redirect = {};
  let_go(out.invite, now);
  leave_target(slot, now);
  Refusal refusal{cause.status_code};
  const std::string_view request = services_.datagrams.octets(search.request);
  if (sip::parse(request, message_)) {
    const sip::Essentials essentials = sip::read_essentials(message_, request);
    const Leg& in = call.leg(Side::in);
    const Received received{message_, request,  essentials, search.request_source,
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

// No progress in the time of the trunk, "fast failover": the next target. With none left the caller
// gets what it gets when nobody answers at all.
void Calls::on_failover(uint32_t slot, contract::Instant now) {
  Call& call = calls_[slot];
  if (call.state != State::trying && call.state != State::proceeding) return;
  call.is_failover_timed = false;
  const transaction::TransactionId invite = call.leg(Side::out).invite;
  const bool is_silent = !services_.transactions.is_proceeding(invite);
  if (goes_to_contact(call) || goes_on(call, FailoverTimeout::no_progress)) {
    if (is_silent) note_silence(call, contract::StreamFault::none);
    return apply(slot,
                 {Event::next_target, CallEnd::no_response, 408, nullptr, AttemptEnd::no_progress},
                 now);
  }
  // The silence itself is counted by timer B, until which a late answer is ended.
  if (is_silent) services_.transactions.stop_repeating(invite);
  apply(slot, {Event::ring_timeout, CallEnd::no_response, 408, nullptr, AttemptEnd::no_progress},
        now);
}

// It rang, and nobody answered (RFC 5359 section 2.9).
void Calls::on_rung_long(uint32_t slot, contract::Instant now) {
  const bool goes = goes_on(calls_[slot], FailoverTimeout::no_answer);
  apply(slot, {goes ? Event::next_target : Event::ring_timeout, CallEnd::no_answer, 480}, now);
}

}  // namespace demarc::call
