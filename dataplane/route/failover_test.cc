#include "dataplane/route/failover.h"

#include <gtest/gtest.h>

#include <vector>

#include "dataplane/contract/section_builder.h"

namespace demarc::route {
namespace {

using contract::CallPolicy;
using contract::CauseRule;
using contract::SectionBuilder;
using contract::TrunkConfig;
using contract::TrunkSection;

// A section with one trunk.
class Policy {
 public:
  Policy(std::vector<uint16_t> codes, std::vector<CauseRule> rules) {
    SectionBuilder<TrunkSection> builder(contract::SectionKind::trunks, 1);
    TrunkConfig trunk;
    trunk.policy.failover_codes = builder.array<uint16_t>(codes);
    trunk.policy.cause_rules = builder.array<CauseRule>(rules);
    builder.section().trunks = builder.array<TrunkConfig>(std::span(&trunk, 1));
    octets_ = builder.finish();
  }

  uint16_t status(unsigned status_code, unsigned cause) const {
    return failure_status(policy(), section(), static_cast<uint16_t>(status_code),
                          static_cast<uint16_t>(cause));
  }
  bool goes_on(unsigned status_code, unsigned cause = 0) const {
    return is_next_tried(policy(), section(), status(status_code, cause));
  }

 private:
  const TrunkSection& section() const {
    return *reinterpret_cast<const TrunkSection*>(octets_.data());
  }
  const CallPolicy& policy() const {
    return elements(section().header, section().trunks)[0].policy;
  }
  std::vector<std::byte> octets_;
};

Policy by_default() {
  return Policy({408, 503, 504}, {{486, 34, 503, 0}});
}

TEST(Failover, OnlyListedCodesGoOn) {
  const Policy policy = by_default();
  for (const unsigned code : {408u, 503u, 504u}) EXPECT_TRUE(policy.goes_on(code)) << code;
  for (const unsigned code : {300u, 302u, 400u, 403u, 404u, 407u, 409u, 480u, 486u, 487u, 500u,
                              502u, 505u, 600u, 603u, 606u, 699u}) {
    EXPECT_FALSE(policy.goes_on(code)) << code;
  }
}

TEST(Failover, BusyForLackOfACircuitCountsAs503) {
  const Policy policy = by_default();
  EXPECT_EQ(policy.status(486, 34), 503);
  EXPECT_TRUE(policy.goes_on(486, 34));
  EXPECT_EQ(policy.status(486, 17), 486);
  EXPECT_EQ(policy.status(486, 0), 486);
  EXPECT_FALSE(policy.goes_on(486, 17));
  EXPECT_EQ(policy.status(600, 34), 600) << "the rule is for 486 alone";
  EXPECT_FALSE(policy.goes_on(603, 34));
}

TEST(Failover, ARuleMayEndACallThatWouldGoOn) {
  const Policy policy({503, 504}, {{503, 17, 486, 0}});
  EXPECT_FALSE(policy.goes_on(503, 17));
  EXPECT_TRUE(policy.goes_on(503, 41));
}

TEST(Failover, TheFirstRuleThatFitsWins) {
  const Policy policy({500},
                      {{486, 34, 503, 0}, {0, 34, 480, 0}, {486, 0, 600, 0}, {0, 27, 500, 0}});
  struct Case {
    uint16_t status, cause, becomes;
  };
  for (const Case& one : {Case{486, 34, 503},
                          {404, 34, 480},
                          {486, 27, 600},
                          {486, 0, 600},
                          {404, 27, 500},
                          {404, 0, 404},
                          {404, 1, 404},
                          {699, 34, 480}}) {
    EXPECT_EQ(policy.status(one.status, one.cause), one.becomes) << one.status << " " << one.cause;
  }
}

TEST(Failover, RulesAreForFailuresOnly) {
  const Policy policy({302}, {{0, 34, 503, 0}});
  for (const unsigned code : {0u, 100u, 183u, 200u, 302u, 399u, 700u}) {
    EXPECT_EQ(policy.status(code, 34), code);
  }
  EXPECT_TRUE(policy.goes_on(302, 34));
}

TEST(Failover, AnEmptyListGoesOnForNothing) {
  const Policy policy({}, {});
  EXPECT_EQ(policy.status(486, 34), 486);
  EXPECT_FALSE(policy.goes_on(503));
}

}  // namespace
}  // namespace demarc::route
