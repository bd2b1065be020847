// ICE in SDP (RFC 8839 section 5): candidates, the password pair and the options.
//
// Called by whoever takes up ICE, on the worker that owns the call. Addresses are text of the right
// octets only. a=ice-lite, a=ice-mismatch and a=end-of-candidates are flags and say it by being
// there.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/sdp/value.h"

namespace demarc::sdp {

inline constexpr uint32_t max_foundation_octets = 32;
inline constexpr uint16_t max_component = 256;
inline constexpr uint32_t max_candidate_priority = 0x7fffffff;  // RFC 8445 section 5.1.2
inline constexpr uint32_t min_ice_ufrag_octets = 4;
inline constexpr uint32_t min_ice_pwd_octets = 22;
inline constexpr uint32_t max_ice_octets = 256;

enum class CandidateTransport : uint8_t { other, udp, tcp };
enum class CandidateType : uint8_t { other, host, srflx, prflx, relay };

struct Candidate {
  Span foundation;
  uint16_t component = 0;  // 1 is RTP, 2 is RTCP
  CandidateTransport transport = CandidateTransport::other;
  Span transport_text;
  uint32_t priority = 0;
  Span address;  // an address, or a name such as those of mDNS
  uint16_t port = 0;
  CandidateType type = CandidateType::other;
  Span type_text;
  Span related_address;  // raddr; empty without one
  bool has_related_port = false;
  uint16_t related_port = 0;  // rport
  Span extensions;            // name and value by turns, for take_extension()
};
Result<Candidate, ValueError> parse_candidate(Span value, std::string_view body);

struct CandidateExtension {
  Span name;
  Span value;
};
// Cuts the next pair off `extensions`; false at the end.
bool take_extension(Span& extensions, std::string_view body, CandidateExtension& extension);

struct RemoteCandidate {
  uint16_t component = 0;
  Span address;
  uint16_t port = 0;
};
// Cuts the next one off the value of a=remote-candidates. False at the end, which leaves `rest`
// empty, and at a mistake, which does not.
bool take_remote_candidate(Span& rest, std::string_view body, RemoteCandidate& candidate);

// ice-char of the right length; the value itself on success.
Result<Span, ValueError> parse_ice_ufrag(Span value, std::string_view body);
Result<Span, ValueError> parse_ice_pwd(Span value, std::string_view body);
// Whether a=ice-options names the option, "trickle" or so.
bool has_ice_option(Span value, std::string_view body, std::string_view option);

}  // namespace demarc::sdp
