#include <algorithm>
#include <new>

#include "dataplane/call/calls.h"
#include "sip-parser/rack.h"

namespace demarc::call {
namespace {

using contract::CallEnd;
using contract::Duration;
using dialog::OfferState;
using memory::DatagramId;
using memory::no_index;
using sip::HeaderName;
using sip::OptionTag;
using transaction::TransactionId;

}  // namespace

// A response of 101 to 199. What it says of the session is taken; it goes on to the caller as the
// same early dialog that it belongs to.
void Calls::pass_progress(uint32_t slot, const Cause& cause, contract::Instant now) {
  Call& call = calls_[slot];
  const Received& response = *cause.received;
  note_ringing(call, now);
  learn_features(call.leg(Side::out), response);
  const std::string_view tag = to_tag_of(response);
  uint32_t early = early_of(call, tag);
  if (early == no_index && !tag.empty()) {
    // A fork too many is not shown to the caller; its 2xx still wins.
    // Those of targets that were left count, since the caller still has them; but each target has
    // one, or nobody would hear it ring.
    const bool is_full = call.early_count >= policy_of(call.leg(Side::in).trunk).max_early_dialogs;
    if (is_full && call.first_early != no_index) return;
    const bool has_early = early_dialogs_.live() < early_dialogs_.capacity();
    const bool has_lines = session_.can_begin(call);
    if (!has_early) count(contract::WorkerCounter::early_pool_full);
    if (!has_lines) count(contract::WorkerCounter::line_pool_full);
    // Nor is one without room, which the caller would take for a fork that it knows.
    if (!(has_early && has_lines) && call.first_early != no_index) return;
    early = make_early(slot, response);
  }
  const bool is_reliable = response.extensions.required.has(OptionTag::reliable_provisional);
  if (is_reliable && (early == no_index || !take_reliable(slot, early, response))) return;
  sip::Writer body(body_);
  if (!take_progress_sdp(slot, early, response, body)) {
    return apply(slot, {Event::prack_timeout, CallEnd::failed, 488}, now);
  }
  send_progress(slot, early, {cause.status_code, body.written(), &response}, now);
}

// A reliable response of the called side: in order, each once, and acknowledged, unless it makes an
// offer, whose answer the caller's PRACK brings. Without room for the PRACK the response counts as
// lost on the way: it comes again.
bool Calls::take_reliable(uint32_t slot, uint32_t index, const Received& response) {
  EarlyDialog& early = early_dialogs_[index];
  const uint32_t before = early.rseq_out;
  if (!take_rseq(index, response)) return false;
  early.owes_prack |=
      calls_[slot].is_delayed && has_sdp(response) && !early.negotiation.has_session();
  if (early.owes_prack || send_prack(slot, index, {}, response.now)) return true;
  early.rseq_out = before;
  return false;
}

// What a provisional response says of the session, printed for the caller. False when it makes an
// offer that can not be used.
bool Calls::take_progress_sdp(uint32_t slot, uint32_t early, const Received& response,
                              sip::Writer& body) {
  const Call& call = calls_[slot];
  const bool is_reliable = response.extensions.required.has(OptionTag::reliable_provisional);
  const bool is_answered = early != no_index && early_dialogs_[early].is_settled();
  if (is_answered) {
    // Nothing new.
  } else if (has_sdp(response) && call.has_made_offer) {
    return take_early_answer(slot, early, response);
  } else if (has_sdp(response) && !call.is_delayed) {
    // An early answer that can not be used is not passed; the 2xx decides.
    if (session_.answer(session_of(slot, early), Side::out, response.body(), body, response.now) !=
        SessionResult::ok) {
      body = sip::Writer(body_);
    } else if (early != no_index) {
      EarlyDialog& dialog = early_dialogs_[early];
      drop(dialog.answer);
      dialog.answer = keep(body);
      if (is_reliable) {
        session_.settle(dialog.negotiation);
        dialog.offer[index_of(Side::out)] = OfferState::idle;
      }
    }
  } else if (is_reliable && early_dialogs_[early].owes_prack &&
             !early_dialogs_[early].negotiation.has_session()) {
    // The offer that the INVITE asked for, each fork's own; only a reliable response may bring it
    // before the 2xx.
    EarlyDialog& dialog = early_dialogs_[early];
    if (!is_offered(session_.offer(session_of(slot, early), Side::out, response.body(), body,
                                   response.now))) {
      return false;
    }
    dialog.offer[index_of(Side::out)] = OfferState::received;
    dialog.offer[index_of(Side::in)] = OfferState::sent;
  }
  return true;
}

uint32_t Calls::early_of(const Call& call, std::string_view remote_tag) const {
  for (uint32_t i = call.first_early; i != no_index; i = early_dialogs_[i].next) {
    if (early_dialogs_[i].text.get(early_dialogs_[i].out.remote_tag) == remote_tag) return i;
  }
  return no_index;
}

// The early dialog that the caller's confirmed one was; none when it was not shown any.
uint32_t Calls::chosen_early(const Call& call) const {
  for (uint32_t i = call.first_early; i != no_index; i = early_dialogs_[i].next) {
    if (early_dialogs_[i].in_tag == call.leg(Side::in).dialog.local_tag) return i;
  }
  return no_index;
}

// The early dialog that a response makes; none when it has no Contact or there is no room. The
// first one has the tag that the caller was told already.
uint32_t Calls::make_early(uint32_t slot, const Received& response) {
  Call& call = calls_[slot];
  const uint32_t index = early_dialogs_.acquire();
  if (index == no_index) return no_index;
  EarlyDialog& early = *new (&early_dialogs_[index]) EarlyDialog;
  early.text.open(texts_);
  if (!session_.begin(call, early.negotiation)) {
    early_dialogs_.release(index);
    return no_index;
  }
  const Leg& out = call.leg(Side::out);
  early.out.local_cseq = out.dialog.local_cseq;
  bool is_known = dialog::learn_peer(early.out, early.text, response.message, response.datagram,
                                     response.essentials);
  if (is_known) {
    const bool is_first = call.first_early == no_index;
    early.in_tag =
        is_first ? call.leg(Side::in).dialog.local_tag : call.text.put(mint_.name().view());
    is_known = !early.in_tag.empty();
    early.is_indexed = is_known && (!is_first || call.leg(Side::in).is_indexed);
    if (is_known && !is_first) index_tag(slot, Side::in, early.in_tag);
  }
  if (!is_known) {
    early.text.clear();
    session_.forget(early.negotiation);
    early_dialogs_.release(index);
    return no_index;
  }
  early.out.state = dialog::State::early;
  early.out.call_id = out.dialog.call_id;
  early.out.local_tag = out.dialog.local_tag;
  early.out.local_identity = out.dialog.local_identity;
  early.out.remote_identity = out.dialog.remote_identity;
  early.offer[index_of(Side::in)] = call.leg(Side::in).offer;
  early.offer[index_of(Side::out)] = out.offer;
  early.in_remote_cseq = call.leg(Side::in).invite_cseq;
  early.call = slot;
  early.next = call.first_early;
  call.first_early = index;
  ++call.early_count;
  return index;
}

void Calls::drop_early(uint32_t index) {
  EarlyDialog& early = early_dialogs_[index];
  Call& call = calls_[early.call];
  const Span kept = call.leg(Side::in).dialog.local_tag;
  // Should its 2xx still come, our BYE goes on behind what was sent in it.
  uint32_t& cseq = call.leg(Side::out).dialog.local_cseq;
  cseq = std::max(cseq, early.out.local_cseq);
  if (early.is_indexed && early.in_tag != kept) {
    unindex_tag(early.call, Side::in, early.in_tag);
  }
  services_.timers.cancel(early.repeat);
  drop(early.answer);
  drop(early.unacknowledged);
  drop(early.queued_body);
  drop(early.queued_fields);
  session_.forget(early.negotiation);
  early.text.clear();
  early_dialogs_.release(index);
}

void Calls::drop_all_early(uint32_t slot) {
  Call& call = calls_[slot];
  for (uint32_t i = call.first_exchange; i != no_index; i = exchanges_[i].next) {
    exchanges_[i].early = no_index;
  }
  while (call.first_early != no_index) {
    const uint32_t index = call.first_early;
    call.first_early = early_dialogs_[index].next;
    drop_early(index);
  }
}

// In order, each once (RFC 3262 section 4).
bool Calls::take_rseq(uint32_t index, const Received& response) {
  EarlyDialog& early = early_dialogs_[index];
  const auto rseq = sip::parse_rseq(response.message.value(HeaderName::rseq), response.datagram);
  if (!rseq || (early.rseq_out != 0 && *rseq != early.rseq_out + 1)) return false;
  early.rseq_out = *rseq;
  return true;
}

bool Calls::is_sent_reliably(const Call& call, bool has_body) const {
  const Leg& in = call.leg(Side::in);
  const contract::Use use = policy_of(in.trunk).reliable_provisionals;
  // Of one that requires it the INVITE was taken while it was on.
  if (!in.takes_reliable || (use == contract::Use::off && !in.wants_reliable)) return false;
  return has_body || in.wants_reliable || use == contract::Use::required;
}

void Calls::write_progress_fields(sip::Writer& writer, const Call& call, const Progress& progress) {
  writer.raw(progress.fields);
  if (progress.response == nullptr) return;
  write_crossing(writer, *progress.response,
                 {call.leg(Side::out).identity, call.leg(Side::in).trunk});
}

void Calls::send_progress(uint32_t slot, uint32_t index, const Progress& progress,
                          contract::Instant now) {
  if (transfers_.is_referred(slot)) return transfers_.on_progress(slot, progress.status_code, now);
  Call& call = calls_[slot];
  const bool is_reliable = is_sent_reliably(call, !progress.body.empty());
  // The first reliable response has to bring the offer that the INVITE asked for (RFC 3262 section
  // 5). Of a call whose called side answers ours that is known with the 2xx.
  if (call.has_made_offer && is_reliable) return;
  call.is_tag_shown = true;
  if (index == no_index || !is_reliable) {
    sip::Writer extra(extra_);
    write_progress_fields(extra, call, progress);
    const InResponse response{.status_code = progress.status_code,
                              .body = progress.body,
                              .has_contact = true,
                              .to_tag = index == no_index
                                            ? std::string_view{}
                                            : call.text.get(early_dialogs_[index].in_tag),
                              .extra = extra.written()};
    static_cast<void>(respond_in(slot, response, now));
    return;
  }
  EarlyDialog& early = early_dialogs_[index];
  if (early.unacknowledged == DatagramId::none) return send_reliably(slot, index, progress, now);
  // One at a time (RFC 3262 section 3). Of those that wait the last one counts, with the last SDP.
  // Without room for its header fields it goes on without them.
  early.queued_status = progress.status_code;
  if (progress.response != nullptr) {
    keep_crossing(call, *progress.response, early.queued_fields);
  }
  if (progress.body.empty()) return;
  drop(early.queued_body);
  early.queued_body = services_.datagrams.keep(progress.body);
}

void Calls::send_reliably(uint32_t slot, uint32_t index, const Progress& progress,
                          contract::Instant now) {
  Call& call = calls_[slot];
  EarlyDialog& early = early_dialogs_[index];
  const Leg& in = call.leg(Side::in);
  // The first number leaves room to count (RFC 3262 section 3).
  early.rseq_in = early.rseq_in != 0
                      ? early.rseq_in + 1
                      : static_cast<uint32_t>(mint_.random() % (sip::max_first_rseq / 2)) + 1;
  sip::Writer extra(extra_);
  extra.field(HeaderName::require, "100rel").field(HeaderName::rseq, early.rseq_in);
  write_progress_fields(extra, call, progress);
  sip::Writer writer(scratch_);
  write_response(writer, {.status_code = progress.status_code,
                          .head = services_.datagrams.octets(call.response_head),
                          .to = call.text.get(in.dialog.local_identity),
                          .to_tag = call.text.get(early.in_tag),
                          .has_contact = true,
                          .contact = in.advertised,
                          .contact_host = contact_host(in.trunk),
                          .allow = allow_of(in.trunk),
                          .extra = extra.written(),
                          .body = progress.body});
  const DatagramId response = keep(writer);
  if (response == DatagramId::none) return;
  services_.transactions.respond(in.invite, progress.status_code, response, now);
  early.unacknowledged = response;
  early.is_offer_shown = !progress.body.empty();
  if (early.is_offer_shown && !call.is_delayed) {
    early.offer[index_of(Side::in)] = OfferState::idle;
  }
  early.since = now;
  early.interval = in.timing.t1;
  start_timer(early.repeat, CallTimer::early_repeat, index, early_dialogs_.generation(index),
              now + early.interval);
}

// Whether a 2xx has to wait: SDP in a reliable response is not acknowledged (RFC 3262 section 3).
bool Calls::awaits_prack(const Call& call) const {
  for (uint32_t i = call.first_early; i != no_index; i = early_dialogs_[i].next) {
    const EarlyDialog& early = early_dialogs_[i];
    if (early.unacknowledged != DatagramId::none && early.is_offer_shown) return true;
  }
  return false;
}

// Doubling without end, until 64*T1 are over (RFC 3262 section 3).
void Calls::repeat_progress(uint32_t index, contract::Instant now) {
  EarlyDialog& early = early_dialogs_[index];
  const Leg& in = calls_[early.call].leg(Side::in);
  if (early.unacknowledged == DatagramId::none) return;
  if (now - early.since >= in.timing.t1 * 64) {
    return apply(early.call, {Event::prack_timeout, CallEnd::lost_peer, 504}, now);
  }
  static_cast<void>(services_.outbox.push({early.unacknowledged, in.path, in.trunk, true}));
  early.interval = early.interval * 2;
  start_timer(early.repeat, CallTimer::early_repeat, index, early_dialogs_.generation(index),
              std::min(now + early.interval, early.since + in.timing.t1 * 64));
}

// The PRACK for the last reliable response of the called side in this early dialog. False when
// there was no room for it: it is owed as before.
bool Calls::send_prack(uint32_t slot, uint32_t index, std::string_view body,
                       contract::Instant now) {
  EarlyDialog& early = early_dialogs_[index];
  const uint32_t exchange =
      take_exchange({slot, Side::in, index}, Exchange::Purpose::prack, sip::Method::prack);
  if (exchange == no_index) return false;
  sip::Writer extra(extra_);
  extra.begin(HeaderName::rack).number(early.rseq_out).raw(" ");
  extra.number(calls_[slot].leg(Side::out).invite_cseq).raw(" INVITE").end();
  write_own(extra, sip::Method::prack, calls_[slot].leg(Side::out).trunk);
  const Content content{
      .method = "PRACK", .extra = extra.written(), .content_type = sdp_content_type, .body = body};
  if (!send_request(exchange, Side::out, content, now)) {
    release_exchange(exchange);
    return false;
  }
  early.owes_prack = false;
  return true;
}

// The caller's PRACK (RFC 3262 section 3).
void Calls::on_prack(const Received& request, TransactionId id, const LegRef& leg) {
  const auto rack = sip::parse_rack(request.message.value(HeaderName::rack), request.datagram);
  if (!rack) return respond(request, id, 400);
  const bool is_ours = leg.side == Side::in && leg.early != no_index;
  if (!is_ours) return respond(request, id, 481);
  const EarlyDialog& early = early_dialogs_[leg.early];
  const bool is_awaited = early.unacknowledged != DatagramId::none && rack->rseq == early.rseq_in &&
                          rack->cseq.number == calls_[leg.slot].leg(Side::in).invite_cseq;
  if (!is_awaited) return respond(request, id, 481);
  const uint32_t generation = calls_.generation(leg.slot);
  const bool is_taken = take_prack_body(request, id, leg);
  if (is_taken && calls_.is_live(leg.slot, generation)) {
    acknowledged(leg.slot, leg.early, request.now);
  }
}

// Answers the PRACK. Its SDP is the answer that an offer in the 18x waits for, or an offer.
bool Calls::take_prack_body(const Received& request, TransactionId id, const LegRef& leg) {
  EarlyDialog& early = early_dialogs_[leg.early];
  Call& call = calls_[leg.slot];
  if (early.owes_prack) {
    sip::Writer body(body_);
    const bool has_answer =
        has_sdp(request) && session_.answer(session_of(leg.slot, leg.early), Side::in,
                                            request.body(), body, request.now) == SessionResult::ok;
    if (!has_answer) {
      respond(request, id, 488);
      return false;
    }
    // Without room for ours the caller's has to come again.
    if (!send_prack(leg.slot, leg.early, body.written(), request.now)) {
      respond(request, id, 503, retry_line);
      return false;
    }
    session_.settle(early.negotiation);
    early.offer[0] = early.offer[1] = OfferState::idle;
    remember_sdp(call, Side::out, body.written());  // before respond() has other use for body_
    respond(request, id, 200);
    return true;
  }
  if (is_without_session(request)) {
    respond(request, id, 200);
    return true;
  }
  carry(request, id, leg);
  return true;
}

// Nothing of this early dialog waits for a PRACK any more; what waited for that goes on.
void Calls::acknowledged(uint32_t slot, uint32_t index, contract::Instant now) {
  EarlyDialog& early = early_dialogs_[index];
  services_.timers.cancel(early.repeat);
  drop(early.unacknowledged);
  if (early.queued_status != 0) {
    const uint16_t status_code = early.queued_status;
    DatagramId body = early.queued_body;
    early.queued_status = 0;
    early.queued_body = DatagramId::none;
    DatagramId fields = early.queued_fields;
    early.queued_fields = DatagramId::none;
    const auto octets_of = [&](DatagramId kept) {
      return kept == DatagramId::none ? std::string_view{} : services_.datagrams.octets(kept);
    };
    send_progress(slot, index, {status_code, octets_of(body), nullptr, octets_of(fields)}, now);
    drop(body);
    drop(fields);
  }
  if (calls_[slot].state == State::held && !awaits_prack(calls_[slot])) {
    apply(slot, {Event::prack, CallEnd::released_by_called}, now);
  }
}

}  // namespace demarc::call
