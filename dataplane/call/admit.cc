#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/call/headers/privacy.h"
#include "dataplane/route/route.h"
#include "sip-parser/option_tags.h"
#include "sip-parser/uri.h"

namespace demarc::call {
namespace {

using contract::CallEnd;
using contract::TrunkCounter;
using contract::WorkerCounter;
using memory::DatagramId;
using sip::HeaderName;
using sip::OptionTag;
using transaction::TransactionId;

}  // namespace

void Calls::on_invite(const Received& request, TransactionId id) {
  if (is_merged(request)) return respond(request, id, 482);
  trunk_counters(request.trunk).add(TrunkCounter::attempts_in);
  if (!has_record_room()) {
    count(WorkerCounter::record_ring_full);
    trunk_counters(request.trunk).add(TrunkCounter::failed_in);
    return respond(request, id, 503);
  }
  const uint32_t slot = take_slot(request);
  if (slot == memory::no_index) {
    count(WorkerCounter::call_table_full);
    trunk_counters(request.trunk).add(TrunkCounter::failed_in);
    record_unplaced(request);
    return respond(request, id, 503);
  }
  Call& call = calls_[slot];
  call.leg(Side::in).invite = id;
  services_.transactions.set_user(id, user_of({slot, Side::in}));
  const Refusal unlearned = learn_caller(call, slot, request);
  if (unlearned.status_code != 0) return refuse_invite(slot, request, unlearned);
  static_cast<void>(respond_in(slot, {.status_code = 100}, request.now));
  const uint32_t generation = calls_.generation(slot);
  const Refusal refusal = admit(call, slot, request);
  // A caller that picked up another call has become a part of it.
  if (!calls_.is_live(slot, generation)) return;
  if (refusal.status_code != 0) return refuse_invite(slot, request, refusal);
  call.supervised = request.now;
  await_supervision(slot);
  write_row(slot);
}

// The same request on a second way (RFC 3261 section 8.2.2.2): a call of it is being made already.
bool Calls::is_merged(const Received& request) const {
  const std::string_view tag = from_tag_of(request);
  const std::string_view call_id = request.value(HeaderName::call_id);
  const uint32_t number = cseq_of(request);
  const uint32_t found = calls_by_id_.find(tag_hash(call_id), [&](uint32_t slot) {
    const Call& call = calls_[slot];
    const Leg& leg = call.leg(Side::in);
    return leg.trunk == request.trunk && leg.invite_cseq == number &&
           call.text.get(leg.dialog.call_id) == call_id &&
           call.text.get(leg.dialog.remote_tag) == tag &&
           services_.transactions.is_live(leg.invite);
  });
  return found != memory::no_index;
}

uint32_t Calls::take_slot(const Received& request) {
  const uint32_t slot = take_place();
  if (slot == memory::no_index) return slot;
  Call& call = begin_slot(slot);
  begin_search(call);
  begin_call(call, request);
  return slot;
}

void Calls::begin_call(Call& call, const Received& request) {
  call.state = State::trying;
  call.serial = next_serial_++;
  call.generation = snapshot_->generation;
  call.revision = snapshot_->routes->revision;
  call.started = request.now;
  search_of(call).request_source = request.source;
  const contract::TrunkConfig& trunk = snapshot_->trunk(request.trunk);
  Leg& in = call.leg(Side::in);
  in.trunk = request.trunk;
  in.path = request.path;
  in.timing = transaction::timing_of(trunk);
  in.media_timeout_ms = trunk.media_timeout_ms;
  in.silent_peer = trunk.silent_peer;
  in.srtp = trunk.media.srtp;
  in.advertised = advertised(request.trunk);
  in.advertised.transport = request.path.transport;
  in.advertised.is_sips = has_sips_uri(request);
  call.trunk_names[0] = call.text.put(snapshot_->trunk_name(request.trunk));
  for (unsigned side = 0; side < 2; ++side) call.sdp_id[side] = mint_.random() >> 2;
}

// The caller's dialog, and the head of every response to it. Refused when it has no usable Contact
// or is more than a call can remember.
Refusal Calls::learn_caller(Call& call, uint32_t slot, const Received& request) {
  Leg& leg = call.leg(Side::in);
  const contract::MintedName tag = mint_.name();
  leg.dialog.local_tag = call.text.put(tag.view());
  keep_numbers(call, request);
  leg.dialog.call_id = call.text.put(request.value(HeaderName::call_id));
  sip::Writer head(body_);
  write_response_head(head, request.message, request.datagram, request.essentials, request.source);
  call.response_head = keep(head);
  // Towards the caller we are who it called: From of our requests is its To (RFC 3261
  // section 12.1.1). It is also the To of every response.
  leg.dialog.local_identity = call.text.put(request.value(HeaderName::to));
  if (head.failed()) return {513};
  if (call.response_head == DatagramId::none) return {503};
  leg.invite_cseq = cseq_of(request);
  if (!dialog::take_remote_cseq(leg.dialog, leg.invite_cseq)) return {400};
  if (dialog::contact_uri(request.essentials).empty()) return {400};
  if (!dialog::learn_peer(leg.dialog, call.text, request.message, request.datagram,
                          request.essentials)) {
    return {513};
  }
  const Span value = request.message.value(HeaderName::from);
  const Span params = request.essentials.from.name_addr.params;
  const uint32_t end = params.empty() ? value.end() : params.offset;
  leg.dialog.remote_identity =
      call.text.put(ascii::trim(request.datagram.substr(value.offset, end - value.offset)));
  leg.dialog.state = dialog::State::early;
  leg.identity = headers::Identity::ruled;
  const headers::PrivacyWish wish =
      headers::privacy_wish(request.message, request.datagram, request.essentials.from);
  leg.hides_caller = wish.hides_caller;
  call.must_relay = wish.hides_session;
  learn_features(leg, request);
  if (call.text.is_full()) return {513};
  index_leg(slot, Side::in);
  return {};
}

// What the caller requires, and what its trunk requires of it.
Refusal Calls::unmet_demand(Call& call, const Received& request) {
  Leg& leg = call.leg(Side::in);
  const contract::Use reliable = policy_of(request.trunk).reliable_provisionals;
  sip::Writer extra(extra_);
  if (request.message.has(HeaderName::require)) {
    const auto tags = sip::option_tags_of(request.message, HeaderName::require, request.datagram);
    sip::EnumSet<OptionTag> known(OptionTag::timer);
    if (reliable != contract::Use::off) known.add(OptionTag::reliable_provisional);
    if (policy_of(request.trunk).takes_replaces) known.add(OptionTag::replaces);
    if (!tags || tags->unknown_count != 0 || !known.has_all(tags->known)) {
      write_unsupported(extra, request.message, request.datagram, known);
      return {420, extra.written()};
    }
  }
  if (reliable == contract::Use::required && !leg.takes_reliable) {
    return {421, "Require: 100rel\r\n"};
  }
  if (!take_terms(leg, request)) {
    extra.field(HeaderName::min_se, policy_of(request.trunk).min_se_s);
    return {422, extra.written()};
  }
  return {};
}

Refusal Calls::admit(Call& call, uint32_t slot, const Received& request) {
  if (is_draining_ || !snapshot_->takes_calls(request.trunk)) {
    count(WorkerCounter::refused_draining);
    return {503, draining_line};
  }
  if (has_unserved_sips_uri(request, policy_of(request.trunk).accepts_sips)) return {416};
  const Refusal demand = unmet_demand(call, request);
  if (demand.status_code != 0) return demand;
  if (max_forwards_of(request) == 0) return {483};
  if (headers::is_privacy_out_of_reach(request.message, request.datagram)) return {500};
  const uint16_t refused = refused_body(request);
  if (refused != 0) return {refused, refused == 415 ? accept_line : std::string_view{}};
  call.is_delayed = is_without_session(request);
  const bool is_replacing =
      policy_of(request.trunk).takes_replaces && request.message.has(HeaderName::replaces);
  if (is_replacing) return transfers_.replace(slot, request);
  const auto uri = sip::parse_uri(request.message.request_uri, request.datagram);
  if (!uri) return {400};
  const route::Plan plan = plan_of(call, request, *uri);
  if (!plan.has_route()) return {404};
  take_routes(call, plan);
  if (call.text.is_full()) return {513};
  call.text_mark = call.text.mark();
  const route::Entry entry = entry_of(call, request.trunk, route::Direction::in);
  const contract::LimitMet met = route::take_rate(*snapshot_, services_.region, entry, request.now);
  if (met != contract::LimitMet::none) return limited(call, {request.trunk}, met);
  return try_targets(call, slot, request, {503});
}

void Calls::refuse_invite(uint32_t slot, const Received& request, const Refusal& refusal) {
  Call& call = calls_[slot];
  call.status_code = refusal.status_code;
  respond(request, call.leg(Side::in).invite, refusal.status_code, refusal.extra,
          call.text.get(call.leg(Side::in).dialog.local_tag));
  finish(slot, {Event::failure, CallEnd::refused, refusal.status_code}, request.now);
}

}  // namespace demarc::call
