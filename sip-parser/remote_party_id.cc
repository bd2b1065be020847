#include "sip-parser/remote_party_id.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/known_params.h"
#include "sip-parser/words.h"

namespace demarc::sip {
namespace {

constexpr std::string_view parties[] = {"calling", "called"};
static_assert(std::size(parties) == static_cast<size_t>(RemoteParty::other));

constexpr KnownParam known[] = {{"party", ParamForm::token},
                                {"screen", ParamForm::token},
                                {"privacy", ParamForm::any},
                                {"id-type", ParamForm::token}};

}  // namespace

Result<RemotePartyId, ValueError> parse_remote_party_id(Span element, std::string_view datagram) {
  const Result<Address, ValueError> address =
      parse_address(element, datagram, AddressForm::name_addr);
  if (!address) return Fail{address.error()};
  const auto found = read_known_params(address->name_addr.params, datagram, known);
  if (!found) return Fail{found.error()};
  const auto& [party, screen, privacy, id_type] = *found;
  RemotePartyId result;
  result.address = *address;
  result.party = enum_of<RemoteParty>(text(party.value, datagram), parties);
  result.is_screened = ascii::iequals(text(screen.value, datagram), "yes");
  result.privacy = privacy.value;
  result.id_type = id_type.value;
  return result;
}

}  // namespace demarc::sip
