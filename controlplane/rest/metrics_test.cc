// A scrape over the API's socket, read back line by line.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "controlplane/metrics/catalog.h"
#include "controlplane/rest/rest_harness.h"
#include "controlplane/rest/server.h"
#include "tests/support/temporary_directory.h"

namespace demarc::rest {
namespace {

using contract::StreamCounter;
using contract::TrunkCounter;
using contract::TrunkId;
using contract::WorkerCounter;
using metrics::Description;
using metrics::Kind;

class MetricsTest : public RestTest {
 protected:
  // Values by series: "demarc_trunk_up{trunk=\"acme\"}".
  using Samples = std::map<std::string, double>;

  Samples scrape() {
    const std::string answer = fetch();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK")) << answer.substr(0, 100);
    EXPECT_NE(answer.find("Content-Type: text/plain; version=0.0.4"), std::string::npos);
    std::istringstream body(answer.substr(answer.find("\r\n\r\n") + 4));
    samples = {};
    family = nullptr;
    families = {};
    for (std::string line; std::getline(body, line);) read_line(line);
    return samples;
  }

  // The sum of what begins so.
  double sum_of(const std::string& begin) const {
    double sum = 0;
    for (const auto& [series, value] : samples) {
      if (series.starts_with(begin)) sum += value;
    }
    return sum;
  }
  bool has(const std::string& begin) const {
    const auto at = samples.lower_bound(begin);
    return at != samples.end() && at->first.starts_with(begin);
  }
  bool has_value(double wanted) const {
    return std::any_of(samples.begin(), samples.end(),
                       [&](const auto& row) { return row.second == wanted; });
  }

  Samples samples;

 private:
  std::string fetch() {
    const support::TemporaryDirectory directory;
    const std::string path = directory.path("api.sock");
    Server server({path}, [this](const Request& request) { return respond(request, sources); });
    server.start();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    EXPECT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string all;
    char block[4096];
    for (ssize_t got; (got = ::read(fd, block, sizeof block)) > 0;) {
      all.append(block, static_cast<size_t>(got));
    }
    ::close(fd);
    return all;
  }

  void read_line(const std::string& line) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    std::string third;
    words >> first >> second >> third;
    if (first == "#" && second == "HELP") return begin_family(third, line);
    if (first == "#") {
      ASSERT_EQ(second, "TYPE") << line;
      ASSERT_TRUE(family != nullptr && family->name == third) << line;
      constexpr const char* types[] = {"counter", "gauge", "histogram"};
      EXPECT_TRUE(line.ends_with(types[static_cast<size_t>(family->kind)])) << line;
      return;
    }
    read_sample(line);
  }
  void begin_family(const std::string& name, const std::string& line) {
    const auto& rows = metrics::catalog();
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&](const Description& row) { return row.name == name; });
    ASSERT_NE(found, rows.end()) << line;
    EXPECT_TRUE(line.ends_with(found->help)) << line;
    EXPECT_TRUE(families.insert(name).second) << line;
    family = &*found;
  }
  void read_sample(const std::string& line) {
    const size_t space = line.rfind(' ');
    ASSERT_NE(space, std::string::npos) << line;
    const std::string series = line.substr(0, space);
    const std::string text = line.substr(space + 1);
    const double value = std::stod(text);
    EXPECT_TRUE(samples.emplace(series, value).second) << "twice: " << line;
    const size_t brace = series.find('{');
    std::string name = series.substr(0, brace);
    ASSERT_NE(family, nullptr) << line;
    std::vector<std::string> labels = family->labels;
    if (family->kind == Kind::histogram) {
      if (name.ends_with("_bucket")) labels.emplace_back("le");
      name = name.substr(0, name.rfind('_'));
    }
    EXPECT_EQ(name, family->name) << line;
    std::string braces = brace == std::string::npos ? "" : series.substr(brace + 1);
    for (const std::string& label : labels) {
      const std::string begin = label + "=\"";
      ASSERT_TRUE(braces.starts_with(begin)) << line;
      const size_t end = braces.find('"', begin.size());
      ASSERT_NE(end, std::string::npos) << line;
      braces.erase(0, end + 2);  // the comma, or the brace behind the last one
    }
    EXPECT_EQ(braces, "") << line;
  }

  const Description* family = nullptr;
  std::set<std::string> families;
};

TEST_F(MetricsTest, WithoutADataplaneWhatItCountsIsMissing) {
  scrape();
  EXPECT_EQ(samples.at("demarc_dataplane_attached"), 0);
  EXPECT_EQ(samples.at("demarc_ready"), 0);
  EXPECT_EQ(samples.at("demarc_config_revision"), 3);
  EXPECT_EQ(samples.at("demarc_build_info{version=\"0.1.0\"}"), 1);
  EXPECT_EQ(samples.at("demarc_trunk_calls_limit{trunk=\"acme\",direction=\"both\"}"), 10);
  EXPECT_FALSE(has("demarc_worker_"));
  EXPECT_FALSE(has("demarc_streams_"));
  EXPECT_FALSE(has("demarc_trunk_up"));
  EXPECT_FALSE(has("demarc_trunk_calls{"));
  EXPECT_FALSE(has("demarc_published_generation"));
  EXPECT_FALSE(has("demarc_config_needs_restart"));
  EXPECT_FALSE(has("demarc_records_pending"));
}

// Values of their own all, so that one in another's place shows.
TEST_F(MetricsTest, EveryCounterIsInIt) {
  attach();
  for (unsigned i = 0; i < contract::worker_counter_count; ++i) {
    region.worker(1).counters.add(static_cast<WorkerCounter>(i), 10'001 + i);
  }
  for (unsigned i = 0; i < contract::stream_counter_count; ++i) {
    region.header().streams.add(static_cast<StreamCounter>(i), 20'001 + i);
  }
  for (unsigned i = 0; i < contract::trunk_counter_count; ++i) {
    const auto counter = static_cast<TrunkCounter>(i);
    region.trunk_counters(0, TrunkId{0}).add(counter, 30'000);
    region.trunk_counters(1, TrunkId{0}).add(counter, 1 + i);
  }
  scrape();
  for (unsigned i = 0; i < contract::worker_counter_count; ++i) {
    EXPECT_TRUE(has_value(10'001 + i)) << text_of(static_cast<WorkerCounter>(i)).name;
  }
  for (unsigned i = 0; i < contract::stream_counter_count; ++i) {
    EXPECT_TRUE(has_value(20'001 + i)) << text_of(static_cast<StreamCounter>(i)).name;
  }
  for (unsigned i = 0; i < contract::trunk_counter_count; ++i) {
    if (static_cast<TrunkCounter>(i) == TrunkCounter::live) continue;  // by direction, from limits
    EXPECT_TRUE(has_value(30'001 + i)) << text_of(static_cast<TrunkCounter>(i)).name;
  }
  const auto value = [](auto counter) { return static_cast<double>(counter); };
  EXPECT_EQ(samples.at("demarc_worker_drops_total{worker=\"1\",reason=\"tx_full\"}"),
            10'001 + value(WorkerCounter::tx_full));
  EXPECT_EQ(samples.at("demarc_worker_drops_total{worker=\"0\",reason=\"tx_full\"}"), 0);
  EXPECT_EQ(samples.at("demarc_worker_refusals_total{worker=\"1\",reason=\"trunk_full\"}"),
            10'001 + value(WorkerCounter::trunk_full));
  EXPECT_EQ(samples.at("demarc_streams_connections"), 20'001);
  EXPECT_EQ(samples.at("demarc_streams_closed_total{reason=\"lost\"}"),
            20'001 + value(StreamCounter::lost));
  EXPECT_EQ(samples.at("demarc_trunk_call_attempts_total{trunk=\"acme\",direction=\"in\"}"),
            30'001);
  EXPECT_EQ(samples.at("demarc_trunk_rtp_drops_total{trunk=\"acme\",reason=\"tx_full\"}"),
            30'001 + value(TrunkCounter::rtp_drop_tx_full));
}

TEST_F(MetricsTest, WorkersAndTheirState) {
  attach();
  contract::WorkerRow& row = region.worker(1);
  row.generation.store(7, std::memory_order_relaxed);
  row.live_calls.store(5, std::memory_order_relaxed);
  row.busy_ns.store(2'500'000'000, std::memory_order_relaxed);
  scrape();
  EXPECT_EQ(samples.at("demarc_worker_generation{worker=\"1\"}"), 7);
  EXPECT_EQ(samples.at("demarc_worker_calls{worker=\"1\"}"), 5);
  EXPECT_EQ(samples.at("demarc_worker_busy_seconds_total{worker=\"1\"}"), 2.5);
  EXPECT_EQ(samples.at("demarc_dataplane_state{state=\"running\"}"), 1);
  EXPECT_EQ(samples.at("demarc_dataplane_state{state=\"draining\"}"), 0);
}

TEST_F(MetricsTest, TheRelaysDelayIsAHistogramWhoseBoundsGuessNothing) {
  attach();
  contract::DelayHistogram& delay = region.worker(0).relay_delay;
  delay.add(300, 10);           // below the lowest bound
  delay.add(3'071, 1000);       // the last of its bucket, as 3.071 us
  delay.add(3'072, 100);        // the first of the next
  delay.add(2'000'000'000, 1);  // above the highest bound
  scrape();
  const std::string name = "demarc_worker_relay_delay_seconds";
  std::map<double, double> buckets;
  for (const auto& [series, value] : samples) {
    const std::string begin = name + "_bucket{worker=\"0\",le=\"";
    if (!series.starts_with(begin)) continue;
    const std::string le = series.substr(begin.size());
    buckets[le.starts_with("+Inf") ? std::numeric_limits<double>::infinity() : std::stod(le)] =
        value;
  }
  EXPECT_EQ(buckets.size(), 44u);
  double before = 0;
  for (const auto& [le, value] : buckets) {
    EXPECT_GE(value, before) << le;
    before = value;
  }
  EXPECT_EQ(buckets.begin()->second, 10);
  EXPECT_EQ(buckets.at(3.071e-06), 1010);
  EXPECT_EQ(std::next(buckets.find(3.071e-06))->second, 1110);
  EXPECT_EQ(std::prev(buckets.end(), 2)->second, 1110);
  EXPECT_EQ(buckets.rbegin()->second, 1111);
  EXPECT_EQ(samples.at(name + "_count{worker=\"0\"}"), 1111);
  EXPECT_NEAR(samples.at(name + "_sum{worker=\"0\"}"), 2.0, 0.13);
  EXPECT_EQ(samples.at("demarc_worker_relay_delay_longest_seconds{worker=\"0\"}"), 2);
}

TEST_F(MetricsTest, GroupsByDirectionWithTheirLimits) {
  state.config = std::make_shared<const config::Config>(
      config::load_text("[port.wan]\ndevice = \"a\"\n[realm.outside]\nport = \"wan\"\n"
                        "address = \"198.51.100.10\"\n[trunk.acme]\nrealm = \"outside\"\n"
                        "peer = \"198.51.100.20\"\n[group.all]\ntrunks = \"acme\"\n"
                        "max_calls = 9\nmax_calls_in = 8\nmax_calls_out = 7\n"
                        "bandwidth_kbps = 800\n[group.free]\ntrunks = \"acme\"\n")
          .config);
  attach();
  region.trunk_limits(TrunkId{0}).calls_in.store(3, std::memory_order_relaxed);
  region.trunk_limits(TrunkId{0}).calls_out.store(4, std::memory_order_relaxed);
  region.trunk_limits(TrunkId{0}).kbps.store(80, std::memory_order_relaxed);
  scrape();
  EXPECT_EQ(samples.at("demarc_group_calls{group=\"all\",direction=\"in\"}"), 3);
  EXPECT_EQ(samples.at("demarc_group_calls{group=\"all\",direction=\"out\"}"), 4);
  EXPECT_EQ(samples.at("demarc_group_calls_limit{group=\"all\",direction=\"both\"}"), 9);
  EXPECT_EQ(samples.at("demarc_group_calls_limit{group=\"all\",direction=\"in\"}"), 8);
  EXPECT_EQ(samples.at("demarc_group_calls_limit{group=\"all\",direction=\"out\"}"), 7);
  EXPECT_EQ(samples.at("demarc_group_bandwidth_bytes_per_second{group=\"all\"}"), 10'000);
  EXPECT_EQ(samples.at("demarc_group_bandwidth_limit_bytes_per_second{group=\"all\"}"), 100'000);
  EXPECT_EQ(samples.at("demarc_group_calls{group=\"free\",direction=\"in\"}"), 3);
  EXPECT_FALSE(has("demarc_group_calls_limit{group=\"free\""));
  EXPECT_FALSE(has("demarc_group_bandwidth_bytes_per_second{group=\"free\""));
}

TEST_F(MetricsTest, TrunksTargetsAndRegistrations) {
  attach();
  region.trunk_limits(TrunkId{0}).calls_in.store(3, std::memory_order_relaxed);
  region.trunk_limits(TrunkId{0}).calls_out.store(4, std::memory_order_relaxed);
  upkeep::TargetState target;
  target.trunk = "acme";
  target.health = health::State::down;
  target.round_trip_us = 1500;
  upkeep.targets.push_back(target);
  upkeep::RegistrationState registration;
  registration.trunk = "acme";
  registration.view.state = registration::State::refreshing;
  registration.view.is_registered = true;
  registration.view.next_ms = 1;
  registration.expires_s = 900;
  registration.next_s = 12;
  upkeep.registrations.push_back(registration);
  registration.trunk = "gone";
  upkeep.registrations.push_back(registration);
  scrape();
  EXPECT_EQ(samples.at("demarc_trunk_calls{trunk=\"acme\",direction=\"in\"}"), 3);
  EXPECT_EQ(samples.at("demarc_trunk_calls{trunk=\"acme\",direction=\"out\"}"), 4);
  EXPECT_EQ(samples.at("demarc_trunk_up{trunk=\"acme\"}"), 0);
  EXPECT_EQ(samples.at("demarc_trunk_targets{trunk=\"acme\",health=\"down\"}"), 1);
  EXPECT_EQ(samples.at("demarc_trunk_options_round_trip_seconds{trunk=\"acme\"}"), 0.0015);
  EXPECT_EQ(samples.at("demarc_trunk_registration_up{trunk=\"acme\"}"), 1);
  EXPECT_EQ(samples.at("demarc_trunk_registration_state{trunk=\"acme\",state=\"refreshing\"}"), 1);
  EXPECT_EQ(samples.at("demarc_trunk_registration_left_seconds{trunk=\"acme\"}"), 900);
  EXPECT_EQ(samples.at("demarc_trunk_registration_next_seconds{trunk=\"acme\"}"), 12);
  for (const auto& [series, value] : samples) {
    EXPECT_EQ(series.find("trunk=\"gone\""), std::string::npos) << series;
  }

  upkeep.targets.front().health = health::State::up;
  EXPECT_EQ(scrape().at("demarc_trunk_up{trunk=\"acme\"}"), 1);
}

// Nothing watches a trunk that is disabled, so nobody knows whether it is up.
TEST_F(MetricsTest, TheStateOfATrunk) {
  attach();
  const auto use = [this](contract::TrunkState trunk_state) {
    auto config = std::make_shared<config::Config>(*state.config);
    config->trunks[0].state = trunk_state;
    state.config = config;
    scrape();
  };
  const std::string name = "demarc_trunk_state{trunk=\"acme\",state=\"";
  use(contract::TrunkState::draining);
  EXPECT_EQ(samples.at(name + "draining\"}"), 1);
  EXPECT_FALSE(has(name + "enabled\"}")) << "a trunk has one state";
  EXPECT_TRUE(has("demarc_trunk_up"));
  use(contract::TrunkState::disabled);
  EXPECT_EQ(samples.at(name + "disabled\"}"), 1);
  EXPECT_FALSE(has(name + "draining\"}"));
  EXPECT_FALSE(has("demarc_trunk_up"));
  EXPECT_FALSE(has("demarc_trunk_targets"));
  EXPECT_TRUE(has("demarc_trunk_calls{"));
}

TEST_F(MetricsTest, CallsByTheirRecords) {
  contract::CallRecord record;
  record.end = contract::CallEnd::refused;
  record.status_code = 503;
  record.from_name.assign("acme");
  record.to_name.assign("gone");
  record.limits_met = static_cast<uint16_t>(contract::LimitMet::rate_in);
  tally.add(record);
  scrape();
  EXPECT_EQ(samples.at("demarc_trunk_calls_ended_total{trunk=\"acme\",direction=\"in\","
                       "end=\"refused\"}"),
            1);
  EXPECT_EQ(sum_of("demarc_trunk_calls_ended_total"), 1);
  EXPECT_EQ(samples.at("demarc_trunk_call_failures_total{trunk=\"acme\",class=\"5xx\"}"), 1);
  EXPECT_EQ(samples.at("demarc_trunk_limits_met_total{trunk=\"acme\",limit=\"rate_in\"}"), 1);
}

// Nearly all of ten thousand trunks' series would be zeros. What has no label beside the trunk and
// the direction is there from the start, so that its rate has a first value.
TEST_F(MetricsTest, WhatIsCountedByReasonBeginsWithItsFirst) {
  attach();
  scrape();
  for (const char* name :
       {"demarc_trunk_calls_ended_total", "demarc_trunk_call_failures_total",
        "demarc_trunk_target_failures_total", "demarc_trunk_limits_met_total",
        "demarc_trunk_rtp_drops_total", "demarc_trunk_setup_seconds", "demarc_trunk_mos"}) {
    EXPECT_FALSE(has(name)) << name;
  }
  EXPECT_EQ(samples.at("demarc_trunk_call_attempts_total{trunk=\"acme\",direction=\"in\"}"), 0);
  EXPECT_EQ(samples.at("demarc_trunk_silent_streams_total{trunk=\"acme\"}"), 0);
  contract::CallRecord record;
  record.from_name.assign("acme");
  record.started_unix_ns = 1;
  record.answered_unix_ns = record.ended_unix_ns = 2'000'000'000;
  tally.add(record);
  region.trunk_counters(0, TrunkId{0}).add(TrunkCounter::rtp_drop_tx_full);
  scrape();
  EXPECT_EQ(samples.at("demarc_trunk_setup_seconds_count{trunk=\"acme\",direction=\"in\"}"), 1);
  EXPECT_EQ(samples.at("demarc_trunk_setup_seconds_bucket{trunk=\"acme\",direction=\"in\","
                       "le=\"0.25\"}"),
            0)
      << "all bounds of a distribution, or sums over trunks would not fit together";
  EXPECT_EQ(samples.at("demarc_trunk_rtp_drops_total{trunk=\"acme\",reason=\"tx_full\"}"), 1);
}

TEST_F(MetricsTest, TheProcessAndItsRecords) {
  attach();
  link.restarts = 2;
  link.published_generation = 9;
  link.needs_restart = {"platform.workers"};
  records.written = 100;
  records.pending = 5;
  records.last_error = "no space left";
  state.last_error = {"a mistake"};
  sources.started_unix_ns = 1'700'000'000'000'000'000;
  const double before = scrape().at("demarc_log_lines_total{level=\"warning\"}");
  events.note(events::Kind::target_down, "rest", "acme", "a line");
  scrape();
  EXPECT_EQ(samples.at("demarc_log_lines_total{level=\"warning\"}"), before + 1);
  EXPECT_EQ(samples.at("demarc_events_total{kind=\"target_down\"}"), 1);
  EXPECT_EQ(samples.at("demarc_dataplane_restarts_total"), 2);
  EXPECT_EQ(samples.at("demarc_published_generation"), 9);
  EXPECT_EQ(samples.at("demarc_config_needs_restart"), 1);
  EXPECT_EQ(samples.at("demarc_config_refused"), 1);
  EXPECT_EQ(samples.at("demarc_records_written_total"), 100);
  EXPECT_EQ(samples.at("demarc_records_pending"), 5);
  EXPECT_EQ(samples.at("demarc_records_failing"), 1);
  EXPECT_EQ(samples.at("demarc_controlplane_start_timestamp_seconds"), 1'700'000'000);
}

TEST_F(MetricsTest, CertificatesHaveTheirEnd) {
  auto config = std::make_shared<config::Config>(*state.config);
  config->tls.emplace_back();
  config->tls[0].name = "edge";
  config->tls[0].files.not_after_unix_s = 1'000'000'000;  // long ago
  state.config = config;
  scrape();
  EXPECT_EQ(samples.at("demarc_certificate_expiry_timestamp_seconds{tls=\"edge\"}"), 1'000'000'000);
  EXPECT_LT(samples.at("demarc_certificate_left_days{tls=\"edge\"}"), 0);
}

TEST_F(MetricsTest, IsForReadingOnly) {
  EXPECT_EQ(get("/metrics", "POST").status, 405u);
  EXPECT_EQ(get("/metrics", "HEAD").status, 200u);
}

}  // namespace
}  // namespace demarc::rest
