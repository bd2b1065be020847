#include "sip-parser/peek.h"

#include <gtest/gtest.h>

#include <string>

#include "sip-parser/message.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/via.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/sip_messages.h"

namespace demarc::sip {
namespace {

using support::GuardedBuffer;

ParseError error_of(std::string_view datagram) {
  const GuardedBuffer buffer(datagram, padding_octets, '\n');
  const Result<Peek, ParseError> result = peek(buffer.view());
  return result ? ParseError{} : result.error();
}

// Compares with the long way through the same octets.
void expect_agreement(std::string_view datagram) {
  Message message;
  const bool is_parsed = parse(datagram, message).has_value();
  const Result<Peek, ParseError> peeked = peek(datagram);
  if (!is_parsed || message.value(HeaderName::call_id).empty()) return;
  ASSERT_TRUE(peeked);
  EXPECT_EQ(peeked->is_request, message.is_request);
  EXPECT_EQ(peeked->status_code, message.status_code);
  if (message.is_request) {
    EXPECT_EQ(peeked->method, message.method);
  } else {
    EXPECT_EQ(peeked->method, Method::other);
  }
  EXPECT_EQ(peeked->call_id, message.value(HeaderName::call_id));
  const Result<Via, ValueError> via = parse_top_via(message.value(HeaderName::via), datagram);
  EXPECT_EQ(peeked->top_via_branch, via ? via->branch : Span{});
  const Result<NameAddr, ValueError> to = parse_name_addr(message.value(HeaderName::to), datagram);
  EXPECT_EQ(peeked->to_tag, to ? to->tag : Span{});
  std::string_view replaces;
  if (message.is_request && message.method == Method::invite && peeked->to_tag.empty()) {
    replaces = text(message.value(HeaderName::replaces), datagram);
  }
  replaces = replaces.substr(0, replaces.find(';'));
  replaces = replaces.substr(0, replaces.find_last_not_of(" \t\r\n") + 1);
  EXPECT_EQ(text(peeked->replaces_call_id, datagram), replaces);
}

TEST(Peek, AgreesWithParseOnEveryMessage) {
  for (const std::string_view datagram : support::sip_messages) {
    const GuardedBuffer buffer(datagram, padding_octets, '\r');
    ASSERT_TRUE(peek(buffer.view())) << datagram;
    expect_agreement(buffer.view());
  }
}

TEST(Peek, TakesTheFirstOfANameAndLeavesTheOthersToParse) {
  const std::string_view datagram =
      "BYE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nv SIP/2.0/UDP b\r\n"
      "t: <sip:c>;tag=1\r\nTo <sip:d>\r\nCall-ID: e\r\n\r\n";
  const GuardedBuffer buffer(datagram, padding_octets, '\n');
  const Result<Peek, ParseError> peeked = peek(buffer.view());
  Message message;
  EXPECT_EQ(parse(buffer.view(), message).error(), ParseError::bad_header_line);
  ASSERT_TRUE(peeked);
  EXPECT_EQ(text(peeked->top_via_branch, buffer.view()), "z9hG4bK1");
  EXPECT_EQ(text(peeked->to_tag, buffer.view()), "1");
  EXPECT_EQ(text(peeked->call_id, buffer.view()), "e");
}

TEST(Peek, AgreesWithParseOnEveryTruncation) {
  for (const std::string_view whole : support::sip_messages) {
    for (size_t length = 0; length < whole.size(); ++length) {
      const GuardedBuffer buffer(whole.substr(0, length), padding_octets, '\n');
      expect_agreement(buffer.view());
    }
  }
}

TEST(Peek, AgreesWithParseWhenAnyOctetIsReplaced) {
  for (const std::string_view whole : support::sip_messages) {
    std::string octets(whole);
    octets.resize(octets.size() + padding_octets, '\n');
    for (size_t i = 0; i < whole.size(); ++i) {
      for (const char replacement : {'\0', '\r', '\n', ' ', ':', ';', '"', '<', ',', '\xff'}) {
        const char kept = octets[i];
        octets[i] = replacement;
        expect_agreement(std::string_view(octets).substr(0, whole.size()));
        octets[i] = kept;
      }
    }
  }
}

TEST(Peek, FindsWhatChoosesAWorker) {
  const std::string_view datagram = support::folded_options;
  const GuardedBuffer buffer(datagram, padding_octets, ' ');
  const Result<Peek, ParseError> result = peek(buffer.view());
  ASSERT_TRUE(result);
  EXPECT_EQ(text(result->call_id, datagram), "fold-1");
  EXPECT_EQ(text(result->top_via_branch, datagram), "z9hG4bKfold");
  EXPECT_EQ(text(result->to_tag, datagram), "there");
  EXPECT_TRUE(result->replaces_call_id.empty());
}

TEST(Peek, FindsReplaces) {
  const std::string_view datagram = support::invite_replaces;
  const GuardedBuffer buffer(datagram, padding_octets, ' ');
  const Result<Peek, ParseError> result = peek(buffer.view());
  ASSERT_TRUE(result);
  EXPECT_EQ(text(result->replaces_call_id, datagram), "old-call@example.com");
  EXPECT_EQ(text(result->replaces, datagram), "old-call@example.com;to-tag=7743;from-tag=6472");
  EXPECT_TRUE(result->to_tag.empty());
}

TEST(Peek, TakesAReplacesWithoutParametersWhole) {
  const std::string datagram =
      "INVITE sip:a@b SIP/2.0\r\nReplaces: old\r\nReplaces: second\r\ni: x\r\n\r\n";
  const GuardedBuffer buffer(datagram, padding_octets, ' ');
  const Result<Peek, ParseError> result = peek(buffer.view());
  ASSERT_TRUE(result);
  EXPECT_EQ(text(result->replaces_call_id, datagram), "old");
}

TEST(Peek, LooksForReplacesInNewInvitesOnly) {
  const auto replaces_of = [](const std::string& start, const std::string& to) {
    const std::string datagram =
        start + " sip:a@b SIP/2.0\r\nReplaces: x;a\r\nVia: SIP/2.0/UDP h\r\nTo: " + to +
        "\r\nCall-ID: i\r\n\r\n";
    const GuardedBuffer buffer(datagram, padding_octets, ' ');
    const Result<Peek, ParseError> result = peek(buffer.view());
    EXPECT_TRUE(result) << datagram;
    return std::string(text(result->replaces_call_id, datagram));
  };
  EXPECT_EQ(replaces_of("INVITE", "<sip:a@b>"), "x");
  EXPECT_EQ(replaces_of("INVITE", "<sip:a@b>;tag=1"), "");
  EXPECT_EQ(replaces_of("REFER", "<sip:a@b>"), "");
}

// What stands behind the last field that is needed is parse()'s to judge.
TEST(Peek, StopsWhereAllIsKnown) {
  const std::string fields = "v: SIP/2.0/UDP h;branch=b\r\nt: <sip:a@b>;tag=1\r\ni: x\r\n";
  const GuardedBuffer cut("BYE sip:a@b SIP/2.0\r\n" + fields, padding_octets, ' ');
  EXPECT_TRUE(peek(cut.view()));
  const GuardedBuffer invite("INVITE sip:a@b SIP/2.0\r\nt: <sip:a@b>\r\n" + fields, padding_octets,
                             ' ');
  ASSERT_FALSE(peek(invite.view()));
  EXPECT_EQ(peek(invite.view()).error(), ParseError::no_end_of_header);
}

TEST(Peek, RefusesWhatHasNoCallId) {
  EXPECT_EQ(error_of("OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n\r\n"), ParseError::missing_call_id);
  EXPECT_EQ(error_of("OPTIONS sip:a@b SIP/2.0\r\nCall-ID:\r\n\r\n"), ParseError::missing_call_id);
  // The first field counts, as it does in a Message.
  EXPECT_EQ(error_of("OPTIONS sip:a@b SIP/2.0\r\nCall-ID:\r\ni: x\r\n\r\n"),
            ParseError::missing_call_id);
}

TEST(Peek, RefusesWhatIsNoSip) {
  EXPECT_EQ(error_of(""), ParseError::empty);
  EXPECT_EQ(error_of("\r\n\r\n"), ParseError::empty);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\ni: x\r\n\r\n"), ParseError::bad_start_line);
  EXPECT_EQ(error_of("x\r\ni: x\r\n\r\n"), ParseError::bad_start_line);
  EXPECT_EQ(error_of("OPTIONS sip:a@b SIP/3.0\r\ni: x\r\n\r\n"), ParseError::bad_version);
  EXPECT_EQ(error_of("OPTIONS sip:a@b SIP/2.0\r\ni: x\r\n"), ParseError::no_end_of_header);
  EXPECT_EQ(error_of("OPTIONS sip:a@b SIP/2.0\r\ni: x\r\nto\r\n\r\n"), ParseError::bad_header_line);
  EXPECT_EQ(error_of("OPTIONS sip:a@b SIP/2.0\r\ni: x\ny\r\n\r\n"), ParseError::forbidden_octet);
  EXPECT_EQ(error_of(std::string(max_message_octets + 1, 'x')), ParseError::too_long);
}

}  // namespace
}  // namespace demarc::sip
