#include "sip-parser/reason.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/number_cases.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

using support::expect_refused;
using support::parse_guarded;

TEST(Reason, ReadsProtocolCauseAndText) {
  const std::string_view value = "q.850 ;cause=16;text=\"Terminated; \\\"x\\\"\";location=LN";
  const Result<Reason, ValueError> reason = parse_guarded(parse_reason, value);
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->protocol, ReasonProtocol::q850);
  EXPECT_TRUE(reason->has_cause);
  EXPECT_EQ(reason->cause, 16u);
  EXPECT_EQ(text(reason->text, value), "Terminated; \\\"x\\\"");
  EXPECT_EQ(text(find_param(reason->params, "location", value).value, value), "LN");
}

TEST(Reason, KeepsAProtocolThatItDoesNotKnow) {
  const std::string_view value = "X-Mine";
  const Result<Reason, ValueError> reason = parse_guarded(parse_reason, value);
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->protocol, ReasonProtocol::other);
  EXPECT_EQ(text(reason->protocol_text, value), value);
  EXPECT_FALSE(reason->has_cause);
}

TEST(Reason, SpellsItsProtocols) {
  for (const ReasonProtocol protocol : {ReasonProtocol::sip, ReasonProtocol::q850,
                                        ReasonProtocol::preemption, ReasonProtocol::stir}) {
    EXPECT_EQ(parse_guarded(parse_reason, spelling(protocol))->protocol, protocol);
  }
  EXPECT_EQ(spelling(ReasonProtocol::other), "");
}

TEST(Reason, RefusesMistakes) {
  expect_refused(parse_reason, {"", ";cause=1", "SIP cause=200", "SIP;cause", "SIP;cause=\"200\"",
                                "SIP;cause=200;cause=200", "SIP;text=OK", "SIP;text=\"OK",
                                "SIP,Q.850", "SIP;", "SI@P"});
}

TEST(Reason, ChecksTheCauseOfEachProtocol) {
  const auto with = [](std::string_view protocol) {
    return [protocol](const std::string& number) -> Result<uint32_t, ValueError> {
      const Result<Reason, ValueError> reason =
          parse_guarded(parse_reason, std::string(protocol) + ";cause=" + number);
      if (!reason) return Fail{reason.error()};
      return reason->cause;
    };
  };
  support::expect_number_range({min_sip_cause, max_sip_cause}, with("SIP"));
  support::expect_number_range({0, max_q850_cause}, with("Q.850"));
  support::expect_number_range({0, UINT32_MAX}, with("Preemption"));
}

TEST(FindReason, FindsOneProtocolInAList) {
  const std::string_view value = "SIP;cause=480;text=\"a, b\", Q.850;cause=18,Q.850;cause=19";
  const Span span = support::whole(value);
  EXPECT_EQ(find_reason(span, ReasonProtocol::q850, value)->cause, 18u);
  EXPECT_EQ(find_reason(span, ReasonProtocol::sip, value)->cause, 480u);
  EXPECT_TRUE(find_reason(span, ReasonProtocol::stir, value)->protocol_text.empty());
  EXPECT_FALSE(find_reason(support::whole(",SIP"), ReasonProtocol::sip, ",SIP"));
}

}  // namespace
}  // namespace demarc::sip
