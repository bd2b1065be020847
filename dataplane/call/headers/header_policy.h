// Header policy: which header fields of a received message stand in what goes to the other leg.
//
// Nothing crosses unless a policy here or a header rule of the configuration says so; what belongs
// to one leg (Via, Contact, Call-ID, tags, Route, bodies, extensions) is the call engine's alone
// and can not be reached. Called on the worker that composes the message; pure, no allocation,
// bounded by the limits of FieldView and Crossing::max_octets.
//
// As far as they are well formed these cross:
// - P-Asserted-Identity between trusted peers that both keep identities (RFC 3325)
// - Privacy (RFC 3323); "id" is added to an identity that stands beside an anonymous From
// - Diversion and History-Info of an INVITE, in the form that the peer takes (call_history.h)
// - Reason of protocols SIP and Q.850 in BYE, CANCEL and failures (RFC 3326, RFC 6432)
// - User-to-User (RFC 7433)
// - P-Early-Media between trusted peers (RFC 5009)
// - Alert-Info with a urn:alert URI; any other is fetched from some host (RFC 7462)
// - Subject, unless the caller is hidden from a peer that is not trusted
// - Geolocation and Geolocation-Routing of a request whose locations go on, and Geolocation-Error
//   from a peer that is told of locations (RFC 6442); "cid:" only with the part that it means
// - Priority, Resource-Priority, Accept-Resource-Priority, Answer-Mode and Priv-Answer-Mode
//
// Numbers of a caller in them are those that the trunks' rules make; of a concealed caller neither
// identity, history nor Subject crosses, and no rule lets through what names it (Identity).
//
// P-Preferred-Identity never does: it is for a proxy that asserts (RFC 3325 section 9.2).
#pragma once

#include "dataplane/call/headers/crossing.h"
#include "sip-parser/write.h"

namespace demarc::call::headers {

struct CrossingCount {
  uint16_t written = 0;  // header field lines
  // Fields, or elements of one, that should have crossed: malformed, repeated where one is allowed,
  // past a limit, or without room.
  uint16_t dropped = 0;
};

// A request of our own making, which no message of the other side is behind: a BYE when the call is
// ended here, a CANCEL, a PRACK, a refresh.
struct OwnRequest {
  sip::Method method;
  const contract::TrunkSection& trunks;
  const contract::TrunkConfig& to;  // whose peer gets it
  uint32_t max_octets = 8192;
};
// Header field lines that the `add` rules of `to` give it. The other rules work on what crosses,
// and nothing does. A peer that is promised a field in each BYE gets it, whoever ends the call.
CrossingCount write_own_fields(sip::Writer& writer, const OwnRequest& request);

// Writes whole header field lines, or leaves a field out: the writer does not fail for it.
CrossingCount write_crossing_fields(sip::Writer& writer, const Crossing& crossing);

}  // namespace demarc::call::headers
