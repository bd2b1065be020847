// Attributes that name streams and sources: ssrc and ssrc-group (RFC 5576), mid and group
// (RFC 5888), msid (RFC 8830), label (RFC 4574), content (RFC 4796).
//
// Called by whoever asks for one, on the worker that owns the call. Lists are walked word by word,
// so that none has a limit of its own.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/sdp/value.h"

namespace demarc::sdp {

inline constexpr uint32_t max_msid_octets = 64;

struct Ssrc {
  uint32_t id = 0;
  Span attribute;  // "cname"
  Span value;      // behind the ':'; empty when there is none
};
// <ssrc> <attribute>[:<value>]
Result<Ssrc, ValueError> parse_ssrc(Span value, std::string_view body);

// "a=ssrc-group:FID 1 2" and "a=group:BUNDLE audio video": what it means, then its members.
enum class GroupSemantics : uint8_t {
  other,
  ls,      // lip synchronization
  fid,     // flow identification, RFC 5888; retransmission, RFC 5576
  bundle,  // RFC 9143
  dup,     // RFC 7104
  anat,    // RFC 4091
  fec_fr,  // RFC 5956
  sim,
};
struct Group {
  GroupSemantics semantics = GroupSemantics::other;
  Span semantics_text;
  Span members;  // for take_member()
};
// Members are tokens; a group without any ends what was grouped before.
Result<Group, ValueError> parse_group(Span value, std::string_view body);
// Members are numbers below 2^32.
Result<Group, ValueError> parse_ssrc_group(Span value, std::string_view body);
// Cuts the next member off `members`; false at the end.
bool take_member(Span& members, std::string_view body, Span& member);

struct Msid {
  Span id;
  Span application_data;  // empty without
};
Result<Msid, ValueError> parse_msid(Span value, std::string_view body);

// A token; the value itself on success.
Result<Span, ValueError> parse_mid(Span value, std::string_view body);
Result<Span, ValueError> parse_label(Span value, std::string_view body);
// Whether a=content, a list with ',' between its tokens, has this one: "slides", "speaker", "sl",
// "main", "alt".
bool has_content(Span value, std::string_view body, std::string_view content);

}  // namespace demarc::sdp
