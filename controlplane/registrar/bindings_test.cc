// Bindings moved by their table, and kept on disk.
#include "controlplane/registrar/bindings.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "controlplane/registrar/store.h"

namespace demarc::registrar {
namespace {

constexpr uint64_t now_ms = 1'000'000;

// Printed from the table and compared with what was read and agreed on.
TEST(Table, IsAsReviewed) {
  std::string printed;
  for (const Edge& edge : edges) {
    printed += std::string(spelling(edge.from)) + " + " + std::string(spelling(edge.event)) +
               " -> " + std::string(spelling(edge.to));
    const std::pair<Actions, std::string_view> names[] = {
        {action::publish, "publish"},
        {action::start_patience, "start_patience"},
        {action::start_interval, "start_interval"},
        {action::start_lingering, "start_lingering"}};
    for (const auto& [bit, name] : names) {
      if ((edge.actions & bit) != 0) printed += " " + std::string(name);
    }
    printed += "\n";
  }
  EXPECT_EQ(printed, R"(absent + accepted -> coming publish start_patience
coming + accepted -> coming start_patience
coming + moved -> coming publish start_patience
coming + in_force -> bound start_interval
coming + removed -> over publish start_lingering
coming + timer -> over publish start_lingering
bound + accepted -> bound start_interval
bound + moved -> coming publish start_patience
bound + removed -> over publish start_lingering
bound + timer -> over publish start_lingering
over + accepted -> coming publish start_patience
over + moved -> coming publish start_patience
over + no_calls -> absent publish
over + timer -> absent publish
)");
}

TEST(Table, HasNoStateWithoutATimer) {
  EXPECT_TRUE(has_no_state_without_a_timer());
}

Binding sample(const std::string& host = "192.0.2.9") {
  Binding binding;
  binding.trunk = "branch";
  binding.user = "u1";
  binding.contact = "sip:u1@" + host;
  binding.target = binding.source = *contract::parse_endpoint(host, 5060);
  binding.host = host;
  binding.port = 5060;
  binding.call_id = "one";
  binding.cseq = 7;
  binding.interval_s = 60;
  binding.path = "<sip:edge;lr>";
  binding.user_agent = "PBX 1";
  return binding;
}

struct BindingsTest : testing::Test {
  // A binding that the dataplane goes by.
  void bind(const Binding& binding) {
    bindings.accept(binding, now_ms);
    bindings.in_force(bindings.version(), now_ms);
  }
  State state() const {
    return bindings.all().empty() ? State::absent : bindings.all().front().state;
  }
  Bindings bindings;
};

TEST_F(BindingsTest, ComesWithTheVersionThatHasIt) {
  const uint64_t before = bindings.version();
  bindings.accept(sample(), now_ms);
  EXPECT_GT(bindings.version(), before);
  bindings.in_force(before, now_ms);
  EXPECT_EQ(state(), State::coming);
  bindings.in_force(bindings.version(), now_ms);
  EXPECT_EQ(state(), State::bound);
}

TEST_F(BindingsTest, RefreshingTellsTheDataplaneNothing) {
  bind(sample());
  const uint64_t before = bindings.version();
  bindings.accept(sample(), now_ms + 50'000);
  EXPECT_EQ(bindings.version(), before);
  bindings.tick(now_ms + 61'000);
  EXPECT_EQ(state(), State::bound);
  bindings.tick(now_ms + 110'000);
  EXPECT_EQ(state(), State::over);
}

TEST_F(BindingsTest, TheSameContactElsewhereIsTheSameBindingMoved) {
  bind(sample());
  Binding moved = sample();
  moved.contact = "SIP:u1@192.0.2.9";
  moved.source.port = moved.target.port = 5099;
  bindings.accept(moved, now_ms);
  ASSERT_EQ(bindings.all().size(), 1u);
  EXPECT_EQ(state(), State::coming);
  EXPECT_EQ(bindings.all().front().target.port, 5099);
  EXPECT_EQ(bindings.all().front().contact, sample().contact);
}

TEST_F(BindingsTest, WhatTheDataplaneNeverTookIsOver) {
  bindings.accept(sample(), now_ms);
  bindings.tick(now_ms + in_force_patience_ms);
  EXPECT_EQ(state(), State::over);
}

TEST_F(BindingsTest, OneThatIsOverStaysWhileItsTrunkHasCalls) {
  bind(sample());
  bindings.remove("branch", "u1", "sip:u1@192.0.2.9", now_ms);
  EXPECT_TRUE(bindings.of("branch").empty());
  bindings.forget([](const std::string&) { return true; }, now_ms);
  EXPECT_EQ(state(), State::over);
  const uint64_t before = bindings.version();
  bindings.forget([](const std::string& trunk) { return trunk != "branch"; }, now_ms);
  EXPECT_TRUE(bindings.all().empty());
  EXPECT_GT(bindings.version(), before);
}

TEST_F(BindingsTest, OneThatIsOverIsForgottenInTheEnd) {
  bind(sample());
  bindings.remove("branch", "u1", "sip:u1@192.0.2.9", now_ms);
  bindings.tick(now_ms + lingering_ms);
  EXPECT_TRUE(bindings.all().empty());
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() : directory(testing::TempDir() + "bindings-" + std::to_string(::getpid())) {
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
  }
  ~StoreTest() override { std::filesystem::remove_all(directory); }
  std::string path() const { return directory + "/bindings.db"; }
  static constexpr uint64_t unix_ms = 1'700'000'000'000;
  std::string directory;
};

TEST_F(StoreTest, KeepsAllOfABindingAndTheTimeThatItHasLeft) {
  Binding binding = sample();
  binding.expires_ms = now_ms + 60'000;
  ASSERT_TRUE(Store(path()).save({{binding, false}}, unix_ms, now_ms));
  // Another process, whose clock begins anew.
  const std::vector<Binding> loaded = Store(path()).load(unix_ms + 20'000, 5'000);
  ASSERT_EQ(loaded.size(), 1u);
  EXPECT_EQ(loaded[0].expires_ms, 45'000u);
  EXPECT_EQ(loaded[0].contact, binding.contact);
  EXPECT_EQ(loaded[0].target, binding.target);
  EXPECT_EQ(loaded[0].source, binding.source);
  EXPECT_EQ(loaded[0].path, binding.path);
  EXPECT_EQ(loaded[0].call_id, "one");
  EXPECT_EQ(loaded[0].cseq, 7u);
  EXPECT_EQ(loaded[0].user_agent, "PBX 1");
}

TEST_F(StoreTest, ForgetsWhatRanOutMeanwhileAndWhatIsGone) {
  Binding binding = sample();
  binding.expires_ms = now_ms + 60'000;
  Store store(path());
  ASSERT_TRUE(store.save({{binding, false}}, unix_ms, now_ms));
  EXPECT_TRUE(store.load(unix_ms + 60'000, 0).empty());
  ASSERT_TRUE(store.save({{binding, true}, {binding, false}, {binding, true}}, unix_ms, now_ms));
  EXPECT_TRUE(store.load(unix_ms, 0).empty());
}

TEST_F(StoreTest, AClockThatWasSetBackMakesNothingLastLonger) {
  Binding binding = sample();
  binding.expires_ms = now_ms + 60'000;
  Store store(path());
  ASSERT_TRUE(store.save({{binding, false}}, unix_ms, now_ms));
  EXPECT_EQ(store.load(unix_ms - 3'600'000, 0)[0].expires_ms, 60'000u);
}

TEST_F(StoreTest, SetsADamagedFileAsideAndBeginsAnew) {
  std::ofstream(path()) << "this is no database at all, and it is longer than a header of one is. "
                           "this is no database at all, and it is longer than a header of one is.";
  Store store(path());
  EXPECT_TRUE(store.load(unix_ms, 0).empty());
  Binding binding = sample();
  binding.expires_ms = now_ms + 60'000;
  EXPECT_TRUE(store.save({{binding, false}}, unix_ms, now_ms));
  size_t aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    aside += entry.path().string().find(".broken-") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(aside, 1u);
  EXPECT_EQ(Store(path()).load(unix_ms, 0).size(), 1u);
}

TEST_F(StoreTest, WithoutAPlaceToWriteItKeepsThemInMemory) {
  Store store(directory + "/nowhere/bindings.db");
  Binding binding = sample();
  binding.expires_ms = now_ms + 60'000;
  EXPECT_TRUE(store.save({{binding, false}}, unix_ms, now_ms));
  EXPECT_EQ(store.load(unix_ms, 0).size(), 1u);
}

}  // namespace
}  // namespace demarc::registrar
