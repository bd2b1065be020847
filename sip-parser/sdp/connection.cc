#include "sip-parser/sdp/connection.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/sdp/octet_set.h"

namespace demarc::sdp {

std::string_view network_of(AddressType type) {
  return type == AddressType::ip6 ? "IN IP6 " : "IN IP4 ";
}

bool is_address(std::string_view text, AddressType type) {
  if (text.empty() || text.size() > max_address_octets || type == AddressType::none) return false;
  return (type == AddressType::ip6 ? ip6_text : ip4_text).covers(text);
}

bool is_unspecified(std::string_view address) {
  constexpr std::string_view invalid = ".invalid";
  if (address == "0.0.0.0" || address == "::") return true;
  return address.size() > invalid.size() &&
         ascii::iequals(address.substr(address.size() - invalid.size()), invalid);
}

bool is_multicast(std::string_view address, AddressType type) {
  if (type == AddressType::ip6) {
    return address.size() > 4 && ascii::iequals(address.substr(0, 2), "ff") &&
           ascii::is_hex(address[2]) && ascii::is_hex(address[3]) && address[4] == ':';
  }
  uint64_t first = 0;
  return address.size() > 3 && address[3] == '.' &&
         ascii::parse_decimal(address.substr(0, 3), 239, first) && first >= 224;
}

}  // namespace demarc::sdp
