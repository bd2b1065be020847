#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "controlplane/config/load.h"
#include "controlplane/rest/router.h"
#include "controlplane/rest/server.h"
#include "controlplane/runtime/files.h"

namespace demarc::rest {
namespace {

using contract::CallSlot;
using contract::TrunkCounter;
using contract::TrunkId;
using nlohmann::json;

constexpr std::string_view configuration = R"([port.wan]
device = "a"
[realm.outside]
port = "wan"
address = "198.51.100.10"
[trunk.acme]
realm = "outside"
peer = "198.51.100.20"
max_calls = 10
[[route]]
from = "acme"
to = "acme"
)";
constexpr contract::RegionSizes sizes = {2, 8, 4, 4, 64};

// An API over a region that the test writes, without a dataplane.
class RestTest : public testing::Test {
 protected:
  RestTest() {
    state.config = std::make_shared<const config::Config>(config::load_text(configuration).config);
    state.revision = 3;
    state.file = "/etc/demarc/demarc.toml";
    state.ids.trunks.take("acme");
    state.ids.targets.take("acme");
    state.ids.trunks.take("gone");
    sources.version = "0.1.0";
    sources.config = [this] { return state; };
    sources.link = [this] { return link; };
    sources.attachment = [this] { return attachment; };
    sources.records = [this] { return records; };
    sources.dns = [this] { return dns; };
    sources.upkeep = [this] { return upkeep; };
    sources.refresh = [](const std::string& trunk) { return trunk == "acme"; };
  }

  void attach() {
    const size_t octets = contract::Region::octets_needed(sizes);
    const contract::FileDescriptor fd = contract::make_memfd("region", octets);
    contract::Mapping mapping(fd, octets, true);
    region = contract::Region::create(mapping.octets(), sizes, 0x1234);
    region.header().state.store(contract::DataplaneState::running, std::memory_order_relaxed);
    contract::HandshakeMessage offer;
    offer.boot_id = 0x1234;
    offer.driver.assign("net_af_xdp");
    attachment = std::make_shared<link::Attachment>(std::move(mapping), offer);
    ASSERT_TRUE(attachment->is_valid());
    link.is_attached = true;
  }
  void add_call(unsigned worker, uint32_t slot, uint64_t serial) {
    contract::DirectoryRow row;
    row.phase = contract::CallPhase::answered;
    row.worker = static_cast<contract::WorkerIndex>(worker);
    row.serial = serial;
    row.from = TrunkId{0};
    row.to = TrunkId{1};
    row.calling.assign("+4420");
    row.started_unix_ns = 1'714'555'800'000'000'000;
    row.media[0].packets_in = 50;
    region.directory(row.worker, CallSlot{slot}).store(row);
  }
  Response get(const std::string& target, const std::string& method = "GET") {
    Request request;
    request.method = method;
    EXPECT_TRUE(parse_target(target, request));
    return respond(request, sources);
  }
  json get_json(const std::string& target) {
    const Response response = get(target);
    EXPECT_EQ(response.status, 200u) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    return json::parse(response.body);
  }
  void expect_problem(const std::string& target, unsigned status) {
    const Response response = get(target);
    EXPECT_EQ(response.status, status) << target;
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(json::parse(response.body)["status"], status);
  }

  ConfigState state;
  link::Status link;
  records::Status records;
  dns::State dns;
  upkeep::State upkeep;
  std::shared_ptr<link::Attachment> attachment;
  contract::Region region;
  Sources sources;
};

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
  upkeep.targets.push_back(proof);
  const json trunk = get_json("/api/v1/trunks")["trunks"][0];
  EXPECT_EQ(trunk["targets"][0]["proof"]["state"], "recovering");
  EXPECT_EQ(trunk["targets"][0]["proof"]["probes"], 4);
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

// The resources of the configuration, over changes of files in a directory of their own.
class ConfigTest : public RestTest {
 protected:
  ConfigTest() {
    directory = std::filesystem::temp_directory_path() / "demarc-config-XXXXXX";
    EXPECT_NE(::mkdtemp(directory.data()), nullptr);
    const std::string file = directory + "/demarc.toml";
    runtime::replace_file(file, text);
    changes =
        std::make_unique<change::Changes>(change::Options{file, directory, change::kept_revisions},
                                          config::load_file(file), [](const config::Loaded&) {});
    sources.changes = changes.get();
    state.file = file;
  }
  ~ConfigTest() override { std::filesystem::remove_all(directory); }

  Response send(const std::string& method, const std::string& target, const std::string& body = "",
                const std::string& type = "application/toml", const std::string& if_match = "") {
    Request request;
    EXPECT_TRUE(parse_target(target, request));
    request.method = method;
    request.body = body;
    request.content_type = type;
    request.if_match = if_match;
    request.user = "ann";
    return respond(request, sources);
  }
  json sent(const std::string& method, const std::string& target, const std::string& body = "",
            const std::string& type = "application/toml") {
    const Response response = send(method, target, body, type);
    EXPECT_EQ(response.status, 200u) << response.body;
    return json::parse(response.body);
  }
  std::string with(const std::string& from, const std::string& to) const {
    std::string other = text;
    return other.replace(other.find(from), from.size(), to);
  }

  const std::string text = "# ours\n" + std::string(configuration) +
                           "[trunk.b]\nrealm = \"outside\"\npeer = \"192.0.2.1\"\nport = 5070\n"
                           "register = true\nuser = \"u\"\npassword = \"s3cret\"\n";
  std::string directory;
  std::unique_ptr<change::Changes> changes;
};

TEST_F(ConfigTest, IsShownAsJsonAndTomlWithoutCredentials) {
  const Response shown = send("GET", "/api/v1/config");
  EXPECT_EQ(shown.header_fields.at("ETag"), "\"1\"");
  EXPECT_EQ(json::parse(shown.body)["trunk"]["b"]["password"], "***");
  EXPECT_EQ(json::parse(shown.body)["trunk"]["acme"]["max_calls"], 10);
  EXPECT_EQ(sent("GET", "/api/v1/config?all=true")["trunk"]["acme"]["t1_ms"], 500);
  const Response toml = send("GET", "/api/v1/config?format=toml");
  EXPECT_EQ(toml.content_type, "application/toml");
  EXPECT_EQ(toml.body.substr(0, 7), "# ours\n");
  for (const std::string& body : {shown.body, toml.body}) {
    EXPECT_EQ(body.find("s3cret"), std::string::npos);
  }
  EXPECT_EQ(send("GET", "/api/v1/config?format=yaml").status, 400u);
}

TEST_F(ConfigTest, WhatWasReadCanBeSentBack) {
  EXPECT_TRUE(
      sent("PUT", "/api/v1/config", send("GET", "/api/v1/config?format=toml").body)["changes"]
          .empty());
  EXPECT_TRUE(sent("PUT", "/api/v1/config", send("GET", "/api/v1/config").body,
                   "application/json")["changes"]
                  .empty());
  EXPECT_EQ(changes->running().loaded->config.trunks[1].account.password, "s3cret");
}

TEST_F(ConfigTest, ADifferenceNamesWhatItTouches) {
  const json touched = sent("POST", "/api/v1/config/diff", with("port = 5070", "port = 5080"));
  EXPECT_EQ(touched["changes"][0]["path"], "/trunk/b/port");
  EXPECT_EQ(touched["changes"][0]["before"], 5070);
  EXPECT_EQ(touched["touches"]["registrations"], json({"b"}));
  const json other = sent("POST", "/api/v1/config/diff", with("max_calls = 10", "max_calls = 11"));
  EXPECT_TRUE(other["touches"]["registrations"].empty());
  EXPECT_EQ(sent("POST", "/api/v1/config/diff",
                 with("device = \"a\"", "device = \"b\""))["needs_restart"],
            json({"/port/wan/device"}));
  EXPECT_EQ(changes->running().revision, 1u);
}

TEST_F(ConfigTest, EveryMistakeIsInTheAnswer) {
  const std::string candidate = with("max_calls = 10", "max_calls = -1\nprot = 1");
  const Response response = send("PUT", "/api/v1/config", candidate);
  EXPECT_EQ(response.status, 422u);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const json errors = json::parse(response.body)["errors"];
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0]["pointer"], "/trunk/acme/max_calls");
  EXPECT_EQ(
      errors[0]["line"],
      1 + std::count(candidate.begin(),
                     candidate.begin() + static_cast<std::ptrdiff_t>(candidate.find("max_calls")),
                     '\n'));
  EXPECT_EQ(errors[0]["column"], 13);
  EXPECT_EQ(changes->running().revision, 1u);
  const Response form =
      send("POST", "/api/v1/config/check", R"({"trunk": {"a": {"t1_ms": 0}}})", "application/json");
  bool is_named = false;
  const json all = json::parse(form.body)["errors"];
  for (const json& error : all) {
    is_named |= error["pointer"] == "/trunk/a/t1_ms";
  }
  EXPECT_TRUE(is_named) << form.body;
}

TEST_F(ConfigTest, IsAppliedConfirmedAndRolledBack) {
  const std::string next = with("max_calls = 10", "max_calls = 11");
  EXPECT_EQ(send("PUT", "/api/v1/config", next, "application/toml", "\"7\"").status, 412u);
  EXPECT_EQ(sent("PUT", "/api/v1/config?dry_run=true", next)["revision"], 1);
  const json applied = sent("PUT", "/api/v1/config?confirm=300&comment=why%3F", next);
  EXPECT_EQ(applied["revision"], 2);
  EXPECT_EQ(applied["confirm"]["back_to"], 1);
  EXPECT_EQ(send("PUT", "/api/v1/config", text).status, 409u);
  sent("POST", "/api/v1/config/confirm");
  EXPECT_EQ(send("POST", "/api/v1/config/confirm").status, 404u);
  EXPECT_EQ(sent("POST", "/api/v1/config/rollback/1")["revision"], 3);
  EXPECT_EQ(sent("POST", "/api/v1/config/rollback")["revision"], 4);
  EXPECT_EQ(send("POST", "/api/v1/config/rollback/99").status, 404u);
  EXPECT_EQ(send("POST", "/api/v1/config/rollback/x").status, 400u);
  const json rows = sent("GET", "/api/v1/config/revisions")["revisions"];
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[2]["who"], "ann");
  EXPECT_EQ(rows[2]["comment"], "why?");
  EXPECT_EQ(rows[0]["in_force"], true);
  EXPECT_NE(send("GET", "/api/v1/config/revisions/2?format=toml").body.find("max_calls = 11"),
            std::string::npos);
  EXPECT_EQ(send("GET", "/api/v1/config/revisions/9").status, 404u);
}

TEST_F(ConfigTest, TakesFilesWithWhatTheyInclude) {
  const json bundle = {
      {"files",
       {{{"path", "demarc.toml"}, {"text", "include = \"r.toml\"\n" + text}},
        {{"path", "r.toml"}, {"text", "[[route]]\nfrom = \"b\"\nto = \"acme\"\n"}}}}};
  EXPECT_EQ(sent("PUT", "/api/v1/config", bundle.dump(), "application/json")["revision"], 2);
  EXPECT_TRUE(std::filesystem::exists(directory + "/r.toml"));
  EXPECT_EQ(sent("GET", "/api/v1/config?format=files")["files"].size(), 2u);
}

TEST_F(ConfigTest, RefusesWhatIsNoCandidate) {
  EXPECT_EQ(send("PUT", "/api/v1/config").status, 400u);
  EXPECT_EQ(send("PUT", "/api/v1/config", text, "text/html").status, 415u);
  for (const char* bad :
       {"[]", "{\"files\": []}", "{\"files\": [3]}", "{\"files\": 3}",
        "{\"files\": [{\"path\": 3, \"text\": \"\"}]}", "{\"trunk\": {\"a\": null}}"}) {
    EXPECT_EQ(send("PUT", "/api/v1/config", bad, "application/json").status, 400u) << bad;
  }
  for (const char* bad : {"confirm=x", "confirm=86401", "confirm=-1"}) {
    EXPECT_EQ(send("PUT", "/api/v1/config?" + std::string(bad), text).status, 400u) << bad;
  }
  EXPECT_EQ(send("PUT", "/api/v1/config", text, "application/toml", "x").status, 400u);
  EXPECT_EQ(send("DELETE", "/api/v1/config").status, 405u);
  EXPECT_EQ(send("GET", "/api/v1/config/diff").header_fields.at("Allow"), "POST");
  EXPECT_EQ(send("GET", "/api/v1/config/nothing").status, 404u);
  EXPECT_EQ(sent("GET", "/api/v1/config/schema")["type"], "object");
}

TEST(ParseTarget, DecodesAndRefuses) {
  Request request;
  ASSERT_TRUE(parse_target("/a%20b?x=1&y=%2f&z", request));
  EXPECT_EQ(request.path, "/a b");
  EXPECT_EQ(request.query["x"], "1");
  EXPECT_EQ(request.query["y"], "/");
  EXPECT_EQ(request.query["z"], "");
  for (const char* bad : {"", "a", "*", "/%", "/%4", "/%zz", "/%00", "/?a=%"}) {
    EXPECT_FALSE(parse_target(bad, request)) << bad;
  }
}

// Octets in, octets out, over a real socket.
class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    directory = std::filesystem::temp_directory_path() / "demarc-rest-XXXXXX";
    EXPECT_NE(::mkdtemp(directory.data()), nullptr);
    path = directory + "/api.sock";
    server = std::make_unique<Server>(ServerOptions{path, 2, 30}, [](const Request& request) {
      Response response;
      response.body = request.method + " " + request.path;
      return response;
    });
    server->start();
  }
  ~ServerTest() override {
    server.reset();
    std::filesystem::remove_all(directory);
  }
  int connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  static std::string read_all(int fd) {
    std::string all;
    char block[4096];
    for (ssize_t got; (got = ::read(fd, block, sizeof block)) > 0;) {
      all.append(block, static_cast<size_t>(got));
    }
    ::close(fd);
    return all;
  }
  std::string exchange(const std::string& octets) {
    const int fd = connect();
    EXPECT_EQ(::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
    return read_all(fd);
  }

  std::string directory;
  std::string path;
  std::unique_ptr<Server> server;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  const std::string answer = exchange(
      "GET /one HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("HTTP/1.1 200 OK"), std::string::npos);
  EXPECT_NE(answer.find("GET /one"), std::string::npos);
  EXPECT_NE(answer.find("GET /two"), std::string::npos);
}

TEST_F(ServerTest, HeadHasALengthAndNoBody) {
  const std::string answer = exchange("HEAD /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 9"), std::string::npos);
  EXPECT_EQ(answer.find("HEAD /one"), std::string::npos);
}

TEST_F(ServerTest, TheSocketIsForOwnerAndGroupOnly) {
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0660u);
  server->stop();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ServerTest, RefusesWhatIsNoHttpOrTooLong) {
  EXPECT_NE(exchange("nonsense\r\n\r\n").find(" 400 "), std::string::npos);
  EXPECT_NE(exchange("GET /a HTTP/1.1\r\nX: " + std::string(20000, 'x')).find(" 431 "),
            std::string::npos);
  EXPECT_NE(exchange("POST /a HTTP/1.1\r\nContent-Length: 40000000\r\n\r\n").find(" 413 "),
            std::string::npos);
  EXPECT_NE(exchange("GET /%zz HTTP/1.1\r\nConnection: close\r\n\r\n").find(" 400 "),
            std::string::npos);
}

TEST_F(ServerTest, AUserWithoutRightsSendsNoBody) {
  if (::geteuid() != 0) return;  // only root can play another user
  ASSERT_EQ(::chmod(directory.c_str(), 0755), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  // As system calls these are for this thread alone; the server's stays what it is.
  constexpr unsigned same = ~0u;
  constexpr unsigned nobody = 65'534;
  ASSERT_EQ(::syscall(SYS_setresgid, same, nobody, same), 0);
  ASSERT_EQ(::syscall(SYS_setresuid, same, nobody, same), 0);
  const int small = connect();
  const int large = connect();
  ASSERT_EQ(::syscall(SYS_setresuid, same, 0, same), 0);
  ASSERT_EQ(::syscall(SYS_setresgid, same, 0, same), 0);
  const std::string begin = "PUT /a HTTP/1.1\r\nContent-Length: ";
  for (const auto& [fd, rest] : {std::pair(small, "1\r\n\r\nx"), {large, "4000000\r\n\r\n"}}) {
    const std::string octets = begin + rest;
    EXPECT_EQ(::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
    EXPECT_NE(read_all(fd).find(" 403 "), std::string::npos) << rest;
  }
}

TEST_F(ServerTest, RefusesConnectionsBeyondItsLimit) {
  const std::string request = "GET /one HTTP/1.1\r\nHost: x\r\n\r\n";
  int kept[2];
  for (int& fd : kept) {
    fd = connect();
    ASSERT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    char octet;
    ASSERT_EQ(::read(fd, &octet, 1), 1);  // it is being served
  }
  EXPECT_EQ(read_all(connect()), "");
  for (const int fd : kept) ::close(fd);
}

TEST_F(ServerTest, ServesAgainAfterItRanOutOfDescriptors) {
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const rlimit tight = {0, usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string request = "GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  // However often accepting has failed by now, the connection must be served.
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  EXPECT_NE(read_all(fd).find("GET /one"), std::string::npos);
}

TEST_F(ServerTest, StopsWithConnectionsOpen) {
  const int fd = connect();
  server->stop();
  server.reset();
  EXPECT_EQ(read_all(fd), "");
}

TEST(Server, SaysWhenItCanNotListen) {
  const Server::Handler handler = [](const Request&) { return Response(); };
  EXPECT_THROW(Server({"/nonexistent/api.sock"}, handler), std::runtime_error);
  EXPECT_THROW(Server({"/" + std::string(200, 'x')}, handler), std::runtime_error);
}

}  // namespace
}  // namespace demarc::rest
