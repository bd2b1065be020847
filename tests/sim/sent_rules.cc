#include "sip-parser/parse.h"
#include "sip-parser/validate.h"
#include "tests/sim/agent.h"
#include "tests/sim/appliance.h"
#include "tests/sim/wire_rules.h"

namespace demarc::sim {

void WireRules::on_sent(const transaction::Send& send, const Text& text, std::string_view complaint,
                        const Leg& leg) {
  const std::string_view octets = text.octets;
  const uint32_t call = leg.call;
  const auto trunk = contract::index_of(send.trunk);
  const contract::Endpoint& remote = send.path.remote;
  const auto& peer = remote.address.octets;
  const contract::Transport transport = options_.transport_of(trunk);
  // Another port only as the name of a connection, which Lines sees to.
  const bool is_known_port =
      remote.port == default_port(transport) || send.path.stream != transaction::StreamId::none;
  const bool is_of_trunk = trunk < options_.trunks && remote.address.is_v4() && peer[12] == 10 &&
                           peer[13] == 9 && peer[14] == trunk && is_known_port;
  if (!is_of_trunk) return failure_.report("a message to a peer that is not the trunk's", call);
  const auto& own = send.path.local.address.octets;
  if (own[12] != 10 || own[13] != 1 || own[14] != realm_of(trunk)) {
    return failure_.report("a message from an address that is not the realm's", call);
  }
  if (send.path.transport != transport) {
    return failure_.report("a message by another transport than the trunk's", call, octets);
  }
  check_hidden(octets, trunk, leg);
  // What was cut is answered with what is left of it.
  const bool repeats_damage = cause_ != nullptr && cause_->is_cut && !text.is_request();
  if (repeats_damage) return;
  if (!complaint.empty()) return failure_.report(complaint, call, octets);
  check_parses(octets, call);
  if (text.is_request()) return on_sent_request(send, text, call);
  on_sent_response(send, text, call);
}

// Addresses of other trunks, and what the peer of the other leg calls itself.
void WireRules::check_hidden(std::string_view octets, uint16_t trunk, const Leg& leg) {
  const std::string own = network_of(trunk);
  for (size_t at = octets.find("10.9."); at != std::string_view::npos;
       at = octets.find("10.9.", at + 1)) {
    if (!octets.substr(at).starts_with(own)) {
      return failure_.report("an address of another trunk was shown", leg.call, octets);
    }
  }
  if (leg.call == nobody) return;
  const Agent::Role other = leg.is_calling ? Agent::Role::called : Agent::Role::calling;
  if (octets.find(Agent::mark_of(other)) != std::string_view::npos) {
    failure_.report("a name of the other side was shown", leg.call, octets);
  }
}

void WireRules::check_parses(std::string_view octets, uint32_t call) {
  padded_.assign(octets).append(sip::padding_octets, '\xee');
  const auto datagram = std::string_view(padded_).substr(0, octets.size());
  if (!sip::parse(datagram, message_) || !sip::validate(message_, datagram).is_acceptable()) {
    failure_.report("a message that our own parser refuses", call, octets);
  }
}

}  // namespace demarc::sim
