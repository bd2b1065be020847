// Whether the other side is told where the sender of a request is: PIDF-LO in its body, Geolocation
// and Geolocation-Routing (RFC 6442), in what begins or changes a session.
//
// Asked for each INVITE and UPDATE that is composed from a received one. One worker only.
#pragma once

#include "dataplane/call/call.h"
#include "dataplane/call/received.h"
#include "dataplane/contract/call_policy.h"

namespace demarc::call {

// What `peer` is shown of the request of that side; nullptr: it is not told of locations at all.
// Valid as long as the request.
inline const headers::Locations* shown_locations(const Received& request, const Call& call,
                                                 Side from, const contract::CallPolicy& peer) {
  const bool may_carry =
      request.is_request(sip::Method::invite) || request.is_request(sip::Method::update);
  if (!may_carry || !peer.passes_location) return nullptr;
  // A location names whose it is. Who answers an emergency call must find the caller all the same,
  // of whom another number may be shown for that very reason.
  const bool is_hidden = call.leg(from).identity == headers::Identity::concealed;
  return is_hidden && !call.on_route().is_emergency ? nullptr : &request.session.locations;
}

// Whether it has something to say of a location to a peer that is told.
inline bool tells_location(const Received& request, const Call& call, Side from,
                           const contract::CallPolicy& peer) {
  const headers::Locations* shown = shown_locations(request, call, from, peer);
  return shown != nullptr && (!shown->empty() || request.message.has(sip::HeaderName::geolocation));
}

// Whether it has a location that must be understood, and the peer is not shown any.
inline bool lacks_location(const Received& request, const Call& call, Side from,
                           const contract::CallPolicy& peer) {
  return request.session.locations.is_required &&
         shown_locations(request, call, from, peer) == nullptr;
}

}  // namespace demarc::call
