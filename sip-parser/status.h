// Status codes and their default reason phrases (RFC 3261 section 21 and the registry).
//
// Used by whoever composes a response, on any thread; no state.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::sip {

// "Busy Here" for 486; for a code without a phrase of its own, that of its class (x00).
std::string_view reason_phrase(uint16_t status_code);

}  // namespace demarc::sip
