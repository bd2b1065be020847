#include "dataplane/call/made_offer.h"

#include <algorithm>

#include "dataplane/call/calls.h"
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

CodecRules rules_of(const contract::Snapshot& snapshot, contract::TrunkId trunk) {
  return {&snapshot.trunk(trunk).media.codecs, &snapshot.trunks->header};
}

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
  const auto is_bypassed = [&](contract::TrunkId one) {
    return snapshot_->has_trunk(one) &&
           snapshot_->trunk(one).media.codecs.way == contract::MediaWay::bypassed;
  };
  return policy_of(trunk).makes_offer &&
         !(is_bypassed(trunk) && is_bypassed(call.leg(Side::in).trunk));
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
  const bool is_reliable =
      extensions_of(response).required.has(sip::OptionTag::reliable_provisional);
  if (session_.answer(session_of(slot, early), Side::out, response.body(), unshown, response.now) !=
      SessionResult::ok) {
    return true;
  }
  EarlyDialog& dialog = early_dialogs_[early];
  drop(dialog.answer);
  dialog.answer = services_.datagrams.keep(response.body());
  if (is_reliable) {
    Session::settle(dialog.negotiation);
    dialog.offer[index_of(Side::out)] = OfferState::idle;
  }
  return true;
}

// What the called side answered to us is what the caller is offered. Its keys and places are known.
bool Calls::offer_back(uint32_t slot, uint32_t early, std::string_view theirs, sip::Writer& body,
                       contract::Instant now) {
  Negotiation& negotiation = negotiation_of(slot, early);
  Session::settle(negotiation);
  body = sip::Writer(body_);
  return session_.offer(session_of(slot, early), Side::out, theirs, body, now,
                        Session::Words::repeated) == SessionResult::ok;
}

// Whether the answer in the caller's ACK takes less than our 2xx offered.
bool Calls::is_less_than_offered(const Call& call, const Received& ack) {
  if (call.answer == memory::DatagramId::none || !has_sdp(ack)) return false;
  return session_.is_narrower(body_of(services_.datagrams.octets(call.answer)), ack.body());
}

// The caller's answer, in its ACK. The called side has the session that it agreed to already, so it
// hears of this only where it would send what the caller does not take.
void Calls::settle_made_offer(uint32_t slot, const Received& ack, bool is_less) {
  Call& call = calls_[slot];
  call.has_made_offer = false;
  // An UPDATE of the called side that crossed the 2xx.
  if (!call.negotiation.is_open) return;
  sip::Writer body(body_);
  const bool has_answer =
      has_sdp(ack) && session_.answer(session_of(slot, no_index), Side::in, ack.body(), body,
                                      ack.now) == SessionResult::ok;
  if (!has_answer) return lose_call(slot, 488, ack.now);
  Session::settle(call.negotiation);
  call.leg(Side::in).offer = call.leg(Side::out).offer = OfferState::idle;
  remember_sdp(call, Side::out, body.written());
  remember_words(call, Side::in, ack.body());
  if (is_less) tell(slot, Side::out, ack);
}

}  // namespace demarc::call
