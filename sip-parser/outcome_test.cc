#include "sip-parser/outcome.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

using Action = Outcome::Action;

constexpr Capabilities user_agent;

struct Judged {
  Outcome outcome;
  std::string answer;
};

Judged judge(const std::string& datagram, Delivery delivery = Delivery::datagram,
             const Refusal& refusal = {.to_tag = "t1"}) {
  const support::GuardedBuffer buffer(datagram, padding_octets, ' ');
  Message message;
  const auto parsed = parse(buffer.view(), message);
  Judged judged;
  judged.outcome = outcome_of(parsed, message, buffer.view(), delivery, user_agent);
  if (judged.outcome.action != Action::answer) return judged;
  char room[1024];
  Writer writer(room);
  write_refusal(writer, judged.outcome, message, buffer.view(), user_agent, refusal);
  EXPECT_FALSE(writer.failed()) << datagram;
  judged.answer = writer.written();
  return judged;
}

const std::string via = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n";
const std::string rest =
    "From: <sip:alice@example.com>;tag=a\r\n"
    "To: <sip:bob@example.net>\r\n"
    "Call-ID: i@example.com\r\n";
const std::string options = "OPTIONS sip:bob@example.net SIP/2.0\r\n" + via + rest;
const std::string cseq = "CSeq: 1 OPTIONS\r\n";
const std::string no_body = "Content-Length: 0\r\n\r\n";

void expect(const Judged& judged, Action action, Defect defect, unsigned status, bool closes) {
  EXPECT_EQ(judged.outcome.action, action);
  EXPECT_EQ(spelling(judged.outcome.defect), spelling(defect));
  EXPECT_EQ(judged.outcome.status_code, status);
  EXPECT_EQ(judged.outcome.closes_connection, closes);
}

TEST(Outcome, ServesWhatIsSound) {
  expect(judge(options + cseq + no_body), Action::serve, Defect::none, 0, false);
  expect(judge(options + cseq + no_body, Delivery::stream), Action::serve, Defect::none, 0, false);
}

TEST(Outcome, AnswersWhatValidateRefusesAndKeepsTheStream) {
  const std::string text = options + "CSeq: 1 BYE\r\n" + no_body;
  expect(judge(text), Action::answer, Defect::method_mismatch, 400, false);
  expect(judge(text, Delivery::stream), Action::answer, Defect::method_mismatch, 400, false);
  EXPECT_EQ(judge(text).outcome.reason, "CSeq Method Mismatch");
}

// Every ParseError, with what it earns.
TEST(Outcome, AnswersWhatParseRefusesAndEndsTheStream) {
  struct Case {
    std::string text;
    Action action;
    Defect defect;
    unsigned status;
  };
  std::string many = options + cseq;
  for (unsigned i = 0; i < max_header_fields; ++i) many += "X: y\r\n";
  const Case cases[] = {
      {std::string(max_message_octets + 1u, 'x'), Action::drop, Defect::message_too_large, 0},
      {"OPTIONS  sip:a SIP/2.0\r\n" + via + rest + cseq + no_body, Action::answer,
       Defect::bad_start_line, 400},
      {"OPTIONS sip:a@b \r\n" + via + rest + cseq + no_body, Action::answer, Defect::bad_start_line,
       400},
      {"\x80\r\n" + via + no_body, Action::drop, Defect::bad_start_line, 0},
      {"SIP/2.0 4294967301 OK\r\n" + via + rest + cseq + no_body, Action::drop,
       Defect::bad_start_line, 0},
      {"SIP/3.0 200 OK\r\n" + via + rest + cseq + no_body, Action::drop, Defect::bad_start_line, 0},
      {"OPTIONS sip:a SIP/7.0\r\n" + via + rest + cseq + no_body, Action::answer,
       Defect::bad_version, 505},
      {options + "no colon\r\n" + cseq + no_body, Action::answer, Defect::bad_header_line, 400},
      {options + "Subject: a\nb\r\n" + cseq + no_body, Action::answer, Defect::forbidden_octet,
       400},
      {many + no_body, Action::answer, Defect::too_many_fields, 400},
      {options + cseq, Action::answer, Defect::no_end_of_header, 400},
      {options + cseq + "l: 1\r\n\r\n", Action::answer, Defect::bad_content_length, 400},
      {options + cseq + "l: -1\r\n\r\n", Action::answer, Defect::bad_content_length, 400},
      {options + cseq + "l: 0\r\nl: 1\r\n\r\nx", Action::answer, Defect::bad_content_length, 400},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.text.substr(0, 400));
    expect(judge(one.text), one.action, one.defect, one.status, false);
    expect(judge(one.text, Delivery::stream), one.action, one.defect, one.status, true);
  }
}

TEST(Outcome, TakesLineEndsForAKeepAlive) {
  for (const char* text : {"", "\r\n", "\r\n\r\n"}) {
    expect(judge(text), Action::drop, Defect::keep_alive, 0, false);
    expect(judge(text, Delivery::stream), Action::drop, Defect::keep_alive, 0, false);
  }
}

TEST(Outcome, WantsOneContentLengthOnAStream) {
  expect(judge(options + cseq + "\r\n"), Action::serve, Defect::none, 0, false);
  expect(judge(options + cseq + "\r\n", Delivery::stream), Action::answer,
         Defect::missing_content_length, 400, true);
  const std::string twice = options + cseq + "l: 0\r\nl: 0\r\n\r\n";
  expect(judge(twice), Action::answer, Defect::repeated_field, 400, false);
  expect(judge(twice, Delivery::stream), Action::answer, Defect::repeated_field, 400, true);
}

TEST(Outcome, DropsBadResponsesAndAcks) {
  const std::string tail = via + rest + "CSeq: 1 ACK\r\n";
  expect(judge("SIP/2.0 700 Odd\r\n" + tail + no_body), Action::drop, Defect::bad_status_code, 0,
         false);
  expect(judge("SIP/2.0 200 OK\r\n" + tail + "l: 9\r\n\r\n", Delivery::stream), Action::drop,
         Defect::bad_content_length, 0, true);
  expect(judge("ACK sip:a@b SIP/2.0\r\n" + tail + "l: 9\r\n\r\n"), Action::drop,
         Defect::bad_content_length, 0, false);
  expect(judge("ACK sip:a@b SIP/2.0\r\n" + tail + "X\r\n\r\n"), Action::drop,
         Defect::bad_header_line, 0, false);
}

TEST(Outcome, DropsWhatHasNobodyToAnswer) {
  expect(judge("OPTIONS sip:a SIP/2.0\r\n" + rest + cseq + no_body), Action::drop,
         Defect::missing_mandatory_field, 0, false);
}

TEST(Outcome, RefusesAnUnknownMethodEvenIfTheRestIsBroken) {
  const std::string text =
      "NEW sip:a@b SIP/2.0\r\n" + via + std::string("To: \"\\\0\" <sip:a@b>\r\n", 20);
  const Judged judged = judge(text + no_body, Delivery::stream);
  expect(judged, Action::answer, Defect::unknown_method, 501, true);
  EXPECT_NE(judged.answer.find("\r\nAllow: INVITE, ACK,"), std::string::npos);
}

TEST(Refusal, RepeatsWhatAnAnswerMust) {
  const Judged judged =
      judge(options + "v: SIP/2.0/TCP a.example\r\n" + "CSeq: 1 BYE\r\n" + no_body);
  EXPECT_EQ(judged.answer, "SIP/2.0 400 CSeq Method Mismatch\r\n" + via +
                               "Via: SIP/2.0/TCP a.example\r\n" +
                               "From: <sip:alice@example.com>;tag=a\r\n"
                               "To: <sip:bob@example.net>;tag=t1\r\n"
                               "Call-ID: i@example.com\r\n"
                               "CSeq: 1 BYE\r\n"
                               "Content-Length: 0\r\n\r\n");
}

TEST(Refusal, CanBeBuiltFromAViaAlone) {
  EXPECT_EQ(judge("OPTIONS sip:a SIP/2.0\r\n" + via + cseq + no_body).answer,
            "SIP/2.0 400 Missing Mandatory Header Field\r\n" + via + cseq + no_body);
  EXPECT_EQ(judge("OPTIONS sip:a SIP/2.0\r\n" + via + "X\r\n").answer,
            "SIP/2.0 400 Bad Header Field Line\r\n" + via + no_body);
}

TEST(Refusal, KeepsTheTagThatIsThere) {
  std::string text = options + "CSeq: 1 BYE\r\n" + no_body;
  text.insert(text.find("\r\nCall-ID"), ";tag=theirs");
  EXPECT_NE(judge(text).answer.find("To: <sip:bob@example.net>;tag=theirs\r\n"), std::string::npos);
}

TEST(Refusal, AddsNoTagToWhatItCanNotRead) {
  std::string text = options + cseq + no_body;
  text.replace(text.find("<sip:bob@example.net>"), 21, "\"Bob <sip:bob@example.net>");
  EXPECT_NE(judge(text).answer.find("To: \"Bob <sip:bob@example.net>\r\n"), std::string::npos);
}

TEST(Refusal, RepeatsOneOfEachFieldThatMayStandOnce) {
  const Judged judged = judge(options + rest + cseq + cseq + no_body);
  EXPECT_EQ(judged.outcome.defect, Defect::repeated_field);
  for (const char* name : {"From:", "To:", "Call-ID:", "CSeq:"}) {
    EXPECT_EQ(judged.answer.find(name), judged.answer.rfind(name)) << name;
  }
}

TEST(Refusal, UnfoldsWhatItRepeats) {
  std::string text = options + "CSeq: 1\r\n BYE\r\n" + no_body;
  EXPECT_NE(judge(text).answer.find("CSeq: 1 BYE\r\n"), std::string::npos);
}

TEST(Refusal, CarriesTheFieldsOfItsStatusAndMore) {
  const std::string text = options + cseq + "Require: nothing\r\n" + no_body;
  const Refusal refusal{.to_tag = "t1", .more = "Server: x\r\n"};
  EXPECT_NE(judge(text, Delivery::datagram, refusal)
                .answer.find("CSeq: 1 OPTIONS\r\nUnsupported: nothing\r\nServer: x\r\nContent-L"),
            std::string::npos);
}

TEST(Refusal, IsAcceptableItself) {
  const std::string answer = judge(options + cseq + "Require: nothing\r\n" + no_body).answer;
  expect(judge(answer), Action::serve, Defect::none, 0, false);
}

}  // namespace
}  // namespace demarc::sip
