#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "controlplane/records/record_json.h"
#include "controlplane/rest/handlers.h"
#include "controlplane/rest/rest_harness.h"
#include "controlplane/runtime/files.h"
#include "controlplane/runtime/wall_clock.h"
#include "controlplane/whatif/judge.h"
#include "tests/support/temporary_directory.h"

namespace demarc::rest {
namespace {

using nlohmann::json;

// The resources of the configuration, over changes of files in a directory of their own.
class ConfigTest : public RestTest {
 protected:
  ConfigTest() {
    const std::string file = directory.path("demarc.toml");
    runtime::replace_file(file, text);
    changes = std::make_unique<change::Changes>(
        change::Options{file, directory.path(), change::kept_revisions}, config::load_file(file),
        [](const config::Loaded&) {}, [this](const config::Config&) { return misfit; },
        whatif::judge);
    sources.changes = changes.get();
    sources.records_directory = directory.path();
    state.file = file;
  }

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
  const support::TemporaryDirectory directory;
  std::unique_ptr<change::Changes> changes;
  std::string misfit;
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

TEST_F(ConfigTest, ADifferenceSaysWhetherTheRunningDataplaneCanTakeIt) {
  const std::string other = with("port = 5070", "port = 5071");
  EXPECT_TRUE(sent("POST", "/api/v1/config/diff", other)["misfit"].is_null());
  misfit = "platform.call_capacity";
  EXPECT_EQ(sent("POST", "/api/v1/config/diff", other)["misfit"], misfit);
  EXPECT_EQ(send("PUT", "/api/v1/config", other).status, 409u);
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

TEST_F(ConfigTest, ADifferenceNamesTheCallsThatItTouches) {
  attach();
  add_call(0, 3, 17);  // from acme
  const json moved =
      sent("POST", "/api/v1/config/diff", with("peer = \"198.51.100.20\"", "peer = \"192.0.2.7\""));
  EXPECT_EQ(moved["touches"]["calls"], json({"0-17"}));
  EXPECT_EQ(moved["touches"]["call_count"], 1);
  const json other = sent("POST", "/api/v1/config/diff", with("max_calls = 10", "max_calls = 1"));
  EXPECT_TRUE(other["touches"]["calls"].empty());
  EXPECT_EQ(other["touches"]["call_count"], 0);
}

TEST_F(ConfigTest, NoMoreCallsAreNamedThanFit) {
  attach();
  for (uint32_t slot = 0; slot < sizes.calls_per_worker; ++slot) {
    add_call(0, slot, slot);
    add_call(1, slot, slot);
  }
  const NamedCalls calls = calls_of({"acme"}, sources);
  EXPECT_EQ(calls.count, 2 * sizes.calls_per_worker);
  EXPECT_EQ(calls.ids.size(), std::min<size_t>(max_named_calls, calls.count));
  EXPECT_EQ(calls_of({"nobody"}, sources).count, 0u);
}

TEST_F(ConfigTest, ADifferenceNamesTheFilesThatHoldSomethingElse) {
  const std::string path = directory.path("dids.csv");
  runtime::replace_file(path, "100,200\n");
  const std::string named = text + "[table.dids]\nfile = \"" + path + "\"\n";
  EXPECT_TRUE(sent("PUT", "/api/v1/config", named)["changed_files"].empty());
  runtime::replace_file(path, "100,201\n");
  const json changed = sent("POST", "/api/v1/config/diff", named);
  EXPECT_EQ(changed["changed_files"], json({path}));
  EXPECT_TRUE(changed["changes"].empty());
  EXPECT_EQ(sent("PUT", "/api/v1/config", named)["revision"], 3);
  EXPECT_TRUE(sent("POST", "/api/v1/config/diff", named)["changed_files"].empty());
  EXPECT_EQ(sent("POST", "/api/v1/config/rollback/2")["others_by_now"], json({path}));
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

TEST_F(ConfigTest, CallsOfThePastAreReplayed) {
  contract::CallRecord record;
  record.from = contract::TrunkId{0};
  record.from_name.assign("acme");
  record.called.assign("+44");
  record.started_unix_ns = runtime::now_unix_ns() - 60 * uint64_t{1'000'000'000};
  runtime::replace_file(directory.path("records.jsonl"), records::json_line(record));
  const std::string path = "/api/v1/config/replay-routes";
  EXPECT_EQ(sent("POST", path + "?since=3600", text)["changed"], 0);
  const std::string routed = text + "[[route]]\nfrom = \"acme\"\nto = \"b\"\nprefix = \"+\"\n";
  const json replayed = sent("POST", path + "?since=3600", routed);
  EXPECT_EQ(replayed["calls"], 1);
  EXPECT_EQ(replayed["changed"], 1);
  EXPECT_EQ(replayed["changes"][0]["called"], "+44");
  EXPECT_EQ(replayed["changes"][0]["before"], "acme at 198.51.100.20:5060 as +44 from unknown");
  EXPECT_EQ(replayed["changes"][0]["after"], "b at 192.0.2.1:5060 as +44 from unknown");
  EXPECT_EQ(sent("POST", path + "?since=1", routed)["calls"], 0);
  EXPECT_EQ(send("POST", path, routed).status, 400u);
  EXPECT_EQ(send("POST", path + "?since=9999999999", routed).status, 400u);
  EXPECT_EQ(send("POST", path + "?since=1", "[trunk").status, 422u);
  EXPECT_EQ(send("GET", path + "?since=1").status, 405u);
  EXPECT_EQ(changes->running().revision, 1u);
}

// Beside the box that runs, whose trunks are found by name; a test that fails stops no question.
TEST_F(ConfigTest, ACandidateIsAskedWhereACallWouldGo) {
  attach();
  const std::string candidate =
      with("max_calls = 10", "max_calls_out = 2") +
      "[[route]]\nname = \"new\"\nfrom = \"acme\"\nto = \"acme\"\nprefix = \"+\"\n"
      "[test.wrong]\nfrom = \"acme\"\ncalled = \"+44\"\nrefused = true\n";
  EXPECT_EQ(send("POST", "/api/v1/config/check", candidate).status, 422u);
  const std::string path = "/api/v1/config/trace-route?from=acme&called=%2B44";
  json traced = sent("POST", path, candidate);
  EXPECT_EQ(traced["route_name"], "new");
  EXPECT_EQ(traced["box_known"], true);
  EXPECT_EQ(traced["targets"][0]["fate"], "tried");
  region.trunk_limits(contract::TrunkId{0}).calls_out.store(2);
  traced = sent("POST", path, candidate);
  EXPECT_EQ(traced["targets"][0]["fate"], "skipped");
  EXPECT_EQ(traced["targets"][0]["limit"]["name"], "calls_out");
  EXPECT_EQ(traced["refused"]["status"], 503);
  attachment.reset();
  EXPECT_EQ(sent("POST", path, candidate)["box_known"], false);
  EXPECT_EQ(send("POST", path, "[trunk").status, 422u);
  EXPECT_EQ(send("POST", "/api/v1/config/trace-route?from=acme", candidate).status, 400u);
  EXPECT_EQ(send("GET", path).status, 405u);
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
  EXPECT_TRUE(std::filesystem::exists(directory.path("r.toml")));
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

}  // namespace
}  // namespace demarc::rest
