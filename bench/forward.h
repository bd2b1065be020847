// What a forwarding element does to a message: the edit and the writing that bench/ measures.
//
// A request gets our Via on top, one hop less in Max-Forwards, no Route, our Contact, our
// Record-Route and, where it has a session description, ours instead (RFC 3261 section 16.6). A
// response gets our Contact and description. parse_bench and the peers programs share it.
#pragma once

#include <span>
#include <string_view>

#include "sip-parser/message.h"

namespace demarc::bench {

// Borrows all of its arguments. Empty when the message can not be written.
std::string_view forward(const sip::Message& message, std::string_view datagram,
                         std::span<char> out);

}  // namespace demarc::bench
