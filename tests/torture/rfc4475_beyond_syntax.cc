// One message for each section of RFC 4475 sections 3.2, 3.3 and 3.4: sound syntax, and still a
// reason to refuse. What is refused depends on who is asked.
#include <gtest/gtest.h>

#include "sip-parser/name_addr.h"
#include "sip-parser/uri.h"
#include "sip-parser/via.h"
#include "tests/torture/corpus.h"

namespace demarc::torture {
namespace {

using sip::Defect;
using sip::HeaderName;
using sip::Message;

void check_insufficient(const Message& message, std::string_view datagram) {
  EXPECT_FALSE(message.has(HeaderName::from));
  EXPECT_TRUE(sip::parse_top_via(message.value(HeaderName::via), datagram).has_value());
}

void check_opaque_uri(const Message& message, std::string_view datagram) {
  const auto uri = sip::parse_uri(message.request_uri, datagram);
  ASSERT_TRUE(uri.has_value());
  EXPECT_EQ(uri->scheme, sip::UriScheme::other);
  EXPECT_EQ(uri->whole, message.request_uri);
}

void check_repeated(const Message& message, std::string_view) {
  for (const HeaderName name : {HeaderName::cseq, HeaderName::call_id, HeaderName::from,
                                HeaderName::to, HeaderName::max_forwards}) {
    EXPECT_EQ(count(message, name), 2u);
  }
}

void check_field_parameter(const Message& message, std::string_view datagram) {
  const auto contact = sip::parse_name_addr(message.value(HeaderName::contact), datagram);
  EXPECT_EQ(text(contact->uri, datagram), "sip:+442079460018@192.0.2.7");
  EXPECT_EQ(text(contact->params, datagram), ";ownparam");
}

void check_uri_parameter(const Message& message, std::string_view datagram) {
  const auto contact = sip::parse_name_addr(message.value(HeaderName::contact), datagram);
  EXPECT_EQ(text(contact->uri, datagram), "sip:+442079460018@192.0.2.7;ownparam");
  EXPECT_TRUE(contact->params.empty());
}

void check_escaped_route(const Message& message, std::string_view datagram) {
  EXPECT_FALSE(message.has(HeaderName::route));
  const auto contact = sip::parse_name_addr(message.value(HeaderName::contact), datagram);
  const auto uri = sip::parse_uri(contact->uri, datagram);
  EXPECT_EQ(text(uri->headers, datagram), "Route=%3Csip:other.example.net%3E");
}

void check_old(const Message& message, std::string_view datagram) {
  EXPECT_TRUE(sip::parse_top_via(message.value(HeaderName::via), datagram)->branch.empty());
  EXPECT_EQ(text(message.body, datagram), "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\n");
  const auto to = sip::parse_name_addr(message.value(HeaderName::to), datagram);
  EXPECT_EQ(text(to->params, datagram), ";user=phone");
}

const Case cases[] = {
    {.name = "s3_2_1_bare_magic_cookie",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f1
Max-Forwards: 3
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK
Accept: application/sdp
Call-ID: cookie.1
CSeq: 1 OPTIONS
l: 0

)",
     .defect = Defect::bad_branch,
     .status_code = 400},

    {.name = "s3_3_1_missing_fields",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
CSeq: 1 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1
Content-Type: application/sdp
l: <<length>>

v=0
)",
     .defect = Defect::missing_mandatory_field,
     .status_code = 400,
     .check = check_insufficient},

    {.name = "s3_3_2_unknown_scheme",
     .text = R"(OPTIONS unheardof:opaque,but;legal SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f2
Max-Forwards: 3
Call-ID: scheme.1
CSeq: 2 OPTIONS
Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK2
Content-Length: 0

)",
     .defect = Defect::unsupported_scheme,
     .status_code = 416,
     .check = check_opaque_uri},

    {.name = "s3_3_3_scheme_of_another_protocol",
     .text = R"(OPTIONS soap.beep://192.0.2.8:3002 SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f3
Max-Forwards: 3
Call-ID: scheme.2
CSeq: 3 OPTIONS
Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK3
Content-Length: 0

)",
     .defect = Defect::unsupported_scheme,
     .status_code = 416,
     .check = check_opaque_uri},

    {.name = "s3_3_4_unknown_schemes_at_a_registrar",
     .text = R"(REGISTER sip:example.net SIP/2.0
To: isbn:0000000000
From: <http://www.example.com>;tag=f4
Call-ID: scheme.3
CSeq: 4 REGISTER
Max-Forwards: 70
Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK4
Contact: <name:Desk>
l: 0

)",
     .defect = Defect::bad_to,
     .status_code = 400},

    {.name = "s3_3_4_unknown_schemes_at_a_proxy",
     .text = R"(REGISTER sip:example.net SIP/2.0
To: isbn:0000000000
From: <http://www.example.com>;tag=f4
Call-ID: scheme.4
CSeq: 4 REGISTER
Max-Forwards: 70
Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK4
Contact: <name:Desk>
l: 0

)",
     .element = &proxy},

    {.name = "s3_3_5_unknown_extensions",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f5
Max-Forwards: 6
Call-ID: extensions.1
Require: no-such, nor-this
Proxy-Require: no-such-proxy
CSeq: 5 OPTIONS
Via: SIP/2.0/TLS 192.0.2.7;branch=z9hG4bK5
Content-Length: 0

)",
     .defect = Defect::unsupported_extension,
     .status_code = 420},

    {.name = "s3_3_5_unknown_extensions_at_a_proxy",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f5
Max-Forwards: 6
Call-ID: extensions.2
Require: no-such, nor-this
Proxy-Require: no-such-proxy
CSeq: 5 OPTIONS
Via: SIP/2.0/TLS 192.0.2.7;branch=z9hG4bK5
Content-Length: 0

)",
     .defect = Defect::unsupported_extension,
     .status_code = 420,
     .element = &proxy},

    {.name = "s3_3_6_unknown_content_type",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
Contact: <sip:desk@192.0.2.7>
To: sip:desk@example.net
From: sip:desk@example.com;tag=f6
Max-Forwards: 70
Call-ID: type.1
CSeq: 6 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK6
Content-Type: application/no-such
Content-Length: <<length>>

<body/>
)",
     .defect = Defect::unsupported_media_type,
     .status_code = 415},

    {.name = "s3_3_7_unknown_authorization_scheme",
     .text = R"(REGISTER sip:example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.net;tag=f7
Max-Forwards: 8
Call-ID: authorization.1
CSeq: 7 REGISTER
Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK7
Authorization: NoSuchScheme opaque-data=here
Content-Length:0

)",
     .defect = Defect::no_credentials,
     .status_code = 401,
     .element = &registrar},

    {.name = "s3_3_7_unknown_authorization_scheme_where_none_is_asked",
     .text = R"(REGISTER sip:example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.net;tag=f7
Max-Forwards: 8
Call-ID: authorization.2
CSeq: 7 REGISTER
Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK7
Authorization: NoSuchScheme opaque-data=here
Content-Length:0

)"},

    {.name = "s3_3_8_repeated_fields",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
Contact: <sip:desk@192.0.2.7>
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK8
Max-Forwards: 70
CSeq: 8 INVITE
Call-ID: repeated.1
CSeq: 80 INVITE
Call-ID: repeated.2
From: sip:desk@example.com;tag=f8
To: sip:desk@example.net
To: sip:other@example.net
From: sip:other@example.com;tag=f80
Content-Type: application/sdp
l: <<length>>
Contact: <sip:desk@192.0.2.8>
Max-Forwards: 5

v=0
)",
     .defect = Defect::repeated_field,
     .status_code = 400,
     .check = check_repeated},

    {.name = "s3_3_9_two_content_lengths_that_differ",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK9
To: sip:desk@example.net
From: sip:desk@example.com;tag=f9
Call-ID: lengths.1
CSeq: 9 OPTIONS
Content-Length: 13
Max-Forwards: 60
Content-Length: 5
Content-Type: text/plain

Which of the two lengths is it?
)",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::closes,
     .stream_defect = Defect::repeated_field},

    {.name = "s3_3_9_two_content_lengths_that_agree",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK9
To: sip:desk@example.net
From: sip:desk@example.com;tag=f9
Call-ID: lengths.2
CSeq: 9 OPTIONS
Content-Length: 0
l: 0

)",
     .defect = Defect::repeated_field,
     .status_code = 400,
     .on_stream = OnStream::closes},

    {.name = "s3_3_10_second_via_is_broadcast",
     .text = R"(SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK10
Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKx
Call-ID: broadcast.1
CSeq: 10 INVITE
From: sip:desk@example.com;tag=f10
To: sip:desk@example.net;tag=t10
Content-Length: <<length>>
Content-Type: application/sdp
Contact: <sip:desk@192.0.2.8>

v=0
)",
     .defect = Defect::misrouted_response},

    {.name = "s3_3_11_no_hops_left_here", .text = R"(OPTIONS sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f11
Call-ID: hops.1
CSeq: 11 OPTIONS
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK11
Max-Forwards: 0
Content-Length: 0

)"},

    {.name = "s3_3_11_no_hops_left_to_go_on",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f11
Call-ID: hops.2
CSeq: 11 OPTIONS
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK11
Max-Forwards: 0
Content-Length: 0

)",
     .defect = Defect::too_many_hops,
     .status_code = 483,
     .element = &proxy},

    {.name = "s3_3_12_contact_field_parameter",
     .text = R"(REGISTER sip:example.net SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK12
Max-Forwards: 70
From: sip:desk@example.net;tag=f12
To: sip:desk@example.net
Call-ID: parameter.1
CSeq: 12 REGISTER
Contact: sip:+442079460018@192.0.2.7;ownparam
l: 0

)",
     .check = check_field_parameter},

    {.name = "s3_3_13_contact_uri_parameter",
     .text = R"(REGISTER sip:example.net SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK13
Max-Forwards: 70
From: sip:desk@example.net;tag=f13
To: sip:desk@example.net
Call-ID: parameter.2
CSeq: 13 REGISTER
Contact: <sip:+442079460018@192.0.2.7;ownparam>
l: 0

)",
     .check = check_uri_parameter},

    {.name = "s3_3_14_escaped_route_in_a_contact",
     .text = R"(REGISTER sip:example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.net;tag=f14
Max-Forwards: 70
Call-ID: escaped-route.1
CSeq: 14 REGISTER
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK14
M: <sip:desk@192.0.2.7?Route=%3Csip:other.example.net%3E>
L:0

)",
     .check = check_escaped_route},

    {.name = "s3_3_15_no_answer_is_acceptable",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
To: sip:desk@example.net
Contact: <sip:desk@192.0.2.7>
From: sip:desk@example.com;tag=f15
Max-Forwards: 5
Call-ID: accept.1
Accept: text/no-such
CSeq: 15 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK15
Content-Length: <<length>>
Content-Type: application/sdp

v=0
)",
     .defect = Defect::not_acceptable,
     .status_code = 406},

    {.name = "s3_4_1_invite_of_rfc2543",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7
From: <sip:+442079460017@192.0.2.7;user=phone>
Record-Route: <sip:desk@example.net;maddr=192.0.2.9>
To: sip:+442079460018@example.net;user=phone
Call-ID: old.1@192.0.2.7
CSeq: 1 INVITE
Content-Type: application/sdp

v=0
o=- 1 1 IN IP4 192.0.2.7
)",
     .on_stream = OnStream::closes,
     .stream_defect = Defect::missing_content_length,
     .check = check_old},
};

}  // namespace

const std::span<const Case> rfc4475_beyond_syntax = cases;

}  // namespace demarc::torture
