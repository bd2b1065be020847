// SIP methods (RFC 3261 and its extensions). Case-sensitive, RFC 3261 section 7.1.
//
// Used wherever a method is told apart, on any thread; no state.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::sip {

enum class Method : uint8_t {
  other,  // a token that is not in this list
  invite,
  ack,
  bye,
  cancel,
  options,
  register_,
  prack,
  subscribe,
  notify,
  publish,
  info,
  refer,
  message,
  update,
};

Method method_of(std::string_view token);
// "INVITE"; empty for `other`.
std::string_view spelling(Method method);

}  // namespace demarc::sip
