#include "dataplane/call/session_body.h"

#include "sip-parser/media_type.h"
#include "sip-parser/multipart.h"
#include "sip-parser/params.h"

namespace demarc::call {
namespace {

using sip::HeaderName;
using sip::MediaKind;
using sip::Method;
using Kind = SessionBody::Kind;

// Other methods carry bodies that are none of our business, multipart or not.
bool may_carry_session(Method method) {
  return method == Method::invite || method == Method::ack || method == Method::update ||
         method == Method::prack;
}

class Parts {
 public:
  explicit Parts(std::string_view datagram) : datagram_(datagram) {}

  // False at a mistake. The cursor refuses what is nested deeper than max_multipart_depth, which
  // ends the recursion.
  bool walk(sip::PartCursor cursor, bool is_alternative) {
    sip::Part part;
    while (cursor.next(part)) {
      const bool is_read =
          part.type.is_multipart
              ? walk({part, datagram_}, part.type.kind == MediaKind::multipart_alternative)
              : take(part, is_alternative);
      if (!is_read) return false;
    }
    return !cursor.failed();
  }
  bool has_sdp() const { return has_sdp_; }
  Span sdp() const { return sdp_; }
  const headers::Locations& locations() const { return locations_; }
  bool has_unknown_required() const { return has_unknown_required_; }

 private:
  // The first SDP that describes the session; one with another disposition is for something else
  // (early-session, RFC 3959).
  bool take(const sip::Part& part, bool is_alternative) {
    bool is_for_session = true;
    bool is_required = false;
    if (!part.content_disposition.empty()) {
      const auto disposition = sip::parse_disposition(part.content_disposition, datagram_);
      if (!disposition) return false;
      is_for_session = disposition->kind == sip::DispositionKind::session;
      is_required = disposition->is_required && says_handling(disposition->params);
    }
    const bool is_sdp = part.type.kind == MediaKind::sdp && is_for_session && !part.is_encoded;
    if (is_sdp && !has_sdp_) {
      sdp_ = part.body;
      has_sdp_ = true;
      return true;
    }
    // Of alternatives one is enough, whatever the others say.
    is_required = is_required && !is_alternative;
    if (add_location(part)) {
      locations_.is_required |= is_required;
    } else {
      has_unknown_required_ |= is_required;
    }
    return true;
  }

  bool add_location(const sip::Part& part) {
    if (part.type.kind != MediaKind::pidf || locations_.count == locations_.parts.size())
      return false;
    const auto octets = static_cast<uint16_t>(part.body.end() - part.header.offset);
    locations_.parts[locations_.count++] = {{part.header.offset, octets}, part.content_id};
    return true;
  }

  // Without the word RFC 3261 section 20.11 takes a part for required. A location hardly ever has
  // it, and a call that others would carry is not refused for that.
  bool says_handling(Span params) const {
    return sip::find_param(params, "handling", datagram_).has_value;
  }

  std::string_view datagram_;
  Span sdp_;
  headers::Locations locations_;
  bool has_sdp_ = false;
  bool has_unknown_required_ = false;
};

}  // namespace

SessionBody session_body_of(const sip::Message& message, std::string_view datagram) {
  if (message.body.empty()) return {};
  const auto type = sip::parse_media_type(message.value(HeaderName::content_type), datagram);
  if (!type) return {.kind = Kind::foreign, .octets = message.body};
  if (type->kind == MediaKind::sdp) return {.kind = Kind::sdp, .octets = message.body};
  if (!type->is_multipart || !may_carry_session(message.method)) {
    return {.kind = Kind::foreign, .octets = message.body};
  }
  // What is encoded has its parts inside.
  if (message.has(HeaderName::content_encoding)) return {.kind = Kind::foreign, .octets = {}};
  Parts parts(datagram);
  const bool is_alternative = type->kind == MediaKind::multipart_alternative;
  if (!parts.walk({message.body, *type, datagram}, is_alternative))
    return {.kind = Kind::malformed, .octets = {}};
  // A response and an ACK can not be refused.
  const bool may_be_refused = message.is_request && message.method != Method::ack;
  // Without SDP nothing else goes on, so nobody would be told of a location.
  const bool ends_here = !parts.has_sdp() && message.method != Method::invite &&
                         message.method != Method::update;
  const bool is_unknown =
      parts.has_unknown_required() || (parts.locations().is_required && ends_here);
  if (may_be_refused && is_unknown) return {.kind = Kind::foreign, .octets = {}};
  const Kind kind = parts.has_sdp() ? Kind::sdp : Kind::none;
  return {kind, parts.sdp(), parts.locations()};
}

}  // namespace demarc::call
