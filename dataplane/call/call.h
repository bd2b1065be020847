// Call: two legs and what joins them. Pointer-free: indexes, ids and spans into its own text, so
// that it can be moved, written out and read back (decision D11); only the text knows where the
// store of its worker is (dialog/text_block.h). One worker only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/call/attempt_store.h"
#include "dataplane/call/bridge_table.h"
#include "dataplane/call/codec_choice.h"
#include "dataplane/call/compose.h"
#include "dataplane/call/dtmf_info.h"
#include "dataplane/call/headers/caller_numbers.h"
#include "dataplane/call/keying.h"
#include "dataplane/call/side.h"
#include "dataplane/call/transfers/away.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/media_policy.h"
#include "dataplane/contract/record.h"
#include "dataplane/contract/time.h"
#include "dataplane/dialog/dialog.h"
#include "dataplane/dialog/offer_answer.h"
#include "dataplane/dialog/session_timer.h"
#include "dataplane/media/codec_plan.h"
#include "dataplane/media/table.h"
#include "dataplane/memory/datagram_pool.h"
#include "dataplane/route/hunt.h"
#include "dataplane/transaction/path.h"
#include "dataplane/transaction/timer_wheel.h"
#include "dataplane/transaction/transaction.h"
#include "sip-parser/enum_set.h"
#include "sip-parser/method.h"

namespace demarc::call {

// m-lines of a call that carry media; further ones are refused in the offer that goes on.
inline constexpr unsigned max_streams = 4;
// Those that the tables have room for in every call at once.
inline constexpr unsigned usual_streams = 2;

// Where a peer said that it receives and sends one stream; ports 0 when it said none that can be
// used.
struct Remote {
  contract::Endpoint rtp;
  contract::Endpoint rtcp;
  bool is_offered = false;    // the m-line can be relayed
  bool refuses_rtcp = false;  // b=RS:0 and b=RR:0 (RFC 3556)
  bool has_mux = false;       // RTCP comes and goes at the port for RTP (RFC 5761)
  contract::MediaDirection direction = contract::MediaDirection::unknown;
  sdp::Protocol protocol = sdp::Protocol::other;  // as the peer named it
  PeerKey secrecy;
};

struct Stream {
  media::srtp::OwnKey own_keys[2] = {};  // [Side]: what we send with to that leg's peer
  media::Table::SlotPair slots[2];       // [Side]: what that leg's peer sends
  uint32_t clock_rate_hz = 8000;
  media::PortPair ports[2];                    // [Side]: ours, facing that leg's peer
  uint8_t media_index = 0;                     // of the m-line
  contract::MediaDirection direction[2] = {};  // [Side]: what that leg's peer said last
  bool has_to_send[2] = {};                    // [Side]: that leg's peer, by the last answer
  media::Stream kind = media::Stream::rtp;
  contract::MediaKind media_kind = contract::MediaKind::other;
  bool is_open() const { return slots[0].is_set(); }
};

// Where a leg's peer sends the stream of one m-line: our address as it is bound; unset: no stream.
struct MediaPlace {
  contract::IpAddress address;
  uint8_t media_index = 0;
};
using MediaPlaces = std::array<MediaPlace, max_streams>;

// What was said of one m-line that carries media.
struct LineTerms {
  Remote agreed[2];  // [Side]: by the last answer
};
// What was said of the first one, and chosen of it, in an offer that has no answer for good yet.
// Of further m-lines it stands beside their terms.
struct OpenOffer {
  Remote said;
  // Of the first m-line of audio: what goes on of it.
  Choice choice;
};
// [stream - 1]: the places of further lines in the LineStore (line_store.h).
using FurtherLines = std::array<uint32_t, max_streams - 1>;
inline constexpr FurtherLines no_further_lines = {memory::no_index, memory::no_index,
                                                  memory::no_index};

// What one dialog says of the session: the last offer, and what was agreed before it. Each fork of
// a call that rings answers the caller's offer for itself, so each has its own (RFC 3264 section
// 4). Its further lines have one owner: only the LineStore copies it.
struct Negotiation {
  Side by = Side::in;  // who made the last offer
  bool is_open = false;
  bool is_audible = true;   // by the last answer some stream may send
  uint8_t media_count = 0;  // m-lines of the last offer, as it was made
  // [Side]: m-lines of the session that is agreed with that leg's peer: no offer has fewer (RFC
  // 3264 section 8). Peers that were joined may have different numbers.
  uint8_t agreed_count[2] = {};
  std::array<bool, max_streams> is_new = {};
  bool is_chosen = false;   // a codec policy had a say in the last offer
  bool was_chosen = false;  // and when an answer was last taken: an offer may be refused
  LineTerms first;          // of stream 0; all are read by LineStore, as are the next two
  FurtherLines further = no_further_lines;
  uint32_t open_offer = memory::no_index;
  // [Side]: what the last answer asks of the payload that each leg's peer sends in the first m-line
  // of audio.
  std::array<media::CodecPlan, 2> plans = {};
  // [Side]: of the last answer; 0: none came yet, or media goes past us.
  uint32_t kbps[2] = {};
  // An offer was made, whatever became of it.
  bool has_session() const { return media_count != 0; }
  // m-lines of the last offer as the other side got it: padded with lines that are off.
  uint8_t offered_count() const {
    const uint8_t taken = agreed_count[1 - index_of(by)];
    return media_count > taken ? media_count : taken;
  }
};

// What one route makes of a call, kept since the configuration may change before its trunks are
// tried.
struct Routed {
  Span called;
  Span shown;                 // the number that stands for the caller's; empty unless hides_name
  Span name;                  // of the route
  uint32_t line = 0;          // of the configuration
  uint16_t file = 0;          // and which of its files
  bool hides_name = false;    // another number than the caller's is shown, or none
  bool hides_caller = false;  // none is
  bool is_emergency = false;  // limits do not refuse the call
};

// Trunks whose rates the call was taken of as their target. It is one call, however often it comes
// back to them; beyond so many it counts again.
class RatedTrunks {
 public:
  void add(contract::TrunkId trunk) {
    if (count_ < trunks_.size()) trunks_[count_++] = trunk;
  }
  std::span<const contract::TrunkId> trunks() const { return std::span(trunks_).first(count_); }

 private:
  std::array<contract::TrunkId, contract::max_attempts> trunks_ = {};
  uint8_t count_ = 0;
};

// What a call needs until one of its targets has answered. In a pool, as most calls of a worker are
// answered (decision D137).
struct Search {
  // The caller's INVITE as it came, while other targets may still be tried with it.
  memory::DatagramId request = memory::DatagramId::none;
  contract::Endpoint request_source;
  contract::Endpoint redirect;  // where a 3xx sends it; port 0: nowhere
  // That 3xx, while its Contacts are tried, and which of them were (bit by place).
  memory::DatagramId redirection = memory::DatagramId::none;
  uint16_t tried_contacts = 0;
  // Who sent it: a name of the peer in it is there, whoever was asked since.
  contract::Endpoint redirector;
  contract::TargetId redirector_target = contract::TargetId::none;
  route::Hunt hunt;
  RatedTrunks rated;
};

// Digits on their way to a leg's peer in INFO, the next one when the last one was answered. In a
// pool, as most calls have none; it is given back with the last one.
struct DigitQueue {
  static constexpr unsigned capacity = 16;
  std::array<DtmfDigit, capacity> digits = {};
  uint8_t first = 0;
  uint8_t count = 0;
  bool is_under_way = false;
};

// How a leg is counted at its trunk: what it gives back when it leaves, whatever the configuration
// says by then. Goes as a whole to the leg that takes its place.
struct Counted {
  bool is_set = false;
  Side as = Side::in;  // a call from the peer, or to it
  contract::LimitId prefix = contract::LimitId::none;
  uint32_t kbps = 0;  // 0: its media is not counted
};

struct Leg {
  contract::TrunkId trunk = contract::TrunkId::none;
  contract::TargetId target = contract::TargetId::none;  // of an outgoing leg, by the table
  transaction::Path path;                                // the last proven way to the peer
  OwnAddress advertised;  // our signalling address as the peer sees it
  transaction::Timing timing;
  transaction::TransactionId invite;  // the initial INVITE's transaction
  uint32_t invite_cseq = 0;           // of the initial INVITE
  bool is_indexed = false;            // can be found by our tag
  bool takes_reliable = false;        // the peer knows 100rel (RFC 3262)
  bool wants_reliable = false;        // and requires it
  bool takes_timer = false;           // the peer knows session timers (RFC 4028)
  Counted counted;
  bool hides_caller = false;  // its INVITE wanted the caller's name kept from strangers
  headers::Identity identity = headers::Identity::as_it_came;  // what crosses of what it sends
  bool has_referred = false;  // it sent a REFER, so that the next one's Event has an id
  uint32_t refer_cseq = 0;    // of its last REFER that was passed; 0: none was
  uint32_t passed_cseq = 0;   // of that REFER on the other leg
  // The peer's silence, by its trunk as it was when the call came to it (silence.h).
  contract::SilentPeer silent_peer = contract::SilentPeer::after_rtcp;
  uint32_t media_timeout_ms = 0;
  // Of its trunk when the call came to it: what was agreed by one policy is not judged by another,
  // and tags of our keys are places in this list.
  contract::SrtpPolicy srtp;
  uint32_t min_se_s = 0;  // the least interval that it takes, as its 422 said
  dialog::OfferState offer = dialog::OfferState::idle;
  sip::EnumSet<sip::Method> allowed;  // by the peer's last Allow; empty: it never said
  dialog::Dialog dialog;
  dialog::SessionTimer session;
  contract::Instant session_began;  // the last success of a refresh, or the answer
  contract::Instant session_due;    // to be refreshed, or given up; not set: no timer
  transfers::Origin origin;         // of one that came from another worker

  bool takes(sip::Method method) const { return allowed.has(method); }
};

struct Call {
  State state = State::ended;
  uint64_t serial = 0;
  uint64_t generation = 0;  // of the snapshot that routed it
  uint64_t revision = 0;    // of the configuration that it was made of
  Leg legs[2];
  dialog::TextBlock text;
  std::array<Stream, max_streams> streams;
  // Of the caller's INVITE until a fork has won, then that of the call. The forks have their own.
  Negotiation negotiation;
  // Rows of the directory for the m-lines beyond one (media_ledger.h).
  std::array<uint32_t, max_streams - 1> stream_rows = no_further_lines;
  bool lacks_stream_row = false;
  uint64_t sdp_id[2] = {};  // session id of o= towards each leg
  uint64_t sdp_version[2] = {};
  uint64_t sdp_hash[2] = {};    // of the peer's SDP that the version stands for
  bool is_audible = true;       // both sides may send; false on hold: silence of both is no death
  bool is_delayed = false;      // the INVITE had no offer: the called side makes it
  bool has_made_offer = false;  // it had none, and we made one: until the ACK (made_offer.h)
  bool owes_ack = false;        // to the called side, until the caller's has brought the answer
  contract::Instant agreed_at;  // the last answer: no silence of one peer is from before
  // Since when both may send and hear: the end of a hold, or its being joined. Silence of both
  // counts from here, as offers that change nothing may come more often than it lasts.
  contract::Instant audible_since;
  bool is_bypassed = false;   // media goes past us, whatever is offered later
  uint8_t worked_stream = 0;  // the first of audio, which Choice and plans are about
  uint32_t digits[2] = {memory::no_index, memory::no_index};  // [Side]: queue towards that leg
  uint32_t ring_timeout_ms = 0;
  dialog::TextBlock::Mark text_mark;  // what was put behind it is of the target that is tried
  uint8_t retries = 0;                // of the INVITE at the same target
  uint8_t challenges = 0;             // that were answered there
  bool is_ring_timed = false;
  bool stays_on_udp = false;       // nobody took its large INVITE over TCP
  bool is_failover_timed = false;  // `patience` is the failover timer

  // Transfers. `said` is what the peer of a leg said itself, where a codec policy chose the
  // formats, or how it was printed for whom it talked to before calls were joined. `shown` is what
  // the peer of a leg that was joined with another was last shown, until it is known that it needs
  // no new offer; a stale one needs it whatever was said.
  uint32_t transfer = memory::no_index;  // that it is a part of
  bool keeps_sdp = false;                // a peer of it may transfer, or need an offer of ours
  bool is_muted = false;                 // a target that is no call yet: no media passes
  bool must_relay = false;   // its offer names our ports, or nobody may see its caller's
  bool is_recorded = false;  // its record is written: what is left of it is a leg
  bool is_visiting = false;  // only what another worker sent: a leg, until it is joined here
  bool is_stale[2] = {};
  Side told_first = Side::in;  // the leg that moved
  Side untold_to = Side::in;   // whom `untold` is for
  uint8_t untold_tries = 0;    // that glare has refused
  uint8_t tellings = 0;        // offers of ours since it was joined
  memory::DatagramId said[2] = {memory::DatagramId::none, memory::DatagramId::none};  // [Side]
  memory::DatagramId shown[2] = {memory::DatagramId::none, memory::DatagramId::none};
  // What a peer's answer to a refresh changed, until the other one has answered an offer of it.
  memory::DatagramId untold = memory::DatagramId::none;

  uint32_t first_early = memory::no_index;     // early dialogs, while the call rings
  uint32_t first_exchange = memory::no_index;  // requests within the call that are under way
  uint16_t early_count = 0;
  bool is_tag_shown = false;  // to the caller, in a response to what the target said

  uint32_t search = memory::no_index;  // until a target has answered

  // Responses to the caller: everything but status line, To, Contact and body, composed once. Given
  // back with the final response.
  memory::DatagramId response_head = memory::DatagramId::none;
  memory::DatagramId answer = memory::DatagramId::none;  // our 2xx until its ACK
  // Of a 2xx that waits for a PRACK, SDP and what crosses of its header; that of a BYE for an ACK.
  memory::DatagramId held_body = memory::DatagramId::none;
  memory::DatagramId held_fields = memory::DatagramId::none;
  memory::DatagramId ack = memory::DatagramId::none;  // with an answer, for a 2xx that comes again
  // Our INVITE within a dialog of the called side, as long as it may have to go over UDP after all.
  memory::DatagramId large = memory::DatagramId::none;
  // [Side]: the last SDP sent there, where a session timer may have to send it again.
  memory::DatagramId sdp_sent[2] = {memory::DatagramId::none, memory::DatagramId::none};
  contract::Duration answer_interval;  // before the 2xx is repeated

  transaction::TimerId patience;    // failover, ring or cancel timeout, then that of the ACK
  transaction::TimerId retransmit;  // of our 2xx
  transaction::TimerId supervise;   // once a second, and when a session is due
  contract::Instant supervised;     // when it was last

  // For the record.
  contract::CallEnd end = contract::CallEnd::refused;
  uint16_t status_code = 0;
  contract::Instant orphaned;  // since when a trunk of it is not in the configuration any more
  contract::Instant started;
  contract::Instant ringing;
  contract::Instant answered;
  // Over, but there was no room for its record yet: it keeps its slot and its text until there is.
  bool awaits_record = false;
  contract::Instant ended;
  uint32_t next_waiting = memory::no_index;  // of those
  Span calling;
  Span called;
  Span called_sent;           // to the target that is tried
  Span called_ruled;          // digits, before its route; empty where no limit asks for them
  Span called_routed;         // as its route made it; a redirection may make another one of it
  Span calling_routed;        // as a rule of its trunk made it; empty when none did
  Span calling_sent;          // to the target that is tried
  bool hides_caller = false;  // a rule does
  uint8_t route = 0;          // which of `routed` it is on
  uint8_t routed_count = 0;
  std::array<Routed, route::max_hunted_routes> routed;
  uint32_t limits_met = 0;  // bits of LimitMet
  // Lines of the rules that rewrote numbers: called and calling, in and out.
  struct RuleLines {
    uint16_t called_in = 0;
    uint16_t calling_in = 0;
    uint16_t called_out = 0;
    uint16_t calling_out = 0;
    uint16_t in_file = 0;  // of the configuration's, where they stand
    uint16_t out_file = 0;
  };
  RuleLines rule_lines;
  contract::TransferPart transfer_part = contract::TransferPart::none;
  uint16_t transfer_status = 0;
  Span referred_by;
  Span referred_to;
  Span trunk_names[2];  // [Side]: a trunk may leave the configuration before its call ends
  Attempts attempts;

  const Routed& on_route() const { return routed[route]; }
  // A rule hides the caller, or the route does and shows nobody instead.
  bool is_caller_hidden() const { return hides_caller || on_route().hides_caller; }

  Leg& leg(Side side) { return legs[index_of(side)]; }
  const Leg& leg(Side side) const { return legs[index_of(side)]; }
  // The stream of an m-line, or a free one; max_streams when there is none.
  unsigned stream_for(unsigned media_index) const {
    unsigned free = max_streams;
    for (unsigned i = 0; i < max_streams; ++i) {
      if (streams[i].is_open() && streams[i].media_index == media_index) return i;
      if (!streams[i].is_open() && free == max_streams) free = i;
    }
    return free;
  }
};

// Names of the timers whose owner is a call, an exchange or an early dialog.
enum class CallTimer : uint8_t {
  failover,
  ring,
  cancel,
  ack,
  retransmit_answer,
  supervise,
  farewell,         // of a leg whose call is another now
  tell,             // an offer of ours that had to wait
  tell_again,       // another one, of what a refresh changed
  exchange_repeat,  // the subject is an exchange from here on
  exchange_patience,
  exchange_slow,
  early_repeat,  // the subject is an early dialog
  away,          // the subject is a leg that went to another worker
};

}  // namespace demarc::call
