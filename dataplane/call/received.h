// Received: a SIP message that was accepted, and where it came from; and what is read from several
// of its fields at once. Valid during one step of the engine. One worker only.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/call/session_body.h"
#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/time.h"
#include "dataplane/dialog/session_timer.h"
#include "dataplane/number/number.h"
#include "dataplane/transaction/path.h"
#include "sip-parser/enum_set.h"
#include "sip-parser/essentials.h"
#include "sip-parser/message.h"
#include "sip-parser/option_tags.h"

namespace demarc::call {

// The known option tags of Supported and of Require. None of a field with a mistake in it.
struct Extensions {
  sip::EnumSet<sip::OptionTag> supported;
  sip::EnumSet<sip::OptionTag> required;
  bool has(sip::OptionTag tag) const { return supported.has(tag) || required.has(tag); }
};
Extensions extensions_of(const sip::Message& message, std::string_view datagram);

struct Received {
  const sip::Message& message;
  std::string_view datagram;
  const sip::Essentials& essentials;
  contract::Endpoint source;  // of the packet
  transaction::Path path;     // where answers go
  contract::TrunkId trunk;
  contract::Instant now;
  SessionBody session = session_body_of(message, datagram);
  Extensions extensions = extensions_of(message, datagram);

  std::string_view value(sip::HeaderName name) const { return text(message.value(name), datagram); }
  // Of a multipart that brings SDP the SDP alone.
  std::string_view body() const { return text(session.octets, datagram); }
  bool is_request(sip::Method method) const {
    return message.is_request && message.method == method;
  }
};

// The tag of the To and of the From field; empty when absent.
inline std::string_view to_tag_of(const Received& received) {
  return text(received.essentials.to_tag, received.datagram);
}
inline std::string_view from_tag_of(const Received& received) {
  return text(received.essentials.from_tag, received.datagram);
}
// The number of CSeq; 0 when it is unreadable.
inline uint32_t cseq_of(const Received& received) {
  return received.essentials.cseq;
}
// The number of the Request-URI, or its user part as it stands when that is none; as much of it as
// a number may have.
std::string_view called_of(const Received& received, number::Number& number);
// The user part of From, the same.
std::string_view calling_of(const Received& received);
// Max-Forwards; 70 when it is absent.
uint32_t max_forwards_of(const Received& received);
// Whether the body is SDP, or one of its parts.
inline bool has_sdp(const Received& received) {
  return received.session.kind == SessionBody::Kind::sdp;
}
// Whether it says nothing of the session: for an INVITE that it asks for an offer.
inline bool is_without_session(const Received& received) {
  return received.session.kind == SessionBody::Kind::none;
}
// 415 or 400 for a request with a body that is neither SDP nor nothing; else 0.
uint16_t refused_body(const Received& request);
// Whether it is sent to a sips URI (RFC 5630).
bool has_sips_uri(const Received& request);
// The same where that is not served: TLS alone may bring it, and only to who accepts it.
bool has_unserved_sips_uri(const Received& request, bool accepts_sips);
// Session-Expires, Min-SE and whether the peer knows them (RFC 4028).
dialog::SessionTerms terms_of(const Received& received);

}  // namespace demarc::call
