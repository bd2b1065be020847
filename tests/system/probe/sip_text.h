// Just enough SIP for the probe's two ends: reading a datagram into lines and finding one header
// field. It shares nothing with sip-parser on purpose: a test must not believe what it tests.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/system/probe/address.h"
#include "tests/system/probe/codec.h"

namespace demarc::probe {

// Owns its text. A request has a method, a response a status code.
struct SipText {
  std::string method;
  std::string request_uri;
  int status_code = 0;
  std::vector<std::pair<std::string, std::string>> fields;  // in order, names as received
  std::string body;

  bool is_request() const { return status_code == 0; }
  // The first field of that name or its compact form (RFC 3261 section 7.3.3); empty when absent.
  std::string field(std::string_view name) const;
  std::string cseq_method() const;
};

std::optional<SipText> parse_sip(std::string_view datagram);

// The value of ;name= in a header field, empty when absent.
std::string parameter(std::string_view field, std::string_view name);
// What is between < and >, or the text up to ; without them.
std::string uri_of(std::string_view field);
std::string user_of(std::string_view uri);
std::optional<Address> address_of(std::string_view uri);

// The audio address of an SDP body; nothing when there is none or it is refused (port 0).
std::optional<Address> audio_address(std::string_view body);
// The codec is the one that is offered or answered; `protocol` and `key_line` (with its line end)
// as secrecy.h has them.
std::string make_sdp(const Address& media, Codec codec = Codec::pcma,
                     std::string_view protocol = "RTP/AVP", std::string_view key_line = "");

}  // namespace demarc::probe
