// One message for each section of RFC 4475 section 3.1.1: valid, however odd it looks.
#include <gtest/gtest.h>

#include "sip-parser/cseq.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/uri.h"
#include "sip-parser/via.h"
#include "tests/torture/corpus.h"

namespace demarc::torture {
namespace {

using sip::HeaderName;
using sip::Message;

unsigned count_vias(const Message& message, std::string_view datagram) {
  unsigned vias = 0;
  for (const sip::HeaderField* field = message.first(HeaderName::via); field != nullptr;
       field = message.next(*field)) {
    Span element;
    for (sip::ListCursor cursor(field->value, datagram); cursor.next(element);) {
      EXPECT_TRUE(sip::parse_via(element, datagram).has_value()) << text(element, datagram);
      ++vias;
    }
  }
  return vias;
}

sip::Uri uri_of(Span span, std::string_view datagram) {
  const auto uri = sip::parse_uri(span, datagram);
  EXPECT_TRUE(uri.has_value()) << text(span, datagram);
  return uri.has_value() ? *uri : sip::Uri{};
}

sip::NameAddr name_addr_of(const Message& message, std::string_view datagram, HeaderName name) {
  const auto result = sip::parse_name_addr(message.value(name), datagram);
  EXPECT_TRUE(result.has_value());
  return result.has_value() ? *result : sip::NameAddr{};
}

void check_tortuous(const Message& message, std::string_view datagram) {
  EXPECT_EQ(text(message.request_uri, datagram), "sip:desk@sbc.example.net;odd");
  EXPECT_EQ(*sip::parse_number(message.value(HeaderName::max_forwards), datagram, 255), 68u);
  const auto cseq = sip::parse_cseq(message.value(HeaderName::cseq), datagram);
  EXPECT_EQ(cseq->number, 9u);
  EXPECT_EQ(cseq->method, sip::Method::invite);
  EXPECT_TRUE(message.has(HeaderName::subject));
  EXPECT_EQ(value(message, datagram, HeaderName::subject), "");
  const sip::NameAddr from = name_addr_of(message, datagram, HeaderName::from);
  EXPECT_EQ(text(from.display_name, datagram), "A Desk \\\\\\\"");
  EXPECT_EQ(text(from.tag, datagram), "f7");
  const sip::NameAddr to = name_addr_of(message, datagram, HeaderName::to);
  EXPECT_EQ(text(to.tag, datagram), "t7");
  EXPECT_EQ(count_vias(message, datagram), 3u);
  EXPECT_EQ(sip::parse_top_via(message.value(HeaderName::via), datagram)->port, 5070);
  // Unknown fields are kept byte for byte.
  unsigned unknown = 0;
  for (unsigned i = 0; i < message.field_count; ++i) {
    const sip::HeaderField& field = message.fields[i];
    if (field.id != HeaderName::other) continue;
    ++unknown;
    EXPECT_EQ(text(field.value, datagram),
              text(field.name, datagram) == "Brand-New" ? "one\r\n two" : ",,;;;,,");
  }
  EXPECT_EQ(unknown, 2u);
}

void check_characters(const Message& message, std::string_view datagram) {
  EXPECT_EQ(message.method, sip::Method::other);
  EXPECT_EQ(text(message.method_text, datagram), "~Odd-Method.09_*+`%42'!");
  EXPECT_EQ(value(message, datagram, HeaderName::call_id), "w%!.*_+'@word`~)(><:\\/\"][?}{");
  const sip::Uri uri = uri_of(message.request_uri, datagram);
  EXPECT_EQ(text(uri.user, datagram), "odd.~(user!)&isn't+it$/mad?,/;;*");
  EXPECT_EQ(text(uri.password, datagram), "&has=1,odd*pass$word.(yes)");
}

void check_escapes(const Message& message, std::string_view datagram) {
  const sip::Uri uri = uri_of(message.request_uri, datagram);
  EXPECT_EQ(uri.scheme, sip::UriScheme::sip);
  EXPECT_EQ(text(uri.user, datagram), "sips%3Adesk%40example.com");
  EXPECT_EQ(text(uri.host, datagram), "sbc.example.net");
  // An escape is kept; "%2541" is "%41" when it is decoded once.
  const sip::NameAddr contact = name_addr_of(message, datagram, HeaderName::contact);
  EXPECT_EQ(text(contact.uri, datagram), "sip:de%73k@192.0.2.7;%6C%72;x=%2541");
}

void check_escaped_nul(const Message& message, std::string_view datagram) {
  const sip::NameAddr to = name_addr_of(message, datagram, HeaderName::to);
  EXPECT_EQ(text(uri_of(to.uri, datagram).user, datagram), "before-%00-behind");
  EXPECT_EQ(count(message, HeaderName::contact), 2u);
}

void check_no_escapes(const Message& message, std::string_view datagram) {
  EXPECT_EQ(message.method, sip::Method::other);
  EXPECT_EQ(text(message.method_text, datagram), "R%45GISTER");
  EXPECT_EQ(count(message, HeaderName::contact), 2u);
  const sip::NameAddr to = name_addr_of(message, datagram, HeaderName::to);
  EXPECT_EQ(text(to.display_name, datagram), "%Q%41");
}

void check_no_blank(const Message& message, std::string_view datagram) {
  const sip::NameAddr from = name_addr_of(message, datagram, HeaderName::from);
  EXPECT_EQ(text(from.display_name, datagram), "desk");
  EXPECT_EQ(text(from.uri, datagram), "sip:desk@example.com");
}

void check_long(const Message& message, std::string_view datagram) {
  EXPECT_EQ(count_vias(message, datagram), 34u);
  EXPECT_EQ(message.value(HeaderName::call_id).length, 500u);
  const sip::NameAddr from = name_addr_of(message, datagram, HeaderName::from);
  EXPECT_EQ(from.tag.length, 400u);
}

void check_trailing(const Message& message, std::string_view datagram) {
  EXPECT_EQ(message.method, sip::Method::register_);
  EXPECT_TRUE(message.body.empty());
  EXPECT_LT(message.body.end(), datagram.size());
}

void check_semicolons(const Message& message, std::string_view datagram) {
  const sip::Uri uri = uri_of(message.request_uri, datagram);
  EXPECT_EQ(text(uri.user, datagram), "desk;line=d%40example.org");
  EXPECT_EQ(text(uri.host, datagram), "sbc.example.net");
  EXPECT_TRUE(uri.params.empty());
}

void check_transports(const Message& message, std::string_view datagram) {
  EXPECT_EQ(count_vias(message, datagram), 5u);
}

void check_multipart(const Message& message, std::string_view datagram) {
  const std::string_view body = text(message.body, datagram);
  EXPECT_EQ(body.size(), datagram.size() - message.body.offset);
  EXPECT_NE(body.find(std::string_view("\0\x01\xff\0", 4)), std::string_view::npos);
  EXPECT_EQ(body.substr(body.size() - 9), "--cut--\r\n");
}

void check_reason(const Message& message, std::string_view datagram) {
  EXPECT_EQ(text(message.reason_phrase, datagram),
            "= 10 * 20 \xd0\xb4\xd0\xb0 \xe2\x9c\x93 ;,<>\"");
}

void check_no_reason(const Message& message, std::string_view datagram) {
  EXPECT_EQ(message.status_code, 100);
  EXPECT_TRUE(text(message.reason_phrase, datagram).empty());
}

const Case cases[] = {
    {.name = "s3_1_1_1_tortuous_invite",
     .text = R"(INVITE sip:desk@sbc.example.net;odd SIP/2.0
tO :
 sip:desk@sbc.example.net ;   tag    = t7
FROM   : "A Desk \\\""       <sip:desk@example.com>
  ;
  tag = f7
mAX-fORWARDS: 0068
Call-ID: tortuous.1@192.0.2.7
content-LENGTH   : <<length>>
cSEQ: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.7 : 5070;branch=oldstyle
s :
Brand-New:   one
 two
Strange-Value: ,,;;;,,
c: application/sdp
Route:
 <sip:sbc.example.net;lr;more=value;more-without>
v:  SIP  / 2.0  / TCP     hop.example.net   ;
  branch  =   z9hG4bKhop  ,
 SIP  /    2.0   / UDP  192.0.2.9;branch=
 z9hG4bKlast
m:"Quoted \"name\" "   <sip:desk@192.0.2.7> ; more =
  value;q=0.3 ; odd = "; , <"

v=0
o=- 1 1 IN IP4 192.0.2.7
s=-
c=IN IP4 192.0.2.7
t=0 0
m=audio 40000 RTP/AVP 0
)",
     .check = check_tortuous},

    {.name = "s3_1_1_2_wide_range_of_characters",
     .text = R"(~Odd-Method.09_*+`%42'! )"
             R"(sip:odd.~(user!)&isn't+it$/mad?,/;;*:&has=1,odd*pass$word.(yes)@example.net SIP/2.0
Via: SIP/2.0/TCP a.example.net;branch=z9hG4bK-.!%42*_+`'~
To: "BEL:\<<07>> DEL:\<<7f>>" <sip:odd.~(user!)&isn't+it$/mad?,/;;*@example.net>
From: one~` two'+_ three*%!.- <sip:plain@example.com>;odd''~+*_!.-%="<<d1>><<88>>"
  ;tag=_tok~1'+`*%!-.
Call-ID: w%!.*_+'@word`~)(><:\/"][?}{
CSeq: 139122385 ~Odd-Method.09_*+`%42'!
Max-Forwards: 255
own-Field-!.%*+_`'~:<<ef>><<bb>><<bf>><<e5>><<a4>><<a7>>
Content-Length: 0

)",
     .defect = sip::Defect::unknown_method,
     .status_code = 501,
     .check = check_characters},

    {.name = "s3_1_1_3_valid_escapes",
     .text = R"(INVITE sip:sips%3Adesk%40example.com@sbc.example.net SIP/2.0
To: sip:%64%65sk@example.net
From: <sip:two%20words@example.com>;tag=f3
Max-Forwards: 87
i: escapes.1@192.0.2.7
CSeq: 3 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK3
C: application/sdp
Contact:
  <sip:de%73k@192.0.2.7;%6C%72;x=%2541>
Content-Length: <<length>>

v=0
)",
     .check = check_escapes},

    {.name = "s3_1_1_4_escaped_nul",
     .text = R"(REGISTER sip:example.net SIP/2.0
To: sip:before-%00-behind@example.net
From: sip:before-%00-behind@example.net;tag=f4
Max-Forwards: 70
Call-ID: escaped-nul.1
CSeq: 4 REGISTER
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK4
Contact: <sip:%00@192.0.2.7>
Contact: <sip:%00%00@192.0.2.7>
L:0

)",
     .check = check_escaped_nul},

    {.name = "s3_1_1_5_percent_that_is_no_escape",
     .text = R"(R%45GISTER sip:example.net SIP/2.0
To: "%Q%41" <sip:desk@example.net>
From: "%Q%41" <sip:desk@example.net>;tag=f5
Call-ID: percent.1
Via: SIP/2.0/TCP a.example.net;branch=z9hG4bK%zz5
CSeq: 5 R%45GISTER
Max-Forwards: 70
Contact: <sip:one@192.0.2.7>
Cont%61ct: <sip:two@192.0.2.7>
Contact: <sip:three@192.0.2.7>
l: 0

)",
     .defect = sip::Defect::unknown_method,
     .status_code = 501,
     .check = check_no_escapes},

    {.name = "s3_1_1_6_no_blank_before_the_bracket",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: desk<sip:desk@example.com>;tag=f6
Max-Forwards: 70
Call-ID: no-blank.1@192.0.2.7
CSeq: 6 OPTIONS
Via: SIP/2.0/UDP a.example.net;branch=z9hG4bK6
l: 0

)",
     .check = check_no_blank},

    {.name = "s3_1_1_7_long_values",
     .text = R"(INVITE sip:desk@example.net SIP/2.0
To: "<<100*name >>"<sip:desk@example.net:6000;<<30*p>>=<<60*v>>;q>
F: sip:<<200*caller>>@example.com;tag=<<400*t>>;<<90*own>>=<<90*value>>
Call-ID: <<500*i>>
CSeq: 7 INVITE
Via: SIP/2.0/TCP top.example.net;branch=z9hG4bK7
via: <<30*SIP/2.0/TCP a.example.net;branch=z9hG4bKmany, >>SIP/2.0/udp b.example.net
V: SIP/2.0/TCP c.example.net;<<120*long>>;branch=z9hG4bK8
VIA: SIP/2.0/TCP d.example.net;received=<<100*z>>.example.net
Max-Forwards: 70
Contact: <sip:<<150*amazing>>@192.0.2.7>
Content-Type: application/sdp
l: <<length>>

v=0
)",
     .check = check_long},

    {.name = "s3_1_1_8_trailing_octets",
     .text = R"(REGISTER sip:example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.net;tag=f8
Max-Forwards: 8
I: trailing.1
Contact: sip:desk@192.0.2.7
CSeq: 8 REGISTER
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK8
Content-Length: 0


INVITE sip:other@example.net SIP/2.0
t: sip:other@example.net
From: sip:desk@example.net;tag=f9
Max-Forwards: 8
Call-ID: trailing.2
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK9
Content-Type: application/sdp
Content-Length: 5

v=0
)",
     .check = check_trailing},

    {.name = "s3_1_1_9_semicolons_in_the_user_part",
     .text = R"(OPTIONS sip:desk;line=d%40example.org@sbc.example.net SIP/2.0
To: sip:desk@example.net
From: sip:desk@example.com;tag=f9
Max-Forwards: 3
Call-ID: semicolons.1
CSeq: 9 OPTIONS
Accept: application/sdp, application/x-own,
        multipart/mixed, multipart/x-own,
        message/sip
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK9
l: 0

)",
     .check = check_semicolons},

    {.name = "s3_1_1_10_transports_in_via",
     .text = R"(OPTIONS sip:desk@example.net SIP/2.0
To: sip:desk@example.net
From: <sip:desk@example.com>;tag=f10
Max-Forwards: 70
Call-ID: transports.1
Accept: application/sdp
CSeq: 10 OPTIONS
Via: SIP/2.0/UDP a.example.net;branch=z9hG4bKa
Via: SIP/2.0/SCTP b.example.net;branch=z9hG4bKb
Via: SIP/2.0/TLS c.example.net;branch=z9hG4bKc
Via: SIP/2.0/PIGEON d.example.net;branch=z9hG4bKd
Via: SIP/2.0/TCP e.example.net;branch=z9hG4bKe
l: 0

)",
     .check = check_transports},

    {.name = "s3_1_1_11_multipart",
     .text = R"(MESSAGE sip:desk@example.net SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bK11;rport
Max-Forwards: 70
Route: <sip:192.0.2.7:5080>
Contact: <sip:desk@192.0.2.7:5070>
To: <sip:desk@example.net>
From: <sip:desk@example.com>;tag=f11
Call-ID: multipart.1
CSeq: 1 MESSAGE
Content-Type: multipart/mixed;boundary=cut
Date: Sat, 15 Oct 2005 04:44:56 GMT
User-Agent: Desk/0.1 (a (nested) comment)
Content-Length: <<length>>

--cut
Content-Type: text/plain

Hello
--cut
Content-Type: application/octet-stream
Content-Transfer-Encoding: binary

<<00>><<01>><<ff>><<00>><<0d>><<0a>><<0a>><<80>>
--cut--
)",
     .check = check_multipart},

    {.name = "s3_1_1_12_unusual_reason",
     .text = R"(SIP/2.0 200 = 10 * 20 <<d0>><<b4>><<d0>><<b0>> <<e2>><<9c>><<93>> ;,<>"
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK12
Call-ID: reason.1
CSeq: 12 INVITE
From: sip:desk@example.com;tag=f12
To: sip:desk@example.net;tag=t12
Content-Length: <<length>>
Content-Type: application/sdp
Contact: <sip:desk@192.0.2.8>

v=0
)",
     .check = check_reason},

    {.name = "s3_1_1_13_empty_reason",
     .text = R"(SIP/2.0 100<<20>>
Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK13
Call-ID: no-reason.1
CSeq: 13 INVITE
From: <sip:desk@example.com>;tag=f13
To: <sip:desk@example.net>;tag=t13
Content-Length: 0
Contact: <sip:desk@192.0.2.8>

)",
     .check = check_no_reason},
};

}  // namespace

const std::span<const Case> rfc4475_valid = cases;

}  // namespace demarc::torture
