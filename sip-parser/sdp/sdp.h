// SDP (RFC 8866) as a typed model: what offer/answer (RFC 3264) and a media relay need. Called by
// call/ on the worker that owns the call.
//
// parse() fills a Description of spans over the body; print() writes one out. SDP is never edited
// as text: what goes to the other side is printed from the model, with our own values for origin,
// connection and ports, and only the attributes named here or on the allow list. LF or CRLF in,
// CRLF out. A Description holds offsets into the body that it was parsed from.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/write.h"

namespace demarc::sdp {

inline constexpr unsigned max_media = 16;        // more: 488
inline constexpr unsigned max_formats = 32;      // per m-line
inline constexpr unsigned max_attributes = 256;  // in all
inline constexpr uint32_t max_body_octets = 65535;
inline constexpr uint8_t max_payload_type = 127;
inline constexpr uint16_t max_ptime_ms = 200;
inline constexpr uint16_t max_maxptime_ms = 1000;

enum class SdpError : uint8_t {
  empty = 1,
  too_long,         // more than max_body_octets
  bad_line,         // not "x=...", an empty line before the end, or o= or s= twice
  bad_version,      // v= missing at the beginning, repeated or not 0
  missing_origin,   // no o= before the first m=
  bad_connection,   // c= unreadable or repeated, or missing for a media description with a port
  bad_media,        // m= unreadable
  bad_attribute,    // a known attribute with an unreadable value
  forbidden_octet,  // NUL or a CR that does not stand before a LF
  too_many_media,
  too_many_formats,
  too_many_attributes,
  count,
};
std::string_view spelling(SdpError error);

enum class Direction : uint8_t { sendrecv, sendonly, recvonly, inactive };

enum class AddressType : uint8_t { none, ip4, ip6 };
struct Connection {
  AddressType type = AddressType::none;
  Span address;  // text without "/ttl"
};

// One a= line. Names that we know are typed so that the printer can decide by kind.
enum class AttributeKind : uint8_t {
  other,  // name and value kept; printed only when on the allow list
  rtpmap,
  fmtp,
  ptime,
  maxptime,
  direction,
  rtcp,
  rtcp_mux,
  crypto,
  fingerprint,
  setup,
  ice,
  candidate,
  ssrc,
  mid,
  group,
  t38,
};
struct Attribute {
  AttributeKind kind = AttributeKind::other;
  Span name;
  Span value;                  // behind ':', empty for a flag
  uint8_t payload_type = 255;  // of rtpmap and fmtp; 255 when not numeric or not of a format; those
                               // are not printed
};

struct Media {
  Span media;         // "audio"
  uint16_t port = 0;  // 0: refused or off (RFC 3264 section 6)
  Span protocol;      // "RTP/AVP"
  unsigned format_count = 0;
  std::array<Span, max_formats> formats;
  Connection connection;  // of the media level; type none when only the session has one
  bool has_direction = false;
  Direction direction = Direction::sendrecv;
  bool has_rtcp_mux = false;
  uint16_t rtcp_port = 0;  // of a=rtcp (RFC 3605); 0 when absent
  Connection rtcp_connection;
  uint16_t ptime_ms = 0;         // 0 when absent
  uint16_t first_attribute = 0;  // its attributes: [first_attribute, +attribute_count)
  uint16_t attribute_count = 0;
  Span bandwidth;  // the value of the first b= line that is readable, "AS:64"
};

struct Description {
  Span origin;  // the whole value of o=
  Span session_name;
  Connection connection;  // of the session level
  bool has_direction = false;
  Direction direction = Direction::sendrecv;
  uint16_t session_attribute_count = 0;  // attributes [0, session_attribute_count)
  unsigned media_count = 0;
  std::array<Media, max_media> media;
  uint16_t attribute_count = 0;
  std::array<Attribute, max_attributes> attributes;

  // The connection and direction in force for one media description.
  const Connection& connection_of(const Media& m) const {
    return m.connection.type == AddressType::none ? connection : m.connection;
  }
  Direction direction_of(const Media& m) const { return m.has_direction ? m.direction : direction; }
};

// `description` is caller-owned and large (about 12 KiB); it is complete on success. A missing
// final line end and empty lines at the end are accepted; lines of a type that is not needed are
// skipped.
enum class Parsed : uint8_t { ok };
Result<Parsed, SdpError> parse(std::string_view body, Description& description);

// What we put into a printed description in place of the peer's own values.
struct Rewrite {
  std::string_view user_name = "-";  // of o=
  uint64_t session_id = 0;           // of o=; numeric, ours
  uint64_t session_version = 0;
  std::string_view address;  // text of the address for o= and c=
  AddressType type = AddressType::ip4;
  struct Port {
    uint16_t port = 0;       // 0 prints a refused media description
    uint16_t rtcp_port = 0;  // printed as a=rtcp when it is neither 0 nor port + 1
    bool rtcp_mux = false;   // keeps a=rtcp-mux where the peer had it
    // c= of this media description, where its address is not that of the session; else empty.
    std::string_view address = {};
    AddressType type = AddressType::ip4;
  };
  std::array<Port, max_media> ports;  // one per media description
};

// Prints `description` (parsed from `body`) for the other side: o= and c= from `rewrite` (c= at
// session level, and of a media description only where its address is another), ports from
// `rewrite.ports`, b=, formats, direction, rtpmap, fmtp, ptime, maxptime and allow-listed
// attributes of each media description as received (silenceSupp, those of T.38; a session-level
// direction is printed with the media). Never printed: the session name, candidates, ICE,
// fingerprint, crypto, setup, ssrc, mid, group, a=rtcp of the peer, unknown attributes, and
// anything of a refused media description but its m= line. What is printed depends on the model and
// `rewrite` only. Returns false when the writer failed or `rewrite` has no address.
[[nodiscard]] bool print(const Description& description, std::string_view body,
                         const Rewrite& rewrite, sip::Writer& writer);

}  // namespace demarc::sdp
