// sdp::parse() on any octets, and parse -> print -> parse as a fixed point: what we print is read,
// and printed again it is the same text.

#include "sip-parser/sdp/sdp.h"

#include "sip-parser/sdp/answer.h"
#include "sip-parser/sdp/octet_set.h"
#include "sip-parser/sdp/print.h"
#include "sip-parser/sdp/t38.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using sdp::Description;

constexpr size_t max_printed_octets = 4 * sdp::max_body_octets;

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
    const sdp::Attribute& attribute = description.attributes[i];
    DEMARC_CHECK(sdp::token.covers(text(attribute.name, body)) && !attribute.name.empty());
    DEMARC_CHECK(attribute.kind == sdp::attribute_kind(text(attribute.name, body)));
    check_inside(attribute.value, body);
  }
}

void check_media(const sdp::Media& media, std::string_view body) {
  DEMARC_CHECK(!media.media.empty() && media.media.length <= sdp::max_media_octets);
  DEMARC_CHECK(!media.protocol_text.empty());
  DEMARC_CHECK(media.format_count >= 1 && media.format_count <= sdp::max_formats);
  for (unsigned i = 0; i < media.format_count; ++i) {
    const sdp::Format& format = media.formats[i];
    DEMARC_CHECK(sdp::token.covers(text(format.text, body)) && !format.text.empty());
    DEMARC_CHECK(format.payload_type <= sdp::max_payload_type ||
                 format.payload_type == sdp::no_payload_type);
    check_inside(format.encoding, body);
    check_inside(format.fmtp, body);
    DEMARC_CHECK(format.encoding.empty() == (format.clock_rate_hz == 0));
  }
  check_inside(media.connection.address, body);
  check_inside(media.rtcp_connection.address, body);
  check_inside(media.information, body);
  DEMARC_CHECK(media.connection_count <= sdp::max_connections);
  DEMARC_CHECK(media.ptime_ms <= sdp::max_ptime_ms);
  DEMARC_CHECK(media.maxptime_ms <= sdp::max_maxptime_ms);
}

void check_description(const Description& description, std::string_view body) {
  for (const Span span :
       {description.origin.user_name, description.origin.session_id,
        description.origin.session_version, description.origin.address.address,
        description.session_name, description.information, description.connection.address,
        description.start_time, description.stop_time}) {
    check_inside(span, body);
  }
  DEMARC_CHECK(!description.origin.user_name.empty());
  DEMARC_CHECK(description.media_count <= sdp::max_media);
  for (unsigned i = 0; i < description.media_count; ++i) {
    const sdp::Media& media = description.media[i];
    check_media(media, body);
    if (media.port != 0) {
      DEMARC_CHECK(description.connection_of(media).type != sdp::AddressType::none);
    }
    static_cast<void>(sdp::is_hold(description, media, body));
    static_cast<void>(sdp::t38_of(description, media, body));
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

// Of the attributes that a Description keeps by name no others come out, whatever they say: none of
// the peer's keys, ICE, sources or names.
void check_hidden(const Description& printed) {
  for (unsigned i = 0; i < printed.attribute_count; ++i) {
    const sdp::AttributeKind kind = printed.attributes[i].kind;
    DEMARC_CHECK(sdp::is_t38(kind) || kind == sdp::AttributeKind::silence_supp);
  }
  DEMARC_CHECK(printed.session_attribute_count == 0);
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
  // Whoever offers and answers the same says nothing that the offer forbids but its direction.
  const sdp::AnswerCheck check =
      sdp::answers({description, placed.view()}, {description, placed.view()});
  DEMARC_CHECK(check.fault == sdp::AnswerFault::none ||
               check.fault == sdp::AnswerFault::wrong_direction);
  check_fixed_point(description, placed.view());
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
