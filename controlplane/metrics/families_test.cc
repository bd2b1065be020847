#include "controlplane/metrics/families.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>

namespace demarc::metrics {
namespace {

// What stands behind HELP and TYPE.
std::string samples_of(Families& families) {
  std::string samples;
  const std::string text = families.take_text();
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin) + 1;
    if (text[begin] != '#') samples += text.substr(begin, end - begin);
    begin = end;
  }
  return samples;
}

std::string line_of(double value) {
  Families families;
  families.add(Metric::config_revision, {}, value);
  return samples_of(families);
}

TEST(Families, AFamilyHasItsHeadOnce) {
  Families families;
  families.add(Metric::worker_calls, {"0"}, 3);
  families.add(Metric::ready, {}, 1);
  families.add(Metric::worker_calls, {"1"}, 4);
  EXPECT_EQ(families.take_text(),
            "# HELP demarc_ready new calls are taken, and by the configuration in force\n"
            "# TYPE demarc_ready gauge\n"
            "demarc_ready 1\n"
            "# HELP demarc_worker_calls calls in progress\n"
            "# TYPE demarc_worker_calls gauge\n"
            "demarc_worker_calls{worker=\"0\"} 3\n"
            "demarc_worker_calls{worker=\"1\"} 4\n");
  EXPECT_EQ(families.take_text(), "");
}

TEST(Families, NumbersAreReadBackAsTheyWere) {
  for (const double value : {1'700'000'000.0, -3.0, 0.1, 3.071e-06, 1e300, 9007199254740992.0}) {
    const std::string line = line_of(value);
    EXPECT_EQ(std::stod(line.substr(line.find(' '))), value) << line;
  }
  EXPECT_EQ(line_of(1'700'000'000), "demarc_config_revision 1700000000\n");
  EXPECT_EQ(line_of(std::numeric_limits<double>::infinity()), "demarc_config_revision +Inf\n");
}

// They become text in several turns.
TEST(Families, ManySamplesHaveOneHead) {
  Families families;
  for (unsigned i = 0; i < 1000; ++i) families.add(Metric::worker_calls, {std::to_string(i)}, i);
  const std::string text = families.take_text();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1002);
  EXPECT_EQ(std::count(text.begin(), text.end(), '#'), 2);
  EXPECT_NE(text.find("\ndemarc_worker_calls{worker=\"999\"} 999\n"), std::string::npos);
}

TEST(Families, WhatWouldEndALabelIsEscaped) {
  Families families;
  families.add(Metric::trunk_registration_up, {"a\"b\\c\nd"}, 1);
  EXPECT_EQ(samples_of(families), "demarc_trunk_registration_up{trunk=\"a\\\"b\\\\c\\nd\"} 1\n");
}

TEST(Families, AReasonIsTheLastLabel) {
  Families families;
  families.add(Place{static_cast<size_t>(Metric::worker_drops_total), "tx_full"}, {"0"}, 7);
  EXPECT_EQ(samples_of(families), "demarc_worker_drops_total{worker=\"0\",reason=\"tx_full\"} 7\n");
}

TEST(Families, ADistributionCountsUpToEachBound) {
  constexpr std::array<double, 2> upper = {0.5, 2};
  constexpr std::array<uint64_t, 3> counts = {1, 0, 2};
  Families families;
  families.add(Metric::trunk_mos, {"acme"}, Distribution{upper, counts, 7.25});
  EXPECT_EQ(samples_of(families),
            "demarc_trunk_mos_count{trunk=\"acme\"} 3\n"
            "demarc_trunk_mos_sum{trunk=\"acme\"} 7.25\n"
            "demarc_trunk_mos_bucket{trunk=\"acme\",le=\"0.5\"} 1\n"
            "demarc_trunk_mos_bucket{trunk=\"acme\",le=\"2\"} 1\n"
            "demarc_trunk_mos_bucket{trunk=\"acme\",le=\"+Inf\"} 3\n");
}

}  // namespace
}  // namespace demarc::metrics
