// Probes, and how a plan is taken over.
#include "controlplane/upkeep/upkeep_harness.h"

namespace demarc::upkeep {
namespace {

TEST_F(UpkeepTest, RegistersAndProbesAndSaysSo) {
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] {
    return is_registered() && row(0) == TargetHealth::up && row(1) == TargetHealth::up;
  });
  serve(accept, [&] { return route_changes == 1; });
  EXPECT_EQ(upkeep->service_route("acme"), "<sip:edge.example;lr>");
  const State state = upkeep->state();
  EXPECT_EQ(state.registrations[0].aor, "sip:u1@provider.example");
  EXPECT_GT(state.registrations[0].next_s, 400u);
  EXPECT_EQ(state.targets.size(), 2u);
  EXPECT_EQ(upkeep->health_of("acme", *contract::parse_endpoint("198.51.100.20", 5060)),
            TargetHealth::up);
}

TEST_F(UpkeepTest, ADisabledTrunkIsWithdrawnAndNotProbed) {
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] { return is_registered() && row(0) == TargetHealth::up; });
  const std::string disabled =
      std::string(configuration)
          .replace(configuration.find("register ="), 0, "state = \"disabled\"\n");
  const config::Loaded loaded = config::load_text(disabled);
  EXPECT_EQ(registrations_touched(config::load_text(configuration).config, loaded.config),
            std::vector<std::string>{"acme"});
  bool is_withdrawn = false;
  adopt(disabled);
  serve(
      [&](const OutsideRequest& request, OutsideEvent& event) {
        const std::string_view text = request.fields();
        is_withdrawn |= text.find("Expires: 0") != std::string_view::npos;
        accept(request, event);
      },
      [&] { return is_withdrawn && upkeep->state().registrations.empty(); });
  for (const TargetState& target : upkeep->state().targets) EXPECT_FALSE(target.is_probed);
}

TEST_F(UpkeepTest, ADrainingTrunkIsRegisteredAndProbed) {
  adopt(std::string(configuration)
            .replace(configuration.find("register ="), 0, "state = \"draining\"\n"));
  upkeep->start();
  serve(accept, [&] { return is_registered() && row(0) == TargetHealth::up; });
}

TEST_F(UpkeepTest, ATargetThatIsSilentGoesDownAndTheRegistrationMoves) {
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] { return is_registered() && row(0) == TargetHealth::up; });
  const auto first = *contract::parse_endpoint("198.51.100.20", 5060);
  const auto lossy = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.target != first) return accept(request, event);
    event.kind = OutsideEvent::Kind::no_response;
  };
  serve(lossy, [&] {
    return row(0) == TargetHealth::down && is_registered() &&
           upkeep->state().registrations[0].view.target == "198.51.100.21:5060";
  });
  serve(accept, [&] { return row(0) == TargetHealth::up; });
}

// What was learnt over UDP says nothing of TCP, nor what was learnt from another port of ours.
TEST_F(UpkeepTest, ATrunkThatMovesKnowsNothingOfItsTargets) {
  const auto silent = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method != OutsideMethod::options) return accept(request, event);
    event.kind = OutsideEvent::Kind::no_response;
  };
  upkeep->start();
  for (const std::string line : {"transport = \"tcp\"\n", "port = 5070\n"}) {
    std::string text(configuration);
    adopt(text);
    serve(silent, [&] { return row(0) == TargetHealth::down; });
    text.replace(text.find("probe_interval_s = 1"), 20, "probe_interval_s = 0");
    adopt(text.insert(text.find("register ="), line));
    serve(silent, [&] { return row(0) == TargetHealth::unknown; });
    EXPECT_EQ(upkeep->health_of("acme", target(0).endpoint), TargetHealth::unknown);
  }
}

TEST_F(UpkeepTest, WhatChangedIsAnEventOnce) {
  using enum events::Kind;
  const auto count_of = [this](events::Kind kind) {
    return noted.counts().at(static_cast<size_t>(kind));
  };
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] {
    return is_registered() && row(0) == TargetHealth::up && row(1) == TargetHealth::up;
  });
  EXPECT_EQ(count_of(target_up), 2u);
  EXPECT_EQ(count_of(registration_gained), 1u);
  // Twice in a row: what fails again as it did before is no news, whatever the registrar adds.
  unsigned refused = 0;
  const auto refuse = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method != OutsideMethod::register_) return accept(request, event);
    answer(event, 403, "", "not number " + std::to_string(++refused));
  };
  for (uint64_t rounds = 1; rounds <= 2; ++rounds) {
    const uint64_t before = upkeep->state().registrations[0].view.requests;
    ASSERT_TRUE(upkeep->refresh("acme"));
    serve(refuse, [&] {
      const registration::View view = upkeep->state().registrations[0].view;
      return view.requests > before && view.state == registration::State::backing_off;
    });
  }
  EXPECT_EQ(count_of(registration_lost), 1u);
  const std::vector<events::Event> all = noted.after(0, 100).events;
  EXPECT_EQ(all.back().subject, "acme");
  EXPECT_NE(all.back().text.find("403"), std::string::npos) << all.back().text;
}

TEST_F(UpkeepTest, ATargetThatCanNotBeConnectedToIsDownAtTheFirstProbeAndSaysWhy) {
  std::string text(configuration);
  text.replace(text.find("probe_failures = 1"), 18, "probe_failures = 3");
  adopt(text);
  upkeep->start();
  serve(accept, [&] { return is_registered() && row(0) == TargetHealth::up; });
  const auto first = *contract::parse_endpoint("198.51.100.20", 5060);
  unsigned asked = 0;
  const auto closed = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.target != first) return accept(request, event);
    ++asked;
    event.kind = OutsideEvent::Kind::no_response;
    event.fault = contract::StreamFault::expired;
  };
  serve(closed, [&] { return row(0) == TargetHealth::down; });
  EXPECT_EQ(asked, 1u);
  for (const TargetState& target : upkeep->state().targets) {
    const bool is_first = target.endpoint == first;
    EXPECT_EQ(target.reason, is_first ? "certificate expired or not valid yet" : "");
  }
  serve(accept, [&] { return row(0) == TargetHealth::up; });
}

// Nobody asks it here, and it answered all that it was asked.
TEST_F(UpkeepTest, APeerThatStopsItsOptionsIsTriedLastUntilItSendsOne) {
  std::string text(configuration);
  text.insert(text.find("probe_timeout_ms"), "peer_probe_interval_s = 1\n");
  const config::Loaded loaded = config::load_text(text);
  const link::SectionSet set = trunks::compile(loaded.config, {}, ids);
  for (const link::TargetPlan& plan : set.targets) {
    attachment->region().target(plan.id).store(plan.target);
  }
  Plan plan = make_plan(loaded.config, ids, set);
  ASSERT_EQ(plan.at(0).peer_probe_interval_ms, 1000u);
  plan[0].peer_probe_interval_ms = 1;
  contract::TrunkCounters& counters = attachment->region().trunk_counters(0, plan[0].id);
  upkeep->adopt(plan);
  upkeep->start();
  serve(accept, [&] { return row(0) == TargetHealth::up && row(1) == TargetHealth::up; });
  counters.add(contract::TrunkCounter::options_in);
  serve(accept, [&] { return row(0) == TargetHealth::down && row(1) == TargetHealth::down; });
  for (const TargetState& target : upkeep->state().targets) {
    EXPECT_EQ(target.reason, "it stopped its OPTIONS");
  }
  // With a longer interval its time begins anew.
  plan[0].peer_probe_interval_ms = 3'600'000;
  upkeep->adopt(plan);
  serve(accept, [&] { return row(0) == TargetHealth::up && row(1) == TargetHealth::up; });
}

// Plans may come at any time: between two readings of its counts, or after a time without any.
TEST_F(UpkeepTest, APlanIsNoReasonToMissOptionsThatNobodyHasReadYet) {
  Plan plan = plan_of(std::string(configuration));
  plan[0].peer_probe_interval_ms = 1;
  plan[0].probe.interval_ms = 100;
  contract::TrunkCounters& counters = attachment->region().trunk_counters(0, plan[0].id);
  counters.add(contract::TrunkCounter::options_in);
  upkeep->adopt(plan);
  upkeep->start();
  // One comes with each probe, so that a few readings are among many plans.
  unsigned plans = 0;
  const auto busy = [&](const OutsideRequest& request, OutsideEvent& event) {
    accept(request, event);
    if (request.method != OutsideMethod::options) return;
    counters.add(contract::TrunkCounter::options_in);
    upkeep->adopt(plan);
    ++plans;
  };
  serve(busy, [&] { return plans >= 30; });
  EXPECT_EQ(noted.counts().at(static_cast<size_t>(events::Kind::target_down)), 0u);
}

// As Teams wants it: the name in our certificate, and never an address.
TEST_F(UpkeepTest, AProbeShowsTheContactHostOfItsTrunk) {
  std::string text(configuration);
  text.insert(text.find("probe_interval_s"), "contact_host = \"sbc.example.com\"\n");
  adopt(text);
  upkeep->start();
  std::string fields;
  const auto look = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method == OutsideMethod::options) fields = request.fields();
    accept(request, event);
  };
  serve(look, [&] { return !fields.empty(); });
  EXPECT_NE(fields.find("Contact: <sip:sbc.example.com"), std::string::npos) << fields;
  EXPECT_NE(fields.find("From: <sip:sbc.example.com>"), std::string::npos) << fields;
}

TEST_F(UpkeepTest, AReloadTouchesOnlyWhatChanged) {
  adopt(std::string(configuration));
  upkeep->start();
  int registers = 0;
  const auto counted = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method == OutsideMethod::register_) ++registers;
    accept(request, event);
  };
  serve(counted, [&] { return is_registered(); });
  EXPECT_EQ(registers, 1);
  std::string changed(configuration);
  adopt(changed + "prefix = \"1\"\n");
  uint64_t probes = upkeep->state().targets[0].counts.probes;
  serve(counted, [&] { return upkeep->state().targets[0].counts.probes > probes; });
  EXPECT_EQ(registers, 1);
  // Another password: the old binding is taken away, and a new one made.
  changed.replace(changed.find("secret1"), 7, "secret2");
  adopt(changed);
  serve(counted, [&] { return registers >= 3; });
}

TEST_F(UpkeepTest, WithoutADataplaneNothingIsLost) {
  adopt(std::string(configuration));
  const std::shared_ptr<link::Attachment> there = std::exchange(attachment, nullptr);
  upkeep->start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (upkeep->state().registrations.empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
  EXPECT_TRUE(upkeep->refresh("acme"));
  EXPECT_FALSE(upkeep->refresh("nobody"));
  EXPECT_FALSE(is_registered());
}

}  // namespace
}  // namespace demarc::upkeep
