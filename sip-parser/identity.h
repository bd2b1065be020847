// Identity (RFC 8224 section 4, with its erratum 6499): a PASSporT that signs for the caller.
//
// Called by call/ on the worker that holds the message, which passes it on or hands it to whoever
// verifies it; nothing is decoded or verified here. The field may stand more than once and is no
// comma-separated list. Spans are valid as long as the datagram.
#pragma once

#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"
#include "sip-parser/uri.h"

namespace demarc::sip {

struct Identity {
  Span token;   // all three parts with their points
  Span header;  // base64url; empty with payload in the compact form ("..signature")
  Span payload;
  Span signature;  // never empty
  Uri info;        // where the certificate is
  Span alg;        // without quotes; empty when absent, which means ES256
  Span ppt;        // "shaken"; without quotes; empty when absent

  bool is_compact() const { return header.empty(); }
};

Result<Identity, ValueError> parse_identity(Span value, std::string_view datagram);

}  // namespace demarc::sip
