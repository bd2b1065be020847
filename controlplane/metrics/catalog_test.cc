#include "controlplane/metrics/catalog.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace demarc::metrics {
namespace {

using contract::StreamCounter;
using contract::WorkerCounter;

TEST(Catalog, NamesAreOfPrometheusAndStandOnce) {
  std::set<std::string> seen;
  const std::regex form("demarc_[a-z][a-z0-9_]*");
  for (const Description& row : catalog()) {
    EXPECT_TRUE(seen.insert(row.name).second) << row.name;
    EXPECT_TRUE(std::regex_match(row.name, form)) << row.name;
    EXPECT_EQ(row.name.ends_with("_total"), row.kind == Kind::counter) << row.name;
    EXPECT_FALSE(row.help.empty()) << row.name;
    EXPECT_FALSE(row.unit.empty()) << row.name;
  }
}

TEST(Catalog, UnitsAreBaseUnits) {
  for (const Description& row : catalog()) {
    for (const char* derived : {"octets", "_ms", "_us", "_ns", "kbps", "percent"}) {
      EXPECT_EQ(row.name.find(derived), std::string::npos) << row.name;
    }
    EXPECT_EQ(row.name.find("_seconds") != std::string::npos, row.unit == "seconds") << row.name;
  }
}

// What would make a series for each caller has no place in a label.
TEST(Catalog, LabelsAreOfTheConfigurationOrOfConstants) {
  const std::set<std::string> known = {"class", "direction", "end",     "group",  "health",
                                       "kind",  "level",     "limit",   "reason", "state",
                                       "tls",   "trunk",     "version", "worker"};
  for (const Description& row : catalog()) {
    for (const std::string& label : row.labels) EXPECT_TRUE(known.contains(label)) << row.name;
  }
}

TEST(Catalog, ACounterOfWhatWasDroppedRefusedOrClosedIsAReason) {
  const auto metric_of = [](const Place& place) { return catalog()[place.metric].name; };
  EXPECT_EQ(metric_of(place_of(WorkerCounter::tx_full)), "demarc_worker_drops_total");
  EXPECT_EQ(place_of(WorkerCounter::tx_full).reason, "tx_full");
  EXPECT_EQ(metric_of(place_of(WorkerCounter::unregistered_source)), "demarc_worker_drops_total");
  EXPECT_EQ(metric_of(place_of(WorkerCounter::unknown_account)), "demarc_worker_refusals_total");
  EXPECT_EQ(metric_of(place_of(WorkerCounter::call_table_full)), "demarc_worker_refusals_total");
  EXPECT_EQ(metric_of(place_of(StreamCounter::lost)), "demarc_streams_closed_total");
  EXPECT_EQ(metric_of(place_of(StreamCounter::distrusted)), "demarc_streams_closed_total");
  EXPECT_EQ(metric_of(place_of(StreamCounter::too_fast)), "demarc_streams_refused_total");
}

TEST(Catalog, AnyOtherCounterIsAMetricOfItsOwn) {
  const Place frames = place_of(WorkerCounter::frames_in);
  EXPECT_EQ(catalog()[frames.metric].name, "demarc_worker_frames_in_total");
  EXPECT_EQ(catalog()[frames.metric].help, contract::text_of(WorkerCounter::frames_in).help);
  EXPECT_EQ(frames.reason, "");
  EXPECT_EQ(catalog()[place_of(WorkerCounter::allocated_octets).metric].name,
            "demarc_worker_allocated_bytes_total");
  EXPECT_EQ(catalog()[place_of(WorkerCounter::sip_malformed_request).metric].name,
            "demarc_worker_sip_malformed_request_total");
  EXPECT_EQ(catalog()[place_of(StreamCounter::connections).metric].name,
            "demarc_streams_connections");
}

TEST(MetricsPage, IsCurrent) {
  const char* root = std::getenv("DEMARC_SOURCE");
  ASSERT_NE(root, nullptr);
  std::ifstream file(std::string(root) + "/docs/metrics.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(text.str() == reference_page()) << "run demarc reference metrics > docs/metrics.md";
}

}  // namespace
}  // namespace demarc::metrics
