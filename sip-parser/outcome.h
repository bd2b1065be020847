// Outcome: what becomes of one received message, whatever is wrong with it.
//
// The one place that joins what parse() said with what validate() says (RFC 3261 sections 8.2, 16.3
// and 18.3): serve it, answer it with a status and a reason, or drop it; which of them is counted
// under its Defect. On a stream a mistake in the framing also ends the connection, since nobody
// can tell where the next message begins. Called by whoever receives, on the worker that did.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/capabilities.h"
#include "sip-parser/framer.h"
#include "sip-parser/message.h"
#include "sip-parser/parse.h"
#include "sip-parser/validate.h"
#include "sip-parser/write.h"

namespace demarc::sip {

enum class Delivery : uint8_t { datagram, stream };

struct Outcome {
  enum class Action : uint8_t { serve, answer, drop };
  Action action = Action::serve;
  bool closes_connection = false;  // after the answer; only on a stream
  Defect defect = Defect::none;
  uint16_t status_code = 0;  // of the answer, else 0
  std::string_view reason;   // static text
};

// `parsed` is what parse() gave for `message` and `datagram`; on a stream, for the octets that the
// framer found to be one message.
Outcome outcome_of(const Result<uint16_t, ParseError>& parsed, const Message& message,
                   std::string_view datagram, Delivery delivery, const Capabilities& capabilities);
// The same for a stream that can not be framed any further. `message` is what parse() took from
// the octets of that frame, whatever it said of them.
Outcome outcome_of(FrameError error, const Message& message, std::string_view datagram,
                   const Capabilities& capabilities);

// The stateless answer of an outcome: the fields that RFC 3261 section 8.2.6.2 wants repeated as
// far as they came, folds undone, and what the status calls for. `to_tag` is added to a To that
// can be read and has none; give the same for a retransmission. A challenge is left to the caller,
// who knows the nonce: it writes `more`, whole lines of its own, "Name: value\r\n".
struct Refusal {
  std::string_view to_tag;
  std::string_view more = {};
};
void write_refusal(Writer& writer, const Outcome& outcome, const Message& message,
                   std::string_view datagram, const Capabilities& capabilities,
                   const Refusal& refusal);

}  // namespace demarc::sip
