// Allow (RFC 3261 section 20.5): the methods that a peer understands, as a set.
//
// Called by call/ on the worker that holds the message, to know whether a peer takes UPDATE, PRACK,
// REFER or INFO. Methods are case-sensitive; those that method.h does not know are counted.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/enum_set.h"
#include "sip-parser/message.h"
#include "sip-parser/method.h"
#include "sip-parser/params.h"

namespace demarc::sip {

struct Methods {
  EnumSet<Method> known;  // never has `other`
  uint16_t unknown_count = 0;
};

// One field value. An empty one has no methods, as the grammar allows.
Result<Methods, ValueError> parse_methods(Span value, std::string_view datagram);
// All Allow fields together; none is an empty set, which says nothing on what the peer takes.
Result<Methods, ValueError> methods_of(const Message& message, std::string_view datagram);

}  // namespace demarc::sip
