// RegisterRequest: a REGISTER of a peer, read (RFC 3261 section 10.3, RFC 3327). A value without
// state; what it says is judged by Registrar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/contract/address.h"
#include "sip-parser/message.h"

namespace demarc::registrar {

// Limits of one REGISTER.
inline constexpr size_t max_contacts = 16;
inline constexpr size_t max_contact_octets = 200;  // of a URI
inline constexpr size_t max_path_octets = 1024;    // of all of them

struct RequestedContact {
  std::string uri;         // as it stands
  std::string host;        // an IPv6 reference with its brackets
  uint16_t port = 0;       // 0: none is written
  bool is_secure = false;  // sips
  uint16_t q = 1000;       // thousandths
  bool has_expires = false;
  uint32_t expires_s = 0;
};

struct RegisterRequest {
  std::string user;  // of To: whom it is about
  std::string call_id;
  uint32_t cseq = 0;
  bool removes_all = false;  // Contact: *
  bool has_expires = false;
  uint32_t expires_s = 0;
  std::vector<RequestedContact> contacts;
  std::string path;  // as a Route value; empty: none
  std::string path_host;
  uint16_t path_port = 0;
  bool takes_path = false;   // its sender knows of it
  std::string unsupported;   // option tags that it requires and we have not
  std::string user_agent;    // at most 64 octets
  uint16_t status_code = 0;  // not 0: it is refused with this, whoever sent it
};

// `text` is what `message` was parsed from.
RegisterRequest read_register(const sip::Message& message, std::string_view text);

// Whether two Contact URIs are the same binding (RFC 3261 section 10.3, step 7).
bool is_same_contact(std::string_view a, std::string_view b);

}  // namespace demarc::registrar
