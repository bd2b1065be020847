// What both sides hand in: a received message with the name of a field, credentials with the
// datagram that they stand in, and from those to what their response is made from.
//
// Used by client.h and server.h, any thread. Valid as long as the message and the datagram.
#pragma once

#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/challenge.h"
#include "sip-parser/digest/response.h"
#include "sip-parser/header_name.h"
#include "sip-parser/message.h"

namespace demarc::digest {

struct Received {
  const sip::Message& message;
  std::string_view datagram;
  sip::HeaderName field;  // which of its fields is meant
};

struct Presented {
  const sip::Credentials& credentials;
  std::string_view datagram;
};

// All but method and body, which are not in the field.
inline ResponseInput input_of(const Presented& presented) {
  const sip::Credentials& credentials = presented.credentials;
  ResponseInput input;
  input.algorithm = credentials.algorithm;
  input.qop = credentials.qop;
  input.uri = text(credentials.uri, presented.datagram);
  input.nonce = text(credentials.nonce, presented.datagram);
  input.cnonce = text(credentials.cnonce, presented.datagram);
  input.nc = text(credentials.nc_text, presented.datagram);
  input.qop_text = text(credentials.qop_text, presented.datagram);
  return input;
}

}  // namespace demarc::digest
