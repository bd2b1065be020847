// Each message of the corpus: as a datagram, over a stream that is cut at every octet, and cut off
// at every octet.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "sip-parser/framer_harness.h"
#include "sip-parser/outcome.h"
#include "sip-parser/parse.h"
#include "tests/support/guarded_buffer.h"
#include "tests/torture/corpus.h"
#include "tests/torture/sanity.h"

namespace demarc::torture {
namespace {

using sip::Defect;
using sip::Message;
using sip::Outcome;
using Action = sip::Outcome::Action;

constexpr std::string_view good_options =
    "OPTIONS sip:sbc.example.net SIP/2.0\r\n"
    "Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bKgood\r\n"
    "From: <sip:desk@example.com>;tag=good\r\n"
    "To: <sip:sbc.example.net>\r\n"
    "Call-ID: good\r\n"
    "CSeq: 1 OPTIONS\r\n"
    "Authorization: Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"sip:r\",\r\n"
    " response=\"0123456789abcdef0123456789abcdef\"\r\n"
    "Content-Length: 0\r\n\r\n";

void expect_outcome(const Outcome& outcome, Defect defect, unsigned status_code) {
  const Action action = defect == Defect::none ? Action::serve
                        : status_code != 0     ? Action::answer
                                               : Action::drop;
  EXPECT_EQ(spelling(outcome.defect), spelling(defect));
  EXPECT_EQ(outcome.status_code, status_code);
  EXPECT_EQ(outcome.action, action);
}

// What one end of a stream makes of what it receives.
struct Received {
  Outcome outcome;
  std::string call_id;
};

std::vector<Received> receive(std::string_view stream, const std::vector<sip::Found>& frames,
                              const sip::Capabilities& element) {
  static Message message;
  std::vector<Received> received;
  for (const sip::Found& frame : frames) {
    if (frame.kind != sip::Frame::Kind::message && frame.kind != sip::Frame::Kind::failed) continue;
    const support::GuardedBuffer buffer(stream.substr(frame.offset, frame.length),
                                        sip::padding_octets, ':');
    const auto parsed = sip::parse(buffer.view(), message);
    Received one;
    one.outcome =
        frame.kind == sip::Frame::Kind::failed
            ? sip::outcome_of(frame.error, message, buffer.view(), element)
            : sip::outcome_of(parsed, message, buffer.view(), sip::Delivery::stream, element);
    one.call_id = value(message, buffer.view(), sip::HeaderName::call_id);
    received.push_back(one);
    if (one.outcome.closes_connection) break;
  }
  return received;
}

class Torture : public testing::TestWithParam<Case> {};

TEST_P(Torture, HasItsOutcomeAsADatagram) {
  const Case& one = GetParam();
  const support::GuardedBuffer buffer(expand(one.text), sip::padding_octets, ':');
  Message message;
  const auto parsed = sip::parse(buffer.view(), message);
  const Outcome outcome =
      sip::outcome_of(parsed, message, buffer.view(), sip::Delivery::datagram, *one.element);
  expect_outcome(outcome, one.defect, one.status_code);
  EXPECT_FALSE(outcome.closes_connection);
  if (one.check != nullptr) one.check(message, buffer.view());
}

TEST_P(Torture, HasItsOutcomeOnAStreamCutAtEveryOctet) {
  const Case& one = GetParam();
  const std::string text = expand(one.text);
  const bool waits = one.on_stream == OnStream::waits;
  const std::string stream = waits ? text : text + std::string(good_options);
  const std::vector<sip::Found> frames = sip::frames_of(stream);
  std::set<size_t> every;
  for (size_t cut = 1; cut < text.size(); ++cut) {
    ASSERT_EQ(sip::frames_of_pieces(stream, {cut}, cut % 2 == 0), frames) << "cut at " << cut;
    every.insert(cut);
  }
  ASSERT_EQ(sip::frames_of_pieces(stream, every, true), frames);

  const std::vector<Received> received = receive(stream, frames, *one.element);
  if (waits) {
    EXPECT_TRUE(received.empty());
    return;
  }
  ASSERT_FALSE(received.empty());
  const Outcome& outcome = received.front().outcome;
  const bool is_other = one.stream_defect != Defect::none;
  const bool was_served = one.defect == Defect::none;
  expect_outcome(outcome, is_other ? one.stream_defect : one.defect,
                 is_other && was_served ? 400 : one.status_code);
  EXPECT_EQ(outcome.closes_connection, one.on_stream == OnStream::closes);
  if (outcome.closes_connection) return;
  EXPECT_EQ(received.back().outcome.action, Action::serve);
  EXPECT_EQ(received.back().call_id, "good");
}

TEST_P(Torture, IsReadSanelyWhereverItIsCutOff) {
  const Case& one = GetParam();
  const std::string text = expand(one.text);
  for (size_t size = 0; size <= text.size(); ++size) {
    const char* insanity = find_insanity(std::string_view(text).substr(0, size), *one.element);
    ASSERT_EQ(insanity, nullptr) << insanity << " at " << size;
  }
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Rfc4475Valid, Torture, testing::ValuesIn(rfc4475_valid), name_of);
INSTANTIATE_TEST_SUITE_P(Rfc4475Invalid, Torture, testing::ValuesIn(rfc4475_invalid), name_of);
INSTANTIATE_TEST_SUITE_P(Rfc4475BeyondSyntax, Torture, testing::ValuesIn(rfc4475_beyond_syntax),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Rfc5118, Torture, testing::ValuesIn(rfc5118), name_of);
INSTANTIATE_TEST_SUITE_P(BugClass, Torture, testing::ValuesIn(bug_classes), name_of);

}  // namespace
}  // namespace demarc::torture
