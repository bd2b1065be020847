// Messages for the kinds of mistake that SIP parsers are known for: fixed arrays, integers,
// framing, credentials, bodies, routes, smuggling, injection, and work that grows too fast. The
// limits and the integers have tables of their own in limit_test.cc and integer_test.cc.
#include <gtest/gtest.h>

#include "sip-parser/name_addr.h"
#include "sip-parser/uri.h"
#include "tests/torture/corpus.h"

namespace demarc::torture {
namespace {

using sip::Defect;
using sip::HeaderName;
using sip::Message;

void check_tag(const Message& message, std::string_view datagram) {
  const auto from = sip::parse_name_addr(message.value(HeaderName::from), datagram);
  EXPECT_EQ(from->tag.length, 300);
}

void check_body(const Message& message, std::string_view datagram) {
  const std::string_view body = text(message.body, datagram);
  EXPECT_EQ(body, std::string_view("v=0\r\na=fmtp\0:101 0-16\r\n\n\r\r\n", 27));
}

void check_names_before_blanks(const Message& message, std::string_view datagram) {
  EXPECT_EQ(value(message, datagram, HeaderName::p_asserted_identity), "<sip:chief@example.com>");
  EXPECT_EQ(value(message, datagram, HeaderName::subject), "folded: no name");
  EXPECT_FALSE(message.has(HeaderName::route));
}

void check_escaped_line_end(const Message& message, std::string_view datagram) {
  EXPECT_FALSE(message.has(HeaderName::p_asserted_identity));
  const auto uri = sip::parse_uri(message.request_uri, datagram);
  EXPECT_EQ(text(uri->user, datagram), "desk%0d%0aP-Asserted-Identity");
  EXPECT_EQ(value(message, datagram, HeaderName::subject), "x%0d%0aRoute: <sip:y>");
}

#define TO_CSEQ(method)                                           \
  "Via: SIP/2.0/UDP 192.0.2.66;branch=z9hG4bKb\n"                 \
  "From: <sip:x@example.com>;tag=f\nTo: <sip:desk@example.net>\n" \
  "Call-ID: bug\nCSeq: 1 " method "\n"
#define REQUEST(method) method " sip:desk@example.net SIP/2.0\n" TO_CSEQ(method)
#define NO_BODY "Content-Length: 0\n\n"

const Case cases[] = {
    // Fixed arrays: as long as it likes, or refused as a whole.
    {.name = "arrays_method_of_4000_octets_in_cseq",
     .text = "OPTIONS sip:desk@example.net SIP/2.0\n" TO_CSEQ("<<4000*A>>") NO_BODY,
     .defect = Defect::method_mismatch,
     .status_code = 400},
    {.name = "arrays_method_of_4000_octets",
     .text = "<<4000*A>> sip:desk@example.net SIP/2.0\n" TO_CSEQ("<<4000*A>>") NO_BODY,
     .defect = Defect::unknown_method,
     .status_code = 501},
    {.name = "arrays_50_accept_fields",
     .text = REQUEST("INVITE") "<<49*Accept: a/b\n>>"
                               "Accept: */*\n" NO_BODY},
    {.name = "arrays_tag_of_300_octets",
     .text = "OPTIONS sip:desk@example.net SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.66\n"
             "From: <sip:x@example.com>;tag=<<300*t>>\nTo: <sip:desk@example.net>\n"
             "Call-ID: bug\nCSeq: 1 OPTIONS\n" NO_BODY,
     .check = check_tag},
    {.name = "arrays_2000_uri_parameters",
     .text = "OPTIONS sip:desk@example.net<<2000*;p>> SIP/2.0\n" TO_CSEQ("OPTIONS") NO_BODY,
     .defect = Defect::bad_request_uri,
     .status_code = 400},
    {.name = "arrays_2000_field_parameters",
     .text = REQUEST("OPTIONS") "Contact: <sip:x@192.0.2.66><<2000*;p>>\n" NO_BODY,
     .defect = Defect::bad_contact,
     .status_code = 400},
    {.name = "arrays_9000_octets_of_one_value",
     .text = REQUEST("OPTIONS") "X-Large: <<9000*x>>\n" NO_BODY,
     .defect = Defect::field_too_large,
     .status_code = 513},

    // Integers that would be small if they were cut.
    {.name = "integers_content_length_2pow32_plus_32",
     .text = REQUEST("OPTIONS") "Content-Length: 4294967328\n\n<<32*x>>",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "integers_content_length_2pow64",
     .text = REQUEST("OPTIONS") "Content-Length: 18446744073709551616\n\n",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "integers_port_65536_in_via",
     .text = "OPTIONS sip:desk@example.net SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.66:65536\n"
             "From: <sip:x@example.com>;tag=f\nTo: <sip:desk@example.net>\n"
             "Call-ID: bug\nCSeq: 1 OPTIONS\n" NO_BODY,
     .defect = Defect::bad_via,
     .status_code = 400},

    // Framing.
    {.name = "framing_line_ends_before_the_message", .text = "\n\n\n\n" REQUEST("OPTIONS") NO_BODY},
    {.name = "framing_empty_content_length",
     .text = REQUEST("OPTIONS") "Content-Length:\n\n",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "framing_plus_in_content_length",
     .text = REQUEST("OPTIONS") "Content-Length: +0\n\n",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "framing_minus_zero_as_content_length",
     .text = REQUEST("OPTIONS") "Content-Length: -0\n\n",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "framing_hexadecimal_content_length",
     .text = REQUEST("OPTIONS") "Content-Length: 0x0\n\n",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "framing_blank_in_content_length",
     .text = REQUEST("OPTIONS") "Content-Length: 0 0\n\n",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "framing_list_of_content_lengths",
     .text = REQUEST("OPTIONS") "Content-Length: 0,0\n\n",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "framing_two_forms_of_content_length",
     .text = REQUEST("OPTIONS") "Content-Length: 0\nl: 5\n\nxxxxx",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::closes,
     .stream_defect = Defect::repeated_field},
    {.name = "framing_bad_response_is_dropped",
     .text = "SIP/2.0 200 OK\n" TO_CSEQ("INVITE") "Content-Length: x\n\n",
     .defect = Defect::bad_content_length,
     .on_stream = OnStream::closes},
    {.name = "framing_bad_ack_is_dropped",
     .text = REQUEST("ACK") "Content-Length: x\n\n",
     .defect = Defect::bad_content_length,
     .on_stream = OnStream::closes},

    // Credentials: whether they are right is not the parser's to say.
    {.name = "credentials_of_no_sense",
     .text = REQUEST("REGISTER") "Authorization: NoDigest username=,realm=\"\n" NO_BODY,
     .defect = Defect::no_credentials,
     .status_code = 401,
     .element = &registrar},
    {.name = "credentials_twice",
     .text = REQUEST("REGISTER") "Authorization: Basic eDp5\nAuthorization: Digest "
                                 "username=\"x\", realm=\"a\", nonce=\"n\", uri=\"sip:a\", "
                                 "response=\"0123456789abcdef0123456789abcdef\"\n" NO_BODY,
     .element = &registrar},

    {.name = "credentials_without_values",
     .text = REQUEST("REGISTER") "Authorization: Digest username=,realm=\"\n" NO_BODY,
     .defect = Defect::no_credentials,
     .status_code = 401,
     .element = &registrar},

    // Bodies pass byte for byte, whatever is in them.
    {.name = "bodies_nul_and_bare_line_ends",
     .text = REQUEST("INVITE") "Content-Type: application/sdp\nContent-Length: <<length>>\n\n"
                               "v=0\na=fmtp<<00>>:101 0-16\n<<0a>><<0d>>\n",
     .check = check_body},
    {.name = "bodies_boundary_longer_than_the_body",
     .text = REQUEST("INVITE") "Content-Type: multipart/mixed;boundary=<<70*b>>\n"
                               "Content-Length: <<length>>\n\n--\n",
     .defect = Defect::bad_multipart,
     .status_code = 400},
    {.name = "bodies_boundary_before_bare_line_ends",
     .text = REQUEST("INVITE") "Content-Type: multipart/mixed;boundary=b\n"
                               "Content-Length: <<length>>\n\n--b<<0a>><<0a>>x<<0a>>--b--<<0a>>",
     .defect = Defect::bad_multipart,
     .status_code = 400},
    {.name = "bodies_without_a_type",
     .text = REQUEST("INVITE") "Content-Length: 4\n\nbody",
     .defect = Defect::missing_content_type,
     .status_code = 400},

    // Routes and Vias.
    {.name = "routes_to_the_inside_are_read_and_not_followed",
     .text = REQUEST("INVITE") "Route: <sip:127.0.0.1:22;transport=tcp;lr>\n" NO_BODY},
    {.name = "routes_that_are_no_uri",
     .text = REQUEST("INVITE") "Route: <127.0.0.1>\n" NO_BODY,
     .defect = Defect::bad_route,
     .status_code = 400},
    {.name = "routes_response_without_a_via",
     .text = "SIP/2.0 200 OK\nFrom: <sip:x@example.com>;tag=f\nTo: <sip:y@example.com>\n"
             "Call-ID: bug\nCSeq: 1 INVITE\n" NO_BODY,
     .defect = Defect::missing_mandatory_field},
    {.name = "routes_request_without_a_via",
     .text = "OPTIONS sip:desk@example.net SIP/2.0\nFrom: <sip:x@example.com>;tag=f\n"
             "To: <sip:y@example.com>\nCall-ID: bug\nCSeq: 1 OPTIONS\n" NO_BODY,
     .defect = Defect::missing_mandatory_field},

    // Smuggling: what another reader could see otherwise.
    {.name = "smuggling_blanks_before_the_colon",
     .text = REQUEST("OPTIONS") "P-Asserted-Identity \t : <sip:chief@example.com>\n"
                                "Subject:\n folded: no name\n" NO_BODY,
     .check = check_names_before_blanks},
    {.name = "smuggling_line_tab_before_the_colon",
     .text = REQUEST("OPTIONS") "Route<<0b>>: <sip:x>\n" NO_BODY,
     .defect = Defect::bad_header_line,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "smuggling_no_break_space_before_the_colon",
     .text = REQUEST("OPTIONS") "Route<<c2>><<a0>>: <sip:x>\n" NO_BODY,
     .defect = Defect::bad_header_line,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "smuggling_blank_inside_a_name",
     .text = REQUEST("OPTIONS") "X Route: <sip:x>\n" NO_BODY,
     .defect = Defect::bad_header_line,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "smuggling_control_character_in_a_name",
     .text = REQUEST("OPTIONS") "Ro<<08>>ute: <sip:x>\n" NO_BODY,
     .defect = Defect::bad_header_line,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "smuggling_line_without_a_colon",
     .text = REQUEST("OPTIONS") "Route\n" NO_BODY,
     .defect = Defect::bad_header_line,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "smuggling_nul_in_a_name",
     .text = REQUEST("OPTIONS") "Route<<00>>: <sip:x>\n" NO_BODY,
     .defect = Defect::forbidden_octet,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "smuggling_nul_in_a_value",
     .text = REQUEST("OPTIONS") "Subject: a<<00>>b\n" NO_BODY,
     .defect = Defect::forbidden_octet,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "smuggling_bare_cr",
     .text = REQUEST("OPTIONS") "Subject: a<<0d>>Route: <sip:x>\n" NO_BODY,
     .defect = Defect::forbidden_octet,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "smuggling_bare_lf",
     .text = REQUEST("OPTIONS") "Subject: a<<0a>>Route: <sip:x>\n" NO_BODY,
     .defect = Defect::forbidden_octet,
     .status_code = 400,
     .on_stream = OnStream::closes},
    {.name = "smuggling_line_ends_of_lf_only",
     .text = "OPTIONS sip:desk@example.net SIP/2.0<<0a>>Via: SIP/2.0/UDP 192.0.2.66<<0a>><<0a>>",
     .defect = Defect::forbidden_octet,
     .on_stream = OnStream::closes},
    {.name = "smuggling_cr_cr_lf",
     .text = REQUEST("OPTIONS") "Subject: a<<0d>>\nRoute: <sip:x>\n" NO_BODY,
     .defect = Defect::forbidden_octet,
     .status_code = 400,
     .on_stream = OnStream::closes},

    // Injection: an escape is never decoded into a line.
    {.name = "injection_escaped_line_ends",
     .text = "INVITE sip:desk%0d%0aP-Asserted-Identity:%20x@example.net SIP/2.0\n" TO_CSEQ(
         "INVITE") "Subject: x%0d%0aRoute: <sip:y>\n" NO_BODY,
     .check = check_escaped_line_end},
    {.name = "injection_format_strings",
     .text =
         REQUEST("OPTIONS") "User-Agent: %n%n%s%s%p\nOrganization: ${x} ' OR 1=1; --\n" NO_BODY},

    // Work that grows faster than the message.
    {.name = "work_nested_comments",
     .text = REQUEST("OPTIONS") "User-Agent: <<1500*(>>x<<1500*)>>\n" NO_BODY},
    {.name = "work_open_quotes",
     .text = REQUEST("OPTIONS") "Contact: <<1000*\",>>\n" NO_BODY,
     .defect = Defect::bad_contact,
     .status_code = 400},
    {.name = "work_open_brackets",
     .text = REQUEST("OPTIONS") "Contact: <<2000*<>>\n" NO_BODY,
     .defect = Defect::bad_contact,
     .status_code = 400},
    {.name = "work_folds", .text = REQUEST("OPTIONS") "Subject: a<<1000*\n >>b\n" NO_BODY},
};

}  // namespace

const std::span<const Case> bug_classes = cases;

}  // namespace demarc::torture
