#include "dataplane/call/made_offer.h"

#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/route/admission.h"
#include "sip-parser/base/ascii.h"

namespace demarc::call {
namespace {

using dialog::OfferState;
using memory::no_index;

// What can be offered without asking anybody: fixed numbers of RFC 3551 section 6, and opus as RFC
// 7587 section 7 has it.
struct KnownCodec {
  std::string_view name;
  uint8_t payload_type;
  std::string_view map;  // behind the number in a=rtpmap
};
constexpr KnownCodec known_codecs[] = {
    {"PCMU", 0, "PCMU/8000"},  {"GSM", 3, "GSM/8000"},       {"G723", 4, "G723/8000"},
    {"PCMA", 8, "PCMA/8000"},  {"G722", 9, "G722/8000"},     {"G728", 15, "G728/8000"},
    {"G729", 18, "G729/8000"}, {"opus", 96, "opus/48000/2"},
};
constexpr uint8_t event_payload_type = 101;
constexpr std::string_view usual_codecs[] = {"PCMA", "PCMU"};

const KnownCodec* find_codec(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(known_codecs), std::end(known_codecs),
                   [&](const KnownCodec& codec) { return ascii::iequals(codec.name, name); });
  return found == std::end(known_codecs) ? nullptr : found;
}

// Those of the trunk in its order, each once.
class MadeFormats {
 public:
  explicit MadeFormats(const CodecRules& rules) {
    const bool names_some = rules.policy != nullptr && rules.policy->allowed.count != 0;
    if (names_some) {
      for (const contract::Text name : contract::elements(*rules.section, rules.policy->allowed)) {
        add(contract::text(*rules.section, name));
      }
    } else {
      for (const std::string_view name : usual_codecs) add(name);
    }
  }
  std::span<const KnownCodec* const> view() const { return std::span(rows_).first(count_); }

 private:
  void add(std::string_view name) {
    const KnownCodec* codec = find_codec(name);
    const auto end = rows_.begin() + count_;
    if (codec == nullptr || std::find(rows_.begin(), end, codec) != end) return;
    rows_[count_++] = codec;
  }

  std::array<const KnownCodec*, std::size(known_codecs)> rows_{};
  uint8_t count_ = 0;
};

std::string_view body_of(std::string_view message) {
  constexpr std::string_view end_of_header = "\r\n\r\n";
  const size_t end = message.find(end_of_header);
  return end == std::string_view::npos ? std::string_view{}
                                       : message.substr(end + end_of_header.size());
}

}  // namespace

bool write_made_offer(const CodecRules& rules, sip::Writer& writer) {
  const MadeFormats formats(rules);
  if (formats.view().empty()) return false;
  // No address: nothing is sent to the caller before it has said where it is.
  writer.raw("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n");
  writer.raw("m=audio 9 RTP/AVP");
  for (const KnownCodec* codec : formats.view()) writer.raw(" ").number(codec->payload_type);
  writer.raw(" ").number(event_payload_type).raw("\r\n");
  for (const KnownCodec* codec : formats.view()) {
    writer.raw("a=rtpmap:").number(codec->payload_type).raw(" ").raw(codec->map).raw("\r\n");
  }
  writer.raw("a=rtpmap:").number(event_payload_type).raw(" telephone-event/8000\r\n");
  writer.raw("a=fmtp:").number(event_payload_type).raw(" 0-15\r\n");
  return !writer.failed();
}

// Where media goes past us there is nobody who could stand for the caller's.
bool Calls::may_make_offer(const Call& call, contract::TrunkId trunk) const {
  const bool is_past_us =
      !call.must_relay && route::may_bypass(*snapshot_, trunk, call.leg(Side::in).trunk);
  return policy_of(trunk).makes_offer && !is_past_us;
}

// For each target anew: another one may take an INVITE as it is.
void Calls::settle_who_offers(Call& call, contract::TrunkId trunk) const {
  const bool is_without = call.is_delayed || call.has_made_offer;
  call.has_made_offer = is_without && may_make_offer(call, trunk);
  call.is_delayed = is_without && !call.has_made_offer;
}

SessionResult Calls::make_offer(Call& call, uint32_t slot, sip::Writer& body,
                                contract::Instant now) {
  sip::Writer made(extra_);
  if (!write_made_offer(rules_of(*snapshot_, call.leg(Side::out).trunk), made)) {
    return SessionResult::not_acceptable;
  }
  return session_.offer(session_of(slot, no_index), Side::in, made.written(), body, now,
                        Session::Words::made);
}

// An answer to our own offer before the 2xx. It is not shown to the caller, who waits for an offer
// that only a 2xx or a reliable 18x may bring; the 2xx may come without SDP, so it is kept as it
// came. One that can not be used is passed over: the 2xx decides. Always true.
bool Calls::take_early_answer(uint32_t slot, uint32_t early, const Received& response) {
  if (early == no_index) return true;
  sip::Writer unshown(body_);
  const bool is_reliable = response.extensions.required.has(sip::OptionTag::reliable_provisional);
  if (session_.answer(session_of(slot, early), Side::out, response.body(), unshown, response.now) !=
      SessionResult::ok) {
    return true;
  }
  EarlyDialog& dialog = early_dialogs_[early];
  drop(dialog.answer);
  dialog.answer = services_.datagrams.keep(response.body());
  if (is_reliable) {
    session_.settle(dialog.negotiation);
    dialog.offer[index_of(Side::out)] = OfferState::idle;
  }
  return true;
}

// What the called side answered to us is what the caller is offered. Its keys and places are known.
bool Calls::offer_back(const LegRef& of, std::string_view sdp, sip::Writer& body,
                       contract::Instant now) {
  session_.settle(negotiation_of(of.slot, of.early));
  body = sip::Writer(body_);
  return is_offered(session_.offer(session_of(of.slot, of.early), of.side, sdp, body, now,
                                   Session::Words::repeated));
}

// Whether the answer in an ACK takes less than our 2xx offered.
bool Calls::is_less_than_offered(memory::DatagramId answer, const Received& ack) {
  if (answer == memory::DatagramId::none || !has_sdp(ack)) return false;
  return session_.is_narrower(body_of(services_.datagrams.octets(answer)), ack.body());
}

// The answer of who asked for an offer, in its ACK. The other side has the session that it agreed
// to already. What it was offered stands for this answer where both say the same, so that it takes
// no version of o= that nobody is shown (RFC 3264 section 8); else the answer is what a refresh
// says.
bool Calls::take_made_answer(const LegRef& asking, const Received& ack) {
  Call& call = calls_[asking.slot];
  const Side to = other(asking.side);
  const uint64_t version = call.sdp_version[index_of(to)];
  const uint64_t hash = call.sdp_hash[index_of(to)];
  sip::Writer body(body_);
  const bool has_answer =
      has_sdp(ack) && session_.answer(session_of(asking.slot, no_index), asking.side, ack.body(),
                                      body, ack.now) == SessionResult::ok;
  if (!has_answer) return false;
  session_.settle(call);
  call.leg(Side::in).offer = call.leg(Side::out).offer = OfferState::idle;
  const memory::DatagramId offered = call.sdp_sent[index_of(to)];
  const bool is_known = offered != memory::DatagramId::none &&
                        !session_.is_other(services_.datagrams.octets(offered), ack.body());
  if (is_known) {
    call.sdp_version[index_of(to)] = version;
    call.sdp_hash[index_of(to)] = hash;
  } else {
    remember_sdp(call, to, body.written());
  }
  return true;
}

// The called side hears of the caller's answer only where it would send what the caller does not
// take.
void Calls::settle_made_offer(uint32_t slot, const Received& ack, bool is_less) {
  Call& call = calls_[slot];
  call.has_made_offer = false;
  // An UPDATE of the called side that crossed the 2xx.
  if (!call.negotiation.is_open) return;
  if (!take_made_answer({slot, Side::in, no_index}, ack)) return lose_call(slot, 488, ack.now);
  remember_words(call, Side::in, ack.body());
  if (is_less) tell(slot, Side::out, ack);
}

// --- the same within a call (decision D83) ---

// Only while what the asking side said last is there. Under a codec policy its own words alone will
// do: what was printed for the other side may name formats that it does not have (decision D72).
bool Calls::may_make_offer_within(const Call& call, Side asking) const {
  if (!policy_of(call.leg(other(asking)).trunk).makes_offer || call.is_bypassed) return false;
  const bool needs_words = call.negotiation.is_chosen;
  const memory::DatagramId said =
      needs_words ? call.said[index_of(asking)] : transfers::Transfers::said_of(call, asking);
  return said != memory::DatagramId::none;
}

// What the asking side said last, without its hold: RFC 3261 section 14.2 wants the offer of a new
// call, and a side that resumes so could never be offered more than its own hold. Its media stays
// where it is until its answer.
SessionResult Calls::make_offer_within(const LegRef& asking, sip::Writer& body,
                                       contract::Instant now) {
  Call& call = calls_[asking.slot];
  const memory::DatagramId said = transfers::Transfers::said_of(call, asking.side);
  sip::Writer made(extra_);
  if (!session_.without_hold(services_.datagrams.octets(said), made)) {
    return SessionResult::not_acceptable;
  }
  const SessionResult result = session_.offer(session_of(asking.slot, no_index), asking.side,
                                              made.written(), body, now, Session::Words::repeated);
  if (result == SessionResult::ok) session_.keep_remotes(call.negotiation, asking.side);
  return result;
}

// The answer to it is an offer to who asked: more than an answer that it was shown before, even
// where the words behind both are the same, so it has a version of its own.
bool Calls::turn_round(const Exchange& exchange, const Received& response, sip::Writer& body) {
  const Side to = other(exchange.from);
  calls_[exchange.call].sdp_hash[index_of(exchange.from)] = 0;
  sip::Writer unshown(body_);
  return session_.answer(session_of(exchange.call, no_index), to, response.body(), unshown,
                         response.now) == SessionResult::ok &&
         offer_back({exchange.call, to, no_index}, response.body(), body, response.now);
}

}  // namespace demarc::call
