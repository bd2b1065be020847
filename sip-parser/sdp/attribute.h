// The names of attributes (RFC 8866 section 6 and the registry's others) and one a= line.
//
// Used by parse.cc for each a= line and by whoever walks the attributes of a Description. Looked up
// by a perfect hash made at compile time. Names are compared as they are registered, but those of
// T.38 without case, as gateways write them in every way. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/sdp/direction.h"

namespace demarc::sdp {

enum class AttributeKind : uint8_t {
  other,  // name and value are kept, never printed
  rtpmap,
  fmtp,
  ptime,
  maxptime,
  sendrecv,  // four in the order of Direction
  sendonly,
  recvonly,
  inactive,
  rtcp,         // RFC 3605
  rtcp_mux,     // RFC 5761
  rtcp_fb,      // RFC 4585
  rtcp_rsize,   // RFC 5506
  crypto,       // RFC 4568
  fingerprint,  // RFC 8122
  setup,        // RFC 4145
  connection,
  tls_id,     // RFC 8842
  ice_ufrag,  // RFC 8839
  ice_pwd,
  ice_options,
  ice_lite,
  ice_mismatch,
  ice_pacing,
  candidate,
  remote_candidates,
  end_of_candidates,  // RFC 8840
  ssrc,               // RFC 5576
  ssrc_group,
  mid,  // RFC 5888
  group,
  msid,          // RFC 8830
  extmap,        // RFC 8285
  label,         // RFC 4574
  content,       // RFC 4796
  silence_supp,  // RFC 3108
  t38_version,   // ITU-T T.38 annex D, in the order of its table
  t38_max_bit_rate,
  t38_fill_bit_removal,
  t38_transcoding_mmr,
  t38_transcoding_jbig,
  t38_rate_management,
  t38_max_buffer,
  t38_max_datagram,
  t38_max_ifp,
  t38_udp_ec,
  count,
};

struct Attribute {
  AttributeKind kind = AttributeKind::other;
  Span name;
  Span value;  // behind ':', empty for a flag
};

AttributeKind attribute_kind(std::string_view name);
// The same for a name whose first eight octets, or more than it has, were read already.
AttributeKind attribute_kind(uint64_t first_octets, std::string_view name);
// Empty for `other`.
std::string_view spelling(AttributeKind kind);

constexpr bool is_direction(AttributeKind kind) {
  return kind >= AttributeKind::sendrecv && kind <= AttributeKind::inactive;
}
// Of one of the four.
constexpr Direction direction_of(AttributeKind kind) {
  return static_cast<Direction>(static_cast<unsigned>(kind) -
                                static_cast<unsigned>(AttributeKind::sendrecv));
}
constexpr bool is_t38(AttributeKind kind) {
  return kind >= AttributeKind::t38_version && kind <= AttributeKind::t38_udp_ec;
}

}  // namespace demarc::sdp
