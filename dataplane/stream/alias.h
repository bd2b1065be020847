// The alias of a connection (RFC 5923 section 5): where a peer says, by the first request on a
// connection that it made, that it takes our requests on that connection, too. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "dataplane/contract/address.h"
#include "dataplane/contract/transport.h"

namespace demarc::stream {

// The address that the request came from and the port of its top Via, when that says "alias": an
// address that the Via names proves nothing. Not set for responses and what does not parse. At
// least sip::padding_octets behind `message` are readable.
struct AliasOffer {
  bool is_request = false;  // it was one, so the question is settled
  std::optional<contract::Endpoint> alias;
};
AliasOffer alias_of(std::string_view message, const contract::IpAddress& source,
                    contract::Transport transport);

}  // namespace demarc::stream
