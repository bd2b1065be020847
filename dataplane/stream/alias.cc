#include "dataplane/stream/alias.h"

#include "sip-parser/parse.h"
#include "sip-parser/via.h"

namespace demarc::stream {

AliasOffer alias_of(std::string_view message, const contract::IpAddress& source,
                    contract::Transport transport) {
  sip::Message parsed;
  if (!sip::parse(message, parsed) || !parsed.is_request) return {};
  AliasOffer offer{.is_request = true, .alias = {}};
  const auto via = sip::parse_top_via(parsed.value(sip::HeaderName::via), message);
  if (!via || sip::find_param(via->params, "alias", message).name.empty()) return offer;
  const uint16_t port = via->port == 0 ? default_port(transport) : via->port;
  offer.alias = contract::Endpoint{source, port};
  return offer;
}

}  // namespace demarc::stream
