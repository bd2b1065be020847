#include "sip-parser/framer.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "sip-parser/framer_harness.h"
#include "sip-parser/parse.h"
#include "sip-parser/validate.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/sip_messages.h"

namespace demarc::sip {
namespace {

using std::string_literals::operator""s;
using Kind = Frame::Kind;

// The failure that ends the header section of `stream`, which has no body.
void expect_bad_header(const std::string& stream, FrameError error) {
  const Found expected = failure(error, 400, 0, stream.size());
  EXPECT_EQ(frames_of(stream), std::vector{expected}) << stream;
  EXPECT_EQ(frames_of(stream + "BYE sip:a SIP/2.0\r\n"), std::vector{expected}) << stream;
}

// ---- messages and keep-alives

TEST(Framer, FindsAMessageWithItsBody) {
  Connection connection;
  connection.receive(support::invite_sdp);
  EXPECT_EQ(connection.found(), std::vector{message_at(0, support::invite_sdp.size())});
  EXPECT_EQ(connection.framer().consumed(), support::invite_sdp.size());
}

TEST(Framer, FindsMessagesThatCameTogether) {
  const std::string one = with_length(" 3", "abc");
  const std::string two = with_fields("l: 0\r\n");
  EXPECT_EQ(frames_of(one + two + one),
            (std::vector{message_at(0, one.size()), message_at(one.size(), two.size()),
                         message_at(one.size() + two.size(), one.size())}));
}

TEST(Framer, PassesAnyOctetInABody) {
  const std::string message = with_length("6", "\0\r\n\n\r\0"s);
  EXPECT_EQ(frames_of(message), std::vector{message_at(0, message.size())});
}

TEST(Framer, ReadsContentLengthAsParseDoes) {
  for (const char* field :
       {"Content-Length: 5\r\n", "l:5\r\n", "L \t : \t5 \t\r\n", "CONTENT-length:\r\n 5\r\n",
        "Content-Length: 0005\r\n", "l:\r\n\t\r\n 5\r\n \r\n", "X: a\r\n l: 7\r\nl: 5\r\n"}) {
    const std::string message = with_fields(field, "hello");
    EXPECT_EQ(frames_of(message + "\r\n"), std::vector{message_at(0, message.size())}) << field;
  }
}

TEST(Framer, SkipsOneLineEndBeforeAMessage) {
  const std::string message = with_length("0");
  EXPECT_EQ(frames_of("\r\n" + message), std::vector{message_at(2, message.size())});
}

TEST(Framer, ReportsPings) {
  const std::string message = with_length("0");
  EXPECT_EQ(frames_of("\r\n\r\n"), std::vector{ping_at(0)});
  EXPECT_EQ(frames_of("\r\n\r\n\r\n\r\n\r\n" + message),
            (std::vector{ping_at(0), ping_at(4), message_at(10, message.size())}));
}

TEST(Framer, TakesASingleLineEndForThePongThatIsExpected) {
  Connection connection;
  connection.receive("\r\n");
  EXPECT_TRUE(connection.found().empty());

  Connection pinging;
  pinging.framer().expect_pong();
  pinging.receive("\r");
  EXPECT_TRUE(pinging.found().empty());
  pinging.receive("\n");
  EXPECT_EQ(pinging.found(), std::vector{pong_at(0)});
  pinging.receive("\r\n\r\n");
  EXPECT_EQ(pinging.found(), (std::vector{pong_at(0), ping_at(2)}));
}

TEST(Framer, WaitsForThePongBehindAMessage) {
  const std::string message = with_length("0");
  Connection connection;
  connection.framer().expect_pong();
  connection.receive(message + "\r\n");
  EXPECT_EQ(connection.found(),
            (std::vector{message_at(0, message.size()), pong_at(message.size())}));
}

TEST(Framer, SaysWhereTheConnectionStands) {
  Connection connection;
  EXPECT_EQ(connection.framer().phase(), Framer::Phase::idle);
  connection.receive("\r\n\r");
  EXPECT_EQ(connection.framer().phase(), Framer::Phase::idle);
  connection.receive("\nO");
  EXPECT_EQ(connection.framer().phase(), Framer::Phase::header);
  connection.receive("PTIONS sip:a SIP/2.0\r\nl: 7\r\n");
  EXPECT_EQ(connection.framer().phase(), Framer::Phase::header);
  connection.receive("\r\nabc");
  EXPECT_EQ(connection.framer().phase(), Framer::Phase::body);
  connection.receive("defg");
  EXPECT_EQ(connection.framer().phase(), Framer::Phase::idle);
}

TEST(Framer, SaysHowManyOctetsItMisses) {
  Connection connection;
  connection.receive("");
  EXPECT_EQ(connection.missing(), 1u);
  connection.receive("OPTIONS sip:a SIP/2.0\r\nl: 7\r\n");
  EXPECT_EQ(connection.missing(), 1u);
  connection.receive("\r\n");
  EXPECT_EQ(connection.missing(), 7u);
  connection.receive("abcdef");
  EXPECT_EQ(connection.missing(), 1u);
}

TEST(Framer, LetsItsCallerDropAPartOfWhatIsDone) {
  const std::string message = with_length("0");
  Framer framer;
  std::string buffer = message + message + message.substr(0, 20);
  EXPECT_EQ(framer.next(buffer).kind, Kind::message);
  EXPECT_EQ(framer.next(buffer).kind, Kind::message);
  EXPECT_EQ(framer.next(buffer).kind, Kind::need_more);
  EXPECT_EQ(framer.consumed(), 2 * message.size());
  buffer.erase(0, message.size());
  framer.dropped(static_cast<uint32_t>(message.size()));
  EXPECT_EQ(framer.consumed(), message.size());
  buffer += message.substr(20);
  const Frame frame = framer.next(buffer);
  EXPECT_EQ(frame.kind, Kind::message);
  EXPECT_EQ(frame.offset, message.size());
}

TEST(FramerDeathTest, RefusesToDropWhatIsNotDone) {
  Framer framer;
  EXPECT_EQ(framer.next("OPTIONS sip").kind, Kind::need_more);
  EXPECT_DEATH(framer.dropped(1), "octets <= begin_");
}

TEST(FramerDeathTest, RefusesABufferThatShrank) {
  Framer framer;
  EXPECT_EQ(framer.next("OPTIONS sip").kind, Kind::need_more);
  EXPECT_DEATH(static_cast<void>(framer.next("OPTIONS si")), "received.size");
}

TEST(FramerDeathTest, RefusesALimitThatNoMessageCanHave) {
  EXPECT_DEATH(Framer({.header_octets = max_message_octets + 1}), "header_octets");
}

TEST(Framer, FindsAMessageBehindManyThatWereNotDropped) {
  const std::string message = with_length("30000", std::string(30000, 'x'));
  std::string stream;
  for (int i = 0; i < 5; ++i) stream += message;
  const std::vector<Found> found = frames_of(stream);
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(found.back(), message_at(4 * message.size(), message.size()));
}

// ---- Content-Length

TEST(Framer, RefusesAMessageWithoutContentLength) {
  expect_bad_header(with_fields(""), FrameError::missing_content_length);
  expect_bad_header(with_fields("X: Content-Length: 5\r\n"), FrameError::missing_content_length);
  expect_bad_header(with_fields("X: a\r\n l: 5\r\n"), FrameError::missing_content_length);
  expect_bad_header(with_fields("Content-Lengthy: 5\r\n"), FrameError::missing_content_length);
}

TEST(Framer, RefusesAContentLengthThatIsNoNumber) {
  for (const char* value : {"",
                            " ",
                            "+5",
                            "-1",
                            "-0",
                            "0x10",
                            "5 5",
                            "5,5",
                            "5;x",
                            "five",
                            "5.0",
                            "1e3",
                            "5\r\n 5",
                            "\"5\"",
                            "4294967296",
                            "4294967328",
                            "9223372036854775808",
                            "18446744073709551616",
                            "18446744073709551621",
                            "9999999999999999999999999999999999999999"}) {
    expect_bad_header(with_length(value), FrameError::bad_content_length);
  }
}

TEST(Framer, RefusesARepeatedContentLength) {
  for (const char* fields :
       {"Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nl: 6\r\n",
        "l: 5\r\nX: y\r\nContent-Length : 6\r\n", "l: 5\r\nl: x\r\n", "l: 0\r\nl:\r\n"}) {
    expect_bad_header(with_fields(fields), FrameError::repeated_content_length);
  }
}

// parse() can frame such a datagram, as there is one end only, and validate() refuses it.
TEST(Framer, RefusesARepeatedContentLengthThatSaysTheSameAsValidateDoes) {
  for (const char* fields : {"l: 0\r\nl: 0\r\n", "l: 0\r\nContent-Length: 0\r\n",
                             "Content-Length: 0\r\nl: 00\r\nl: 0\r\n"}) {
    const std::string message = with_fields(
        "Via: SIP/2.0/TCP a\r\nFrom: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"s + fields);
    expect_bad_header(message, FrameError::repeated_content_length);
    const support::GuardedBuffer buffer(message, padding_octets, '\n');
    Message parsed;
    ASSERT_TRUE(parse(buffer.view(), parsed));
    EXPECT_EQ(validate(parsed, buffer.view()).defect, Defect::repeated_field);
    EXPECT_EQ(validate(parsed, buffer.view()).status_code, 400);
  }
}

TEST(Framer, KeepsTheFirstOfTwoMistakesInContentLength) {
  expect_bad_header(with_fields("l: x\r\nl: 5\r\n"), FrameError::bad_content_length);
}

// ---- line rules

TEST(Framer, RefusesForbiddenOctetsInTheHeaderSection) {
  for (const std::string& bad : {"\0"s, "\r"s, "\n"s, "\n\r"s, "\r\r\n"s, "\r\0"s, "\0\r"s}) {
    const std::string begin = "OPTIONS sip:a SIP/2.0\r\nX: a";
    const size_t length = begin.size() + (bad[0] == '\r' ? 2 : 1);
    EXPECT_EQ(frames_of(begin + bad + "b\r\nl: 0\r\n\r\n"),
              std::vector{failure(FrameError::forbidden_octet, 400, 0, length)})
        << testing::PrintToString(bad);
  }
}

TEST(Framer, OwesNothingForAMistakeInTheStartLine) {
  EXPECT_EQ(frames_of("OPTIONS sip:\0"s),
            std::vector{failure(FrameError::forbidden_octet, 0, 0, 13)});
  EXPECT_EQ(frames_of("OPTIONS\n"), std::vector{failure(FrameError::forbidden_octet, 0, 0, 8)});
}

TEST(Framer, RefusesLoneLineEndsBetweenMessages) {
  const std::string message = with_length("0");
  const size_t size = message.size();
  for (const std::string& bad : {"\n"s, "\r\r"s, "\rO"s, "\r\n\n"s, "\r\n\r\r"s, "\r\n\rO"s}) {
    EXPECT_EQ(frames_of(message + bad),
              (std::vector{message_at(0, size),
                           failure(FrameError::forbidden_octet, 0, size, bad.size())}))
        << testing::PrintToString(bad);
  }
}

TEST(Framer, RefusesWhatIsNotSip) {
  for (const std::string& bad : {"hello\r\n"s, "   \r\n"s, "@ sip:a SIP/2.0\r\n"s,
                                 "SIP/2.0 2000 OK\r\n"s, "HTTP/1.1\r\n"s}) {
    EXPECT_EQ(frames_of(bad + "l: 0\r\n\r\n"),
              std::vector{failure(FrameError::not_sip, 0, 0, bad.size())})
        << bad;
  }
  EXPECT_EQ(frames_of("\x16\x03\x01\0"s),
            std::vector{failure(FrameError::forbidden_octet, 0, 0, 4)});
}

TEST(Framer, RefusesALineThatIsNoField) {
  for (const std::string& bad :
       {"x\r\n"s, ": x\r\n"s, "a b: x\r\n"s, " l: 0\r\n"s, "l\x0b: 0\r\n"s, "x\r\n : y\r\n"s}) {
    const std::string begin = "OPTIONS sip:a SIP/2.0\r\n" + bad;
    EXPECT_EQ(frames_of(begin + "l: 0\r\n\r\n"),
              std::vector{failure(FrameError::bad_header_line, 400, 0, begin.size())})
        << bad;
  }
}

TEST(Framer, FramesAMessageWhoseStartLineParseRefuses) {
  for (const char* start : {"OPTIONS sip:a SIP/7.0\r\n", "OPTIONS  sip:a SIP/2.0\r\n"}) {
    const std::string message = start + "l: 2\r\n\r\nab"s;
    EXPECT_EQ(frames_of(message), std::vector{message_at(0, message.size())});
  }
}

TEST(Framer, OwesNothingForAResponseAndForAnAck) {
  for (const char* start : {"SIP/2.0 200 OK\r\n", "ACK sip:a SIP/2.0\r\n"}) {
    const std::string message = start + "To: x\r\n\r\n"s;
    EXPECT_EQ(frames_of(message),
              std::vector{failure(FrameError::missing_content_length, 0, 0, message.size())});
  }
}

TEST(Framer, StaysFailedAndSaysTheSame) {
  Framer framer;
  const std::string stream = with_length("0") + "\n";
  EXPECT_EQ(framer.next(stream).kind, Kind::message);
  for (int i = 0; i < 3; ++i) {
    const Frame frame = framer.next(stream + stream);
    EXPECT_EQ(frame.kind, Kind::failed);
    EXPECT_EQ(frame.error, FrameError::forbidden_octet);
    EXPECT_EQ(frame.offset, stream.size() - 1);
    EXPECT_EQ(frame.length, 1u);
  }
  EXPECT_EQ(framer.phase(), Framer::Phase::idle);
}

TEST(Framer, GivesWhatA400IsMadeOf) {
  const std::string stream = with_fields("Content-Length: -1\r\nVia: y\r\n") + "rest";
  const std::vector<Found> found = frames_of(stream);
  ASSERT_EQ(found.size(), 1u);
  const support::GuardedBuffer buffer(std::string_view(stream).substr(0, found[0].length),
                                      padding_octets, 'x');
  Message message;
  EXPECT_FALSE(parse(buffer.view(), message));
  EXPECT_TRUE(message.has(HeaderName::to));
  EXPECT_TRUE(message.has(HeaderName::via));
}

// ---- limits

TEST(Framer, LimitsTheHeaderSection) {
  const std::string message = with_fields("l: 0\r\n");
  const uint32_t size = static_cast<uint32_t>(message.size());
  EXPECT_EQ(frames_of(message, {.header_octets = size + 1}), std::vector{message_at(0, size)});
  EXPECT_EQ(frames_of(message, {.header_octets = size}), std::vector{message_at(0, size)});
  EXPECT_EQ(frames_of(message, {.header_octets = size - 1}),
            std::vector{failure(FrameError::header_too_long, 513, 0, size - 1)});
  EXPECT_EQ(frames_of("OPTIONS " + std::string(100, 'x'), {.header_octets = 100}),
            std::vector{failure(FrameError::header_too_long, 0, 0, 100)});
}

TEST(Framer, LimitsTheHeaderSectionOfItself) {
  const std::string empty = with_fields("l: 0\r\nX: \r\n");
  const auto filled = [&](size_t size) {
    return with_fields("l: 0\r\nX: " + std::string(size - empty.size(), 'x') + "\r\n");
  };
  EXPECT_EQ(frames_of(filled(max_stream_header_octets)),
            std::vector{message_at(0, max_stream_header_octets)});
  EXPECT_EQ(frames_of(filled(max_stream_header_octets + 1)),
            std::vector{failure(FrameError::header_too_long, 513, 0, max_stream_header_octets)});
}

TEST(Framer, LimitsTheBody) {
  const FramerLimits limits{.body_octets = 100};
  for (const unsigned length : {99u, 100u}) {
    const std::string message = with_length(std::to_string(length), std::string(length, 'x'));
    EXPECT_EQ(frames_of(message, limits), std::vector{message_at(0, message.size())});
  }
  const std::string message = with_length("101");
  EXPECT_EQ(frames_of(message, limits),
            std::vector{failure(FrameError::body_too_long, 513, 0, message.size())});
}

TEST(Framer, LimitsTheMessage) {
  const size_t header = with_length("65000").size();
  for (const size_t total : {size_t{max_message_octets} - 1, size_t{max_message_octets}}) {
    const std::string message =
        with_length(std::to_string(total - header), std::string(total - header, 'x'));
    EXPECT_EQ(frames_of(message), std::vector{message_at(0, total)});
  }
  EXPECT_EQ(frames_of(with_length(std::to_string(max_message_octets + 1 - header))),
            std::vector{failure(FrameError::message_too_long, 513, 0, header)});
  for (const char* length : {"65536", "2147483647", "2147483648", "4294967295"}) {
    const std::string message = with_length(length);
    EXPECT_EQ(frames_of(message),
              std::vector{failure(FrameError::body_too_long, 513, 0, message.size())});
  }
}

TEST(Framer, LimitsTheNumberOfFields) {
  const auto with_count = [](unsigned count) {
    std::string fields;
    for (unsigned i = 2; i < count; ++i) fields += "X: y\r\n";
    return with_fields(fields + "l: 0\r\n");
  };
  for (const unsigned count : {max_header_fields - 1u, max_header_fields + 0u}) {
    const std::string message = with_count(count);
    EXPECT_EQ(frames_of(message), std::vector{message_at(0, message.size())});
  }
  const std::string message = with_count(max_header_fields + 1);
  EXPECT_EQ(frames_of(message),
            std::vector{failure(FrameError::too_many_fields, 400, 0, message.size() - 2)});
}

TEST(Framer, SpellsItsErrors) {
  std::set<std::string_view> names;
  for (unsigned i = 1; i < static_cast<unsigned>(FrameError::count); ++i) {
    names.insert(spelling(static_cast<FrameError>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(FrameError::count) - 1);
  EXPECT_EQ(names.count(""), 0u);
  EXPECT_EQ(spelling(FrameError::count), "");
}

}  // namespace
}  // namespace demarc::sip
