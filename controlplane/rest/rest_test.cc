#include <gtest/gtest.h>

#include "controlplane/rest/rest_harness.h"

namespace demarc::rest {
namespace {

using contract::CallSlot;
using contract::TrunkCounter;
using contract::TrunkId;
using nlohmann::json;

TEST_F(RestTest, TlsSaysWhenCertificatesEndAndNothingOfKeys) {
  EXPECT_EQ(get_json("/api/v1/tls")["tls"], json::array());
  config::Config config = *state.config;
  config.trunks[0].tls = "main";
  config.tls.resize(1);
  config.tls[0].name = "main";
  config.tls[0].certificate = "/etc/demarc/sbc.pem";
  config.tls[0].files.key.octets = "a private key";
  config.tls[0].files.not_after_unix_s = 1'714'555'800;
  state.config = std::make_shared<const config::Config>(std::move(config));
  const json row = get_json("/api/v1/tls")["tls"][0];
  EXPECT_EQ(row["name"], "main");
  EXPECT_EQ(row["not_after"], "2024-05-01T09:30:00.000Z");
  EXPECT_LT(row["days_left"], 0);
  EXPECT_EQ(row["trunks"], json::array({"acme"}));
  EXPECT_EQ(get("/api/v1/tls").body.find("private"), std::string::npos);
}

TEST_F(RestTest, CountersOfConnectionsStandBesideThoseOfWorkers) {
  attach();
  region.header().streams.add(contract::StreamCounter::accepted, 3);
  EXPECT_EQ(get_json("/api/v1/counters")["streams"]["accepted"], 3);
}

TEST_F(RestTest, StatusWithoutADataplaneIsNotReady) {
  link.last_error = "no dataplane";
  state.last_error = {"f:1:1: wrong"};
  records.last_error = "disk full";
  const json body = get_json("/api/v1/status");
  EXPECT_EQ(body["ready"], false);
  EXPECT_EQ(body["dataplane"]["attached"], false);
  EXPECT_TRUE(body["dataplane"]["boot_id"].is_null());
  EXPECT_EQ(body["dataplane"]["last_error"], "no dataplane");
  EXPECT_TRUE(body["dataplane"]["published_generation"].is_null());
  EXPECT_TRUE(body["config"]["needs_restart"].is_null());
  EXPECT_TRUE(body["records"]["pending"].is_null());
  EXPECT_TRUE(body["calls"]["live"].is_null());
  EXPECT_EQ(body["config"]["revision"], 3);
  EXPECT_EQ(body["config"]["last_error"], json::array({"f:1:1: wrong"}));
  EXPECT_EQ(body["records"]["last_error"], "disk full");
}

TEST_F(RestTest, StatusIsReadyWhenEveryWorkerRunsThePublishedGeneration) {
  attach();
  link.published_generation = 2;
  link.needs_restart = {"platform.workers"};
  region.worker(0).generation.store(2, std::memory_order_relaxed);
  region.worker(1).generation.store(1, std::memory_order_relaxed);
  EXPECT_EQ(get_json("/api/v1/status")["ready"], false);
  region.worker(1).generation.store(2, std::memory_order_relaxed);
  region.worker(0).live_calls.store(3, std::memory_order_relaxed);
  region.worker(1).live_calls.store(4, std::memory_order_relaxed);
  region.trunk_counters(0, TrunkId{0}).add(TrunkCounter::attempts_in, 5);
  region.trunk_counters(1, TrunkId{3}).add(TrunkCounter::attempts_in, 6);
  region.trunk_counters(1, TrunkId{0}).add(TrunkCounter::answered_in, 7);
  region.trunk_counters(1, TrunkId{0}).add(TrunkCounter::failed_in, 1);
  const json body = get_json("/api/v1/status");
  EXPECT_EQ(body["ready"], true);
  EXPECT_EQ(body["dataplane"]["boot_id"], "0000000000001234");
  EXPECT_EQ(body["dataplane"]["state"], "running");
  EXPECT_EQ(body["dataplane"]["workers"], 2);
  EXPECT_EQ(body["dataplane"]["driver"], "net_af_xdp");
  EXPECT_EQ(body["dataplane"]["generation"], 2);
  EXPECT_EQ(body["dataplane"]["published_generation"], 2);
  EXPECT_EQ(body["calls"], json({{"live", 7}, {"attempts", 11}, {"answered", 7}, {"failed", 1}}));
  EXPECT_EQ(body["config"]["needs_restart"], json::array({"platform.workers"}));
  region.header().state.store(contract::DataplaneState::draining, std::memory_order_relaxed);
  EXPECT_EQ(get_json("/api/v1/status")["ready"], false);
}

TEST_F(RestTest, TrunksShowConfigurationAndWhatTheDataplaneKnows) {
  json trunk = get_json("/api/v1/trunks")["trunks"][0];
  EXPECT_EQ(trunk["name"], "acme");
  EXPECT_EQ(trunk["state"], "enabled");
  EXPECT_EQ(trunk["local"], "198.51.100.10:5060");
  EXPECT_EQ(trunk["peer"], "198.51.100.20:5060");
  EXPECT_TRUE(trunk["live_calls"].is_null());
  EXPECT_EQ(trunk["max_calls"], 10);
  attach();
  region.trunk_live(TrunkId{0}).store(2, std::memory_order_relaxed);
  contract::Target target;
  target.endpoint = {contract::IpAddress::v4(198, 51, 100, 20), 5060};
  target.health = contract::TargetHealth::down;
  region.target(contract::TargetId{0}).store(target);
  trunk = get_json("/api/v1/trunks")["trunks"][0];
  EXPECT_EQ(trunk["live_calls"], 2);
  EXPECT_EQ(trunk["targets"][0]["health"], "down");
}

TEST_F(RestTest, EventsArePagedBySequence) {
  EXPECT_EQ(get_json("/api/v1/events")["events"], json::array());
  events.note(events::Kind::target_down, "upkeep", "acme", "target 192.0.2.1:5060 is down");
  events.note(events::Kind::registration_lost, "upkeep", "acme", "\xff said no");
  const json first = get_json("/api/v1/events?limit=1");
  ASSERT_EQ(first["events"].size(), 1u);
  EXPECT_EQ(first["events"][0]["kind"], "target_down");
  EXPECT_EQ(first["events"][0]["level"], "warning");
  EXPECT_EQ(first["events"][0]["subject"], "acme");
  EXPECT_EQ(first["events"][0]["text"], "target 192.0.2.1:5060 is down");
  EXPECT_TRUE(first["events"][0]["time"].is_string());
  EXPECT_EQ(first["last"], first["events"][0]["sequence"]);
  EXPECT_EQ(first["lost"], 0);
  const std::string next = std::to_string(first["last"].get<uint64_t>());
  const json second = get_json("/api/v1/events?after=" + next);
  ASSERT_EQ(second["events"].size(), 1u);
  EXPECT_EQ(second["events"][0]["kind"], "registration_lost");
  const std::string last = std::to_string(second["last"].get<uint64_t>());
  EXPECT_EQ(get_json("/api/v1/events?after=" + last)["last"], second["last"]);
}

TEST_F(RestTest, EventsWantNumbers) {
  for (const char* bad : {"after=", "after=x", "after=-1", "limit=0", "limit=1001", "limit=1x"}) {
    expect_problem(std::string("/api/v1/events?") + bad, 400);
  }
}

TEST_F(RestTest, TrunksAndGroupsShowTheirHeadroom) {
  state.config = std::make_shared<const config::Config>(
      config::load_text(
          "[port.wan]\ndevice = \"a\"\n[realm.outside]\nport = \"wan\"\n"
          "address = \"198.51.100.10\"\n[trunk.acme]\nrealm = \"outside\"\n"
          "peer = \"198.51.100.20\"\nmax_calls = 10\nmax_calls_in = 4\nstate = \"draining\"\n"
          "bandwidth_kbps = 1000\ncalls_per_second_in = 10\ncall_burst = 5\n"
          "[group.all]\ntrunks = \"acme\"\nmax_calls = 1\nmax_calls_in = 9\n"
          "max_calls_out = 8\nbandwidth_kbps = 300\ncalls_per_second_out = 4\n"
          "calls_per_second = 2\n[[prefix_limit]]\ntrunk = \"acme\"\n"
          "prefix = \"+49\"\nmax_calls = 5\ncalls_per_second = 3\n")
          .config);
  ASSERT_EQ(state.ids.limits.take("trunk/acme/+49"), 0u);
  ASSERT_EQ(state.ids.limits.take("group/all"), 1u);
  ASSERT_EQ(state.ids.limits.take("group/all/out"), 2u);
  EXPECT_TRUE(get_json("/api/v1/trunks")["trunks"][0]["limits"].is_null());
  EXPECT_TRUE(get_json("/api/v1/trunks")["groups"].is_null());
  attach();
  region.trunk_live(TrunkId{0}).store(3, std::memory_order_relaxed);
  region.trunk_limits(TrunkId{0}).calls_in.store(1, std::memory_order_relaxed);
  region.trunk_limits(TrunkId{0}).calls_out.store(2, std::memory_order_relaxed);
  region.trunk_limits(TrunkId{0}).kbps.store(240, std::memory_order_relaxed);
  region.limit_live(contract::LimitId{0}).calls.store(2, std::memory_order_relaxed);
  region.limit_live(contract::LimitId{1}).due_ns.store(UINT64_MAX / 2, std::memory_order_relaxed);
  const json body = get_json("/api/v1/trunks");
  EXPECT_EQ(body["trunks"][0]["state"], "draining");
  const json limits = body["trunks"][0]["limits"];
  EXPECT_EQ(limits["calls"], json({{"live", 3}, {"limit", 10}, {"headroom", 7}}));
  EXPECT_EQ(limits["calls_in"], json({{"live", 1}, {"limit", 4}, {"headroom", 3}}));
  EXPECT_TRUE(limits["calls_out"]["headroom"].is_null());
  EXPECT_EQ(limits["rate_in"], json({{"per_second", 10}, {"burst", 5}, {"headroom", 5}}));
  EXPECT_TRUE(limits["rate_out"].is_null());
  EXPECT_EQ(body["groups"][0]["name"], "all");
  EXPECT_EQ(body["groups"][0]["calls"], json({{"live", 3}, {"limit", 1}, {"headroom", 0}}));
  EXPECT_EQ(body["groups"][0]["rate"], json({{"per_second", 2}, {"burst", 1}, {"headroom", 0}}));
  const json& group = body["groups"][0];
  EXPECT_EQ(group["calls_in"], json({{"live", 1}, {"limit", 9}, {"headroom", 8}}));
  EXPECT_EQ(group["calls_out"], json({{"live", 2}, {"limit", 8}, {"headroom", 6}}));
  EXPECT_EQ(group["rate_out"], json({{"per_second", 4}, {"burst", 1}, {"headroom", 1}}));
  EXPECT_TRUE(group["rate_in"].is_null());
  EXPECT_EQ(group["bandwidth_kbps"], json({{"live", 240}, {"limit", 300}, {"headroom", 60}}));
  EXPECT_EQ(limits["bandwidth_kbps"], json({{"live", 240}, {"limit", 1000}, {"headroom", 760}}));
  const json prefix = limits["prefixes"][0];
  EXPECT_EQ(prefix["prefix"], "+49");
  EXPECT_EQ(prefix["calls"], json({{"live", 2}, {"limit", 5}, {"headroom", 3}}));
  EXPECT_EQ(prefix["rate"], json({{"per_second", 3}, {"burst", 1}, {"headroom", 1}}));
}

TEST_F(RestTest, EachTrunkShowsItsOwnPrefixesInTheOrderOfTheFile) {
  const std::string trunk = "realm = \"outside\"\npeer = \"198.51.100.20\"\nport = ";
  std::string text =
      "[port.wan]\ndevice = \"a\"\n[realm.outside]\nport = \"wan\"\n"
      "address = \"198.51.100.10\"\n[trunk.acme]\n" +
      trunk + "5060\n[trunk.beta]\n" + trunk + "5062\n[trunk.none]\n" + trunk + "5064\n";
  for (const auto& [name, prefix] :
       std::vector<std::pair<std::string, std::string>>{{"beta", "+49"}, {"beta", "+1"}}) {
    text +=
        "[[prefix_limit]]\ntrunk = \"" + name + "\"\nprefix = \"" + prefix + "\"\nmax_calls = 5\n";
    state.ids.limits.take("trunk/" + name + "/" + prefix);
  }
  const config::Loaded loaded = config::load_text(text);
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(config::texts_of(loaded, "f"));
  state.config = std::make_shared<const config::Config>(loaded.config);
  state.ids.trunks.take("beta");
  state.ids.trunks.take("none");
  attach();
  std::string shown;
  const json body = get_json("/api/v1/trunks");
  for (const json& row : body["trunks"]) {
    shown += row["name"].get<std::string>() + ":";
    for (const json& prefix : row["limits"]["prefixes"]) {
      shown += " " + prefix["prefix"].get<std::string>();
    }
    shown += "; ";
  }
  EXPECT_EQ(shown, "acme:; beta: +49 +1; none:; ");
}

TEST_F(RestTest, ATrunkShowsEachOfItsTargets) {
  state.config = std::make_shared<const config::Config>(
      config::load_text("[port.wan]\ndevice = \"a\"\n[realm.outside]\nport = \"wan\"\n"
                        "address = \"198.51.100.10\"\n[trunk.acme]\nrealm = \"outside\"\n"
                        "peer = [\"198.51.100.20\", \"198.51.100.21:5070\"]\n")
          .config);
  ASSERT_EQ(state.ids.targets.take_run(trunks::target_names("acme", 2)), 1u);
  attach();
  contract::Target target;
  target.endpoint = {contract::IpAddress::v4(198, 51, 100, 21), 5070};
  target.health = contract::TargetHealth::up;
  target.priority = 1;
  region.target(contract::TargetId{2}).store(target);
  const json trunk = get_json("/api/v1/trunks")["trunks"][0];
  EXPECT_EQ(trunk["peer"], "198.51.100.20:5060");
  ASSERT_EQ(trunk["targets"].size(), 2u);
  EXPECT_EQ(trunk["targets"][0]["address"], "198.51.100.20:5060");
  EXPECT_EQ(trunk["targets"][0]["health"], "unknown");
  EXPECT_EQ(trunk["targets"][1]["address"], "198.51.100.21:5070");
  EXPECT_EQ(trunk["targets"][1]["health"], "up");
  EXPECT_EQ(trunk["targets"][1]["priority"], 1);
}

TEST_F(RestTest, TargetsShowWhatProvedThem) {
  upkeep::TargetState proof;
  proof.trunk = "acme";
  proof.endpoint = {contract::IpAddress::v4(198, 51, 100, 20), 5060};
  proof.health = health::State::recovering;
  proof.counts.probes = 4;
  proof.last_status = 200;
  proof.reason = "certificate revoked";
  upkeep.targets.push_back(proof);
  const json trunk = get_json("/api/v1/trunks")["trunks"][0];
  EXPECT_EQ(trunk["targets"][0]["proof"]["state"], "recovering");
  EXPECT_EQ(trunk["targets"][0]["proof"]["probes"], 4);
  EXPECT_EQ(trunk["targets"][0]["proof"]["reason"], "certificate revoked");
  EXPECT_TRUE(trunk["targets"][0]["proof"]["next_probe_s"].is_null());
}

TEST_F(RestTest, DnsShowsHostsAndQuestions) {
  dns.servers = {"192.0.2.53"};
  dns.hosts.push_back({{"sip.acme.example", 0, true},
                       true,
                       false,
                       {{{contract::IpAddress::v4(192, 0, 2, 1), 5061}, 0, 7}}});
  dns::CacheRow row;
  row.key = {"_sip._udp.acme.example", dns::RecordType::srv};
  row.known = dns::Known::present;
  row.ttl_left_ms = 29'500;
  dns.questions.push_back(row);
  const json body = get_json("/api/v1/dns");
  EXPECT_EQ(body["servers"][0], "192.0.2.53");
  EXPECT_EQ(body["hosts"][0]["targets"][0]["address"], "192.0.2.1:5061");
  EXPECT_TRUE(body["hosts"][0]["port"].is_null());
  EXPECT_EQ(body["questions"][0]["type"], "SRV");
  EXPECT_EQ(body["questions"][0]["state"], "present");
  EXPECT_EQ(body["questions"][0]["ttl_left_s"], 29);
}

TEST_F(RestTest, RegistrationsShowStateNextActionAndLastAnswer) {
  upkeep::RegistrationState row;
  row.trunk = "acme";
  row.aor = "sip:u1@acme.example";
  row.view.state = registration::State::registered;
  row.view.is_registered = true;
  row.view.next_ms = 1;
  row.view.last_answer = "200 OK";
  row.expires_s = 600;
  row.next_s = 500;
  upkeep.registrations.push_back(row);
  const json shown = get_json("/api/v1/registrations")["registrations"][0];
  EXPECT_EQ(shown["state"], "registered");
  EXPECT_EQ(shown["expires_s"], 600);
  EXPECT_EQ(shown["next_action_s"], 500);
  EXPECT_EQ(shown["last_answer"], "200 OK");
}

TEST_F(RestTest, BindingsShowWhoRegisteredAndWhereCallsGo) {
  registrar::BindingView row;
  row.trunk = "branch";
  row.user = "pbx7";
  row.contact = "sip:pbx7@192.0.2.9";
  row.target = *contract::parse_endpoint("192.0.2.9:5060", 0);
  row.q = 500;
  row.state = registrar::State::bound;
  row.expires_s = 60;
  row.user_agent = "broken \xff";
  bindings.push_back(row);
  const json shown = get_json("/api/v1/bindings")["bindings"][0];
  EXPECT_EQ(shown["user"], "pbx7");
  EXPECT_EQ(shown["state"], "bound");
  EXPECT_EQ(shown["target"], "192.0.2.9:5060");
  EXPECT_EQ(shown["q"], 0.5);
  EXPECT_EQ(shown["priority"], 500);
  EXPECT_EQ(shown["expires_s"], 60);
  EXPECT_EQ(shown["path"], nullptr);
}

TEST_F(RestTest, ARegistrationIsRefreshedByPost) {
  EXPECT_EQ(get("/api/v1/registrations/acme/refresh", "POST").status, 200u);
  EXPECT_EQ(get("/api/v1/registrations/nobody/refresh", "POST").status, 404u);
  const Response refusal = get("/api/v1/registrations/acme/refresh");
  EXPECT_EQ(refusal.status, 405u);
  EXPECT_EQ(refusal.header_fields.at("Allow"), "POST");
  EXPECT_EQ(get("/api/v1/registrations//refresh", "POST").status, 404u);
  EXPECT_EQ(get("/api/v1/status", "POST").status, 405u);
}

TEST_F(RestTest, CountersAreSummedAndNested) {
  expect_problem("/api/v1/counters", 503);
  attach();
  region.worker(0).counters.add(contract::WorkerCounter::sip_in, 2);
  region.worker(1).counters.add(contract::WorkerCounter::sip_in, 3);
  region.trunk_counters(0, TrunkId{0}).add(TrunkCounter::rtp_packets_in, 10);
  region.trunk_counters(1, TrunkId{0}).add(TrunkCounter::rtp_packets_in, 20);
  region.trunk_counters(1, TrunkId{0}).add(TrunkCounter::rtp_drop_not_ready, 4);
  const json body = get_json("/api/v1/counters");
  EXPECT_EQ(body["total"]["sip_in"], 5);
  EXPECT_EQ(body["workers"][1]["counters"]["sip_in"], 3);
  const json& trunk = body["trunks"][0];
  EXPECT_EQ(trunk["name"], "acme");
  EXPECT_EQ(trunk["rtp"]["packets_in"], 30);
  EXPECT_EQ(trunk["rtp"]["packets_out"], 0);
  EXPECT_EQ(trunk["rtp"]["drops"]["not_ready"], 4);
  EXPECT_EQ(trunk["attempts_in"], 0);
  EXPECT_FALSE(trunk.contains("rtp_packets_in"));
}

TEST_F(RestTest, WorkersShowTheDelayOfTheRelay) {
  expect_problem("/api/v1/workers", 503);
  attach();
  region.worker(0).relay_delay.add(10'000, 990);
  region.worker(1).relay_delay.add(500'000, 10);
  const json body = get_json("/api/v1/workers");
  EXPECT_EQ(body["workers"][0]["relay_delay_us"]["packets"], 990);
  EXPECT_NEAR(body["relay_delay_us"]["p50"].get<double>(), 10, 0.7);
  EXPECT_NEAR(body["relay_delay_us"]["p99"].get<double>(), 10, 0.7);
  EXPECT_NEAR(body["relay_delay_us"]["p99_9"].get<double>(), 500, 35);
  EXPECT_EQ(body["relay_delay_us"]["max"], 500);
}

TEST_F(RestTest, AWorkerThatRelayedNothingHasNoDelay) {
  attach();
  const json delay = get_json("/api/v1/workers")["relay_delay_us"];
  EXPECT_EQ(delay["packets"], 0);
  EXPECT_TRUE(delay["p99"].is_null());
  EXPECT_TRUE(delay["max"].is_null());
}

TEST_F(RestTest, CallsArePagedWithoutLossOrRepetition) {
  expect_problem("/api/v1/calls", 503);
  attach();
  add_call(0, 1, 11);
  add_call(0, 6, 12);
  add_call(1, 0, 13);
  const json all = get_json("/api/v1/calls");
  ASSERT_EQ(all["calls"].size(), 3u);
  EXPECT_TRUE(all["next_cursor"].is_null());
  EXPECT_EQ(all["calls"][0]["id"], "0-11");
  EXPECT_EQ(all["calls"][0]["from"], "acme");
  EXPECT_EQ(all["calls"][0]["to"], "gone") << "a trunk that left has its name still";
  EXPECT_EQ(all["calls"][0]["phase"], "answered");
  EXPECT_EQ(all["calls"][0]["media"][0]["packets_in"], 50);
  std::vector<std::string> ids;
  std::string target = "/api/v1/calls?limit=1";
  for (unsigned page = 0; page < 4; ++page) {
    const json part = get_json(target);
    for (const json& call : part["calls"]) ids.push_back(call["id"]);
    if (part["next_cursor"].is_null()) break;
    target = "/api/v1/calls?limit=1&cursor=" + part["next_cursor"].get<std::string>();
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"0-11", "0-12", "1-13"}));
}

TEST_F(RestTest, ACallHasALedgerOfEachMLine) {
  attach();
  add_call(1, 5, 42);
  contract::StreamRow video;
  video.serial = 42;
  video.media[0].streams = video.media[1].streams = 2;
  video.media[0].kind = contract::MediaKind::video;
  video.media[0].packets_in = 7;
  add_stream(1, 5, video);
  const json call = get_json("/api/v1/calls/1-42");
  EXPECT_EQ(call["m_lines"], 2);
  EXPECT_EQ(call["media"][0]["packets_in"], 50);
  EXPECT_EQ(call["totals"][0]["packets_in"], 57);
  ASSERT_EQ(call["streams"].size(), 2u);
  EXPECT_EQ(call["streams"][0]["m_line"], 0);
  EXPECT_EQ(call["streams"][0]["kind"], "video");
  EXPECT_EQ(call["streams"][0]["media"][0]["packets_in"], 7);
  EXPECT_EQ(call["streams"][1]["kind"], "audio");
  EXPECT_TRUE(call["streams"][1]["media"][0].contains("why"));
  // A row that went to another call is not shown.
  video.serial = 43;
  add_stream(1, 5, video);
  EXPECT_EQ(get_json("/api/v1/calls/1-42")["streams"].size(), 1u);
  EXPECT_EQ(get_json("/api/v1/calls")["calls"][0]["totals"][0]["packets_in"], 50);
}

TEST_F(RestTest, OneCallIsFoundByItsName) {
  attach();
  add_call(1, 5, 42);
  EXPECT_EQ(get_json("/api/v1/calls/1-42")["id"], "1-42");
  EXPECT_EQ(get_json("/api/v1/calls/1-42")["media"][0]["verdict"], "no_media");
  EXPECT_EQ(get_json("/api/v1/calls/1-42")["media"][1]["from"], "called");
  expect_problem("/api/v1/calls/0-42", 404);
  expect_problem("/api/v1/calls/63-1", 404);
  for (const char* bad : {"", "x", "1", "1-", "-1", "1-x", "64-1", "1-99999999999999999999"}) {
    expect_problem("/api/v1/calls/" + std::string(bad), 400);
  }
}

TEST_F(RestTest, ACallIsHungUpByACommandToItsWorker) {
  const std::string path = "/api/v1/calls/1-42";
  EXPECT_EQ(get(path, "DELETE").status, 503u) << "without a dataplane";
  attach();
  add_call(1, 5, 42);
  const Response taken = get(path, "DELETE");
  EXPECT_EQ(taken.status, 202u);
  EXPECT_EQ(json::parse(taken.body)["call"], "1-42");
  contract::Command command;
  ASSERT_TRUE(region.commands(1).pop(command));
  EXPECT_EQ(command.kind, contract::Command::Kind::hang_up);
  EXPECT_EQ(command.slot, contract::CallSlot{5});
  EXPECT_EQ(command.serial, 42u);
  EXPECT_FALSE(region.commands(0).pop(command));
  EXPECT_EQ(get("/api/v1/calls/1-43", "DELETE").status, 404u);
  EXPECT_EQ(get("/api/v1/calls/x", "DELETE").status, 400u);
  EXPECT_EQ(get(path, "POST").header_fields.at("Allow"), "GET, HEAD, DELETE");
}

TEST_F(RestTest, NoCallIsHungUpWhereTheWorkerTakesNoCommand) {
  attach();
  add_call(0, 0, 1);
  contract::CommandRing ring = region.commands(0);
  while (ring.push({})) {
  }
  EXPECT_EQ(get("/api/v1/calls/0-1", "DELETE").status, 503u);
  contract::Command command;
  while (ring.pop(command)) {
  }
  region.header().state.store(contract::DataplaneState::draining, std::memory_order_relaxed);
  EXPECT_EQ(get("/api/v1/calls/0-1", "DELETE").status, 202u);
  EXPECT_TRUE(ring.pop(command));
  region.header().state.store(contract::DataplaneState::ending, std::memory_order_relaxed);
  EXPECT_EQ(get("/api/v1/calls/0-1", "DELETE").status, 409u);
  EXPECT_EQ(ring.size(), 0u);
}

// A worker answers each command, and nobody else reads that.
TEST_F(RestTest, AnswersToCommandsDoNotPileUp) {
  attach();
  add_call(0, 0, 1);
  contract::EventRing answers = region.events(0);
  while (answers.push({})) {
  }
  EXPECT_EQ(get("/api/v1/calls/0-1", "DELETE").status, 202u);
  EXPECT_EQ(answers.size(), 0u);
}

TEST_F(RestTest, RefusesWrongQueries) {
  attach();
  for (const char* bad : {"limit=0", "limit=1001", "limit=x", "limit=", "cursor=17", "cursor=-1"}) {
    expect_problem("/api/v1/calls?" + std::string(bad), 400);
  }
  EXPECT_EQ(get("/api/v1/calls?limit=1000&cursor=16").status, 200u);
}

TEST_F(RestTest, RefusesUnknownPathsAndMethods) {
  expect_problem("/", 404);
  expect_problem("/api/v1/status/", 404);
  const Response refusal = get("/api/v1/status", "DELETE");
  EXPECT_EQ(refusal.status, 405u);
  EXPECT_EQ(refusal.header_fields.at("Allow"), "GET, HEAD");
}

TEST_F(RestTest, AFailureInsideIsA500WithoutDetails) {
  sources.config = []() -> ConfigState { throw std::runtime_error("secret detail"); };
  const Response response = get("/api/v1/trunks");
  EXPECT_EQ(response.status, 500u);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace demarc::rest
