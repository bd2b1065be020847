// Capabilities: what an element serves, and the judgement of a request by it (RFC 3261 sections
// 8.2 and 16.3).
//
// Plain data that the element fills once and keeps; the lists are borrowed as long as it is used.
// validate() with it comes instead of validate() without, not after it. The fields that a refusal
// must carry (Allow, Unsupported, Accept, Accept-Encoding) are written from the same lists, so
// what is promised and what is served can not differ. Used on the worker that holds the message.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/message.h"
#include "sip-parser/validate.h"
#include "sip-parser/write.h"

namespace demarc::sip {

using NameList = std::span<const std::string_view>;

inline constexpr std::string_view core_methods[] = {"INVITE", "ACK",     "BYE",
                                                    "CANCEL", "OPTIONS", "REGISTER"};
inline constexpr std::string_view core_schemes[] = {"sip", "sips", "tel"};
inline constexpr std::string_view core_body_types[] = {"application/sdp"};

struct Capabilities {
  enum class Role : uint8_t {
    user_agent,  // also a registrar and each side of a B2BUA
    proxy,       // forwards what it does not know: asks Proxy-Require only, no method, no body
  };
  enum class Challenge : uint8_t { none, unauthorized, proxy_authentication_required };

  Role role = Role::user_agent;
  NameList methods = core_methods;        // another is answered 405 when it is known, else 501
  NameList option_tags = {};              // what Require may ask for; else 420
  NameList schemes = core_schemes;        // of the Request-URI, and of To in REGISTER; else 416
  NameList body_types = core_body_types;  // type/subtype without parameters; else 415
  NameList encodings = {};                // of Content-Encoding, beside identity; else 415
  // The type of our answers to INVITE, which Accept must admit; else 406. Empty: it is not asked.
  std::string_view answer_type = core_body_types[0];
  // The request would be forwarded: Max-Forwards 0 earns 483.
  bool is_forwarding = false;
  // 401 or 407 without well-formed credentials of this scheme; whether they are right is not judged
  // here.
  Challenge challenge = Challenge::none;
  std::string_view auth_scheme = "Digest";
};

Verdict validate(const Message& message, std::string_view datagram,
                 const Capabilities& capabilities);

// Whether a method is served or, by a proxy, forwarded. Methods compare with case (RFC 3261
// section 7.1).
bool serves_method(std::string_view method, const Capabilities& capabilities);

// The header fields that a refusal must carry for its defect: Allow, Unsupported with exactly the
// option tags that are not served, Accept, Accept-Encoding. Nothing for other defects.
void write_refusal_fields(Writer& writer, Defect defect, const Message& message,
                          std::string_view datagram, const Capabilities& capabilities);

}  // namespace demarc::sip
