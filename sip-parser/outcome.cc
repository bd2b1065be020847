#include "sip-parser/outcome.h"

#include "sip-parser/name_addr.h"

namespace demarc::sip {
namespace {

// Where a message ends on a stream is told by exactly one Content-Length.
bool has_one_content_length(const Message& message) {
  const HeaderField* field = message.first(HeaderName::content_length);
  return field != nullptr && message.next(*field) == nullptr;
}

Outcome make_outcome(const Verdict& verdict, const Message& message, bool is_framed,
                     Delivery delivery) {
  Outcome outcome;
  outcome.defect = verdict.defect;
  outcome.closes_connection = delivery == Delivery::stream && !is_framed;
  if (verdict.is_acceptable()) return outcome;
  // Without a Via there is nobody to answer.
  const bool is_answered = verdict.status_code != 0 && message.has(HeaderName::via);
  outcome.action = is_answered ? Outcome::Action::answer : Outcome::Action::drop;
  if (!is_answered) return outcome;
  outcome.status_code = verdict.status_code;
  outcome.reason = verdict.reason;
  return outcome;
}

// A method that we do not know is refused as such even if its header section is broken: what else
// it says is not for us (RFC 3261 section 8.2.1). Not when the start line itself is in doubt.
Verdict verdict_of_broken(Defect defect, const Message& message, std::string_view datagram,
                          const Capabilities& capabilities) {
  if (message.is_request && !message.request_uri.empty() && defect != Defect::bad_version &&
      message.method == Method::other &&
      !serves_method(text(message.method_text, datagram), capabilities)) {
    return verdict_of(Defect::unknown_method, message);
  }
  return verdict_of(defect, message);
}

Defect defect_of(FrameError error) {
  switch (error) {
    case FrameError::forbidden_octet:
      return Defect::forbidden_octet;
    case FrameError::not_sip:
      return Defect::bad_start_line;
    case FrameError::bad_header_line:
      return Defect::bad_header_line;
    case FrameError::too_many_fields:
      return Defect::too_many_fields;
    case FrameError::header_too_long:
    case FrameError::body_too_long:
    case FrameError::message_too_long:
      return Defect::message_too_large;
    case FrameError::missing_content_length:
      return Defect::missing_content_length;
    case FrameError::bad_content_length:
      return Defect::bad_content_length;
    case FrameError::repeated_content_length:
      return Defect::repeated_field;
    case FrameError::count:
      break;
  }
  return Defect::none;
}

void write_fields(Writer& writer, HeaderName name, const Message& message,
                  std::string_view datagram) {
  for (const HeaderField* field = message.first(name); field != nullptr;
       field = message.next(*field)) {
    writer.begin(name).unfolded(text(field->value, datagram)).end();
    // Only a list may stand again in the answer.
    if (name != HeaderName::via) return;
  }
}

void write_to(Writer& writer, const Message& message, std::string_view datagram,
              std::string_view to_tag) {
  if (!message.has(HeaderName::to)) return;
  const Span value = message.value(HeaderName::to);
  writer.begin(HeaderName::to).unfolded(text(value, datagram));
  const Result<NameAddr, ValueError> to = parse_name_addr(value, datagram);
  if (to.has_value() && to->tag.empty() && !to_tag.empty()) {
    writer.raw(";tag=").value(to_tag);
  }
  writer.end();
}

}  // namespace

Outcome outcome_of(const Result<uint16_t, ParseError>& parsed, const Message& message,
                   std::string_view datagram, Delivery delivery, const Capabilities& capabilities) {
  if (!parsed) {
    const Verdict verdict =
        verdict_of_broken(defect_of(parsed.error()), message, datagram, capabilities);
    const bool is_keep_alive = parsed.error() == ParseError::empty;
    return make_outcome(verdict, message, is_keep_alive, delivery);
  }
  // RFC 3261 section 18.3.
  if (delivery == Delivery::stream && !has_one_content_length(message)) {
    const Defect defect = message.has(HeaderName::content_length) ? Defect::repeated_field
                                                                  : Defect::missing_content_length;
    return make_outcome(verdict_of(defect, message), message, false, delivery);
  }
  return make_outcome(validate(message, datagram, capabilities), message, true, delivery);
}

Outcome outcome_of(FrameError error, const Message& message, std::string_view datagram,
                   const Capabilities& capabilities) {
  const Verdict verdict = verdict_of_broken(defect_of(error), message, datagram, capabilities);
  return make_outcome(verdict, message, false, Delivery::stream);
}

void write_refusal(Writer& writer, const Outcome& outcome, const Message& message,
                   std::string_view datagram, const Capabilities& capabilities,
                   const Refusal& refusal) {
  writer.status_line(outcome.status_code, outcome.reason);
  write_fields(writer, HeaderName::via, message, datagram);
  write_fields(writer, HeaderName::from, message, datagram);
  write_to(writer, message, datagram, refusal.to_tag);
  write_fields(writer, HeaderName::call_id, message, datagram);
  write_fields(writer, HeaderName::cseq, message, datagram);
  write_refusal_fields(writer, outcome.defect, message, datagram, capabilities);
  writer.raw(refusal.more).finish({});
}

}  // namespace demarc::sip
