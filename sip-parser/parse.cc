#include "sip-parser/parse.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/cseq.h"
#include "sip-parser/field_walker.h"
#include "sip-parser/header_name_lookup.h"
#include "sip-parser/lws.h"
#include "sip-parser/start_line.h"

namespace demarc::sip {
namespace {

constexpr ParseError no_error{};

constexpr CharClass token = CharClass::where(ascii::is_token);

bool is_token(Span name, std::string_view datagram) {
  return find_outside(datagram, name.offset, name.end(), token) == name.end();
}

void clear(Message& message) {
  message.is_request = false;
  message.method = Method::other;
  message.status_code = 0;
  message.method_text = message.request_uri = message.reason_phrase = Span{};
  message.start_line = message.header = message.body = Span{};
  message.field_count = 0;
  message.first_of.fill(Message::no_field);
}

// Fills what the start line says. A mistake in it does not end the pass: the fields behind it are
// what a 400 or 505 is made of.
ParseError take_start_line(const StartLine& line, Message& message) {
  // What can not be told is taken for a response: those are never answered.
  message.is_request = line.kind != StartLine::Kind::response && line.kind != StartLine::Kind::bad;
  message.method = line.method;
  message.method_text = line.method_text;
  message.request_uri = line.request_uri;
  message.status_code = line.status_code;
  message.reason_phrase = line.reason_phrase;
  switch (line.kind) {
    case StartLine::Kind::request:
    case StartLine::Kind::response:
      return no_error;
    case StartLine::Kind::bad_version:
      return ParseError::bad_version;
    case StartLine::Kind::bad_request:
    case StartLine::Kind::bad:
      break;
  }
  return ParseError::bad_start_line;
}

// Finds where all fields are; no_error at the empty line.
ParseError find_fields(FieldWalker& walker, Message& message) {
  HeaderField* field = message.fields.data();
  HeaderField* const end = field + message.fields.size();
  FieldWalker::Step step = FieldWalker::Step::found;
  for (; field != end; ++field) {
    step = walker.next(field->name, field->value);
    if (step != FieldWalker::Step::found) [[unlikely]]
      break;
  }
  if (field == end) {
    Span name, value;
    step = walker.next(name, value);
  }
  message.field_count = static_cast<uint16_t>(field - message.fields.data());
  if (step == FieldWalker::Step::found) return ParseError::too_many_fields;
  return step == FieldWalker::Step::end ? no_error : walker.error();
}

// Finds which fields they are, and hangs each behind the last one of its name. A name that is no
// token ends the message there.
ParseError name_fields(std::string_view datagram, Message& message) {
  std::array<uint8_t, header_name_count> last_of;  // written before it is read
  for (unsigned i = 0; i < message.field_count; ++i) {
    HeaderField& field = message.fields[i];
    const HeaderName id = name_lookup::find(datagram.data() + field.name.offset, field.name.length);
    field.id = id;
    field.next = Message::no_field;
    if (id == HeaderName::other) {
      // A known name is a token.
      if (is_token(field.name, datagram)) continue;
      message.field_count = static_cast<uint16_t>(i);
      return ParseError::bad_header_line;
    }
    const auto slot = static_cast<size_t>(id);
    const auto index = static_cast<uint8_t>(i);
    if (message.first_of[slot] == Message::no_field) {
      message.first_of[slot] = index;
    } else {
      message.fields[last_of[slot]].next = index;
    }
    last_of[slot] = index;
  }
  return no_error;
}

// Of two mistakes the one that stands first counts.
ParseError take_fields(FieldWalker& walker, std::string_view datagram, Message& message) {
  const ParseError boundary_error = find_fields(walker, message);
  const ParseError name_error = name_fields(datagram, message);
  return name_error != no_error ? name_error : boundary_error;
}

// RFC 3261 section 18.3. A repeated Content-Length must say the same.
ParseError take_body(std::string_view datagram, uint32_t begin, Message& message) {
  const uint32_t size = static_cast<uint32_t>(datagram.size());
  uint64_t length = size - begin;
  const HeaderField* field = message.first(HeaderName::content_length);
  if (field != nullptr) {
    if (!ascii::parse_decimal(text(field->value, datagram), size - begin, length)) {
      return ParseError::bad_content_length;
    }
    while ((field = message.next(*field)) != nullptr) {
      uint64_t again = 0;
      if (!ascii::parse_decimal(text(field->value, datagram), UINT32_MAX, again) ||
          again != length) {
        return ParseError::bad_content_length;
      }
    }
  }
  message.body = make_span(begin, begin + static_cast<uint32_t>(length));
  return no_error;
}

}  // namespace

std::string_view spelling(ParseError error) {
  switch (error) {
    case ParseError::empty:
      return "empty";
    case ParseError::too_long:
      return "too_long";
    case ParseError::bad_start_line:
      return "bad_start_line";
    case ParseError::bad_version:
      return "bad_version";
    case ParseError::bad_header_line:
      return "bad_header_line";
    case ParseError::forbidden_octet:
      return "forbidden_octet";
    case ParseError::too_many_fields:
      return "too_many_fields";
    case ParseError::no_end_of_header:
      return "no_end_of_header";
    case ParseError::bad_content_length:
      return "bad_content_length";
    case ParseError::missing_call_id:
      return "missing_call_id";
    case ParseError::count:
      break;
  }
  return "";
}

Result<uint16_t, ParseError> parse(std::string_view datagram, Message& message) {
  clear(message);
  if (datagram.size() > max_message_octets) return Fail{ParseError::too_long};
  LineMarks marks;
  FieldWalker walker(datagram, marks);
  if (walker.start_line(message.start_line) == FieldWalker::Step::failed) {
    return Fail{walker.error()};
  }
  const StartLine line = parse_start_line(message.start_line, datagram);
  const ParseError start_error = take_start_line(line, message);
  // Whatever has no method is no SIP, and is not worth a second look.
  if (line.kind == StartLine::Kind::bad) return Fail{start_error};

  const uint32_t header_begin = walker.position();
  const ParseError header_error = take_fields(walker, datagram, message);
  if (start_error != no_error) return Fail{start_error};
  if (header_error != no_error) return Fail{header_error};
  const uint32_t body_begin = walker.position();
  message.header = make_span(header_begin, body_begin - 2);

  if (!message.is_request && message.has(HeaderName::cseq)) {
    CSeq cseq;
    if (read_cseq(message.value(HeaderName::cseq), datagram, cseq) == ValueError{}) {
      message.method = cseq.method;
    }
  }
  const ParseError body_error = take_body(datagram, body_begin, message);
  if (body_error != no_error) return Fail{body_error};
  return static_cast<uint16_t>(message.body.end());
}

}  // namespace demarc::sip
