#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sip-parser/framer.h"
#include "sip-parser/framer_harness.h"
#include "sip-parser/parse.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/seed.h"
#include "tests/support/shared_data.h"
#include "tests/support/sip_messages.h"

namespace demarc::sip {
namespace {

using std::string_literals::operator""s;
using Kind = Frame::Kind;

// Messages, keep-alives and one mistake of each kind.
std::vector<std::string> streams() {
  const std::string invite(support::invite_sdp);
  const std::string ringing(support::response_ringing);
  std::vector<std::string> all = {
      invite + ringing,
      ringing + invite,
      "\r\n\r\n" + ringing + "\r\n\r\n\r\n" + invite + "\r\n\r\n\r\n\r\n\r\n\r\n" + ringing,
      with_length("\r\n \r\n\t 6 \r\n ", "\0\r\n\r\n\0"s) + invite,
      with_length("5", "\r\n\r\n\r") + with_length("0") + "\r\n\r\n",
      ringing + with_fields("X: y\r\n"),
      ringing + with_length("5x"),
      ringing + with_fields("l: 0\r\nl: 0\r\n"),
      ringing + with_length("65536"),
      ringing + "BYE sip:a SIP/2.0\r\nX: a\rb\r\n\r\n",
      ringing + "BYE sip:a SIP/2.0\r\nX: a\nb\r\n\r\n",
      ringing + "BYE sip:a SIP/2.0\r\nX: a\0b\r\n\r\n"s,
      ringing + "BYE sip:a SIP/2.0\r\nX\r\nl: 0\r\n\r\n",
      ringing + "\r\n\n" + ringing,
      ringing + "\r\n\r" + ringing,
      ringing + "BYE sip:a SIP/2.0\r\nX: " + std::string(600, 'x') + "\r\nl: 0\r\n\r\n",
  };
  for (const std::string_view message : support::sip_messages) all.emplace_back(message);
  return all;
}
constexpr FramerLimits narrow{.header_octets = 600};

std::vector<std::string> shared_streams() {
  std::vector<std::string> all;
  for (const char* folder : {"rfc4475", "sipmsg"}) {
    for (support::SharedFile& file : support::shared_messages(folder)) {
      all.push_back(std::move(file.octets));
    }
  }
  return all;
}

TEST(FramerPieces, AreReadAsTheWholeIsWhereverItIsCut) {
  for (const std::string& stream : streams()) {
    for (const FramerLimits& limits : {FramerLimits{}, narrow}) {
      const std::vector<Found> whole = frames_of(stream, limits);
      for (size_t cut = 0; cut <= stream.size(); ++cut) {
        ASSERT_EQ(frames_of_pieces(stream, {cut}, true, limits), whole) << cut << "\n" << stream;
      }
    }
  }
}

TEST(FramerPieces, OfOneOctetAreReadAsTheWholeIs) {
  for (const std::string& stream : streams()) {
    std::set<size_t> cuts;
    for (size_t cut = 1; cut < stream.size(); ++cut) cuts.insert(cut);
    for (const bool compacts : {false, true}) {
      ASSERT_EQ(frames_of_pieces(stream, cuts, compacts), frames_of(stream)) << stream;
    }
  }
}

TEST(FramerPieces, OfAnyLengthAreReadAsTheWholeIs) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (const std::string& stream : streams()) {
    for (int round = 0; round < 50; ++round) {
      std::set<size_t> cuts;
      for (unsigned i = 0; i < 1 + random() % 20; ++i) cuts.insert(random() % stream.size());
      ASSERT_EQ(frames_of_pieces(stream, cuts, random() % 2 == 0), frames_of(stream)) << stream;
    }
  }
}

TEST(FramerPieces, OfMessagesOfOthersAreReadAsTheWholeIs) {
  const std::string options = with_length("0");
  for (const std::string& file : shared_streams()) {
    const std::string stream = file + options;
    const std::vector<Found> whole = frames_of(stream);
    std::set<size_t> cuts;
    const size_t step = stream.size() > 3000 ? 37 : 1;
    for (size_t cut = 0; cut <= stream.size(); cut += step) {
      cuts.insert(cut);
      ASSERT_EQ(frames_of_pieces(stream, {cut}, true), whole) << cut << "\n" << stream;
    }
    ASSERT_EQ(frames_of_pieces(stream, cuts, true), whole) << stream;
  }
}

// Each prefix ends at a page that can not be read, so looking at an octet that has not come faults.
TEST(FramerPieces, AreNotReadBehindTheirEnd) {
  for (const std::string& stream : streams()) {
    Framer framer;
    for (size_t size = 0; size <= stream.size(); ++size) {
      const support::GuardedBuffer buffer(std::string_view(stream).substr(0, size), 0, 'x');
      Frame frame;
      do {
        frame = framer.next(buffer.view());
      } while (frame.kind != Kind::need_more && frame.kind != Kind::failed);
    }
  }
}

// What was looked at is overwritten with what may not stand there, and is not seen again. Only
// names and Content-Length are read once more, at the end of their line.
TEST(FramerPieces, AreLookedAtOnce) {
  const std::string value(4000, 'v');
  const std::string stream = with_fields("Subject: " + value + "\r\n " + value + "\r\nl: 9000\r\n",
                                         std::string(9000, 'b'));
  const size_t begin = stream.find(value);
  const size_t end = stream.find("l: 9000");
  std::string buffer;
  Framer framer;
  Frame frame;
  for (const char c : stream) {
    buffer += c;
    frame = framer.next(buffer);
    const size_t size = buffer.size();
    // The CRLF that ends a line waits for the octet behind it.
    if (size > begin + 3 && size <= end) buffer[size - 3] = '\0';
  }
  EXPECT_EQ(frame.kind, Kind::message);
  EXPECT_EQ(frame.length, stream.size());
}

// ---- agreement with parse()

// What the framer gives, parse() reads to the same end. Returns whether there was a message.
testing::AssertionResult agrees(std::string_view stream) {
  Framer framer({.header_octets = max_message_octets});
  const Frame frame = framer.next(stream);
  const support::GuardedBuffer whole(stream, padding_octets, '\r');
  Message message;
  const Result<uint16_t, ParseError> consumed = parse(whole.view(), message);
  if (frame.kind == Kind::message) {
    const support::GuardedBuffer framed(stream.substr(frame.offset, frame.length), padding_octets,
                                        '0');
    const Result<uint16_t, ParseError> again = parse(framed.view(), message);
    if (again && *again == frame.length) {
      if (!consumed || *consumed != frame.offset + frame.length) {
        return testing::AssertionFailure() << "parse() reads the datagram differently";
      }
      return testing::AssertionSuccess();
    }
    if (!again &&
        (again.error() == ParseError::bad_start_line || again.error() == ParseError::bad_version)) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "parse() reads the message differently";
  }
  if (!consumed) return testing::AssertionSuccess();
  // What a datagram may do and a stream may not.
  const HeaderField* length = message.first(HeaderName::content_length);
  const size_t leading = stream.find_first_not_of("\r\n");
  const bool is_refused = frame.kind == Kind::failed || frame.kind == Kind::ping;
  if (is_refused && (length == nullptr || message.next(*length) != nullptr || leading > 0)) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "parse() reads what the framer does not";
}

// Without the keep-alives before it.
std::string_view without_line_ends(std::string_view stream) {
  return stream.substr(std::min(stream.find_first_not_of("\r\n"), stream.size()));
}

TEST(FramerAndParse, AgreeOnEveryMessage) {
  for (const std::string_view message : support::sip_messages) {
    EXPECT_TRUE(agrees(without_line_ends(message))) << message;
  }
  for (const std::string& stream : streams()) EXPECT_TRUE(agrees(stream)) << stream;
}

TEST(FramerAndParse, AgreeOnMessagesOfOthers) {
  for (const std::string& stream : shared_streams()) {
    EXPECT_TRUE(agrees(without_line_ends(stream))) << stream;
  }
}

TEST(FramerAndParse, AgreeOnSpoiledMessages) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string pieces[] = {"\r", "\n",       "\r\n", "\0"s,      " ",     ":",
                                "\t", "l: 3\r\n", "5",    "\r\n\r\n", "\r\n ", "Content-Length",
                                "x",  ",",        "-"};
  const std::string base =
      "INVITE sip:a SIP/2.0\r\nTo : x\r\n y\r\nl: 7\r\nFrom: z\r\n\r\nab\r\n\r\ncde";
  for (int round = 0; round < 10'000; ++round) {
    std::string stream = base;
    for (unsigned i = 0; i < 1 + random() % 3; ++i) {
      const size_t at = random() % stream.size();
      const size_t length = random() % 3;
      stream.replace(at, std::min(length, stream.size() - at),
                     random() % 5 == 0 ? "" : pieces[random() % std::size(pieces)]);
    }
    ASSERT_TRUE(agrees(stream)) << testing::PrintToString(stream);
  }
}

}  // namespace
}  // namespace demarc::sip
