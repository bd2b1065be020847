// peek() on any octets, and peek = parse on every message that parse() accepts and that has a
// Call-ID.

#include "sip-parser/peek.h"

#include "sip-parser/name_addr.h"
#include "sip-parser/validate.h"
#include "sip-parser/via.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/reference.h"

namespace demarc::fuzz {
namespace {

using sip::HeaderName;

void check_agreement(const sip::Message& message, const Result<sip::Peek, sip::ParseError>& peek,
                     std::string_view datagram) {
  const Span call_id = message.value(HeaderName::call_id);
  if (call_id.empty()) {
    DEMARC_CHECK(!peek && peek.error() == sip::ParseError::missing_call_id);
    return;
  }
  DEMARC_CHECK(peek.has_value());
  DEMARC_CHECK(peek->is_request == message.is_request);
  DEMARC_CHECK(peek->status_code == message.status_code);
  DEMARC_CHECK(peek->method == (message.is_request ? message.method : sip::Method::other));
  DEMARC_CHECK(peek->call_id == call_id);

  const auto via = sip::parse_top_via(message.value(HeaderName::via), datagram);
  DEMARC_CHECK(peek->top_via_branch == (via.has_value() ? via->branch : Span{}));
  const auto to = sip::parse_name_addr(message.value(HeaderName::to), datagram);
  DEMARC_CHECK(peek->to_tag == (to.has_value() ? to->tag : Span{}));
  const bool may_replace =
      message.is_request && message.method == sip::Method::invite && peek->to_tag.empty();
  std::string_view replaces;
  if (may_replace) replaces = text(message.value(HeaderName::replaces), datagram);
  replaces = reference_trim(replaces.substr(0, replaces.find(';')));
  DEMARC_CHECK(text(peek->replaces_call_id, datagram) == replaces);
}

void run(std::string_view input) {
  static sip::Message message;
  const Placed placed(input, sip::padding_octets, '\r');
  const std::string_view datagram = placed.view();
  const auto peek = sip::peek(datagram);
  if (peek.has_value()) {
    for (const Span span : {peek->call_id, peek->top_via_branch, peek->to_tag,
                            peek->replaces_call_id, peek->replaces}) {
      check_inside(span, datagram);
    }
    DEMARC_CHECK(!peek->call_id.empty());
  } else {
    DEMARC_CHECK(!sip::spelling(peek.error()).empty());
  }
  if (sip::parse(datagram, message).has_value()) check_agreement(message, peek, datagram);
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
