// CodecPolicy: what SDP may say of the media of one trunk, and what is done with its payload. Part
// of its MediaPolicy; compiled by the control plane, read by call/.
#pragma once

#include <cstdint>

#include "dataplane/contract/blob.h"
#include "dataplane/contract/ids.h"

namespace demarc::contract {

inline constexpr unsigned max_codecs = 16;        // named by one trunk
inline constexpr unsigned max_codec_name = 32;    // octets
inline constexpr uint8_t realm_dscp = 0xff;       // CodecPolicy::dscp: as the realm has it
inline constexpr unsigned max_cut_ptime_ms = 60;  // of G.711 that we cut anew
inline constexpr unsigned max_bypass_names = 64;  // of trunks and groups, named by one trunk

// How the peer sends and takes the digits of DTMF.
enum class Dtmf : uint8_t {
  rfc4733,     // telephone-event, as SDP has it; an INFO crosses as it stands
  info_relay,  // INFO with application/dtmf-relay; no telephone-event
  info_dtmf,   // INFO with application/dtmf; no telephone-event
  inband,      // tones in G.711: heard and taken out, where the other side takes them otherwise
};

// The way of the media; `bypassed` is in force where both trunks of a call say it of one another.
enum class MediaWay : uint8_t {
  relayed,   // through our ports
  bypassed,  // from peer to peer: SDP keeps their addresses
};

// Where the RTCP that the peer gets comes from.
enum class RtcpWay : uint8_t {
  relayed,  // from the other side, if that sends any
  ensured,  // from us, as long as the other side sends none
};

// What may be added to what the other side offers, since we can make it of the other law.
struct AddedCodecs {
  static constexpr uint8_t pcmu = 1;
  static constexpr uint8_t pcma = 2;
};

struct CodecPolicy {
  // Encoding names in the order in which the peer is offered them, "PCMA" or "G722"; no other audio
  // crosses. Empty: all of it in the order of the other side. telephone-event and CN go with the
  // audio of their clock rate, without being named.
  Array<Text> allowed;
  // With `bypassed`: the trunks that it holds with, sorted; empty: any.
  Array<TrunkId> bypass_with;
  uint8_t added = 0;  // AddedCodecs
  Dtmf dtmf = Dtmf::rfc4733;
  uint8_t event_payload_type = 0;  // of telephone-event towards the peer, 96 to 127; 0: any
  uint8_t dscp = realm_dscp;       // of what the peer is sent
  MediaWay way = MediaWay::relayed;
  bool takes_noise = false;  // the peer may send CN where the other side takes none: we make noise
  uint8_t ptime_ms = 0;      // of G.711 towards the peer, a multiple of 10; 0: as it comes
  RtcpWay rtcp = RtcpWay::relayed;
  bool fills_silence = false;  // where G.711 to the peer stops without CN, it hears noise of ours
  uint8_t reserved = 0;
  uint16_t reserved_end = 0;
};

}  // namespace demarc::contract
