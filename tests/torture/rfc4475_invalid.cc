// One message for each section of RFC 4475 section 3.1.2: what is wrong with its syntax, and what
// that earns.
#include <gtest/gtest.h>

#include "sip-parser/via.h"
#include "tests/torture/corpus.h"

namespace demarc::torture {
namespace {

using sip::Defect;
using sip::HeaderName;
using sip::Message;

// The response can still be routed by what stands before the first ';'.
void check_separators(const Message& message, std::string_view datagram) {
  EXPECT_EQ(value(message, datagram, HeaderName::via), "SIP/2.0/UDP 192.0.2.7;;,;,,");
  EXPECT_EQ(message.method, sip::Method::invite);
}

// The mistake does not hide the fields that the answer is made of.
void check_answerable(const Message& message, std::string_view datagram) {
  EXPECT_TRUE(sip::parse_top_via(message.value(HeaderName::via), datagram).has_value());
  EXPECT_TRUE(message.has(HeaderName::from) && message.has(HeaderName::to));
  EXPECT_TRUE(message.has(HeaderName::call_id) && message.has(HeaderName::cseq));
}

void check_no_route(const Message& message, std::string_view datagram) {
  EXPECT_FALSE(message.has(HeaderName::route));
  check_answerable(message, datagram);
}

void check_no_status(const Message& message, std::string_view) {
  EXPECT_FALSE(message.is_request);
  EXPECT_EQ(message.status_code, 0);
}

void check_date(const Message& message, std::string_view datagram) {
  EXPECT_EQ(value(message, datagram, HeaderName::date), "Thu, 26 Nov 2026 06:14:14 CET");
}

const Case cases[] = {
    {.name = "s3_1_2_1_extra_separators",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f1
Max-Forwards: 7
Call-ID: separators.1
CSeq: 1 INVITE
Via: SIP/2.0/UDP 192.0.2.7;;,;,,
Contact: "Desk" <sip:desk@192.0.2.7>;;;;
Content-Length: <<length>>
Content-Type: application/sdp

v=0
)",
     .defect = Defect::bad_via,
     .status_code = 400,
     .check = check_separators},

    {.name = "s3_1_2_1_extra_separators_in_contact",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f1
Call-ID: separators.2
CSeq: 1 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1
Contact: "Desk" <sip:desk@192.0.2.7>;;;;
Content-Length: 0

)",
     .defect = Defect::bad_contact,
     .status_code = 400,
     .check = check_answerable},

    {.name = "s3_1_2_2_content_length_beyond_the_message",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
Max-Forwards: 80
To: sip:desk@example.net
From: sip:desk@example.com;tag=f2
Contact: <sip:desk@192.0.2.7>
Call-ID: beyond.1
CSeq: 2 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK2
Content-Type: application/sdp
Content-Length: 9999

v=0
)",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::waits,
     .check = check_answerable},

    {.name = "s3_1_2_3_negative_content_length",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
Max-Forwards: 254
To: sip:desk@example.net
From: sip:desk@example.com;tag=f3
Call-ID: negative.1
CSeq: 0 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK3
Contact: <sip:desk@192.0.2.7>
Content-Type: application/sdp
Content-Length: -999

v=0
)",
     .defect = Defect::bad_content_length,
     .status_code = 400,
     .on_stream = OnStream::closes,
     .check = check_answerable},

    {.name = "s3_1_2_4_overlarge_numbers_in_a_request",
     .text = R"(REGISTER sip:example.net SIP/2.0
Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK4
To: <sip:desk@example.net>
From: <sip:desk@example.net>;tag=f4
CSeq: 36893488147419103233 REGISTER
Call-ID: overlarge.1
Max-Forwards: 300
Expires: 1<<90*0>>
Contact: <sip:desk@192.0.2.7>
  ;expires=280297596632816
Content-Length: 0

)",
     .defect = Defect::bad_cseq,
     .status_code = 400,
     .check = check_answerable},

    {.name = "s3_1_2_4_overlarge_max_forwards",
     .text = R"(OPTIONS sip:example.net SIP/2.0
Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK4
To: <sip:desk@example.net>
From: <sip:desk@example.net>;tag=f4
CSeq: 4 OPTIONS
Call-ID: overlarge.2
Max-Forwards: 300
Content-Length: 0

)",
     .defect = Defect::bad_max_forwards,
     .status_code = 400,
     .check = check_answerable},

    // RFC 3261 section 10.2.1.1: as if they said 3600.
    {.name = "s3_1_2_4_overlarge_expires",
     .text = R"(REGISTER sip:example.net SIP/2.0
Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK4
To: <sip:desk@example.net>
From: <sip:desk@example.net>;tag=f4
CSeq: 4 REGISTER
Call-ID: overlarge.3
Expires: 1<<90*0>>
Contact: <sip:desk@192.0.2.7>
  ;expires=280297596632816
Content-Length: 0

)",
     .check = check_answerable},

    {.name = "s3_1_2_5_overlarge_numbers_in_a_response",
     .text = R"(SIP/2.0 503 Service Unavailable
Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK5;received=192.0.2.7
To: <sip:desk@example.net>
From: <sip:desk@example.com>;tag=f5
CSeq: 9292394834772304023313 OPTIONS
Call-ID: overlarge.4
Retry-After: 949302838503028349304023989
Warning: 1812 own "In Progress"
Content-Length: 0

)",
     .defect = Defect::bad_cseq},

    {.name = "s3_1_2_6_open_quote",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
To: "Desk. of Example <sip:desk@example.net>
From: sip:desk@example.com;tag=f6
Max-Forwards: 10
Call-ID: quote.1
Contact: <sip:desk@192.0.2.7>
CSeq: 6 INVITE
Via: SIP/2.0/UDP 192.0.2.7:5050;branch=z9hG4bK6
Content-Type: application/sdp
Content-Length: <<length>>

v=0
)",
     .defect = Defect::bad_to,
     .status_code = 400,
     .check = check_answerable},

    {.name = "s3_1_2_7_brackets_around_the_request_uri",
     .text = R"(INVITE <sip:desk@example.net> SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f7
Max-Forwards: 23
Call-ID: brackets.1
CSeq: 7 INVITE
Via: SIP/2.0/UDP 192.0.2.7
Contact: <sip:desk@192.0.2.7>
Content-Type: application/sdp
Content-Length: <<length>>

v=0
)",
     .defect = Defect::bad_request_uri,
     .status_code = 400,
     .check = check_answerable},

    {.name = "s3_1_2_8_blank_in_the_request_uri",
     .text = R"(INVITE sip:desk@example.net; lr SIP/2.0
To: sip:desk@example.net;tag=t8
From: sip:desk@example.com;tag=f8
Max-Forwards: 5
Call-ID: blank.1
CSeq: 2130706433 INVITE
Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK8
Contact: <sip:desk@192.0.2.7>
Content-Length: 0

)",
     .defect = Defect::bad_start_line,
     .status_code = 400,
     .on_stream = OnStream::closes,
     .check = check_answerable},

    {.name = "s3_1_2_9_blanks_between_the_parts",
     .text = R"(INVITE  sip:desk@example.net  SIP/2.0
Max-Forwards: 8
To: sip:desk@example.net
From: sip:desk@example.com;tag=f9
Call-ID: blanks.1
CSeq: 9 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK9
Contact: <sip:desk@192.0.2.7>
Content-Length: 0

)",
     .defect = Defect::bad_start_line,
     .status_code = 400,
     .on_stream = OnStream::closes,
     .check = check_answerable},

    {.name = "s3_1_2_10_blanks_behind_the_request_line",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0<<2* >>
Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK10
To: <sip:desk@example.net>
From: <sip:desk@example.com>;tag=f10
Call-ID: behind.1
Accept: application/sdp
CSeq: 10 OPTIONS
Max-Forwards: 70
Content-Length: 0

)",
     .defect = Defect::bad_start_line,
     .status_code = 400,
     .on_stream = OnStream::closes,
     .check = check_answerable},

    {.name = "s3_1_2_11_header_in_the_request_uri",
     .text = R"(INVITE sip:desk@example.net?Route=%3Csip:other.example.net%3E SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f11
Max-Forwards: 7
Contact: <sip:desk@192.0.2.7>
Call-ID: headers.1
CSeq: 11 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK11
Content-Length: 0

)",
     .defect = Defect::bad_request_uri,
     .status_code = 400,
     .check = check_no_route},

    // Only who needs the Date judges it.
    {.name = "s3_1_2_12_date_of_another_zone",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f12
Max-Forwards: 70
Call-ID: date.1
CSeq: 12 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK12
Date: Thu, 26 Nov 2026 06:14:14 CET
Contact: <sip:desk@192.0.2.7>
Content-Length: 0

)",
     .check = check_date},

    {.name = "s3_1_2_13_header_in_a_contact_without_brackets",
     .text = R"(REGISTER sip:example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.net;tag=f13
Max-Forwards: 70
Call-ID: no-brackets.1
CSeq: 13 REGISTER
Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK13
Contact: sip:desk@192.0.2.7?Route=%3Csip:other.example.net%3E
l: 0

)",
     .defect = Defect::bad_contact,
     .status_code = 400,
     .check = check_no_route},

    {.name = "s3_1_2_14_blanks_in_a_name_addr",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK14
Max-Forwards: 70
From: "Desk, A" <sip:desk@example.com>;tag=f14
To: "Desk, B" < sip:desk@example.net >
Call-ID: spaced.1
Accept: application/sdp
CSeq: 14 OPTIONS
l: 0

)",
     .defect = Defect::bad_to,
     .status_code = 400,
     .check = check_answerable},

    {.name = "s3_1_2_15_display_name_without_quotes",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK15
Max-Forwards: 70
From: Desk, A <sip:desk@example.com>;tag=f15
To: Desk, B <sip:desk@example.net>
Call-ID: unquoted.1
CSeq: 15 OPTIONS
l: 0

)",
     .defect = Defect::bad_from,
     .status_code = 400,
     .check = check_answerable},

    {.name = "s3_1_2_15_and_no_empty_line",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK15
From: Desk, A <sip:desk@example.com>;tag=f15
To: Desk, B <sip:desk@example.net>
Call-ID: unquoted.2
CSeq: 15 OPTIONS
l: 0
)",
     .defect = Defect::no_end_of_header,
     .status_code = 400,
     .on_stream = OnStream::waits},

    {.name = "s3_1_2_16_unknown_version",
     .text = R"(OPTIONS sip:desk@example.net SIP/3.1
Via: SIP/3.1/UDP 192.0.2.7;branch=z9hG4bK16
Max-Forwards: 70
From: Desk <sip:desk@example.com>;tag=f16
To: Desk <sip:desk@example.net>
Call-ID: version.1
CSeq: 16 OPTIONS
l: 0

)",
     .defect = Defect::bad_version,
     .status_code = 505,
     .on_stream = OnStream::closes},

    {.name = "s3_1_2_17_other_method_in_cseq",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f17
Max-Forwards: 6
Call-ID: mismatch.1
CSeq: 17 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK17
l: 0

)",
     .defect = Defect::method_mismatch,
     .status_code = 400,
     .check = check_answerable},

    {.name = "s3_1_2_18_unknown_method_and_another_in_cseq",
     .text = R"(FRESH sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f18
Max-Forwards: 6
Call-ID: mismatch.2
CSeq: 18 INVITE
Contact: <sip:desk@192.0.2.7>
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK18
Content-Type: application/sdp
l: <<length>>

v=0
)",
     .defect = Defect::unknown_method,
     .status_code = 501,
     .check = check_answerable},

    {.name = "s3_1_2_19_overlarge_status_code",
     .text = R"(SIP/2.0 4294967302 truncated, this is a 6
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK19
Call-ID: code.1
CSeq: 19 INVITE
From: <sip:desk@example.com>;tag=f19
To: <sip:desk@example.net>;tag=t19
Content-Length: 0
Contact: <sip:desk@192.0.2.8>

)",
     .defect = Defect::bad_start_line,
     .on_stream = OnStream::closes,
     .check = check_no_status},
};

}  // namespace

const std::span<const Case> rfc4475_invalid = cases;

}  // namespace demarc::torture
