// parse() and validate() on any octets: spans lie where they should, chains of fields are whole,
// the padding does not matter, and a second, plain reader sees the same fields.

#include "sip-parser/parse.h"

#include "sip-parser/start_line.h"
#include "sip-parser/validate.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/reference.h"

namespace demarc::fuzz {
namespace {

using sip::HeaderName;
using sip::Message;

void check_fields(const Message& message, std::string_view datagram) {
  DEMARC_CHECK(message.field_count <= sip::max_header_fields);
  uint32_t position = message.start_line.end();
  for (unsigned i = 0; i < message.field_count; ++i) {
    const sip::HeaderField& field = message.fields[i];
    DEMARC_CHECK(field.name.offset >= position);
    DEMARC_CHECK(ascii::is_token(text(field.name, datagram)));
    check_inside(field.value, datagram);
    DEMARC_CHECK(field.value.empty() || field.value.offset > field.name.end());
    DEMARC_CHECK(field.id == sip::header_name(text(field.name, datagram)));
    position = field.value.empty() ? field.name.end() : field.value.end();
  }
}

// Every field of a known name is reached from first() in order, and nothing else is.
void check_chains(const Message& message) {
  for (unsigned slot = 1; slot < sip::header_name_count; ++slot) {
    const HeaderName name = static_cast<HeaderName>(slot);
    const sip::HeaderField* field = message.first(name);
    for (unsigned i = 0; i < message.field_count; ++i) {
      if (message.fields[i].id != name) continue;
      DEMARC_CHECK(field == &message.fields[i]);
      field = message.next(*field);
    }
    DEMARC_CHECK(field == nullptr);
  }
}

void check_accepted(const Message& message, uint16_t consumed, std::string_view datagram) {
  check_inside(message.start_line, datagram);
  check_inside(message.method_text, message.start_line);
  check_inside(message.request_uri, message.start_line);
  check_inside(message.reason_phrase, message.start_line);
  DEMARC_CHECK(message.header.offset == message.start_line.end() + 2);
  DEMARC_CHECK(message.body.offset == message.header.end() + 2);
  DEMARC_CHECK(message.body.end() == consumed && consumed <= datagram.size());
  DEMARC_CHECK(message.is_request == !message.method_text.empty());
}

bool has_same_length(std::string_view value, size_t length) {
  uint64_t number = 0;
  return ascii::parse_decimal(value, UINT32_MAX, number) && number == length;
}

// Whether Content-Length lets `reference` be accepted; `length` is that of the body.
bool reference_body(const ReferenceHeader& reference, size_t& length) {
  bool is_first = true;
  length = reference.rest.size();
  for (const ReferenceField& field : reference.fields) {
    if (sip::header_name(field.name) != HeaderName::content_length) continue;
    uint64_t number = 0;
    if (!ascii::parse_decimal(field.value, reference.rest.size(), number)) return false;
    if (is_first) length = static_cast<size_t>(number);
    is_first = false;
    if (!has_same_length(field.value, length)) return false;
  }
  return true;
}

void check_reference(const Message& message, bool is_accepted, std::string_view datagram) {
  const ReferenceHeader reference = reference_header(datagram);
  size_t length = 0;
  bool is_good = reference.is_good && reference.fields.size() <= sip::max_header_fields &&
                 reference_body(reference, length);
  if (is_good) {
    using Kind = sip::StartLine::Kind;
    const Kind kind = sip::parse_start_line(span_of(reference.start_line, datagram), datagram).kind;
    is_good = kind == Kind::request || kind == Kind::response;
  }
  DEMARC_CHECK(is_good == is_accepted);
  if (!is_accepted) return;
  DEMARC_CHECK(text(message.start_line, datagram) == reference.start_line);
  DEMARC_CHECK(text(message.body, datagram) == reference.rest.substr(0, length));
  DEMARC_CHECK(message.field_count == reference.fields.size());
  for (unsigned i = 0; i < message.field_count; ++i) {
    DEMARC_CHECK(text(message.fields[i].name, datagram) == reference.fields[i].name);
    DEMARC_CHECK(text(message.fields[i].value, datagram) == reference.fields[i].value);
  }
}

// The padding is whatever was there before.
void check_padding(std::string_view input, const Message& message,
                   const Result<uint16_t, sip::ParseError>& result, char fill) {
  static Message again;
  const Placed placed(input, sip::padding_octets, fill);
  const auto second = sip::parse(placed.view(), again);
  DEMARC_CHECK(second.has_value() == result.has_value());
  if (result.has_value()) {
    DEMARC_CHECK(*second == *result);
  } else {
    DEMARC_CHECK(second.error() == result.error());
    DEMARC_CHECK(!sip::spelling(result.error()).empty());
  }
  DEMARC_CHECK(again.field_count == message.field_count && again.first_of == message.first_of);
}

void run(std::string_view input) {
  static Message message;
  const Placed placed(input, sip::padding_octets, '\0');
  const std::string_view datagram = placed.view();
  const auto result = sip::parse(datagram, message);
  check_padding(input, message, result, '\n');
  check_padding(input, message, result, ' ');
  if (datagram.size() > sip::max_message_octets) {
    DEMARC_CHECK(!result && result.error() == sip::ParseError::too_long);
    return;
  }
  check_fields(message, datagram);
  check_chains(message);
  if (result.has_value()) check_accepted(message, *result, datagram);
  check_reference(message, result.has_value(), datagram);

  // Also asked after a failed parse(), to learn whether a 400 can be made.
  const sip::Verdict verdict = sip::validate(message, datagram);
  DEMARC_CHECK(!sip::spelling(verdict.defect).empty());
  DEMARC_CHECK(verdict.status_code == 0 ||
               (verdict.status_code >= 400 && verdict.status_code < 700 && message.is_request));
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
