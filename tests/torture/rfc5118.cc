// One message or more for each section of RFC 5118 section 4: IPv6 in every place where it can
// stand, and the mistakes that are made with it.
#include <gtest/gtest.h>

#include "sip-parser/name_addr.h"
#include "sip-parser/sdp/sdp.h"
#include "sip-parser/uri.h"
#include "sip-parser/via.h"
#include "tests/torture/corpus.h"

namespace demarc::torture {
namespace {

using sip::Defect;
using sip::HeaderName;
using sip::Message;

sip::Uri request_uri(const Message& message, std::string_view datagram) {
  const auto uri = sip::parse_uri(message.request_uri, datagram);
  EXPECT_TRUE(uri.has_value());
  return uri.has_value() ? *uri : sip::Uri{};
}

sip::Via top_via(const Message& message, std::string_view datagram) {
  const auto via = sip::parse_top_via(message.value(HeaderName::via), datagram);
  EXPECT_TRUE(via.has_value());
  return via.has_value() ? *via : sip::Via{};
}

void check_reference(const Message& message, std::string_view datagram) {
  const sip::Uri uri = request_uri(message, datagram);
  EXPECT_EQ(text(uri.host, datagram), "[2001:db8::10]");
  EXPECT_EQ(uri.port, 0);
  EXPECT_EQ(text(top_via(message, datagram).host, datagram), "[2001:db8::9:1]");
}

void check_ambiguous_port(const Message& message, std::string_view datagram) {
  const sip::Uri uri = request_uri(message, datagram);
  EXPECT_EQ(text(uri.host, datagram), "[2001:db8::10:5070]");
  EXPECT_EQ(uri.port, 0);
}

void check_unambiguous_port(const Message& message, std::string_view datagram) {
  const sip::Uri uri = request_uri(message, datagram);
  EXPECT_EQ(text(uri.host, datagram), "[2001:db8::10]");
  EXPECT_EQ(uri.port, 5070);
}

void check_received_in_brackets(const Message& message, std::string_view datagram) {
  const sip::Via via = top_via(message, datagram);
  EXPECT_EQ(text(via.received, datagram), "[2001:db8::9:255]");
  EXPECT_EQ(text(via.host, datagram), "[2001:db8::9:1]");
}

void check_received_without_brackets(const Message& message, std::string_view datagram) {
  EXPECT_EQ(text(top_via(message, datagram).received, datagram), "2001:db8::9:255");
}

void check_sdp(const Message& message, std::string_view datagram) {
  sdp::Description description;
  EXPECT_TRUE(sdp::parse(text(message.body, datagram), description).has_value());
}

void check_many_addresses(const Message& message, std::string_view datagram) {
  const sip::HeaderField* field = message.first(HeaderName::via);
  for (const char* host : {"[2001:db8::9:1]", "192.0.2.7", "[2001:db8::20]"}) {
    const auto via = sip::parse_via(field->value, datagram);
    ASSERT_TRUE(via.has_value());
    EXPECT_EQ(text(via->host, datagram), host);
    field = message.next(*field);
  }
  EXPECT_EQ(field, nullptr);
  check_sdp(message, datagram);
}

void check_mapped(const Message& message, std::string_view datagram) {
  EXPECT_EQ(text(top_via(message, datagram).received, datagram), "::ffff:192.0.2.7");
  const auto contact = sip::parse_name_addr(message.value(HeaderName::contact), datagram);
  const auto uri = sip::parse_uri(contact->uri, datagram);
  EXPECT_EQ(text(uri->host, datagram), "[::ffff:192.0.2.7]");
}

const Case cases[] = {
    {.name = "s4_1_valid_reference",
     .text = R"(REGISTER sip:[2001:db8::10] SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.net;tag=f1
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK1
Call-ID: v6.1@[2001:db8::9:1]
Max-Forwards: 70
Contact: "Desk" <sip:desk@[2001:db8::1]>
CSeq: 1 REGISTER
Content-Length: 0

)",
     .check = check_reference},

    {.name = "s4_2_address_without_brackets",
     .text = R"(REGISTER sip:2001:db8::10 SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.net;tag=f2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK2
Call-ID: v6.2@[2001:db8::9:1]
Max-Forwards: 70
Contact: "Desk" <sip:desk@[2001:db8::1]>
CSeq: 2 REGISTER
Content-Length: 0

)",
     .defect = Defect::bad_request_uri,
     .status_code = 400},

    {.name = "s4_2_via_without_brackets",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f2
Via: SIP/2.0/UDP 2001:db8::9:1;branch=z9hG4bK2
Call-ID: v6.3
CSeq: 2 OPTIONS
Content-Length: 0

)",
     .defect = Defect::bad_via,
     .status_code = 400},

    {.name = "s4_2_reference_that_is_not_closed",
     .text = R"(OPTIONS sip:desk@[2001:db8::10 SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK2
Call-ID: v6.4
CSeq: 2 OPTIONS
Content-Length: 0

)",
     .defect = Defect::bad_request_uri,
     .status_code = 400},

    {.name = "s4_2_reference_with_a_zone",
     .text = R"(OPTIONS sip:desk@[fe80::10%25eth0] SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK2
Call-ID: v6.5
CSeq: 2 OPTIONS
Content-Length: 0

)",
     .defect = Defect::bad_request_uri,
     .status_code = 400},

    {.name = "s4_3_ambiguous_port",
     .text = R"(REGISTER sip:[2001:db8::10:5070] SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.net;tag=f3
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK3
Call-ID: v6.6@[2001:db8::9:1]
Max-Forwards: 70
Contact: "Desk" <sip:desk@[2001:db8::1]>
CSeq: 3 REGISTER
Content-Length: 0

)",
     .check = check_ambiguous_port},

    {.name = "s4_4_unambiguous_port",
     .text = R"(REGISTER sip:[2001:db8::10]:5070 SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.net;tag=f4
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK4
Call-ID: v6.7@[2001:db8::9:1]
Max-Forwards: 70
Contact: "Desk" <sip:desk@[2001:db8::1]>
CSeq: 4 REGISTER
Content-Length: 0

)",
     .check = check_unambiguous_port},

    {.name = "s4_5_received_with_brackets",
     .text = R"(BYE sip:desk@[2001:db8::10] SIP/2.0
To: sip:desk@example.net;tag=t5
From: sip:desk@example.com;tag=f5
Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bK5
Call-ID: v6.8@[2001:db8::9:1]
Max-Forwards: 70
CSeq: 5 BYE
Content-Length: 0

)",
     .check = check_received_in_brackets},

    {.name = "s4_5_received_without_brackets",
     .text = R"(SIP/2.0 200 OK
To: sip:desk@example.net;tag=t5
From: sip:desk@example.com;tag=f5
Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bK5
Call-ID: v6.9@[2001:db8::9:1]
CSeq: 5 OPTIONS
Content-Length: 0

)",
     .check = check_received_without_brackets},

    {.name = "s4_6_addresses_in_sdp",
     .text = R"(INVITE sip:desk@[2001:db8::10] SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f6
Via: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bK6
Call-ID: v6.10@[2001:db8::20]
Contact: "Desk" <sip:desk@[2001:db8::20]>
CSeq: 6 INVITE
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: <<length>>

v=0
o=desk 1 1 IN IP6 2001:db8::20
s=-
c=IN IP6 2001:db8::20
t=0 0
m=audio 40000 RTP/AVP 0
)",
     .check = check_sdp},

    {.name = "s4_7_addresses_of_both_families_in_the_header",
     .text = R"(BYE sip:desk@example.net SIP/2.0
Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bK7
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK8
Via: SIP/2.0/TCP [2001:db8::20];branch=z9hG4bK9
To: sip:desk@example.net;tag=t7
From: sip:desk@example.com;tag=f7
Call-ID: v6.11@[2001:db8::20]
Route: <sip:[2001:db8::5]:5061;lr>, <sip:192.0.2.8;lr>
Max-Forwards: 70
CSeq: 7 BYE
Content-Type: application/sdp
Content-Length: <<length>>

v=0
o=desk 1 1 IN IP4 192.0.2.7
s=-
c=IN IP4 192.0.2.7
t=0 0
m=audio 40000 RTP/AVP 0
)",
     .check = check_many_addresses},

    {.name = "s4_8_addresses_of_both_families_in_sdp",
     .text = R"(INVITE sip:desk@[2001:db8::10] SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f8
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK8
Call-ID: v6.12@[2001:db8::9:1]
Contact: "Desk" <sip:desk@[2001:db8::9:1]>
Max-Forwards: 70
CSeq: 8 INVITE
Content-Type: application/sdp
Content-Length: <<length>>

v=0
o=desk 1 1 IN IP6 2001:db8::20
s=-
t=0 0
m=audio 40000 RTP/AVP 0
c=IN IP6 2001:db8::20
m=video 0 RTP/AVP 31
c=IN IP4 192.0.2.7
)",
     .check = check_sdp},

    {.name = "s4_9_ipv4_mapped_address",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f9
Via: SIP/2.0/UDP [::ffff:192.0.2.7]:5060;received=::ffff:192.0.2.7;branch=z9hG4bK9
Call-ID: v6.13@[::ffff:192.0.2.7]
Contact: "Desk" <sip:desk@[::ffff:192.0.2.7]>
Max-Forwards: 70
CSeq: 9 INVITE
Content-Type: application/sdp
Content-Length: <<length>>

v=0
o=desk 1 1 IN IP6 ::ffff:192.0.2.7
s=-
c=IN IP6 ::ffff:192.0.2.7
t=0 0
m=audio 40000 RTP/AVP 0
)",
     .check = check_mapped},

    {.name = "s4_10_three_colons",
     .text = R"(OPTIONS sip:desk@[2001:db8:::192.0.2.8] SIP/2.0
To: sip:desk@[2001:db8:::192.0.2.8]
From: sip:desk@example.com;tag=f10
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK10
Call-ID: v6.14@[2001:db8::9:1]
Max-Forwards: 70
CSeq: 10 OPTIONS
Content-Length: 0

)",
     .defect = Defect::bad_request_uri,
     .status_code = 400},

    {.name = "s4_10_two_colons", .text = R"(OPTIONS sip:desk@[2001:db8::192.0.2.8] SIP/2.0
To: sip:desk@[2001:db8::192.0.2.8]
From: sip:desk@example.com;tag=f10
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK10
Call-ID: v6.15@[2001:db8::9:1]
Max-Forwards: 70
CSeq: 10 OPTIONS
Content-Length: 0

)"},

    // Not a case of the RFC: what is sent there is for routing to refuse, not for the parser.
    {.name = "multicast_is_an_address_too", .text = R"(OPTIONS sip:desk@[ff02::1:2] SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f11
Via: SIP/2.0/UDP [2001:db8::9:1];maddr=[ff02::1:2];ttl=1;branch=z9hG4bK11
Call-ID: v6.16
CSeq: 11 OPTIONS
Content-Length: 0

)"},
};

}  // namespace

const std::span<const Case> rfc5118 = cases;

}  // namespace demarc::torture
