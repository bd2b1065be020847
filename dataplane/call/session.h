// Session: the SDP of a call on its way across, and the media that it opens.
//
// An offer is parsed into a model, each m-line that can be relayed gets a port pair on either side,
// and what goes on is printed from the model with our addresses and ports (RFC 3264). The answer
// comes back the same way and aims the streams. One worker only.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/call/call.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/contract/time.h"
#include "dataplane/media/table.h"
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

  // The offer of the caller, printed for the called side into `writer`. Opens the media of `call`,
  // whose legs know their trunks; on failure everything opened is closed again.
  SessionResult offer(Call& call, contract::CallSlot slot, const contract::Snapshot& snapshot,
                      std::string_view body, sip::Writer& writer, contract::Instant now);
  // The answer of the called side (in an 18x or 2xx), printed for the caller. Aims the media. May
  // come several times; each takes the place of the one before.
  SessionResult answer(Call& call, const contract::Snapshot& snapshot, std::string_view body,
                       sip::Writer& writer);
  // Ends the media of a call: counts are folded into the trunks', ports and slots given back.
  void close(Call& call, contract::Instant now);

 private:
  SessionResult open_streams(Call& call, contract::CallSlot slot,
                             const contract::Snapshot& snapshot, std::string_view body,
                             contract::Instant now);
  bool open_stream(Call& call, Stream& stream, contract::CallSlot slot,
                   const contract::Snapshot& snapshot, uint32_t clock_rate_hz,
                   contract::Instant now);
  // Where the peer of `side` said it receives and sends; ports 0 when it said none that is usable.
  struct Remote {
    contract::Endpoint rtp;
    contract::Endpoint rtcp;
  };
  Remote remote_of(const sdp::Media& media, const contract::Snapshot& snapshot,
                   std::string_view body) const;
  void aim(Call& call, Side said_by, const Stream& stream, const Remote& remote);
  bool print(Call& call, Side to, std::string_view body, sip::Writer& writer) const;

  media::Table& media_;
  sdp::Description& description_;
};

}  // namespace demarc::call
