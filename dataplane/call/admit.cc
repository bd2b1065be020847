#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/route/route.h"
#include "sip-parser/cseq.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/uri.h"

namespace demarc::call {

// What routing found for a new call.
struct RoutedCall {
  route::Match match;
  contract::Endpoint target;
};

namespace {

using contract::CallEnd;
using contract::TrunkCounter;
using contract::WorkerCounter;
using memory::DatagramId;
using sip::HeaderName;
using transaction::TransactionId;

constexpr std::string_view accept_line = "Accept: application/sdp\r\n";
constexpr uint32_t default_max_forwards = 70;

// The called number, or the user part as it stands when that is no number.
struct Called {
  std::string_view text;
  bool is_number = false;
};
Called called_of(const Received& request, std::span<char> out) {
  const auto uri = sip::parse_uri(request.message.request_uri, request.datagram);
  if (!uri) return {};
  const std::string_view user = text(uri->user, request.datagram);
  const uint16_t length =
      sip::telephone_number(user, out.data(), static_cast<uint16_t>(out.size()));
  if (length == 0) return {user, false};
  return {{out.data(), length}, true};
}

uint32_t max_forwards_of(const Received& request) {
  if (!request.message.has(HeaderName::max_forwards)) return default_max_forwards;
  const auto value =
      sip::parse_number(request.message.value(HeaderName::max_forwards), request.datagram, 255);
  return value ? *value : 0;
}

// What this release can do with the body, before any state is made.
uint16_t body_status(const Received& request) {
  // An offer is required; a delayed one is not served yet.
  if (request.message.body.empty()) return 488;
  const std::string_view type =
      text(request.message.value(HeaderName::content_type), request.datagram);
  const std::string_view media_type = ascii::trim(type.substr(0, type.find(';')));
  return ascii::iequals(media_type, sdp_content_type) ? 0 : 415;
}

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
    return respond(request, id, 503);
  }
  Call& call = calls_[slot];
  call.leg(Side::in).invite = id;
  services_.transactions.set_user(id, user_of({slot, Side::in}));
  const Refusal unlearned = learn_caller(call, slot, request);
  if (unlearned.status_code != 0) return refuse_invite(slot, request, unlearned);
  static_cast<void>(respond_in(slot, 100, {}, false, request.now));
  const Refusal refusal = admit(call, slot, request);
  if (refusal.status_code != 0) return refuse_invite(slot, request, refusal);
  start_timer(call.supervise, CallTimer::supervise, slot,
              request.now + contract::Duration::seconds(1));
  write_row(slot);
}

// The same request on a second way (RFC 3261 section 8.2.2.2): a call of it is being made already.
bool Calls::is_merged(const Received& request) const {
  const auto from = sip::parse_name_addr(request.message.value(HeaderName::from), request.datagram);
  const auto cseq = sip::parse_cseq(request.message.value(HeaderName::cseq), request.datagram);
  if (!from || !cseq) return false;
  const std::string_view tag = text(from->tag, request.datagram);
  const std::string_view call_id =
      text(request.message.value(HeaderName::call_id), request.datagram);
  const uint32_t found = calls_by_id_.find(tag_hash(call_id), [&](uint32_t slot) {
    const Call& call = calls_[slot];
    const Leg& leg = call.leg(Side::in);
    return leg.trunk == request.trunk && leg.invite_cseq == cseq->number &&
           call.text.get(leg.dialog.call_id) == call_id &&
           call.text.get(leg.dialog.remote_tag) == tag &&
           services_.transactions.is_live(leg.invite);
  });
  return found != memory::no_index;
}

uint32_t Calls::take_slot(const Received& request) {
  const uint32_t slot = calls_.acquire();
  if (slot == memory::no_index) return slot;
  Call& call = calls_[slot];
  call = Call{};
  call.state = State::trying;
  call.serial = next_serial_++;
  call.generation = snapshot_->generation;
  call.started = request.now;
  call.leg(Side::in).trunk = request.trunk;
  call.leg(Side::in).path = request.path;
  call.leg(Side::in).timing = transaction::timing_of(snapshot_->trunk(request.trunk));
  call.leg(Side::in).advertised = advertised(request.trunk);
  call.trunk_names[0] = call.text.put(snapshot_->trunk_name(request.trunk));
  for (unsigned side = 0; side < 2; ++side) call.sdp_id[side] = mint_.random() >> 2;
  return slot;
}

// The caller's dialog, and the head of every response to it. Refused when it has no usable Contact
// or is more than a call can remember.
Calls::Refusal Calls::learn_caller(Call& call, uint32_t slot, const Received& request) {
  Leg& leg = call.leg(Side::in);
  const contract::MintedName tag = mint_.name();
  leg.dialog.local_tag = call.text.put(tag.view());
  keep_numbers(call, request);
  leg.dialog.call_id =
      call.text.put(text(request.message.value(HeaderName::call_id), request.datagram));
  sip::Writer head(body_);
  write_response_head(head, request.message, request.datagram, request.source, tag.view());
  call.response_head = keep(head);
  if (head.failed()) return {513, {}};
  if (call.response_head == DatagramId::none) return {503, {}};
  const auto cseq = sip::parse_cseq(request.message.value(HeaderName::cseq), request.datagram);
  const auto to = sip::parse_name_addr(request.message.value(HeaderName::to), request.datagram);
  const auto from = sip::parse_name_addr(request.message.value(HeaderName::from), request.datagram);
  if (!cseq || !to || !from || !dialog::take_remote_cseq(leg.dialog, cseq->number))
    return {400, {}};
  leg.invite_cseq = cseq->number;
  if (dialog::contact_uri(request.message, request.datagram).empty()) return {400, {}};
  if (!dialog::learn_peer(leg.dialog, call.text, request.message, request.datagram)) {
    return {513, {}};
  }
  // Towards the caller we are who it called: From of our requests is its To (RFC 3261
  // section 12.1.1).
  const Span from_value = request.message.value(HeaderName::from);
  const Span to_value = request.message.value(HeaderName::to);
  const auto without_params = [&](Span value, const sip::NameAddr& name_addr) {
    const uint32_t end = name_addr.params.empty() ? value.end() : name_addr.params.offset;
    return ascii::trim(request.datagram.substr(value.offset, end - value.offset));
  };
  leg.dialog.local_identity = call.text.put(without_params(to_value, *to));
  leg.dialog.remote_identity = call.text.put(without_params(from_value, *from));
  leg.dialog.state = dialog::State::early;
  if (call.text.is_full()) return {513, {}};
  index_leg(slot, Side::in);
  return {};
}

void Calls::keep_numbers(Call& call, const Received& request) {
  char digits[route::max_number_length];
  const std::string_view called = called_of(request, digits).text;
  call.called = call.text.put(called.substr(0, route::max_number_length));
  const auto from = sip::parse_name_addr(request.message.value(HeaderName::from), request.datagram);
  if (!from) return;
  const auto uri = sip::parse_uri(from->uri, request.datagram);
  if (!uri) return;
  const std::string_view calling = text(uri->user, request.datagram);
  call.calling = call.text.put(calling.substr(0, route::max_number_length));
}

Calls::Refusal Calls::admit(Call& call, uint32_t slot, const Received& request) {
  if (is_draining_) {
    count(WorkerCounter::refused_draining);
    return {503, {}};
  }
  if (request.message.has(HeaderName::require)) return {420, {}};
  if (max_forwards_of(request) == 0) return {483, {}};
  const uint16_t status = body_status(request);
  if (status != 0) return {status, status == 415 ? accept_line : std::string_view{}};
  RoutedCall routed;
  char digits[route::max_number_length];
  const Called called = called_of(request, digits);
  routed.match = route::match(*snapshot_, request.trunk, called.text, called.is_number);
  if (routed.match.to == contract::TrunkId::none) return {404, {}};
  call.route_line = routed.match.line;
  call.leg(Side::out).trunk = routed.match.to;
  if (!snapshot_->has_trunk(routed.match.to)) return {503, {}};
  routed.target = route::select(*snapshot_, services_.region, routed.match.to);
  if (routed.target.port == 0) return {503, {}};
  if (!route::enter(*snapshot_, services_.region, request.trunk, routed.match.to)) {
    count(WorkerCounter::trunk_full);
    return {503, {}};
  }
  call.is_counted = true;
  trunk_counters(request.trunk).add(TrunkCounter::live);
  trunk_counters(routed.match.to).add(TrunkCounter::live);
  return open_legs(call, slot, request, routed);
}

Calls::Refusal Calls::open_legs(Call& call, uint32_t slot, const Received& request,
                                const RoutedCall& routed) {
  const contract::TrunkConfig& trunk = snapshot_->trunk(routed.match.to);
  Leg& out = call.leg(Side::out);
  out.timing = transaction::timing_of(trunk);
  out.advertised = advertised(routed.match.to);
  call.trunk_names[1] = call.text.put(snapshot_->trunk_name(routed.match.to));
  call.ring_timeout_ms = trunk.ring_timeout_ms;
  out.path.realm = trunk.realm;
  out.path.local = {snapshot_->realm(trunk.realm).address, trunk.local_port};
  out.path.remote = routed.target;
  call.media_timeout_ms =
      std::max(trunk.media_timeout_ms, snapshot_->trunk(request.trunk).media_timeout_ms);
  sip::Writer body(body_);
  const std::string_view offer = text(request.message.body, request.datagram);
  switch (session_.offer(call, contract::CallSlot{slot}, *snapshot_, offer, body, request.now)) {
    case SessionResult::ok:
      return send_invite(call, slot, request, routed, body.written());
    case SessionResult::unreadable:
      return {400, {}};
    case SessionResult::not_acceptable:
      return {488, {}};
    case SessionResult::no_ports:
      count(WorkerCounter::media_ports_exhausted);
      return {503, {}};
    case SessionResult::too_long:
      break;
  }
  return {513, {}};
}

Calls::Refusal Calls::send_invite(Call& call, uint32_t slot, const Received& request,
                                  const RoutedCall& routed, std::string_view body) {
  const contract::TrunkConfig& trunk = snapshot_->trunk(routed.match.to);
  Leg& out = call.leg(Side::out);
  const Mint::Branch branch = mint_.branch();
  const contract::MintedName tag = mint_.name();
  const contract::MintedName call_id = mint_.name();
  const auto from = sip::parse_name_addr(request.message.value(HeaderName::from), request.datagram);
  const auto from_uri = sip::parse_uri(from->uri, request.datagram);
  InviteParts parts;
  parts.sender = {out.advertised, branch.view()};
  parts.called_user = routed.match.called.view();
  parts.peer_host = contract::text(snapshot_->trunks->header, trunk.peer_host);
  parts.peer_port = trunk.peer_port;
  parts.display_name = text(from->display_name, request.datagram);
  parts.has_quotes = from->has_quotes;
  parts.calling_user = from_uri ? text(from_uri->user, request.datagram) : std::string_view{};
  parts.is_anonymous =
      from_uri && ascii::iequals(text(from_uri->host, request.datagram), "anonymous.invalid");
  parts.from_tag = tag.view();
  parts.call_id = call_id.view();
  parts.max_forwards = max_forwards_of(request) - 1;
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
  call.called_sent = call.text.put(parts.called_user);
  if (call.text.is_full()) return {513, {}};

  writer = sip::Writer(scratch_);
  write_invite(writer, parts);
  const DatagramId invite = keep(writer);
  if (invite == DatagramId::none) return {503, {}};
  out.invite = services_.transactions.start(sip::Method::invite, branch.view(), invite, out.path,
                                            out.timing, out.trunk, request.now);
  services_.datagrams.release(invite);
  if (!out.invite.is_set()) {
    count(WorkerCounter::transaction_table_full);
    return {503, {}};
  }
  services_.transactions.set_user(out.invite, user_of({slot, Side::out}));
  index_leg(slot, Side::out);
  trunk_counters(out.trunk).add(TrunkCounter::attempts_out);
  return {};
}

void Calls::refuse_invite(uint32_t slot, const Received& request, const Refusal& refusal) {
  Call& call = calls_[slot];
  call.status_code = refusal.status_code;
  respond(request, call.leg(Side::in).invite, refusal.status_code, refusal.extra);
  finish(slot, {Event::failure, CallEnd::refused, refusal.status_code}, request.now);
}

}  // namespace demarc::call
