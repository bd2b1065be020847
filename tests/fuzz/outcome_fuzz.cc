// What becomes of a message is decided for any octets, on a datagram and on a stream: an answer has
// a status and can be parsed, and nothing but a request is answered.

#include "sip-parser/outcome.h"

#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using sip::HeaderName;
using Action = sip::Outcome::Action;

constexpr std::string_view option_tags[] = {"100rel", "timer"};
constexpr std::string_view schemes[] = {"sip", "tel"};

sip::Capabilities capabilities_of(unsigned choice) {
  using Capabilities = sip::Capabilities;
  Capabilities capabilities;
  capabilities.role = choice == 1 ? Capabilities::Role::proxy : Capabilities::Role::user_agent;
  if (choice == 1) capabilities.option_tags = option_tags;
  if (choice == 2) capabilities.schemes = schemes;
  capabilities.is_forwarding = choice == 1;
  capabilities.challenge = choice == 0   ? Capabilities::Challenge::none
                           : choice == 1 ? Capabilities::Challenge::proxy_authentication_required
                                         : Capabilities::Challenge::unauthorized;
  return capabilities;
}

// Of a message that parse() accepts the fields that an answer repeats are repeated.
void check_answer(const sip::Outcome& outcome, const sip::Message& message,
                  std::string_view datagram, const sip::Capabilities& capabilities) {
  static sip::Message answer;
  static char buffer[2 * sip::max_message_octets];
  sip::Writer writer(buffer);
  sip::write_refusal(writer, outcome, message, datagram, capabilities,
                     {"own-tag", "X-More: 1\r\n"});
  DEMARC_CHECK(!writer.failed());
  if (writer.written().size() > sip::max_message_octets) return;
  const Placed placed(writer.written(), sip::padding_octets, '\0');
  const auto result = sip::parse(placed.view(), answer);
  if (!result) {
    // As many Vias as there may be fields leave no room for others.
    DEMARC_CHECK(result.error() == sip::ParseError::too_many_fields);
    return;
  }
  DEMARC_CHECK(!answer.is_request && answer.status_code == outcome.status_code);
  DEMARC_CHECK(answer.body.empty());
  for (const HeaderName name :
       {HeaderName::via, HeaderName::from, HeaderName::to, HeaderName::call_id, HeaderName::cseq}) {
    DEMARC_CHECK(answer.has(name) == message.has(name));
  }
}

void check_outcome(const sip::Outcome& outcome, const sip::Message& message,
                   std::string_view datagram, const sip::Capabilities& capabilities) {
  DEMARC_CHECK(outcome.defect == sip::Defect::none || !sip::spelling(outcome.defect).empty());
  switch (outcome.action) {
    case Action::serve:
      DEMARC_CHECK(outcome.defect == sip::Defect::none && !outcome.closes_connection);
      break;
    case Action::answer:
      DEMARC_CHECK(message.is_request && message.method != sip::Method::ack);
      DEMARC_CHECK(outcome.status_code >= 400 && outcome.status_code <= 699);
      DEMARC_CHECK(!outcome.reason.empty());
      check_answer(outcome, message, datagram, capabilities);
      break;
    case Action::drop:
      DEMARC_CHECK(outcome.defect != sip::Defect::none && outcome.status_code == 0);
      break;
  }
}

void run(std::string_view input) {
  static sip::Message message;
  const Placed placed(input, sip::padding_octets, '\0');
  const std::string_view datagram = placed.view();
  const auto parsed = sip::parse(datagram, message);
  for (unsigned choice = 0; choice < 3; ++choice) {
    const sip::Capabilities capabilities = capabilities_of(choice);
    for (const sip::Delivery delivery : {sip::Delivery::datagram, sip::Delivery::stream}) {
      const sip::Outcome outcome =
          sip::outcome_of(parsed, message, datagram, delivery, capabilities);
      DEMARC_CHECK(parsed.has_value() || outcome.action != Action::serve);
      check_outcome(outcome, message, datagram, capabilities);
    }
  }
  for (uint8_t error = 1; error < static_cast<uint8_t>(sip::FrameError::count); ++error) {
    const sip::Capabilities capabilities;
    const sip::Outcome outcome =
        sip::outcome_of(static_cast<sip::FrameError>(error), message, datagram, capabilities);
    DEMARC_CHECK(outcome.action != Action::serve && outcome.closes_connection);
    check_outcome(outcome, message, datagram, capabilities);
  }
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
