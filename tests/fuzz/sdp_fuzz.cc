// sdp::parse() on any octets, and parse -> print -> parse as a fixed point: what we print is read,
// and printed again it is the same text.

#include "sip-parser/sdp/sdp.h"

#include "sip-parser/base/ascii.h"
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
    DEMARC_CHECK(ascii::is_token(text(description.attributes[i].name, body)));
    check_inside(description.attributes[i].value, body);
  }
}

void check_description(const Description& description, std::string_view body) {
  DEMARC_CHECK(!description.origin.empty());
  check_inside(description.origin, body);
  check_inside(description.session_name, body);
  check_inside(description.connection.address, body);
  DEMARC_CHECK(description.media_count <= sdp::max_media);
  for (unsigned i = 0; i < description.media_count; ++i) {
    const sdp::Media& media = description.media[i];
    DEMARC_CHECK(!media.media.empty() && !media.protocol.empty());
    DEMARC_CHECK(media.format_count >= 1 && media.format_count <= sdp::max_formats);
    for (unsigned j = 0; j < media.format_count; ++j) {
      DEMARC_CHECK(ascii::is_token(text(media.formats[j], body)));
    }
    check_inside(media.connection.address, body);
    check_inside(media.bandwidth, body);
    DEMARC_CHECK(media.ptime_ms <= sdp::max_ptime_ms);
    if (media.port != 0) {
      DEMARC_CHECK(description.connection_of(media).type != sdp::AddressType::none);
    }
  }
  check_attributes(description, body);
}

sdp::Rewrite ours() {
  sdp::Rewrite rewrite;
  rewrite.session_id = 7;
  rewrite.session_version = 8;
  rewrite.address = "203.0.113.5";
  for (unsigned i = 0; i < rewrite.ports.size(); ++i) {
    sdp::Rewrite::Port& port = rewrite.ports[i];
    port.port = i % 5 == 4 ? uint16_t{0} : static_cast<uint16_t>(20000 + 2 * i);
    port.rtcp_port = static_cast<uint16_t>(port.port + 1 + i % 2);
    port.rtcp_mux = i % 3 == 0;
  }
  rewrite.ports[1].address = "2001:db8::5";
  rewrite.ports[1].type = sdp::AddressType::ip6;
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

// An attribute of the peer's side that must not come out whatever it says.
void check_hidden(const Description& printed, std::string_view body) {
  for (unsigned i = 0; i < printed.attribute_count; ++i) {
    switch (printed.attributes[i].kind) {
      case sdp::AttributeKind::crypto:
      case sdp::AttributeKind::fingerprint:
      case sdp::AttributeKind::setup:
      case sdp::AttributeKind::ice:
      case sdp::AttributeKind::candidate:
      case sdp::AttributeKind::ssrc:
      case sdp::AttributeKind::mid:
      case sdp::AttributeKind::group:
        DEMARC_CHECK(false);
        break;
      case sdp::AttributeKind::other:
        DEMARC_CHECK(text(printed.attributes[i].name, body) == "silenceSupp");
        break;
      default:
        break;
    }
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
  check_hidden(second, printed.view());
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
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
