// Dialog: what RFC 3261 section 12 keeps for one leg, as spans into the call's TextBlock.
//
// Pure state: call/ decides what is sent. One worker only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/dialog/text_block.h"
#include "sip-parser/essentials.h"
#include "sip-parser/message.h"

namespace demarc::dialog {

enum class State : uint8_t { none, early, confirmed, ended };

struct Dialog {
  State state = State::none;
  bool has_remote_cseq = false;
  uint32_t local_cseq = 0;   // of the last request we sent in it
  uint32_t remote_cseq = 0;  // of the last request we took
  Span call_id;
  Span local_tag;
  Span remote_tag;       // empty until the peer gave one
  Span local_identity;   // name-addr without tag: From of our requests
  Span remote_identity;  // To of our requests
  Span remote_target;    // URI of the peer's Contact
  Span route_set;        // Route field value, in the order of our requests; may be empty
};

// Takes the peer's part of a dialog from a message that makes or refreshes it: its tag, Contact and
// Record-Route (reversed when we are the caller, RFC 3261 section 12.1.2). False when the message
// lacks a usable Contact or the text does not fit.
template <uint16_t InnerOctets>
[[nodiscard]] bool learn_peer(Dialog& dialog, TextBlockOf<InnerOctets>& text,
                              const sip::Message& message, std::string_view datagram,
                              const sip::Essentials& essentials);

// Takes the Contact of a request or 2xx that refreshes the target (RFC 3261 section 12.2). False
// when there is none that can be used, or no room for it: the target stays as it was then.
bool refresh_target(Dialog& dialog, TextBlock& text, const sip::Message& message,
                    std::string_view datagram);

// Takes the CSeq number of a request within the dialog; false when it is lower than one seen before
// (RFC 3261 section 12.2.2). ACK and CANCEL are not asked.
[[nodiscard]] bool take_remote_cseq(Dialog& dialog, uint32_t number);

// The URI inside the first Contact; empty when there is none that can be used.
Span contact_uri(const sip::Essentials& essentials);
// The same of a message whose fields were not read before.
Span contact_uri(const sip::Message& message, std::string_view datagram);

// Writes the Route field value that the Record-Route fields of `message` make, into `out`; returns
// its length, or -1 when it does not fit. Reversed for the side that called.
int route_set_of(const sip::Message& message, std::string_view datagram, bool is_reversed,
                 std::span<char> out);

}  // namespace demarc::dialog
