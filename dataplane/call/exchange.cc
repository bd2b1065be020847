#include "dataplane/call/calls.h"
#include "dataplane/call/shown_locations.h"
#include "sip-parser/peek.h"

namespace demarc::call {
namespace {

using contract::Duration;
using dialog::OfferEvent;
using dialog::OfferState;
using dialog::OfferVerdict;
using memory::DatagramId;
using memory::no_index;
using sip::HeaderName;
using sip::Method;
using transaction::TransactionId;

// Requests of one call that may be under way at once.
constexpr unsigned max_exchanges_per_call = 16;

// The fields that make a request what it is, beside those that every request has.
constexpr HeaderName method_fields[] = {
    HeaderName::expires,  HeaderName::subscription_state, HeaderName::info_package,
    HeaderName::refer_to, HeaderName::refer_sub,          HeaderName::referred_by,
};
// Those of its body.
constexpr HeaderName body_fields[] = {
    HeaderName::content_disposition,
    HeaderName::content_encoding,
    HeaderName::content_language,
};

void copy_fields(sip::Writer& writer, const Received& request, HeaderName name) {
  const auto* field = request.message.first(name);
  for (; field != nullptr; field = request.message.next(*field)) {
    writer.begin(name).unfolded(text(field->value, request.datagram)).end();
  }
}

void write_method_fields(sip::Writer& writer, const Received& request) {
  for (const HeaderName name : method_fields) copy_fields(writer, request, name);
  // They say nothing of a part that goes on alone.
  if (request.session.octets == request.message.body) {
    for (const HeaderName name : body_fields) copy_fields(writer, request, name);
  }
  // Which bodies its NOTIFYs may have (RFC 6665 section 8.2.3): nothing that we could know.
  if (request.message.method == Method::subscribe) copy_fields(writer, request, HeaderName::accept);
}

bool is_target_refresh(Method method) {
  return method == Method::invite || method == Method::update || method == Method::notify ||
         method == Method::subscribe || method == Method::refer;
}

}  // namespace

// Takes a request across the call. Its response comes back in settle.cc.
void Calls::carry(const Received& request, TransactionId id, const LegRef& leg) {
  const Refusal refused = refused_crossing(request, leg);
  if (refused.status_code != 0) return respond(request, id, refused.status_code, refused.extra);
  const Method method = request.message.method;
  const bool has_offer = has_sdp(request) && (method == Method::invite ||
                                              method == Method::update || method == Method::prack);
  const bool may_refresh = method == Method::invite || method == Method::update;
  const dialog::SessionTerms terms = terms_of(request);
  const dialog::SessionWishes wishes = wishes_of(request.trunk);
  if (may_refresh && is_too_small(terms, wishes)) {
    sip::Writer extra(extra_);
    extra.field(HeaderName::min_se, policy_of(request.trunk).min_se_s);
    return respond(request, id, 422, extra.written());
  }
  const bool makes_offer = method == Method::invite && !has_offer &&
                           policy_of(calls_[leg.slot].leg(other(leg.side)).trunk).makes_offer;
  const bool brings_offer = has_offer || makes_offer;
  sip::Writer body(body_);
  if (brings_offer) {
    const Refusal unoffered = carry_offer(request, leg, body);
    if (unoffered.status_code != 0) {
      return respond(request, id, unoffered.status_code, unoffered.extra);
    }
  }
  const uint32_t index = take_exchange(leg, Exchange::Purpose::bridged, method);
  if (index == no_index) {
    if (brings_offer) withdraw_offer(leg.slot, leg.early, request.now);
    return respond(request, id, 503);
  }
  Exchange& exchange = exchanges_[index];
  exchange.server = id;
  exchange.path = request.path;
  exchange.cseq = cseq_of(request);
  exchange.has_terms = may_refresh;
  exchange.terms = answer_terms(terms, wishes);
  // The caller's 2xx repeats what was agreed in its early dialog, and this may be.
  const bool is_of_early = leg.early != no_index && leg.side == Side::out;
  const bool is_remembered =
      brings_offer && (is_of_early || keeps_sdp(calls_[leg.slot], other(leg.side)));
  if (is_remembered) exchange.offered = keep(body);
  if (has_offer && leg.early == no_index && keeps_words(calls_[leg.slot])) {
    exchange.words = services_.datagrams.keep(request.body());
  }
  if (has_offer) exchange.body = Exchange::Body::offer;
  if (method == Method::invite && !has_offer) {
    exchange.body = makes_offer ? Exchange::Body::made : Exchange::Body::awaited;
  }
  sip::Writer head(scratch_);
  write_response_head(head, request.message, request.datagram, request.essentials, request.source);
  write_response_to(head, request.message, request.datagram, request.essentials, {});
  exchange.head = keep(head);
  const std::string_view content = brings_offer ? body.written() : request.body();
  const bool is_sent =
      exchange.head != DatagramId::none && send_across(index, request, content, request.now);
  if (!is_sent) {
    if (brings_offer) withdraw_offer(leg.slot, leg.early, request.now);
    release_exchange(index);
    return respond(request, id, 503);
  }
  services_.transactions.set_user(id, user_of_exchange(index));
  transfers_.on_passed(request, index);
  if (may_refresh && leg.early == no_index) {
    Leg& from = calls_[leg.slot].leg(leg.side);
    follow(from, request);
    static_cast<void>(dialog::refresh_target(from.dialog, calls_[leg.slot].text, request.message,
                                             request.datagram));
  }
  if (!exchange.is_invite()) {
    // Not before its sender repeats it slowly, and not later (RFC 4320 section 4.1).
    start_timer(exchange.patience, CallTimer::exchange_slow, index, exchanges_.generation(index),
                request.now + calls_[leg.slot].leg(leg.side).timing.until_e_is_t2());
    return;
  }
  respond_exchange(index, 100, {}, false, request.now);
  start_timer(exchange.patience, CallTimer::exchange_patience, index, exchanges_.generation(index),
              request.now + Duration::milliseconds(calls_[leg.slot].ring_timeout_ms));
}

// Whether the call is in a state to carry it.
Refusal Calls::refused_crossing(const Received& request, const LegRef& leg) const {
  const Call& call = calls_[leg.slot];
  const Method method = request.message.method;
  const bool changes_session =
      method == Method::invite || (method == Method::update && has_sdp(request));
  // While a transfer is under way one of the two may not be there, or its session not be ours.
  if (call.state == State::waiting || transfers_.is_referred(leg.slot) ||
      transfers_.is_replacing(leg.slot)) {
    return {changes_session ? uint16_t{491} : uint16_t{500}};
  }
  if (changes_session && transfers_.is_lending(leg.slot)) return {491};
  const bool is_early =
      call.state == State::trying || call.state == State::proceeding || call.state == State::held;
  const bool is_up = call.state == State::answered || call.state == State::confirmed;
  if (!is_early && !is_up) return {481};
  if (is_early && leg.early == no_index) return {491};
  // Of the forks one has answered, and the dialogs of the others are over, or will be.
  const bool is_other_fork =
      call.state == State::held &&
      leg.early != early_of(call, call.text.get(call.leg(Side::out).dialog.remote_tag));
  if (is_other_fork) return {481};
  const bool has_session =
      method == Method::invite || method == Method::update || method == Method::prack;
  const uint16_t refused = has_session ? refused_body(request) : uint16_t{0};
  if (refused != 0) return {refused, refused == 415 ? accept_line : std::string_view{}};
  const contract::TrunkId to = call.leg(other(leg.side)).trunk;
  if (has_session && lacks_location(request, call, leg.side, policy_of(to)))
    return {415, accept_line};
  if (max_forwards_of(request) == 0) return {483};
  if (method != Method::invite) return {};
  const bool is_without = is_without_session(request) && policy_of(to).needs_offer;
  if (is_without && !may_make_offer_within(call, leg.side)) return {488};
  // One INVITE at a time (RFC 3261 section 14.2).
  if (call.state != State::confirmed) return {491};
  const uint32_t open = open_invite_of(call);
  if (open != no_index) {
    return exchanges_[open].from == leg.side ? Refusal{500, retry_line} : Refusal{491};
  }
  if (has_sdp(request)) return {};
  // Its 2xx brings an offer, and none may come beside one that is open (RFC 3264 section 4).
  const OfferState own = call.leg(leg.side).offer;
  if (own == OfferState::received) return {500, retry_line};
  const bool is_open =
      own != OfferState::idle || call.leg(other(leg.side)).offer != OfferState::idle;
  return is_open ? Refusal{491} : Refusal{};
}

// Its SDP, or what we offer for it, printed for the other side; the table of offer_answer.h says
// whether it may be an offer.
Refusal Calls::carry_offer(const Received& request, const LegRef& leg, sip::Writer& body) {
  Call& call = calls_[leg.slot];
  OfferState& from = offer_state(leg.slot, leg.side, leg.early);
  OfferState& to = offer_state(leg.slot, other(leg.side), leg.early);
  const dialog::OfferStep received = offer_step(from, OfferEvent::receive_offer);
  if (received.verdict == OfferVerdict::busy) return {500, retry_line};
  const dialog::OfferStep sent = offer_step(to, OfferEvent::send_offer);
  // An offer in an open INVITE, whichever side it comes from, is the one that is answered first.
  const bool is_in_open_invite =
      request.message.method != Method::invite && open_invite_of(call) != no_index;
  if (received.verdict != OfferVerdict::ok || sent.verdict != OfferVerdict::ok ||
      is_in_open_invite) {
    return {491};
  }
  // The caller's PRACK may bring an offer, which must not be refused for one of the called side.
  const bool is_prack_due = leg.side == Side::out && leg.early != no_index &&
                            early_dialogs_[leg.early].unacknowledged != DatagramId::none;
  if (is_prack_due) return {491};
  // The offer that the INVITE asked for comes first (RFC 3311 section 5.1).
  const bool is_too_early =
      leg.early != no_index &&
      (call.has_made_offer ||
       (call.is_delayed && !negotiation_of(leg.slot, leg.early).has_session()));
  if (is_too_early) return {491};
  // A PRACK with an offer goes on as an UPDATE.
  const bool needs_update = request.message.method != Method::invite;
  if (needs_update && !call.leg(other(leg.side)).takes(Method::update)) return {488};
  switch (has_sdp(request) ? session_.offer(session_of(leg.slot, leg.early), leg.side,
                                            request.body(), body, request.now)
                           : make_offer_within(leg, body, request.now)) {
    case SessionResult::ok:
      break;
    case SessionResult::no_ports:
      count(contract::WorkerCounter::media_ports_exhausted);
      return {503};
    case SessionResult::no_lines:
      count(contract::WorkerCounter::line_pool_full);
      return {503};
    case SessionResult::unreadable:
    case SessionResult::not_acceptable:
      return {488};
    case SessionResult::too_long:
      return {513};
  }
  from = received.next;
  to = sent.next;
  return {};
}

OfferState& Calls::offer_state(uint32_t slot, Side side, uint32_t early) {
  return early == no_index ? calls_[slot].leg(side).offer
                           : early_dialogs_[early].offer[index_of(side)];
}

Negotiation& Calls::negotiation_of(uint32_t slot, uint32_t early) {
  return early == no_index ? calls_[slot].negotiation : early_dialogs_[early].negotiation;
}

Session::Place Calls::session_of(uint32_t slot, uint32_t early) {
  return {calls_[slot], negotiation_of(slot, early), contract::CallSlot{slot}, *snapshot_};
}

// The session stays as it was (RFC 3261 section 14.1).
void Calls::withdraw_offer(uint32_t slot, uint32_t early, contract::Instant now) {
  session_.withdraw(calls_[slot], negotiation_of(slot, early), now);
  for (const Side side : {Side::in, Side::out}) {
    OfferState& state = offer_state(slot, side, early);
    state = offer_step(state, OfferEvent::withdraw).next;
  }
}

uint32_t Calls::take_exchange(const LegRef& leg, Exchange::Purpose purpose, Method method) {
  Call& call = calls_[leg.slot];
  unsigned under_way = 0;
  for (uint32_t i = call.first_exchange; i != no_index; i = exchanges_[i].next) ++under_way;
  if (under_way >= max_exchanges_per_call) return no_index;
  const uint32_t index = exchanges_.acquire();
  if (index == no_index) {
    count(contract::WorkerCounter::exchange_pool_full);
    return no_index;
  }
  Exchange& exchange = exchanges_[index];
  exchange = Exchange{};
  exchange.state = ExchangeState::waiting;
  exchange.purpose = purpose;
  exchange.method = method;
  exchange.from = leg.side;
  exchange.call = leg.slot;
  exchange.early = leg.early;
  exchange.next = call.first_exchange;
  call.first_exchange = index;
  return index;
}

bool Calls::is_exchange_user(uint32_t user) const {
  return (user & exchange_mark) != 0 && exchanges_.is_live(user & ~exchange_mark);
}

bool Calls::send_across(uint32_t index, const Received& request, std::string_view body,
                        contract::Instant now) {
  const Exchange& exchange = exchanges_[index];
  const Side to = other(exchange.from);
  const Call& call = calls_[exchange.call];
  sip::Writer extra(extra_);
  const bool has_session = exchange.method == Method::invite || exchange.method == Method::update;
  if (has_session) {
    extra.field(HeaderName::supported, supported_of(call.leg(to).trunk));
    write_request_terms(call, to, extra);
  }
  transfers_.write_event(extra, request, {exchange.call, exchange.from, exchange.early});
  write_method_fields(extra, request);
  const headers::Identity identity = call.leg(exchange.from).identity;
  const headers::Locations* locations =
      shown_locations(request, call, exchange.from, policy_of(call.leg(to).trunk));
  write_crossing(extra, request,
                 {.identity = identity, .to = call.leg(to).trunk, .locations = locations});
  const bool is_sdp = exchange.brings_offer();
  Content content;
  content.method = exchange.method == Method::prack
                       ? std::string_view{"UPDATE"}
                       : text(request.message.method_text, request.datagram);
  content.extra = extra.written();
  content.content_type = is_sdp ? sdp_content_type : request.value(HeaderName::content_type);
  content.body = body;
  content.enclosed = {locations, request.datagram};
  content.max_forwards = max_forwards_of(request) - 1;
  return !extra.failed() && send_request(index, to, content, now);
}

bool Calls::send_request(uint32_t index, Side to, const Content& content, contract::Instant now) {
  Exchange& exchange = exchanges_[index];
  const Leg& leg = calls_[exchange.call].leg(to);
  exchange.client_cseq = next_cseq(exchange.call, to, exchange.early);
  const Mint::Branch branch = mint_.branch();
  DatagramId request = compose_in_dialog(exchange.call, to, exchange.early, exchange.client_cseq,
                                         branch.view(), content);
  if (request == DatagramId::none) return false;
  transaction::Path path = path_to(exchange.call, to, exchange.early);
  if (is_for_tcp(leg, services_.datagrams.octets(request).size())) {
    services_.datagrams.release(request);
    Content large = content;
    large.is_over_tcp = true;
    path.transport = contract::Transport::tcp;
    request = compose_in_dialog(exchange.call, to, exchange.early, exchange.client_cseq,
                                branch.view(), large);
    if (request == DatagramId::none) return false;
    exchange.large = request;
    services_.datagrams.hold(request);
  }
  return start_exchange(index, {sip::method_of(content.method), branch.view(), request, path}, now);
}

// Gives the datagram up to the transaction.
bool Calls::start_exchange(uint32_t index, const OwnRequest& request, contract::Instant now) {
  Exchange& exchange = exchanges_[index];
  const Side to = other(exchange.from);
  const Leg& leg = calls_[exchange.call].leg(to);
  exchange.client = services_.transactions.start(
      request.method, request.branch,
      identity_of(exchange.call, to, exchange.early, exchange.client_cseq), request.datagram,
      request.path, leg.timing, leg.trunk, now);
  services_.datagrams.release(request.datagram);
  if (!exchange.client.is_set()) {
    count(contract::WorkerCounter::transaction_table_full);
    return false;
  }
  services_.transactions.set_user(exchange.client, user_of_exchange(index));
  return true;
}

uint32_t Calls::cseq_to(uint32_t slot, Side to, uint32_t early) const {
  if (to == Side::out && early != no_index) return early_dialogs_[early].out.local_cseq;
  return calls_[slot].leg(to).dialog.local_cseq;
}

// What went over TCP for its size alone and reached nobody there goes over UDP all the same (RFC
// 3261 section 18.1.1), as the same request: should the first copy have come through, this is its
// retransmission. False when it was none of these, or there is no room.
bool Calls::falls_back_to_udp(uint32_t index, contract::Instant now) {
  Exchange& exchange = exchanges_[index];
  if (exchange.large == DatagramId::none || exchange.call == no_index) return false;
  const std::string_view sent = services_.datagrams.octets(exchange.large);
  const auto peek = sip::peek(sent);
  const DatagramId again = as_udp(exchange.large);
  const bool is_sent =
      peek && again != DatagramId::none &&
      start_exchange(index,
                     {peek->method, text(peek->top_via_branch, sent), again,
                      path_to(exchange.call, other(exchange.from), exchange.early)},
                     now);
  drop(exchange.large);
  return is_sent;
}

// A request of ours that was written for TCP, for UDP: another Via of the same branch. None when it
// is not for TCP, or there is no room.
DatagramId Calls::as_udp(DatagramId large) {
  constexpr std::string_view over_tcp = "\r\nVia: SIP/2.0/TCP ";
  const std::string_view sent = services_.datagrams.octets(large);
  const size_t via = sent.find(over_tcp);
  if (via == std::string_view::npos) return DatagramId::none;
  sip::Writer writer(scratch_);
  writer.raw(sent.substr(0, via)).raw("\r\nVia: SIP/2.0/UDP ");
  writer.raw(sent.substr(via + over_tcp.size()));
  return keep(writer);
}

uint32_t Calls::next_cseq(uint32_t slot, Side to, uint32_t early) {
  if (to == Side::out && early != no_index) return ++early_dialogs_[early].out.local_cseq;
  return ++calls_[slot].leg(to).dialog.local_cseq;
}

DatagramId Calls::compose_in_dialog(uint32_t slot, Side to, uint32_t early, uint32_t cseq,
                                    std::string_view branch, const Content& content) {
  const Call& call = calls_[slot];
  const Leg& leg = call.leg(to);
  const bool is_early_out = to == Side::out && early != no_index;
  const bool is_early_in = to == Side::in && early != no_index;
  const Method method = sip::method_of(content.method);
  sip::Writer writer(scratch_);
  write_in_dialog(
      writer,
      {.method = content.method,
       .sender = {leg.advertised, branch},
       .is_over_tcp = content.is_over_tcp,
       .dialog = is_early_out ? early_dialogs_[early].out : leg.dialog,
       .text = text_of(call, is_early_out ? early : no_index),
       .local_tag = is_early_in ? call.text.get(early_dialogs_[early].in_tag) : std::string_view{},
       .identities = &call.text,
       .cseq = cseq,
       .max_forwards = content.max_forwards,
       .has_contact = is_target_refresh(method),
       .contact_host = contact_host(leg.trunk),
       .allow = is_target_refresh(method) ? allow_of(leg.trunk) : std::string_view{},
       .extra = content.extra,
       .content_type = content.content_type,
       .body = content.body,
       .enclosed = content.enclosed});
  return keep(writer);
}

// What the responses to a request of ours in that dialog repeat.
transaction::Identity Calls::identity_of(uint32_t slot, Side to, uint32_t early,
                                         uint32_t cseq) const {
  const Call& call = calls_[slot];
  const dialog::Dialog& dialog = call.leg(to).dialog;
  transaction::Identity identity{call.text.get(dialog.call_id), call.text.get(dialog.local_tag),
                                 call.text.get(dialog.remote_tag), cseq};
  if (early == no_index) return identity;
  const EarlyDialog& one = early_dialogs_[early];
  if (to == Side::out) {
    identity.to_tag = one.text.get(one.out.remote_tag);
  } else {
    identity.from_tag = call.text.get(one.in_tag);
  }
  return identity;
}

// Where the spans of the called side's dialog are.
dialog::TextView Calls::text_of(const Call& call, uint32_t early) const {
  if (early == no_index) return call.text;
  return early_dialogs_[early].text;
}

// To the first Route or the peer's Contact, as destination() allows.
transaction::Path Calls::path_to(uint32_t slot, Side to, uint32_t early) const {
  const Call& call = calls_[slot];
  const Leg& leg = call.leg(to);
  const bool is_early_out = to == Side::out && early != no_index;
  const dialog::Dialog& dialog = is_early_out ? early_dialogs_[early].out : leg.dialog;
  const dialog::TextView block = text_of(call, is_early_out ? early : no_index);
  return destination(leg.path, leg.trunk,
                     block.get(dialog.route_set.empty() ? dialog.remote_target : dialog.route_set));
}

// An UPDATE without SDP changes nothing of the session: it refreshes the timer of its leg and the
// peer's Contact, which is nobody else's business (RFC 3311 section 5.2, RFC 4028 section 7).
void Calls::answer_update_here(const Received& request, TransactionId id, const LegRef& leg) {
  Call& call = calls_[leg.slot];
  Leg& own = call.leg(leg.side);
  if (!take_terms(own, request)) {
    sip::Writer extra(extra_);
    extra.field(HeaderName::min_se, policy_of(own.trunk).min_se_s);
    return respond(request, id, 422, extra.written());
  }
  if (leg.early == no_index) {
    static_cast<void>(
        dialog::refresh_target(own.dialog, call.text, request.message, request.datagram));
    follow(own, request);
    start_session_timer(leg.slot, leg.side, request.now);
  }
  sip::Writer extra(extra_);
  write_contact(extra, own.advertised, contact_host(own.trunk));
  write_answer_terms(own, extra);
  respond(request, id, 200, extra.written());
}

}  // namespace demarc::call
