// Private fields of mobile and carrier networks (RFC 7315): P-Charging-Vector,
// P-Charging-Function-Addresses, P-Access-Network-Info and P-Visited-Network-ID.
//
// Called by call/ on the worker that holds the message: they are kept or removed at the border of
// trust and correlate charging records. Spans are valid as long as the datagram and are without
// quotes. P-Early-Media has early_media.h; the fields that hold an address have name_addr.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

// RFC 7315 section 4.6.
struct ChargingVector {
  Span icid;  // never empty but for icid-value=""
  Span icid_generated_at;
  Span orig_ioi;
  Span term_ioi;
  Span transit_ioi;
  Span related_icid;
  Span related_icid_generated_at;
};

// RFC 7315 section 4.5. The first of each kind; the others stand by for it.
struct ChargingFunctionAddresses {
  Span ccf;  // collects charging records
  Span ecf;  // charges as the call goes on
  uint16_t ccf_count = 0;
  uint16_t ecf_count = 0;
};

// RFC 7315 section 4.4; one element of a list.
struct AccessNetworkInfo {
  Span access_type;  // "3GPP-UTRAN-TDD"; other than in text, not known here
  Span params;
  bool is_network_provided = false;  // "np": a network says so, not the device
};

// RFC 7315 section 4.3; one element of a list.
struct VisitedNetwork {
  Span name;
  bool has_quotes = false;
  Span params;
};

Result<ChargingVector, ValueError> parse_charging_vector(Span value, std::string_view datagram);
Result<ChargingFunctionAddresses, ValueError> parse_charging_function_addresses(
    Span value, std::string_view datagram);
Result<AccessNetworkInfo, ValueError> parse_access_network_info(Span element,
                                                                std::string_view datagram);
Result<VisitedNetwork, ValueError> parse_visited_network(Span element, std::string_view datagram);

}  // namespace demarc::sip
