#include "dataplane/call/calls.h"
#include "dataplane/route/account.h"
#include "sip-parser/uri.h"
#include "sip-parser/validate.h"

namespace demarc::call {

using memory::DatagramId;
using sip::HeaderName;
using sip::Method;

namespace {

// Why we end a call ourselves (RFC 3326), in causes that the telephone network knows (ITU-T Q.850):
// 31 normal, 41 temporary failure, 102 recovery on timer expiry. As a line; empty when the peers
// know themselves.
std::string_view reason_line(contract::CallEnd end) {
  switch (end) {
    case contract::CallEnd::released_by_us:
      return "Reason: Q.850;cause=31;text=\"Released by the operator\"\r\n";
    case contract::CallEnd::lost_peer:
      return "Reason: Q.850;cause=41;text=\"The other side is lost\"\r\n";
    case contract::CallEnd::media_silent:
    case contract::CallEnd::caller_silent:
    case contract::CallEnd::called_silent:
      return "Reason: Q.850;cause=41;text=\"No media\"\r\n";
    case contract::CallEnd::session_expired:
      return "Reason: Q.850;cause=102;text=\"Session timer expired\"\r\n";
    default:
      return {};
  }
}

}  // namespace

void Calls::cancel_invite(const transaction::TransactionId& invite, const Leg& leg,
                          contract::Instant now, const Received* cause, std::string_view reason) {
  // Behind a final response there is nothing to cancel, kept or not.
  if (!services_.transactions.is_pending(invite)) return;
  const std::string_view request = services_.transactions.request_of(invite);
  sip::Message& message = message_;
  if (request.empty() || !sip::parse(request, message)) return;
  const sip::Essentials essentials = sip::read_essentials(message, request);
  sip::Writer extra(extra_);
  const bool is_crossing = cause != nullptr && cause->is_request(Method::cancel);
  if (is_crossing) {
    // RFC 3325 section 9.1: a CANCEL asserts nobody.
    write_crossing(extra, *cause, {headers::Identity::concealed, leg.trunk});
  } else {
    write_own(extra, Method::cancel, leg.trunk);
    extra.raw(reason);
  }
  sip::Writer writer(scratch_);
  write_cancel(writer, message, request, extra.written());
  const DatagramId cancel = keep(writer);
  if (cancel == DatagramId::none) return;
  // The branch is that of the INVITE; the transaction is told apart by its method (section 9.1). It
  // goes where the INVITE went.
  start(Method::cancel, text(essentials.top_via.branch, request),
        transaction::identity_of(message, request, essentials, false), cancel,
        services_.transactions.path_of(invite), leg, now);
  services_.datagrams.release(cancel);
}

// Learns the called side's dialog from its 2xx and sends the ACK, unless that has to bring the
// answer of the caller's ACK.
bool Calls::acknowledge(uint32_t slot, const Received& answer) {
  if (transfers_.is_replacing(slot)) return transfers_.on_taken_over(slot, answer);
  Call& call = calls_[slot];
  Leg& out = call.leg(Side::out);
  Leg& in = call.leg(Side::in);
  services_.timers.cancel(call.patience);
  const uint32_t early = early_of(call, to_tag_of(answer));
  if (!dialog::learn_peer(out.dialog, call.text, answer.message, answer.datagram,
                          answer.essentials))
    return false;
  out.dialog.state = dialog::State::confirmed;
  follow(out, answer);
  learn_features(out, answer);
  out.session = accepted_terms(terms_of(answer), wishes_of(out.trunk));
  if (!keeps_sdp(call, Side::out)) drop(call.sdp_sent[index_of(Side::out)]);
  if (early != memory::no_index) {
    const EarlyDialog& chosen = early_dialogs_[early];
    out.dialog.local_cseq = chosen.out.local_cseq;
    out.dialog.remote_cseq = chosen.out.remote_cseq;
    out.dialog.has_remote_cseq = chosen.out.has_remote_cseq;
    // The caller's dialog is that of this fork from now on. The tag that it had before is the first
    // early dialog's, and goes with it.
    in.dialog.local_tag = chosen.in_tag;
    in.dialog.remote_cseq = chosen.in_remote_cseq;
  }
  if (early == memory::no_index && call.first_early != memory::no_index) {
    // A fork that the caller was not shown: a dialog of its own.
    in.dialog.local_tag = call.text.put(mint_.name().view());
    in.dialog.remote_cseq = in.invite_cseq;
    if (in.dialog.local_tag.empty()) return false;
    index_tag(slot, Side::in, in.dialog.local_tag);
  }
  call.owes_ack = call.is_delayed && !negotiation_of(slot, early).has_session();
  if (!call.owes_ack) acknowledge_from_answer(answer, out.invite);
  return true;
}

// The ACK to the called side's 2xx, with the answer to its offer; kept, since it must be the same
// one when the 2xx comes again.
void Calls::send_ack(uint32_t slot, std::string_view body) {
  Call& call = calls_[slot];
  const Leg& out = call.leg(Side::out);
  call.owes_ack = false;
  drop(call.ack);
  call.ack = compose_ack({slot, Side::out, out.invite_cseq, call.stays_on_udp, out.invite}, body);
}

// Composes it and sends it. It is a request like others, so one that UDP may not carry goes over
// TCP (RFC 3261 section 18.1.1), whatever its INVITE went over, unless nobody took that there.
DatagramId Calls::compose_ack(const KeptAck& kept, std::string_view body) {
  const Leg& leg = calls_[kept.slot].leg(kept.to);
  Content content{.method = "ACK",
                  .extra = credentials_of(kept.invite),
                  .content_type = sdp_content_type,
                  .body = body};
  const Mint::Branch branch = mint_.branch();
  transaction::Path path = path_to(kept.slot, kept.to, memory::no_index);
  DatagramId ack =
      compose_in_dialog(kept.slot, kept.to, memory::no_index, kept.cseq, branch.view(), content);
  const bool is_large = ack != DatagramId::none && !kept.stays_on_udp &&
                        is_for_tcp(leg, services_.datagrams.octets(ack).size());
  if (is_large) {
    drop(ack);
    content.is_over_tcp = true;
    path.transport = contract::Transport::tcp;
    ack =
        compose_in_dialog(kept.slot, kept.to, memory::no_index, kept.cseq, branch.view(), content);
  }
  if (ack == DatagramId::none) return ack;
  static_cast<void>(services_.outbox.push({ack, path, leg.trunk, false}));
  return ack;
}

// The 2xx came again. No transaction tells that TCP lost an ACK, but this does: what went over TCP
// for its size alone goes over UDP from here on.
void Calls::repeat_ack(DatagramId& ack, uint32_t slot, Side to) {
  const Leg& leg = calls_[slot].leg(to);
  if (leg.path.transport == contract::Transport::udp) {
    DatagramId over_udp = as_udp(ack);
    if (over_udp != DatagramId::none) std::swap(ack, over_udp);
    drop(over_udp);
  }
  static_cast<void>(
      services_.outbox.push({ack, path_to(slot, to, memory::no_index), leg.trunk, true}));
}

// Of the one BYE to each dialog that an INVITE of ours made, so that a 2xx which comes again does
// not bring another.
Mint::Branch Calls::bye_branch(std::string_view call_id, std::string_view to_tag) const {
  return mint_.branch_of({siphash(tables_, call_id), siphash(tables_, to_tag)});
}

// Of the one that is made from the 2xx alone: another request, so another branch.
Mint::Branch Calls::stray_bye_branch(std::string_view call_id, std::string_view to_tag) const {
  return mint_.branch_of({~siphash(tables_, call_id), siphash(tables_, to_tag)});
}

void Calls::send_bye(uint32_t slot, Side side, contract::Instant now, const Received* cause) {
  Call& call = calls_[slot];
  Leg& leg = call.leg(side);
  if (leg.dialog.state != dialog::State::confirmed) return;
  // No BYE before the ACK (RFC 3261 section 15), even when that has nothing to say.
  if (side == Side::out && call.owes_ack) send_ack(slot, {});
  acknowledge_owed(slot, side);
  leg.dialog.state = dialog::State::ended;
  const Mint::Branch branch = side == Side::out ? bye_branch(call.text.get(leg.dialog.call_id),
                                                             call.text.get(leg.dialog.remote_tag))
                                                : mint_.branch();
  const uint32_t cseq = next_cseq(slot, side, memory::no_index);
  sip::Writer extra(extra_);
  if (cause != nullptr && cause->is_request(Method::bye)) {
    write_crossing(extra, *cause, {call.leg(other(side)).identity, leg.trunk});
  } else if (side == Side::in && call.held_fields != DatagramId::none) {
    extra.raw(services_.datagrams.octets(call.held_fields));
  } else {
    write_own(extra, Method::bye, leg.trunk);
    extra.raw(reason_line(call.end));
  }
  const DatagramId bye = compose_in_dialog(slot, side, memory::no_index, cseq, branch.view(),
                                           {.method = "BYE", .extra = extra.written()});
  if (bye == DatagramId::none) return;
  start(Method::bye, branch.view(), identity_of(slot, side, memory::no_index, cseq), bye,
        path_to(slot, side, memory::no_index), leg, now);
  services_.datagrams.release(bye);
}

// Sends a request that ends something. With a full table it goes out once, without a transaction:
// what must end is not kept for want of room.
void Calls::start(Method method, std::string_view branch, const transaction::Identity& identity,
                  DatagramId request, const transaction::Path& path, const Leg& leg,
                  contract::Instant now) {
  const transaction::TransactionId id = services_.transactions.start(
      method, branch, identity, request, path, leg.timing, leg.trunk, now);
  if (id.is_set()) return;
  count(contract::WorkerCounter::transaction_table_full);
  static_cast<void>(services_.outbox.push({request, path, leg.trunk, false}));
}

// A 2xx to an INVITE of ours whose call is over, or from a second fork: it must be acknowledged all
// the same, and ended (RFC 3261 section 13.2.2.4). Its retransmissions are acknowledged only, while
// the BYE is on its way.
void Calls::settle_stray_answer(const Received& answer, const transaction::TransactionId& invite) {
  acknowledge_from_answer(answer, invite);
  sip::Writer extra(extra_);
  write_own(extra, Method::bye, answer.trunk);
  send_to_answer(answer, "BYE", extra.written());
}

// A 2xx to an INVITE of ours whose transaction is over, since nobody had answered it in time. Who
// answers now is in a call with nobody. RFC 6026 lets proxies drop it; whoever sent the INVITE ends
// it. It is ours by its From tag and its branch: both are minted, and what has a false branch says
// nothing of an INVITE, which may be under way, here or with another worker. One of a dialog that
// is there, here or with another worker, has only come late.
void Calls::settle_late_answer(const Received& response) {
  const uint16_t status = response.message.status_code;
  const bool is_answer = response.message.method == Method::invite && status >= 200 && status < 300;
  const std::string_view tag = from_tag_of(response);
  const std::string_view branch = text(response.essentials.top_via.branch, response.datagram);
  const bool is_ours = sip::has_magic_cookie(branch) && mint_.is_minted(tag) &&
                       mint_.is_minted(branch.substr(sip::magic_cookie.size()));
  if (!is_answer || !is_ours) return;
  // What does not belong to it, or comes from another trunk, ends nothing.
  const contract::TrunkId owner = trunk_of(tag);
  const bool is_stolen = owner != contract::TrunkId::none && owner != response.trunk;
  if (is_stolen || services_.transactions.is_started(Method::invite, branch)) return;
  const LegRef leg =
      find_dialog({response.value(HeaderName::call_id), tag, to_tag_of(response), response.trunk});
  if (leg.is_set() || transfers_.is_away_again(response)) return;
  settle_stray_answer(response, {});
}

// From the 2xx alone, beside the credentials.
void Calls::acknowledge_from_answer(const Received& answer,
                                    const transaction::TransactionId& invite) {
  send_to_answer(answer, "ACK", credentials_of(invite));
}

void Calls::send_to_answer(const Received& answer, std::string_view method,
                           std::string_view extra) {
  const std::string_view target = text(dialog::contact_uri(answer.essentials), answer.datagram);
  const int length = dialog::route_set_of(answer.message, answer.datagram, true, body_);
  if (length < 0 || target.empty()) return;
  const std::string_view routes{body_.data(), static_cast<size_t>(length)};
  const bool is_bye = method == "BYE";
  const std::string_view call_id = text(answer.message.value(HeaderName::call_id), answer.datagram);
  const std::string_view tag = to_tag_of(answer);
  const Mint::Branch branch = is_bye ? stray_bye_branch(call_id, tag) : mint_.branch();
  const auto is_started = [&](const Mint::Branch& one) {
    return services_.transactions.is_started(Method::bye, one.view());
  };
  if (is_bye && (is_started(branch) || is_started(bye_branch(call_id, tag)))) return;
  Leg leg;
  leg.trunk = answer.trunk;
  leg.timing = transaction::timing_of(snapshot_->trunk(answer.trunk));
  transaction::Path way = answer.path;
  // The peer may have opened the connection, from a port where it takes none.
  if (way.is_reliable()) way.remote = listening(way, answer.trunk);
  leg.path = destination(way, answer.trunk, routes.empty() ? target : routes);
  sip::Writer writer(scratch_);
  OwnAddress own = advertised(answer.trunk);
  own.transport = answer.path.transport;
  write_to_answer(writer, method, {own, branch.view()}, answer.message, answer.datagram,
                  answer.essentials, routes, extra);
  const DatagramId datagram = keep(writer);
  if (datagram == DatagramId::none) return;
  if (is_bye) {
    transaction::Identity identity =
        transaction::identity_of(answer.message, answer.datagram, answer.essentials, true);
    identity.cseq = stray_bye_cseq;
    start(Method::bye, branch.view(), identity, datagram, leg.path, leg, answer.now);
  } else {
    static_cast<void>(services_.outbox.push({datagram, leg.path, leg.trunk, false}));
  }
  services_.datagrams.release(datagram);
}

// Where a peer takes connections, who is at the far end of this one: the trunk's target at that
// address, else the transport's usual port.
contract::Endpoint Calls::listening(const transaction::Path& path, contract::TrunkId trunk) const {
  const contract::Endpoint usual{path.remote.address, default_port(path.transport)};
  if (!snapshot_->has_trunk(trunk)) return usual;
  const contract::TrunkConfig& config = snapshot_->trunk(trunk);
  for (unsigned i = 0; i < config.target_count; ++i) {
    contract::Target target;
    const auto id = static_cast<contract::TargetId>(index_of(config.first_target) + i);
    if (!services_.region.target(id).load(target) || target.trunk != trunk) continue;
    if (target.endpoint.address == path.remote.address) return target.endpoint;
  }
  return usual;
}

// Where a request within a dialog goes: to the address of its first Route or of the peer's Contact
// when that is an address of the same trunk, else to where the peer last proved to be. An address
// that the trunk's identification would not accept is never sent to (decision D10). A connection is
// the way only to where the peer proved to be: an address is looked for among all connections.
transaction::Path Calls::destination(const transaction::Path& path, contract::TrunkId trunk,
                                     std::string_view uri) const {
  const size_t bracket = uri.find('<');
  if (bracket != std::string_view::npos) {
    uri = uri.substr(bracket + 1, uri.find('>', bracket) - bracket - 1);
  }
  const Span whole{0, static_cast<uint16_t>(uri.size())};
  const auto parsed = sip::parse_uri(whole, uri);
  if (!parsed) return path;
  const auto address = contract::parse_address(text(parsed->host, uri));
  if (!address || !address->is_unicast()) return path;
  const uint16_t port = parsed->port == 0 ? default_port(path.transport) : parsed->port;
  const contract::Endpoint endpoint{*address, port};
  if (endpoint == path.remote && path.stream == transaction::StreamId::none) return path;
  if (!route::is_source_of(*snapshot_, trunk, path.local, endpoint, path.transport)) return path;
  transaction::Path way = path;
  way.remote = endpoint;
  way.stream = transaction::StreamId::none;
  return way;
}

}  // namespace demarc::call
