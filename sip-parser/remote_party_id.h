// Remote-Party-ID (draft-ietf-sip-privacy-04): the forerunner of P-Asserted-Identity, which some
// trunks still send.
//
// Called by call/ on the worker that holds the message. A value is a comma-separated list; this
// reads one element. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/address.h"
#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"

namespace demarc::sip {

enum class RemoteParty : uint8_t { calling, called, other };

struct RemotePartyId {
  Address address;
  RemoteParty party = RemoteParty::other;  // `other` also when absent: then who sent the message
  bool is_screened = false;                // screen=yes
  Span privacy;                            // "full", "off", ...; empty when absent
  Span id_type;                            // "subscriber", ...; empty when absent
};

Result<RemotePartyId, ValueError> parse_remote_party_id(Span element, std::string_view datagram);

}  // namespace demarc::sip
