// SDP (RFC 8866) as a typed model: what offer/answer (RFC 3264) and a media relay need. Called by
// call/ on the worker that owns the call.
//
// parse() fills a Description of spans over the body in one pass; print.h writes one out. What
// nearly every description has is typed here; the rarer attributes are kept as name and value, and
// each has a parser of its own (crypto.h, candidate.h, t38.h, ...) for whoever asks. A Description
// holds offsets into the body that it was parsed from and is of use only together with it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/sdp/attribute.h"
#include "sip-parser/sdp/bandwidth.h"
#include "sip-parser/sdp/connection.h"
#include "sip-parser/sdp/direction.h"
#include "sip-parser/sdp/format.h"
#include "sip-parser/sdp/media_type.h"

namespace demarc::sdp {

// Past any of these a description is refused, never cut.
inline constexpr unsigned max_media = 16;
inline constexpr unsigned max_formats = 32;      // per m-line
inline constexpr unsigned max_attributes = 256;  // in all
inline constexpr unsigned max_connections = 16;  // c= lines of one media description
inline constexpr uint32_t max_body_octets = 65535;
inline constexpr uint32_t max_media_octets = 127;  // "audio" and its like, RFC 6838 section 4.2
inline constexpr uint16_t max_port = 65535;
inline constexpr uint16_t max_ptime_ms = 200;
inline constexpr uint16_t max_maxptime_ms = 1000;

enum class SdpError : uint8_t {
  empty = 1,
  too_long,         // more than max_body_octets
  bad_line,         // not "x=...", an empty line before the end, or s= twice or behind an m=
  bad_version,      // v= missing at the beginning, repeated or not 0
  missing_origin,   // no o= before the first m=
  bad_origin,       // o= unreadable, repeated or behind an m=
  bad_connection,   // c= unreadable, too many of them, or none for a media description with a port
  bad_time,         // t= unreadable
  bad_media,        // m= unreadable
  bad_attribute,    // an attribute of this model with an unreadable value
  forbidden_octet,  // NUL or a CR that does not stand before a LF
  too_many_media,
  too_many_formats,
  too_many_attributes,
  count,
};
std::string_view spelling(SdpError error);
// The answer to a request that brought it: Not Acceptable Here (RFC 3261 section 21.4.26), as the
// session is what can not be had, whatever else is right about the request.
inline constexpr uint16_t unreadable_status_code = 488;

struct Origin {
  Span user_name;
  Span session_id;       // digits, at most 2^64 - 1
  Span session_version;  // digits, at most 2^64 - 1
  Connection address;
};

struct Media {
  Span media;  // "audio"
  Span protocol_text;
  MediaType type = MediaType::other;
  Protocol protocol = Protocol::other;
  uint16_t port = 0;        // 0: refused or off (RFC 3264 section 6)
  uint16_t port_count = 1;  // above 1 for layered streams only
  uint8_t format_count = 0;
  uint8_t connection_count = 0;  // c= lines; the first is kept, others are layers of multicast
  bool has_direction = false;
  Direction direction = Direction::sendrecv;
  Connection connection;  // of the media level; type none when only the session has one
  bool has_rtcp_mux = false;
  uint16_t rtcp_port = 0;      // of a=rtcp (RFC 3605); 0 when absent
  Connection rtcp_connection;  // type none when a=rtcp names a port only
  uint16_t ptime_ms = 0;       // 0 when absent
  uint16_t maxptime_ms = 0;
  uint16_t first_attribute = 0;  // its attributes: [first_attribute, +attribute_count)
  uint16_t attribute_count = 0;
  Span information;  // i=
  Bandwidths bandwidths;
  std::array<Format, max_formats> formats;
};

struct Description {
  Origin origin;
  Span session_name;      // empty for "s=", which RFC 8866 section 5.3 forbids but harms nobody
  Span information;       // i=
  Connection connection;  // of the session level
  Bandwidths bandwidths;
  Span start_time;  // digits of the first t=; empty without one
  Span stop_time;
  bool has_direction = false;
  Direction direction = Direction::sendrecv;
  uint8_t media_count = 0;
  uint16_t session_attribute_count = 0;  // attributes [0, session_attribute_count)
  uint16_t attribute_count = 0;
  std::array<Media, max_media> media;
  std::array<Attribute, max_attributes> attributes;

  // The connection and direction in force for one media description.
  const Connection& connection_of(const Media& m) const {
    return m.connection.type == AddressType::none ? connection : m.connection;
  }
  Direction direction_of(const Media& m) const { return m.has_direction ? m.direction : direction; }
};
// One lies in the arena of each worker, and tests have it on the stack.
static_assert(sizeof(Description) <= 16 * 1024);

// The attributes of one level: `for (const Attribute& attribute : attributes_of(d, media))`.
class Attributes {
 public:
  Attributes(const Attribute* begin, uint16_t count) : begin_(begin), end_(begin + count) {}
  const Attribute* begin() const { return begin_; }
  const Attribute* end() const { return end_; }
  // The first of its kind, nullptr when there is none.
  const Attribute* find(AttributeKind kind) const;

 private:
  const Attribute* begin_;
  const Attribute* end_;
};
Attributes attributes_of(const Description& description, const Media& media);
Attributes session_attributes_of(const Description& description);

// Whether the sender put the stream on hold: a=sendonly, a=inactive, or an address where nothing
// can be sent (RFC 3264 section 8.4). A media description that is off is not on hold.
bool is_hold(const Description& description, const Media& media, std::string_view body);

// `description` is caller-owned and large; it is complete on success, and nothing of what it held
// before is left. Taken as peers send it, and said here as it is wider than RFC 8866 section 9:
// LF for CRLF; no line end behind the last line; empty lines at the end; several SP for one, and
// SP at the end of a line; no s= or t=; lines of one level in any order; lines of types that are
// not known, and those of u=, e=, p=, r=, z= and k=, which nothing here asks for, skipped; a b=
// that is unreadable, skipped; of two rtpmap or fmtp of one format, the first counts.
enum class Parsed : uint8_t { ok };
Result<Parsed, SdpError> parse(std::string_view body, Description& description);

}  // namespace demarc::sdp
