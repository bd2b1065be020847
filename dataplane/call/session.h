// Session: the SDP of a call on its way across, and the media that it opens.
//
// An offer is parsed into a model, each m-line that can be relayed gets a port pair on either side,
// and what goes on is printed from the model with our addresses and ports (RFC 3264). The answer
// comes back the same way and aims the streams. A later offer changes nothing before its answer;
// one that is refused leaves the session as it was (RFC 3261 section 14.2). One worker only.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/call/call.h"
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
  too_long,        // what would go on does not fit
};

class Session {
 public:
  Session(media::Table& media, memory::Arena& arena)
      : media_(media), description_(arena.take<sdp::Description>(1).front()) {}
  static size_t octets_needed() { return memory::Arena::octets_for<sdp::Description>(1); }

  // An offer of the peer of `by`, printed for the other side into `writer`. Opens media for m-lines
  // that are new; the legs of `call` know their trunks. On failure nothing has changed.
  SessionResult offer(Call& call, contract::CallSlot slot, const contract::Snapshot& snapshot,
                      Side by, std::string_view body, sip::Writer& writer, contract::Instant now);
  // The answer of the peer of `by` to the open offer, printed for the offerer. Aims the media. May
  // come several times, of several forks and provisional responses; each takes the place of the one
  // before.
  SessionResult answer(Call& call, const contract::Snapshot& snapshot, Side by,
                       std::string_view body, sip::Writer& writer);
  // Aims by an answer of `by` that came before: another fork's was taken meanwhile.
  void aim_again(const Call& call, const contract::Snapshot& snapshot, Side by,
                 const std::array<Remote, max_streams>& answered);
  // The open offer is answered for good.
  void settle(Call& call) const {
    if (call.offer.media_count != 0) call.media_count = call.offer.media_count;
    call.offer.is_open = false;
    call.offer.is_new = {};
  }
  // The open offer was refused. The ports of its new m-lines stay with the call, silent: the peer
  // that was shown them may still send, and the next offer takes them again.
  void withdraw(Call& call, contract::Instant now);
  // Ends the media of a call: counts are folded into the trunks', ports and slots given back.
  void close(Call& call, contract::Instant now);

 private:
  SessionResult propose(Call& call, contract::CallSlot slot, const contract::Snapshot& snapshot,
                        std::string_view body, contract::Instant now);
  bool open_stream(Call& call, Stream& stream, contract::CallSlot slot,
                   const contract::Snapshot& snapshot, contract::Instant now);
  void close_stream(Stream& stream, contract::Instant now);
  Remote remote_of(const sdp::Media& media, const contract::Snapshot& snapshot,
                   std::string_view body) const;
  // The peer of `said_by` receives and sends there.
  void aim(Side said_by, const Stream& stream, const Remote& remote);
  // The SRTP policy of a leg's trunk; `off` when that has left the configuration.
  static const contract::SrtpPolicy& srtp_of(const Call& call, const contract::Snapshot& snapshot,
                                             Side side);
  // Whether another m-line of the offer is the same media with SRTP, or without, and better.
  bool is_outdone(unsigned media_index, const contract::SrtpPolicy& policy,
                  std::string_view body) const;
  // Keys of a stream by what both peers said; `said_by_other` is null as long as it said nothing.
  bool rekey(const Call& call, const contract::Snapshot& snapshot, unsigned index, Side by,
             const Remote& said, const Remote* said_by_other);
  // What of an accepted m-line is retuned when its offer opens it or its answer comes.
  void retune(const Stream& stream, const sdp::Media& media, std::string_view body);
  enum class Role : uint8_t { offer, answer };
  bool print(Call& call, const contract::Snapshot& snapshot, Side to, Role role,
             std::string_view body, sip::Writer& writer) const;
  // What the m-line of `stream` shows to the peer of `to`; `address` keeps its text.
  void show(const Stream& stream, Side to, contract::AddressText& address,
            sdp::Rewrite::Media& shown) const;
  // Its protocol and keys.
  void show_secrecy(const Call& call, const contract::SrtpPolicy& policy, unsigned index, Side to,
                    Role role, CryptoLines& crypto, sdp::Rewrite::Media& shown) const;

  media::Table& media_;
  sdp::Description& description_;
  std::array<bool, max_streams> is_taken_ = {};  // by the last propose() or answer()
};

}  // namespace demarc::call
