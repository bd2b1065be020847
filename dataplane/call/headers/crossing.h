// Crossing: one message on its way from one leg of a call to the other, as far as its header fields
// go. Made by whoever composes the other leg's message; read by header_policy.h and its parts.
//
// Borrows everything for as long as one function call. A response to what we sent to a peer crosses
// back: then `from` is the called trunk.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/call/headers/caller_numbers.h"
#include "dataplane/call/headers/location.h"
#include "dataplane/contract/section.h"
#include "sip-parser/address.h"
#include "sip-parser/message.h"

namespace demarc::call::headers {

struct CallerNames;

struct Crossing {
  const sip::Message& message;  // as received
  std::string_view datagram;
  const sip::Address& from_address;      // what its From says
  const contract::TrunkSection& trunks;  // that both rows are of
  const contract::TrunkConfig& from;     // whose peer sent the message
  const contract::TrunkConfig& to;       // whose peer is told
  // What the peer of `to` sees as our host, an IPv6 address with brackets: stands wherever a host
  // of the other side stood.
  std::string_view our_host;
  // The user part that the peer of `to` is called with; the last entry of a History-Info that is
  // made of a Diversion. Empty: there is no such entry.
  std::string_view called_user = {};
  // What the sender may show of itself.
  Identity identity = Identity::as_it_came;
  // Of a concealed caller: the number that stands for it, in an identity as well. Empty: none does.
  std::string_view shown_user = {};
  // Of one that is ruled; nullptr: no rules.
  const CallerNumbers* numbers = nullptr;
  // What the names of a caller become; nullptr: they stay.
  const CallerNames* names = nullptr;
  // What goes on beside the message of those that stand in its body; nullptr: the peer is not told
  // where anybody is.
  const Locations* locations = nullptr;
  // What all crossing fields may take of the message.
  uint32_t max_octets = 8192;
};

}  // namespace demarc::call::headers
