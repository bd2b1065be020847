#include "dataplane/call/compose.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "sip-parser/parse.h"
#include "sip-parser/validate.h"
#include "tests/support/sip_messages.h"

namespace demarc::call {
namespace {

constexpr contract::Endpoint source{contract::IpAddress::v4(192, 0, 2, 77), 40123};
constexpr OwnAddress own{source.address, source.port};

// A message with the padding that the parser asks for.
struct Parsed {
  explicit Parsed(std::string_view text) : octets(std::string(text) + std::string(64, '\0')) {
    datagram = std::string_view(octets).substr(0, text.size());
    const auto consumed = sip::parse(datagram, message);
    EXPECT_TRUE(consumed.has_value()) << text;
    EXPECT_TRUE(sip::validate(message, datagram, essentials).is_acceptable()) << text;
  }
  std::string octets;
  std::string_view datagram;
  sip::Message message;
  sip::Essentials essentials;
};

class Compose : public ::testing::Test {
 protected:
  std::array<char, 8192> room_;
  sip::Writer writer_{room_};
};

TEST_F(Compose, ResponseRepeatsViasWithReceivedAndRport) {
  const Parsed invite(support::invite_sdp);
  write_response_head(writer_, invite.message, invite.datagram, invite.essentials, source);
  write_response_to(writer_, invite.message, invite.datagram, invite.essentials, "our-tag");
  const std::string head(writer_.written());
  EXPECT_EQ(head.substr(0, head.find("\r\n")),
            "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-top;received=192.0.2.77;rport=40123");
  EXPECT_NE(head.find("Via: SIP/2.0/TCP pbx.example.com;branch=z9hG4bK-second\r\n"),
            std::string::npos);
  EXPECT_NE(head.find("Via: SIP/2.0/UDP [2001:db8::9]:5070;branch=z9hG4bK-third\r\n"),
            std::string::npos);
  EXPECT_NE(head.find(";tag=our-tag\r\n"), std::string::npos);
  EXPECT_NE(head.find("Call-ID: 843817637684230@998sdasdh09\r\n"), std::string::npos);
}

TEST_F(Compose, ResponseIsOneThatTheParserAccepts) {
  const Parsed invite(support::invite_sdp);
  std::array<char, 4096> head_room;
  sip::Writer head(head_room);
  write_response_head(head, invite.message, invite.datagram, invite.essentials, source);
  write_response(writer_, {.status_code = 183,
                           .head = head.written(),
                           .to = "<sip:b@b.example>",
                           .to_tag = "t",
                           .has_contact = true,
                           .contact = own,
                           .contact_host = "sbc.example.com",
                           .allow = allowed_methods(true, false),
                           .body = support::sdp_offer});
  const Parsed response(writer_.written());
  EXPECT_EQ(response.message.status_code, 183);
  EXPECT_EQ(text(response.message.reason_phrase, response.datagram), "Session Progress");
  EXPECT_EQ(text(response.message.body, response.datagram), support::sdp_offer);
  EXPECT_EQ(text(response.message.value(sip::HeaderName::to), response.datagram),
            "<sip:b@b.example>;tag=t");
  EXPECT_EQ(text(response.message.value(sip::HeaderName::contact), response.datagram),
            "<sip:sbc.example.com:40123>");
}

TEST_F(Compose, UnsupportedNamesOnlyWhatIsNotKnown) {
  const Parsed options(
      "OPTIONS sip:a@a SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKx\r\n"
      "From: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 41 OPTIONS\r\n"
      "Max-Forwards: 70\r\nRequire: timer, foo\r\nRequire: 100rel, bar\r\n"
      "Content-Length: 0\r\n\r\n");
  write_unsupported(writer_, options.message, options.datagram,
                    sip::EnumSet<sip::OptionTag>(sip::OptionTag::timer));
  EXPECT_EQ(writer_.written(), "Unsupported: foo\r\nUnsupported: 100rel\r\nUnsupported: bar\r\n");
}

InviteParts usual_parts() {
  InviteParts parts;
  parts.allow = allowed_methods(false, false);
  parts.sender = {own, "z9hG4bK0123"};
  parts.called_user = "+442079460018";
  parts.peer_host = "198.51.100.2";
  parts.calling_user = "+4915112345";
  parts.from_tag = "ft";
  parts.call_id = "cid";
  parts.body = support::sdp_offer;
  return parts;
}

struct ContactCase {
  OwnAddress own;
  std::string_view host;
  std::string_view expected;
};

TEST_F(Compose, ContactSaysHowWeAreReached) {
  using contract::Transport;
  constexpr contract::IpAddress address = contract::IpAddress::v4(192, 0, 2, 77);
  const ContactCase cases[] = {
      {{address, 5060}, "", "<sip:192.0.2.77:5060>"},
      {{address, 5060, Transport::tcp}, "", "<sip:192.0.2.77:5060;transport=tcp>"},
      {{address, 5061, Transport::tls}, "", "<sip:192.0.2.77:5061;transport=tls>"},
      {{address, 5060}, "sbc.example.com", "<sip:sbc.example.com>"},
      {{address, 5061, Transport::tls}, "sbc.example.com", "<sip:sbc.example.com;transport=tls>"},
      {{address, 5067, Transport::tls},
       "sbc.example.com",
       "<sip:sbc.example.com:5067;transport=tls>"},
      {{address, 5061, Transport::tls, false, true}, "sbc.example.com", "<sips:sbc.example.com>"},
  };
  for (const ContactCase& one : cases) {
    sip::Writer writer(room_);
    write_contact(writer, one.own, one.host);
    EXPECT_EQ(std::string(writer.written()), "Contact: " + std::string(one.expected) + "\r\n");
  }
}

TEST_F(Compose, ViaAndRequestUriNameTheTransport) {
  InviteParts parts = usual_parts();
  parts.sender.advertised.transport = contract::Transport::tls;
  parts.sender.advertised.has_alias = true;
  parts.peer_port = 5061;
  parts.user_is_phone = true;
  write_invite(writer_, parts);
  const std::string invite(writer_.written());
  EXPECT_EQ(invite.find("INVITE sip:+442079460018@198.51.100.2;user=phone;transport=tls SIP/2.0"),
            0u);
  EXPECT_NE(invite.find("Via: SIP/2.0/TLS 192.0.2.77:40123;branch=z9hG4bK0123;rport;alias\r\n"),
            std::string::npos);
  EXPECT_NE(invite.find("To: <sip:+442079460018@198.51.100.2;user=phone>\r\n"), std::string::npos);
}

TEST_F(Compose, InviteIsOneThatTheParserAccepts) {
  InviteParts parts = usual_parts();
  parts.display_name = "Alice \\\"A\\\"";
  parts.has_quotes = true;
  write_invite(writer_, parts);
  const Parsed invite(writer_.written());
  EXPECT_EQ(text(invite.message.request_uri, invite.datagram), "sip:+442079460018@198.51.100.2");
  EXPECT_EQ(text(invite.message.value(sip::HeaderName::from), invite.datagram),
            "\"Alice \\\"A\\\"\" <sip:+4915112345@192.0.2.77>;tag=ft");
  EXPECT_EQ(text(invite.message.value(sip::HeaderName::via), invite.datagram),
            "SIP/2.0/UDP 192.0.2.77:40123;branch=z9hG4bK0123;rport");
}

TEST_F(Compose, ToHasTheNameThatIsGiven) {
  InviteParts parts = usual_parts();
  parts.called_name = "Bob \\\"B\\\"";
  parts.called_name_has_quotes = true;
  write_invite(writer_, parts);
  EXPECT_NE(writer_.written().find("To: \"Bob \\\"B\\\"\" <sip:+442079460018@198.51.100.2>\r\n"),
            std::string_view::npos);
}

TEST_F(Compose, AnonymousStaysAnonymous) {
  InviteParts parts = usual_parts();
  parts.is_anonymous = true;
  parts.calling_user = "anonymous";
  write_invite(writer_, parts);
  EXPECT_NE(writer_.written().find("From: <sip:anonymous@anonymous.invalid>;tag=ft\r\n"),
            std::string_view::npos);
}

TEST_F(Compose, FromHasTheDomainThatIsGivenUnlessTheCallerIsHidden) {
  InviteParts parts = usual_parts();
  parts.from_host = "pbx.example.com";
  sip::Writer shown(room_);
  write_local_identity(shown, parts);
  EXPECT_EQ(shown.written(), "<sip:+4915112345@pbx.example.com>");
  parts.is_anonymous = true;
  parts.calling_user = "anonymous";
  sip::Writer hidden(room_);
  write_local_identity(hidden, parts);
  EXPECT_EQ(hidden.written(), "<sip:anonymous@anonymous.invalid>");
}

TEST_F(Compose, PutsAnIpv6PeerIntoBrackets) {
  InviteParts parts = usual_parts();
  parts.peer_host = "2001:db8::2";
  parts.peer_port = 5070;
  write_invite(writer_, parts);
  EXPECT_TRUE(writer_.written().starts_with("INVITE sip:+442079460018@[2001:db8::2]:5070 SIP"));
}

TEST_F(Compose, NoValueCanMakeALineOfItsOwn) {
  for (const char* bad : {"x\r\nEvil: 1", "x\nEvil: 1", "x\rEvil", "x\r\n"}) {
    InviteParts parts = usual_parts();
    parts.calling_user = bad;
    sip::Writer writer(room_);
    write_invite(writer, parts);
    EXPECT_TRUE(writer.failed()) << bad;
  }
}

TEST_F(Compose, CancelTakesTheTopViaOfItsRequest) {
  const Parsed invite(support::invite_sdp);
  write_cancel(writer_, invite.message, invite.datagram, "Reason: SIP;cause=200\r\n");
  const Parsed cancel(writer_.written());
  EXPECT_EQ(cancel.message.method, sip::Method::cancel);
  EXPECT_EQ(text(cancel.message.value(sip::HeaderName::cseq), cancel.datagram), "1826 CANCEL");
}

TEST_F(Compose, AnswersA2xxFromItsOwnFieldsOnly) {
  const Parsed answer(
      "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKx\r\n"
      "From: <sip:a@a>;tag=1\r\nTo: <sip:b@b>;tag=2\r\nCall-ID: c\r\nCSeq: 41 INVITE\r\n"
      "Contact: <sip:b@192.0.2.9:5071>\r\nContent-Length: 0\r\n\r\n");
  write_to_answer(writer_, "BYE", {own, "z9hG4bKy"}, answer.message, answer.datagram,
                  answer.essentials, "<sip:p;lr>");
  const Parsed bye(writer_.written());
  EXPECT_EQ(text(bye.message.request_uri, bye.datagram), "sip:b@192.0.2.9:5071");
  EXPECT_EQ(text(bye.message.value(sip::HeaderName::cseq), bye.datagram),
            std::to_string(stray_bye_cseq) + " BYE");
  EXPECT_EQ(text(bye.message.value(sip::HeaderName::route), bye.datagram), "<sip:p;lr>");
}

}  // namespace
}  // namespace demarc::call
