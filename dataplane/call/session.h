// Session: the SDP of a call on its way across, and the media that it opens.
//
// An offer is parsed into a model, each m-line that can be relayed gets a port pair on either side,
// and what goes on is printed from the model with our addresses and ports (RFC 3264). The answer
// comes back the same way and aims the streams. A later offer changes nothing before its answer;
// one that is refused leaves the session as it was (RFC 3261 section 14.2). Where both
// trunks bypass the media, SDP crosses as it stands and no port is taken. One worker only.
//
//   session.cc        offers and answers
//   session_media.cc  the media that they open
//   session_print.cc  what goes on
//   session_join.cc   two calls that become one
//   session_pickup.cc two offers that answer one another
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dataplane/call/call.h"
#include "dataplane/call/codec_choice.h"
#include "dataplane/call/line_store.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/contract/time.h"
#include "dataplane/media/table.h"
#include "sip-parser/sdp/print.h"
#include "sip-parser/sdp/sdp.h"
#include "sip-parser/write.h"

namespace demarc::call {

enum class SessionResult : uint8_t {
  ok,
  unreadable,      // no SDP that can be parsed
  not_acceptable,  // nothing in it that can be relayed, or an answer that does not fit its offer
  no_ports,        // media ports or slots are exhausted
  no_lines,        // the pool of further m-lines is, or that of open offers
  too_long,        // what would go on does not fit
};

// What goes may be offered again in a while.
constexpr bool is_for_want_of_room(SessionResult result) {
  return result == SessionResult::no_ports || result == SessionResult::no_lines;
}

class Session {
 public:
  Session(media::Table& media, memory::Arena& arena, const LineStore::Room& room)
      : media_(media),
        lines_(arena, room),
        description_(arena.take<sdp::Description>(1).front()),
        formats_(arena.take<ChosenFormats>(max_streams)),
        compared_(arena.take<sdp::Description>(2)) {}
  static size_t octets_needed(const LineStore::Room& room) {
    return LineStore::octets_needed(room) + memory::Arena::octets_for<sdp::Description>(1) +
           memory::Arena::octets_for<ChosenFormats>(max_streams) +
           memory::Arena::octets_for<sdp::Description>(2);
  }

  // Whose session: that of the call, or of one of its early dialogs.
  struct Place {
    Call& call;
    Negotiation& negotiation;
    contract::CallSlot slot;
    const contract::Snapshot& snapshot;
  };
  // An offer of the peer of `by`, printed for the other side into `writer`. Opens media for m-lines
  // that are new; the legs of the call know their trunks. On failure nothing has changed.
  // `repeated`: it is what we printed of that peer's words before, cut to the lines that the other
  // side knows. `made`: by us, of nothing, or of what that peer said to somebody else, without its
  // keys; whether it wants SRTP is seen by its own words.
  enum class Words : uint8_t { own, repeated, made };
  SessionResult offer(const Place& place, Side by, std::string_view body, sip::Writer& writer,
                      contract::Instant now, Words words = Words::own);
  // The answer of the peer of `by` to the open offer, printed for the offerer. Aims the media. May
  // come several times, in several provisional responses; each takes the place of the one before.
  // `keys`: of the peer of `by`, where its SDP was an offer and not an answer to our lines.
  using PeerKeys = std::array<SecrecyOfLine, max_streams>;
  SessionResult answer(const Place& place, Side by, std::string_view body, sip::Writer& writer,
                       contract::Instant now, const PeerKeys* keys = nullptr);
  // The peer of `side` said the same again in a session refresh, perhaps from other addresses:
  // media goes there. Not ok when it is no answer to the session that is agreed.
  SessionResult move(const Place& place, Side side, std::string_view body, contract::Instant now);
  // Whether audio is left of what a peer of the trunk `by` said when one of `to` is offered it.
  // True for what has no audio or can not be read: that is said elsewhere.
  bool leaves_audio(const contract::Snapshot& snapshot, std::string_view said, contract::TrunkId by,
                    contract::TrunkId to);
  // What the media of an offer would take, by its own words (bandwidth.h).
  uint32_t kbps_of_offer(std::string_view body, bool is_v6);
  // Whether an answer takes less than was offered or turns a stream another way; addresses do not
  // count, since each side is shown ours. False for what can not be read.
  bool is_narrower(std::string_view offered, std::string_view answered);
  // Whether a peer says other lines, formats or directions than before. True for what can not be
  // read.
  bool is_other(std::string_view before, std::string_view now);
  // Aims by what this dialog agreed before: another fork's answer was taken meanwhile.
  void aim_again(Call& call, const Negotiation& negotiation, contract::Instant now);
  // The call is answered: who said nothing until now may begin to send (media/latch.h).
  void listen_again(const Call& call, contract::Instant now);
  // The open offer is answered for good. Lines that the answer refused are not kept.
  void settle(Negotiation& negotiation) {
    if (negotiation.media_count != 0) {
      negotiation.agreed_count[1 - index_of(negotiation.by)] = negotiation.offered_count();
      uint8_t& own = negotiation.agreed_count[index_of(negotiation.by)];
      if (own < negotiation.media_count) own = negotiation.media_count;
    }
    negotiation.was_chosen = negotiation.is_chosen;
    negotiation.is_open = false;
    negotiation.is_new = {};
    lines_.close(negotiation);
    lines_.drop_refused(negotiation);
  }
  // The same of a call, which has no forks any more: keys of ours from before do not come back.
  void settle(Call& call);
  // The open offer was refused. The ports of its new m-lines stay with the call, silent: the peer
  // that was shown them may still send, and the next offer takes them again.
  void withdraw(Call& call, Negotiation& negotiation, contract::Instant now);
  bool can_begin(const Call& call) const { return lines_.has_room_for_copy(call.negotiation); }
  // An early dialog begins with what its call offered. False when it has more m-lines than there is
  // room for.
  [[nodiscard]] bool begin(const Call& call, Negotiation& early) {
    return lines_.copy(call.negotiation, early);
  }
  // What was negotiated in the early dialog that became the call's.
  void take(Negotiation& early, Call& call) { lines_.move(early, call.negotiation); }
  // An early dialog is over.
  void forget(Negotiation& early) { lines_.clear(early); }
  // m-lines beyond the first, of all calls and early dialogs.
  uint32_t live_lines() const { return lines_.live(); }
  uint32_t live_offers() const { return lines_.live_offers(); }
  // Ends the media of a call: counts are folded into the trunks', ports and slots given back.
  void close(Call& call, contract::Instant now);
  // Whether the peer of `by` has sent events of digits lately, so that it says them twice.
  bool hears_events(const Call& call, Side by, contract::Instant now) const {
    const Stream& stream = call.streams[call.worked_stream];
    return stream.is_open() && media_.hears_events(stream.slots[index_of(by)], now);
  }
  // It sent that digit in its signalling: an event of it that begins soon is the same digit.
  void told_digit(const Call& call, Side by, const DtmfDigit& digit, contract::Instant now) {
    const Stream& stream = call.streams[call.worked_stream];
    if (stream.is_open()) media_.told_digit(stream.slots[index_of(by)], digit.event, now);
  }
  // A digit that the peer of `by` sent in its signalling, for the other side's RTP. False when that
  // takes none.
  bool send_digit(const Call& call, Side by, const DtmfDigit& digit, contract::Instant now) {
    const Stream& stream = call.streams[call.worked_stream];
    return stream.is_open() &&
           media_.send_digit(stream.slots[index_of(by)], digit.event, digit.duration_ms, now);
  }

  // --- two calls that become one (session_join.cc) ---

  // What a peer that said `own` is ready for, printed as it would say it once nobody holds it any
  // more: `shown` is the last that it was told. False when one can not be read or there is no room.
  [[nodiscard]] bool restate(std::string_view shown, std::string_view own, sip::Writer& writer);
  // The same of one that holds nobody any more.
  [[nodiscard]] bool without_hold(std::string_view own, sip::Writer& writer);
  // What a peer that said `own` to somebody else would answer to `offer`, without being asked.
  [[nodiscard]] bool answer_with(std::string_view own, std::string_view offer, sip::Writer& writer);
  // m-lines of an SDP, whether or not it can be read.
  static unsigned count_lines(std::string_view body);
  // fits() of session_fit.h over the three texts; false when one can not be read.
  bool fits(std::string_view shown, std::string_view own, std::string_view other);
  // The streams of `call`, whose leg `side` has moved there from the leg `from_side` of `from`, go
  // between that leg's peer, at the ports where it already is, and the other one. What only one of
  // the two has is closed; of `from` nothing is left.
  struct Mover {
    Call& from;
    Side from_side;
    Call& call;
    Side side;
    contract::CallSlot slot;
    const contract::Snapshot& snapshot;
  };
  void join(const Mover& mover, contract::Instant now);
  // Ports for a leg that another worker sent, facing that peer, for each stream of the `call` that
  // it is to join, at the address of `places` if that has some; they are in the streams of
  // `visitor` until join(). False, and none taken, when there are not enough.
  [[nodiscard]] bool reserve(Call& visitor, Side side, const Call& call, const MediaPlaces& places,
                             const contract::Snapshot& snapshot, contract::Instant now);
  // Those of a leg, for the worker that it is sent to.
  MediaPlaces places_of(const Call& call, Side side) const;
  // An offer of `by` that we repeat from how it was printed is for the peer where it was agreed. Of
  // media that went past us it names the peer's own places, and nothing was agreed with us.
  enum class Directions : uint8_t { agreed, offered };
  void keep_remotes(Negotiation& negotiation, Side by, Directions kept = Directions::agreed) {
    for (unsigned i = 0; i < max_streams; ++i) {
      Remote* offered = lines_.offered(negotiation, i);
      if (offered == nullptr) continue;
      const Remote& remote = lines_.at(negotiation, i).agreed[index_of(by)];
      const contract::MediaDirection direction = offered->direction;
      if (remote.is_offered || offered->rtp.port == 0) *offered = remote;
      if (kept == Directions::offered) offered->direction = direction;
    }
  }
  // No media passes between the peers of the call until its next offer is answered.
  void mute(const Call& call, contract::Instant now);

  // --- a call that rings is picked up (session_pickup.cc, decision D46) ---

  // The caller's offer as the phone that rings was shown it, and that of who takes the call.
  struct Offers {
    std::string_view shown;
    std::string_view taken;
  };
  // What o= says of a text.
  struct Version {
    uint64_t id = 0;
    uint64_t number = 0;
  };
  // What the caller would have answered to who takes the call: the m-lines and formats that both
  // have, with the numbers and places of `shown`, in the profile that was offered and with a key of
  // ours for it. Where media is bypassed the caller's own key and origin, and `version` is not
  // used. False when nothing is left, one can not be read, or there is no room.
  [[nodiscard]] bool answer_taker(const Place& place, const Offers& offers, const Version& version,
                                  sip::Writer& writer);
  // The same the other way round, printed for the caller into `writer`. Aims the media at who takes
  // the call. `words` is for what crosses.
  SessionResult answer_caller(const Place& place, const Offers& offers, sip::Writer& words,
                              sip::Writer& writer, contract::Instant now);
  // Other keys for what we send to the peer of `side`, since another one takes its place. Returns
  // those before, for keep_keys() when it does not.
  using OwnKeys = std::array<media::srtp::OwnKey, max_streams>;
  OwnKeys draw_keys(Call& call, Side side);
  static void keep_keys(Call& call, Side side, const OwnKeys& keys);

 private:
  SessionResult propose(const Place& place, std::string_view body, contract::Instant now,
                        Words words);
  bool open_stream(Call& call, Stream& stream, contract::CallSlot slot,
                   const contract::Snapshot& snapshot, contract::Instant now);
  void close_stream(Stream& stream, contract::Instant now);
  Remote remote_of(const sdp::Media& media, const contract::Snapshot& snapshot,
                   std::string_view body) const;
  // The peer of `said_by` receives and sends there.
  void aim(const Call& call, Side said_by, const Stream& stream, const Remote& remote,
           contract::Instant now);
  static bool is_other_end(const Remote& before, const Remote& now);
  // answer(), which takes back what it drew when this fails.
  SessionResult take_answer(const Place& place, Side by, std::string_view body, sip::Writer& writer,
                            contract::Instant now, const PeerKeys* keys);
  // Whether another m-line of the offer is the same media with SRTP, or without, and better.
  bool is_outdone(unsigned media_index, const contract::SrtpPolicy& policy,
                  std::string_view body) const;
  // Keys of a stream by what both peers said.
  bool rekey(const Stream& stream, const std::array<const Remote*, 2>& said);
  // Of a new stream, while only the peer of `by` has said something.
  bool key_early(const Place& place, const Stream& stream, Side by, const Remote& said);
  // What of an accepted m-line is retuned when its offer opens it or its answer comes.
  void retune(Stream& stream, const sdp::Media& media, std::string_view body);
  // What the peer of `to` is told of `line`: with these numbers it sends (RFC 3264 section 5.1).
  void name_codecs(const Call& call, unsigned index, Side to, const AudioLine& line);
  static sdp::Rewrite in_place(const sdp::Description& description, std::string_view body);
  bool print_open(std::string_view own, uint16_t lines, sip::Writer& writer);
  // session_pickup.cc
  PeerKeys keys_of_taker(const Place& place, sdp::Description& offer, std::string_view body);
  void write_keys(const Place& place, const PeerKeys& keys, const Offers& offers,
                  std::span<CryptoLines> crypto, sdp::Rewrite& rewrite);
  bool print_crossed(const Offers& offers, Side of, sip::Writer& writer);
  bool narrow_to(std::string_view own, std::string_view offer);
  // m-lines that are off, numbers `from` to `to` - 1. False when there is no room.
  static bool pad(unsigned from, unsigned to, sip::Writer& writer);
  void join_stream(const Mover& mover, unsigned index, unsigned from_index, contract::Instant now);
  void join_terms(const Mover& mover, unsigned index, unsigned from_index);
  void forget_agreed(Negotiation& negotiation, Side side);
  // The bypass: both trunks want it and nothing was relayed yet, or it is in force.
  static bool decide_bypass(const Place& place);
  // The formats of the first m-line of audio by both trunks' policies. False when none is left.
  bool choose(const Place& place, unsigned stream, std::string_view body);
  bool choose_back(const Place& place, unsigned stream, std::string_view body);
  // Those of a further one. False when none is left.
  bool strip(const RulePair& rules, unsigned stream, const AudioLine& line);
  bool keep(unsigned stream, const ChosenFormats& formats);
  void work(const Call& call, const Negotiation& negotiation);
  enum class Role : uint8_t { offer, answer };
  bool print(const Place& place, Side to, Role role, std::string_view body,
             sip::Writer& writer) const;
  // What the m-line of `stream` shows to the peer of `to`; `address` keeps its text.
  void show(const Stream& stream, Side to, contract::AddressText& address,
            sdp::Rewrite::Media& shown) const;
  // Its protocol and keys, whose text is in `keys`.
  using Keys = CryptoRoom<max_streams>;
  void show_secrecy(const Place& place, unsigned index, Side to, Role role, Keys& keys,
                    sdp::Rewrite::Media& shown) const;

  media::Table& media_;
  LineStore lines_;
  sdp::Description& description_;
  std::span<ChosenFormats> formats_;  // by stream, where chosen_ has its bit
  uint32_t refused_ = 0;              // bits of streams: in what is printed next they have port 0
  uint32_t muxed_ = 0;                // and in it they have rtcp-mux
  uint32_t held_ = 0;                 // and in it nothing can be sent to who offers them
  uint32_t chosen_ = 0;               // and in it they have formats_
  std::span<sdp::Description> compared_;
};

}  // namespace demarc::call
