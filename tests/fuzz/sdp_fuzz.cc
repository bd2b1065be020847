// sdp::parse() on any octets, the parsers of single attributes on what it kept, and parse -> print
// -> parse as a fixed point: what we print is read, and printed again it is the same text.

#include "sip-parser/sdp/sdp.h"

#include "sip-parser/sdp/answer.h"
#include "sip-parser/sdp/candidate.h"
#include "sip-parser/sdp/crypto.h"
#include "sip-parser/sdp/dtls.h"
#include "sip-parser/sdp/extension.h"
#include "sip-parser/sdp/fmtp.h"
#include "sip-parser/sdp/grouping.h"
#include "sip-parser/sdp/octet_set.h"
#include "sip-parser/sdp/print.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using sdp::Description;

constexpr size_t max_printed_octets = 4 * sdp::max_body_octets;

// Every parser of a single attribute takes any value; what it keeps lies inside.
void check_value(Span value, std::string_view body) {
  if (const auto crypto = sdp::parse_crypto(value, body)) {
    DEMARC_CHECK(crypto->key_count >= 1 && crypto->key_count <= sdp::max_crypto_keys);
    for (unsigned i = 0; i < crypto->key_count; ++i) check_inside(crypto->keys[i].key, body);
  }
  if (const auto fingerprint = sdp::parse_fingerprint(value, body)) {
    DEMARC_CHECK(fingerprint->octet_count >= 1);
  }
  if (const auto candidate = sdp::parse_candidate(value, body)) {
    check_inside(candidate->address, body);
    Span rest = candidate->extensions;
    for (sdp::CandidateExtension extension; sdp::take_extension(rest, body, extension);) {
      check_inside(extension.value, body);
    }
  }
  Span rest = value;
  for (sdp::RemoteCandidate candidate; sdp::take_remote_candidate(rest, body, candidate);) {
    check_inside(candidate.address, body);
  }
  if (const auto group = sdp::parse_group(value, body)) {
    Span members = group->members;
    for (Span member; sdp::take_member(members, body, member);) check_inside(member, body);
  }
  if (const auto map = sdp::parse_extension_map(value, body)) check_inside(map->uri, body);
  if (const auto ssrc = sdp::parse_ssrc(value, body)) check_inside(ssrc->value, body);
  if (const auto feedback = sdp::parse_rtcp_feedback(value, body)) {
    check_inside(feedback->parameters, body);
  }
  if (const auto msid = sdp::parse_msid(value, body)) check_inside(msid->id, body);
  static_cast<void>(sdp::parse_silence_suppression(value, body));
}

// A list of events that was read is written as the same events.
void check_events(Span fmtp, std::string_view body) {
  const auto events = sdp::parse_telephone_events(fmtp, body);
  if (!events) return;
  sdp::TelephoneEventsText buffer;
  const std::string_view printed = sdp::print_telephone_events(*events, buffer);
  const auto again =
      sdp::parse_telephone_events({0, static_cast<uint16_t>(printed.size())}, printed);
  DEMARC_CHECK(again && *again == *events);
}

void check_attributes(const Description& description, std::string_view body) {
  DEMARC_CHECK(description.attribute_count <= sdp::max_attributes);
  DEMARC_CHECK(description.session_attribute_count <= description.attribute_count);
  unsigned next = description.session_attribute_count;
  for (unsigned i = 0; i < description.media_count; ++i) {
    DEMARC_CHECK(description.media[i].first_attribute == next);
    next += description.media[i].attribute_count;
  }
  DEMARC_CHECK(next == description.attribute_count);
  for (unsigned i = 0; i < description.attribute_count; ++i) {
    DEMARC_CHECK(sdp::is_token(text(description.attributes[i].name, body)));
    check_inside(description.attributes[i].value, body);
    check_value(description.attributes[i].value, body);
  }
}

void check_description(const Description& description, std::string_view body) {
  DEMARC_CHECK(!description.origin.user_name.empty());
  check_inside(description.origin.session_id, body);
  check_inside(description.origin.address.address, body);
  check_inside(description.session_name, body);
  check_inside(description.connection.address, body);
  DEMARC_CHECK(description.media_count <= sdp::max_media);
  for (unsigned i = 0; i < description.media_count; ++i) {
    const sdp::Media& media = description.media[i];
    DEMARC_CHECK(!media.media.empty() && !media.protocol_text.empty());
    DEMARC_CHECK(media.format_count >= 1 && media.format_count <= sdp::max_formats);
    for (unsigned j = 0; j < media.format_count; ++j) {
      DEMARC_CHECK(sdp::is_token(text(media.formats[j].text, body)));
      check_inside(media.formats[j].encoding, body);
      check_inside(media.formats[j].fmtp, body);
      check_events(media.formats[j].fmtp, body);
    }
    check_inside(media.connection.address, body);
    check_inside(media.information, body);
    DEMARC_CHECK(media.ptime_ms <= sdp::max_ptime_ms);
    if (media.port != 0) {
      DEMARC_CHECK(description.connection_of(media).type != sdp::AddressType::none);
    }
  }
  check_attributes(description, body);
}

sdp::Rewrite ours() {
  sdp::Rewrite rewrite;
  rewrite.session.session_id = 7;
  rewrite.session.session_version = 8;
  rewrite.session.address = "203.0.113.5";
  for (unsigned i = 0; i < rewrite.media.size(); ++i) {
    sdp::Rewrite::Media& media = rewrite.media[i];
    media.port = i % 5 == 4 ? uint16_t{0} : static_cast<uint16_t>(20000 + 2 * i);
    media.rtcp_port = static_cast<uint16_t>(media.port + 1 + i % 2);
    media.rtcp_mux = i % 3 == 0;
  }
  rewrite.media[1].address = "2001:db8::5";
  rewrite.media[1].type = sdp::AddressType::ip6;
  return rewrite;
}

// CRLF ends every line, and no other CR, LF or NUL is printed.
void check_line_ends(std::string_view printed) {
  size_t position = 0;
  while (position < printed.size()) {
    const size_t end = printed.find_first_of(std::string_view("\0\r\n", 3), position);
    DEMARC_CHECK(end != std::string_view::npos && printed.substr(end, 2) == "\r\n");
    DEMARC_CHECK(end - position >= 2 && printed[position + 1] == '=');
    position = end + 2;
  }
}

// Of the attributes that are kept by name, no others come out, whatever they say.
void check_hidden(const Description& printed) {
  for (unsigned i = 0; i < printed.attribute_count; ++i) {
    const sdp::AttributeKind kind = printed.attributes[i].kind;
    DEMARC_CHECK(sdp::is_t38(kind) || kind == sdp::AttributeKind::silence_supp);
  }
}

void check_fixed_point(const Description& first, std::string_view body) {
  static Description second;
  static char buffer[max_printed_octets];
  static char again[max_printed_octets];
  const sdp::Rewrite rewrite = ours();
  sip::Writer writer(buffer);
  DEMARC_CHECK(sdp::print(first, body, rewrite, writer));
  if (writer.written().size() > sdp::max_body_octets) return;
  check_line_ends(writer.written());

  const Placed printed(writer.written(), 0, '\0');
  DEMARC_CHECK(sdp::parse(printed.view(), second).has_value());
  check_hidden(second);
  DEMARC_CHECK(second.media_count == first.media_count);
  sip::Writer second_writer(again);
  DEMARC_CHECK(sdp::print(second, printed.view(), rewrite, second_writer));
  DEMARC_CHECK(second_writer.written() == writer.written());
}

void run(std::string_view input) {
  static Description description;
  const Placed placed(input, 0, '\0');
  const auto result = sdp::parse(placed.view(), description);
  if (!result) {
    DEMARC_CHECK(!sdp::spelling(result.error()).empty());
    return;
  }
  check_description(description, placed.view());
  check_fixed_point(description, placed.view());
  // Every description answers itself, but for the direction.
  const sdp::Described described{description, placed.view()};
  const sdp::AnswerFault fault = sdp::answers(described, described).fault;
  DEMARC_CHECK(fault == sdp::AnswerFault::none || fault == sdp::AnswerFault::wrong_direction);
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
