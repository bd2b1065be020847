// The torture corpus: bad and odd messages of our own, each with the outcome that it must have.
//
// A file holds one group as a table of `Case`. A message is text that can be read: one line a
// line, its ends become CRLF, and what has no printable form stands in << >>:
//   <<0d>>     the octet of that hexadecimal number
//   <<300*ab>> "ab" 300 times
//   <<length>> how many octets follow the first empty line
#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "sip-parser/capabilities.h"
#include "sip-parser/message.h"
#include "sip-parser/validate.h"

namespace demarc::torture {

// Who receives the messages.
extern const sip::Capabilities user_agent;
extern const sip::Capabilities registrar;  // asks for credentials
extern const sip::Capabilities proxy;

// What the same octets do on a stream, beside the outcome itself.
enum class OnStream : uint8_t {
  goes_on,  // the next message is read
  closes,   // nothing behind it is read
  waits,    // the message is not complete yet
};

struct Case {
  const char* name;  // "s3_1_1_1_tortuous_invite": the section of the RFC, and what it is
  const char* text;
  sip::Defect defect = sip::Defect::none;
  uint16_t status_code = 0;  // of the answer; 0: served without a defect, else dropped
  OnStream on_stream = OnStream::goes_on;
  sip::Defect stream_defect = sip::Defect::none;  // where it is another one
  const sip::Capabilities* element = &user_agent;
  // What must have been read of it, asserted.
  void (*check)(const sip::Message& message, std::string_view datagram) = nullptr;
};
inline std::ostream& operator<<(std::ostream& out, const Case& one) {
  return out << one.name;
}

// The octets of a message.
std::string expand(std::string_view text);

extern const std::span<const Case> rfc4475_valid;
extern const std::span<const Case> rfc4475_invalid;
extern const std::span<const Case> rfc4475_beyond_syntax;
extern const std::span<const Case> rfc5118;
extern const std::span<const Case> bug_classes;
inline const std::span<const Case>* const groups[] = {
    &rfc4475_valid, &rfc4475_invalid, &rfc4475_beyond_syntax, &rfc5118, &bug_classes};

// The text of the first field of a name, and how many there are.
std::string_view value(const sip::Message& message, std::string_view datagram,
                       sip::HeaderName name);
unsigned count(const sip::Message& message, sip::HeaderName name);

}  // namespace demarc::torture
