#include "sip-parser/parse.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/guarded_buffer.h"
#include "tests/support/sip_messages.h"

namespace demarc::sip {
namespace {

using support::GuardedBuffer;

// Parses a copy whose padding is bounded; 0 is success.
ParseError error_of(std::string_view datagram, Message& message) {
  const GuardedBuffer buffer(datagram, padding_octets, '\n');
  const Result<uint16_t, ParseError> consumed = parse(buffer.view(), message);
  return consumed ? ParseError{} : consumed.error();
}
ParseError error_of(std::string_view datagram) {
  Message message;
  return error_of(datagram, message);
}

std::string with_fields(std::string_view fields) {
  return "OPTIONS sip:a@example.com SIP/2.0\r\n" + std::string(fields) + "\r\n";
}

TEST(Parse, ReadsARequest) {
  const std::string_view datagram = support::invite_sdp;
  const GuardedBuffer buffer(datagram, padding_octets, '\r');
  Message message;
  const Result<uint16_t, ParseError> consumed = parse(buffer.view(), message);
  ASSERT_TRUE(consumed);
  EXPECT_EQ(*consumed, datagram.size());
  EXPECT_TRUE(message.is_request);
  EXPECT_EQ(message.method, Method::invite);
  EXPECT_EQ(message.status_code, 0);
  EXPECT_EQ(text(message.method_text, datagram), "INVITE");
  EXPECT_EQ(text(message.request_uri, datagram),
            "sip:+442079460018@sbc.example.net:5060;user=phone");
  EXPECT_EQ(text(message.start_line, datagram),
            "INVITE sip:+442079460018@sbc.example.net:5060;user=phone SIP/2.0");
  EXPECT_EQ(text(message.body, datagram), support::sdp_offer);
  EXPECT_EQ(message.field_count, 13);
  EXPECT_EQ(text(message.value(HeaderName::call_id), datagram), "843817637684230@998sdasdh09");
  EXPECT_FALSE(message.has(HeaderName::expires));
  EXPECT_EQ(message.value(HeaderName::expires), Span{});
  const std::string_view header = text(message.header, datagram);
  EXPECT_EQ(header.substr(0, 4), "Via:");
  EXPECT_EQ(header.substr(header.size() - 5), "237\r\n");
}

TEST(Parse, ReadsAResponse) {
  const std::string_view datagram = support::response_ringing;
  Message message;
  ASSERT_EQ(error_of(datagram, message), ParseError{});
  EXPECT_FALSE(message.is_request);
  EXPECT_EQ(message.status_code, 180);
  EXPECT_EQ(message.method, Method::invite);
  EXPECT_EQ(text(message.reason_phrase, datagram), "Ringing");
  EXPECT_TRUE(message.body.empty());
}

TEST(Parse, LeavesTheMethodOfAResponseWithoutReadableCseq) {
  Message message;
  ASSERT_EQ(error_of("SIP/2.0 200 OK\r\nCSeq: x INVITE\r\n\r\n", message), ParseError{});
  EXPECT_EQ(message.method, Method::other);
  ASSERT_EQ(error_of("SIP/2.0 200 OK\r\n\r\n", message), ParseError{});
  EXPECT_EQ(message.method, Method::other);
}

TEST(Parse, LinksFieldsOfOneName) {
  const std::string datagram =
      with_fields("Via: one\r\nTo: x\r\nv: two\r\nX-Odd: 1\r\nVIA : three\r\nX-Odd: 2\r\n");
  Message message;
  ASSERT_EQ(error_of(datagram, message), ParseError{});
  const HeaderField* via = message.first(HeaderName::via);
  ASSERT_NE(via, nullptr);
  EXPECT_EQ(text(via->value, datagram), "one");
  via = message.next(*via);
  ASSERT_NE(via, nullptr);
  EXPECT_EQ(text(via->value, datagram), "two");
  EXPECT_EQ(text(via->name, datagram), "v");
  via = message.next(*via);
  ASSERT_NE(via, nullptr);
  EXPECT_EQ(text(via->value, datagram), "three");
  EXPECT_EQ(message.next(*via), nullptr);
  EXPECT_EQ(message.fields[3].id, HeaderName::other);
  EXPECT_EQ(message.next(message.fields[3]), nullptr);
}

TEST(Parse, KeepsFoldsInsideAValueAndTrimsItsEnds) {
  const std::string_view datagram = support::folded_options;
  Message message;
  ASSERT_EQ(error_of(datagram, message), ParseError{});
  EXPECT_EQ(text(message.value(HeaderName::organization), datagram), "one\r\n two\r\n\tthree");
  EXPECT_EQ(text(message.value(HeaderName::to), datagram), "sip:probe@sbc.example.net ; tag=there");
  EXPECT_EQ(text(message.value(HeaderName::max_forwards), datagram), "0070");
  ASSERT_TRUE(message.has(HeaderName::subject));
  EXPECT_TRUE(message.value(HeaderName::subject).empty());
}

TEST(Parse, AcceptsALineOfWhiteSpaceAsAFold) {
  const std::string datagram = with_fields("Subject: x\r\n \r\n\t\r\nTo: y\r\n");
  Message message;
  ASSERT_EQ(error_of(datagram, message), ParseError{});
  EXPECT_EQ(text(message.value(HeaderName::subject), datagram), "x");
  EXPECT_EQ(text(message.value(HeaderName::to), datagram), "y");
}

TEST(Parse, SkipsLineEndsBeforeTheStartLine) {
  Message message;
  ASSERT_EQ(error_of("\r\n\r\nSIP/2.0 200 OK\r\n\r\n", message), ParseError{});
  EXPECT_EQ(message.start_line, (Span{4, 14}));
}

TEST(Parse, TakesTheBodyThatContentLengthNames) {
  const std::string_view datagram = support::register_trailing;
  const GuardedBuffer buffer(datagram, padding_octets, 'x');
  Message message;
  const Result<uint16_t, ParseError> consumed = parse(buffer.view(), message);
  ASSERT_TRUE(consumed);
  EXPECT_EQ(text(message.body, datagram), "abc");
  EXPECT_EQ(*consumed, message.body.end());
  EXPECT_LT(*consumed, datagram.size());
}

TEST(Parse, TakesTheRestWithoutContentLength) {
  Message message;
  ASSERT_EQ(error_of(support::old_bye, message), ParseError{});
  EXPECT_EQ(text(message.body, support::old_bye), "no length, so all of this is body");
}

TEST(Parse, ChecksContentLength) {
  const auto error = [](std::string_view value, std::string_view body) {
    return error_of(with_fields("Content-Length:" + std::string(value) + "\r\n") +
                    std::string(body));
  };
  EXPECT_EQ(error("4", "12345"), ParseError{});
  EXPECT_EQ(error(" 5", "12345"), ParseError{});
  EXPECT_EQ(error("\r\n 0005 ", "12345"), ParseError{});
  for (const char* bad :
       {"6", "-1", "-0", "+5", "5x", "five", "", "0x5", "5, 5", "1 2", "5.0", "65535", "65536",
        "4294967295", "4294967296", "4294967328", "18446744073709551616", "9223372036854775808",
        "99999999999999999999999999999999999999999"}) {
    EXPECT_EQ(error(bad, "12345"), ParseError::bad_content_length) << bad;
  }
}

TEST(Parse, ChecksARepeatedContentLength) {
  EXPECT_EQ(error_of(with_fields("Content-Length: 2\r\nl: 02\r\n") + "12"), ParseError{});
  for (const char* second : {"1", "3", "", "x", "4294967298"}) {
    EXPECT_EQ(
        error_of(with_fields("Content-Length: 2\r\nl: " + std::string(second) + "\r\n") + "123"),
        ParseError::bad_content_length)
        << second;
  }
}

TEST(Parse, CanAnswerAfterABadContentLength) {
  Message message;
  const std::string datagram = with_fields("Call-ID: a\r\nContent-Length: 9\r\nTo: b\r\n");
  ASSERT_EQ(error_of(datagram, message), ParseError::bad_content_length);
  EXPECT_EQ(text(message.value(HeaderName::call_id), datagram), "a");
  EXPECT_EQ(text(message.value(HeaderName::to), datagram), "b");
  EXPECT_TRUE(message.is_request);
}

TEST(Parse, RefusesNothing) {
  for (const char* nothing : {"", "\r\n", "\r\n\r\n", "\n", "\r"}) {
    EXPECT_EQ(error_of(nothing), ParseError::empty);
  }
}

TEST(Parse, RefusesBadStartLines) {
  for (const char* bad : {
           "INVITE",
           "INVITE ",
           "INVITE sip:a@b",
           "INVITE sip:a@b ",
           "INVITE  sip:a@b SIP/2.0",
           "INVITE sip:a@b  SIP/2.0",
           "INVITE sip:a@b SIP/2.0 ",
           "INVITE sip:a@b; lr SIP/2.0",
           " INVITE sip:a@b SIP/2.0",
           "INV ITE sip:a@b SIP/2.0",
           "INV@ITE sip:a@b SIP/2.0",
           "INVITE\tsip:a@b\tSIP/2.0",
           "INVITE sip:a\t@b SIP/2.0",
           "INVITE sip:a@b SIP/2",
           "INVITE sip:a@b SIP/.0",
           "INVITE sip:a@b SIP/2.",
           "INVITE sip:a@b HTTP/1.1",
           "SIP/2.0",
           "SIP/2.0 200",
           "SIP/2.0 20 OK",
           "SIP/2.0 2000 OK",
           "SIP/2.0  200 OK",
           "SIP/2.0 200\tOK",
           "SIP/2.0 -20 OK",
           "SIP/2.0 4294967301 Big",
           "SIP/2.0 2x0 OK",
           "SIP/7.0 200 OK",
           "sip/1.0 200 OK",
           "x",
           "?",
       }) {
    EXPECT_EQ(error_of(std::string(bad) + "\r\nTo: x\r\n\r\n"), ParseError::bad_start_line) << bad;
  }
}

TEST(Parse, AcceptsUnusualStartLines) {
  for (const char* good : {
           "SIP/2.0 100 ",
           "sip/2.0 200 ok",
           "SIP/2.0 999 odd",
           "SIP/2.0 000 odd",
           "!interesting-Method_*+`.%indeed'~ x:y sip/2.0",
           "INVITE <sip:a@b> SIP/2.0",
       }) {
    EXPECT_EQ(error_of(std::string(good) + "\r\n\r\n"), ParseError{}) << good;
  }
}

TEST(Parse, RefusesAnotherVersion) {
  Message message;
  for (const char* version : {"SIP/7.0", "SIP/2.1", "SIP/1.0", "SIP/2.00", "sip/20.0"}) {
    const std::string datagram = "OPTIONS sip:a@b " + std::string(version) + "\r\nVia: v\r\n\r\n";
    EXPECT_EQ(error_of(datagram, message), ParseError::bad_version) << version;
    // Enough for a 505.
    EXPECT_TRUE(message.is_request);
    EXPECT_EQ(message.method, Method::options);
    EXPECT_EQ(text(message.value(HeaderName::via), datagram), "v");
  }
}

// A bad response must not be answered with a 400.
TEST(Parse, TakesNoBadStatusLineForARequest) {
  Message message;
  for (const char* line : {"SIP/2.0 4294967301 Big", "SIP/7.0 200 OK", "SIP/2.0 200", "x"}) {
    ASSERT_EQ(error_of(std::string(line) + "\r\nTo: x\r\n\r\n", message),
              ParseError::bad_start_line);
    EXPECT_FALSE(message.is_request) << line;
    EXPECT_EQ(message.field_count, 0) << line;
  }
}

TEST(Parse, ReadsFieldsBehindABadRequestLine) {
  Message message;
  const std::string datagram = "INVITE sip:a@b;x y SIP/2.0\r\nVia: v\r\nCall-ID: i\r\n\r\n";
  ASSERT_EQ(error_of(datagram, message), ParseError::bad_start_line);
  EXPECT_TRUE(message.is_request);
  EXPECT_EQ(message.method, Method::invite);
  EXPECT_EQ(text(message.value(HeaderName::call_id), datagram), "i");
}

TEST(Parse, RefusesBadHeaderLines) {
  for (const char* bad :
       {"no colon", ": value", " folded: nothing", "na me: x", "n@me: x", "Via\x01: x",
        "Via\x0b: x", "Via\x80: x", "Via \x0c: x", "Via", "\t", "Via\r\n : x", "(x): y"}) {
    EXPECT_EQ(error_of(with_fields(std::string(bad) + "\r\n")), ParseError::bad_header_line) << bad;
  }
}

TEST(Parse, KeepsFieldsBeforeAMistake) {
  Message message;
  const std::string datagram = with_fields("Via: v\r\nbroken\r\nTo: x\r\n");
  ASSERT_EQ(error_of(datagram, message), ParseError::bad_header_line);
  EXPECT_EQ(message.field_count, 1);
  EXPECT_TRUE(message.has(HeaderName::via));
  EXPECT_FALSE(message.has(HeaderName::to));
}

TEST(Parse, RefusesForbiddenOctetsInTheHeaderSection) {
  using std::string_literals::operator""s;
  const std::string bad[] = {
      with_fields("Subject: a\rb\r\n"),
      with_fields("Subject: a\nX: b\r\n"),
      with_fields("Subject: a\0b\r\n"s),
      with_fields("Sub\0ject: a\r\n"s),
      with_fields("Subject: a\r\r\n"),
      with_fields("Subject: a\n\r\n"),
      with_fields("To: \"\\\0\" <sip:a@b>\r\n"s),
      "OPTIONS sip:a@b SIP/2.0\nTo: x\r\n\r\n",
      "OPTIONS sip:a@b\rSIP/2.0\r\n\r\n",
      "OPTIONS sip:a@b SIP/2.0\r\nTo: x\n\n",
      "\0OPTIONS sip:a@b SIP/2.0\r\n\r\n"s,
  };
  for (const std::string& datagram : bad) {
    EXPECT_EQ(error_of(datagram), ParseError::forbidden_octet) << datagram;
  }
}

TEST(Parse, AllowsAnyOctetInTheBody) {
  using std::string_literals::operator""s;
  EXPECT_EQ(error_of(with_fields("To: x\r\n") + "\0\r\n\n\r\xff"s), ParseError{});
}

TEST(Parse, CountsFieldsToItsLimit) {
  const auto fields = [](unsigned count) {
    std::string result;
    for (unsigned i = 0; i < count; ++i) result += "Via: x\r\n";
    return with_fields(result);
  };
  Message message;
  EXPECT_EQ(error_of(fields(max_header_fields - 1), message), ParseError{});
  EXPECT_EQ(error_of(fields(max_header_fields), message), ParseError{});
  EXPECT_EQ(message.field_count, max_header_fields);
  unsigned walked = 0;
  for (const HeaderField* via = message.first(HeaderName::via); via != nullptr;
       via = message.next(*via)) {
    ++walked;
  }
  EXPECT_EQ(walked, max_header_fields);
  EXPECT_EQ(error_of(fields(max_header_fields + 1)), ParseError::too_many_fields);
}

TEST(Parse, MeasuresTheMessageToItsLimit) {
  const auto sized = [](size_t size) {
    std::string datagram = with_fields("To: x\r\n");
    datagram.resize(size, 'b');
    return datagram;
  };
  Message message;
  EXPECT_EQ(error_of(sized(max_message_octets - 1), message), ParseError{});
  EXPECT_EQ(error_of(sized(max_message_octets), message), ParseError{});
  EXPECT_EQ(message.body.end(), max_message_octets);
  EXPECT_EQ(error_of(sized(max_message_octets + 1)), ParseError::too_long);
}

TEST(Parse, AcceptsOneFieldAsLongAsAMessage) {
  const std::string frame = with_fields("Subject: \r\n");
  const std::string value(max_message_octets - frame.size(), 'v');
  const std::string datagram = with_fields("Subject: " + value + "\r\n");
  Message message;
  ASSERT_EQ(error_of(datagram, message), ParseError{});
  EXPECT_EQ(text(message.value(HeaderName::subject), datagram), value);
}

// Every cut of every message, with a padding that would complete a line or a header section.
TEST(Parse, IsSafeOnEveryTruncation) {
  for (const std::string_view whole : support::sip_messages) {
    for (size_t length = 0; length < whole.size(); ++length) {
      for (const char fill : {'\n', ' ', '\0'}) {
        const GuardedBuffer buffer(whole.substr(0, length), padding_octets, fill);
        Message message;
        const Result<uint16_t, ParseError> consumed = parse(buffer.view(), message);
        if (consumed) {
          ASSERT_LE(*consumed, length);
        } else if (whole.substr(0, length).find("\r\n\r\n", 4) == std::string_view::npos) {
          const ParseError error = consumed.error();
          ASSERT_TRUE(error == ParseError::no_end_of_header || error == ParseError::empty)
              << length;
        }
        for (unsigned i = 0; i < message.field_count; ++i) {
          ASSERT_LE(message.fields[i].value.end(), length);
          ASSERT_LE(message.fields[i].name.end(), length);
        }
      }
    }
  }
}

TEST(Parse, NamesItsErrors) {
  for (unsigned i = 1; i < static_cast<unsigned>(ParseError::count); ++i) {
    EXPECT_FALSE(spelling(static_cast<ParseError>(i)).empty()) << i;
  }
  EXPECT_EQ(spelling(ParseError::bad_start_line), "bad_start_line");
  EXPECT_EQ(spelling(ParseError::count), "");
}

}  // namespace
}  // namespace demarc::sip
