// Registrations with providers, and those of peers on their way to the registrar.
#include "controlplane/upkeep/upkeep_harness.h"

namespace demarc::upkeep {
namespace {

TEST_F(UpkeepTest, CallsGoFirstWhereTheRegistrationIs) {
  adopt(std::string(configuration));
  upkeep->start();
  const auto first = target(0).endpoint;
  const auto second = target(1).endpoint;
  bool is_first_there = false;
  const auto provider = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.target != first || is_first_there) return accept(request, event);
    event.kind = OutsideEvent::Kind::no_response;
  };
  serve(provider, [&] { return upkeep->registered_at("acme") == second && route_changes == 1; });
  adopt(std::string(configuration));
  EXPECT_LT(target(1).priority, target(0).priority);
  // And back, calls and registration, when the first one is there again.
  is_first_there = true;
  serve(provider, [&] { return upkeep->registered_at("acme") == first && route_changes == 2; });
  adopt(std::string(configuration));
  EXPECT_LT(target(0).priority, target(1).priority);
  EXPECT_EQ(row(0), TargetHealth::up);
}

TEST_F(UpkeepTest, CallsGoByPrioritiesAgainWhenTheTrunkRegistersNoMore) {
  std::string text(configuration);
  text.insert(text.find("user ="), "unregister = false\n");
  adopt(text);
  upkeep->start();
  const auto first = target(0).endpoint;
  const auto provider = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.target != first) return accept(request, event);
    event.kind = OutsideEvent::Kind::no_response;
  };
  serve(provider, [&] { return upkeep->registered_at("acme") != contract::Endpoint(); });
  adopt(text);
  serve(provider, [&] { return route_changes > 0; });
  EXPECT_LT(target(1).priority, target(0).priority);
  const int before = route_changes;
  adopt(text.replace(text.find("register = true"), 15, "register = false"));
  serve(provider, [&] { return route_changes > before; });
  adopt(text);
  EXPECT_LT(target(0).priority, target(1).priority);
}

// One answer was enough to lose it, and its health says nothing of that, whether it is probed or
// not.
TEST_F(UpkeepTest, ARegistrationComesBackWhenItIsRefreshed) {
  for (const std::string interval : {"probe_interval_s = 0", "probe_interval_s = 1"}) {
    std::string text(configuration);
    text.replace(text.find("probe_interval_s = 1"), interval.size(), interval);
    make();
    adopt(text);
    upkeep->start();
    const auto first = target(0).endpoint;
    bool is_refused = false;
    const auto provider = [&](const OutsideRequest& request, OutsideEvent& event) {
      if (request.method == OutsideMethod::options) return answer(event, 200);
      const bool is_settled = interval.ends_with("0") || row(0) == TargetHealth::up;
      if (request.target != first || is_refused || !is_settled) return accept_briefly(event);
      is_refused = true;
      answer(event, 503);
    };
    serve(provider, [&] { return upkeep->registered_at("acme") == target(1).endpoint; });
    serve(provider, [&] { return upkeep->registered_at("acme") == first; });
    upkeep->stop();
  }
}

TEST_F(UpkeepTest, ARegistrationComesBackToATargetThatCameUpMeanwhile) {
  adopt(std::string(configuration));
  upkeep->start();
  const auto first = target(0).endpoint;
  bool is_first_there = false;
  const std::function<void(const OutsideRequest&, OutsideEvent&)> provider =
      [&](const OutsideRequest& request, OutsideEvent& event) {
        if (request.target == first && !is_first_there) {
          event.kind = OutsideEvent::Kind::no_response;
          return;
        }
        if (request.method == OutsideMethod::options) return answer(event, 200);
        // While this one waits for its answer.
        if (!std::exchange(is_first_there, true)) {
          serve(provider, [&] { return row(0) == TargetHealth::up && row(1) == TargetHealth::up; });
        }
        accept_briefly(event);
      };
  serve(provider, [&] { return upkeep->registered_at("acme") == target(1).endpoint; });
  serve(provider, [&] { return upkeep->registered_at("acme") == first; });
}

// All its targets fall at once, so none of them is better than the one that holds the registration.
TEST_F(UpkeepTest, APeerThatStopsItsOptionsKeepsItsRegistrationWhereItIs) {
  adopt(std::string(configuration));
  upkeep->start();
  std::vector<contract::Endpoint> asked;
  const auto provider = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method == OutsideMethod::register_) asked.push_back(request.target);
    accept(request, event);
  };
  serve(provider, [&] {
    return is_registered() && row(0) == TargetHealth::up && row(1) == TargetHealth::up;
  });
  Plan plan = plan_of(std::string(configuration));
  plan[0].peer_probe_interval_ms = 1;
  upkeep->adopt(plan);
  attachment->region().trunk_counters(0, plan[0].id).add(contract::TrunkCounter::options_in);
  serve(provider, [&] { return row(0) == TargetHealth::down && asked.size() > 1; });
  EXPECT_EQ(asked, std::vector(asked.size(), target(0).endpoint));
}

// As calls choose: the first one has so little weight that chance takes the other one.
TEST_F(UpkeepTest, ARegistrationGoesByTheWeightsOfDns) {
  const auto second = *contract::parse_endpoint("198.51.100.21", 5060);
  choices = {{*contract::parse_endpoint("198.51.100.20", 5060), 10, 1}, {second, 10, 65535}};
  std::string text(configuration);
  text.replace(text.find("[\"198"), text.find("]\nregister") + 1 - text.find("[\"198"),
               "\"provider.example\"");
  adopt(text);
  upkeep->start();
  serve(accept, [&] { return is_registered(); });
  EXPECT_EQ(upkeep->registered_at("acme"), second);
}

// The peer is an outbound proxy: it gets what its domain is asked, and who asks is ours there.
TEST_F(UpkeepTest, DomainsStandInWhatIsAskedAndPacketsGoToThePeer) {
  std::string text(configuration);
  text.erase(text.find("aor ="), text.find("probe_interval_s") - text.find("aor ="));
  text.insert(text.find("probe_interval_s"),
              "contact_host = \"sbc.example.com\"\nfrom_domain = \"customer.example\"\n"
              "peer_domain = \"ims.example\"\n");
  adopt(text);
  upkeep->start();
  std::string options;
  std::string registers;
  const auto look = [&](const OutsideRequest& request, OutsideEvent& event) {
    EXPECT_EQ(request.uri(), "sip:ims.example");
    EXPECT_TRUE(contract::print(request.target).view().starts_with("198.51.100.2"));
    const bool is_options = request.method == OutsideMethod::options;
    (is_options ? options : registers) = request.fields();
    accept(request, event);
  };
  serve(look, [&] { return !options.empty() && is_registered(); });
  EXPECT_TRUE(options.starts_with("From: <sip:customer.example>;tag=")) << options;
  EXPECT_NE(options.find("To: <sip:ims.example>\r\n"), std::string::npos) << options;
  EXPECT_NE(options.find("Contact: <sip:sbc.example.com>\r\n"), std::string::npos) << options;
  // Who registers is the account itself, in From, too (RFC 3261 section 10.2).
  EXPECT_NE(registers.find("From: <sip:u1@ims.example>;tag="), std::string::npos) << registers;
  EXPECT_NE(registers.find("To: <sip:u1@ims.example>\r\n"), std::string::npos) << registers;
}

TEST_F(UpkeepTest, ADomainIsThatOfTheRegistrarWhateverTheAddressOfRecordIs) {
  std::string text(configuration);
  text.insert(text.find("probe_interval_s"), "peer_domain = \"ims.example\"\n");
  adopt(text);
  upkeep->start();
  std::string uri;
  std::string fields;
  const auto look = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method == OutsideMethod::register_) {
      uri = request.uri();
      fields = request.fields();
    }
    accept(request, event);
  };
  serve(look, [&] { return is_registered(); });
  EXPECT_EQ(uri, "sip:ims.example");
  EXPECT_NE(fields.find("To: <sip:u1@provider.example>\r\n"), std::string::npos) << fields;
}

TEST_F(UpkeepTest, ATrunkOfAllNumbersRegistersThemAtOnce) {
  std::string text(configuration);
  text.insert(text.find("probe_timeout_ms"), "register_numbers = true\n");
  adopt(text);
  upkeep->start();
  serve(
      [](const OutsideRequest& request, OutsideEvent& event) {
        if (request.method == OutsideMethod::options) return answer(event, 200);
        const bool is_bulk =
            request.fields().find("Contact: <sip:198.51.100.10:5060;bnc>") != std::string::npos;
        answer(event, 200, is_bulk ? "Contact: <sip:198.51.100.10:5060;bnc>;expires=600\r\n" : "");
      },
      [&] { return is_registered(); });
}

TEST_F(UpkeepTest, CallIdAndCSeqSurviveARestart) {
  std::string call_id;
  uint32_t cseq = 0;
  const auto note = [&](const OutsideRequest& request, OutsideEvent& event) {
    if (request.method == OutsideMethod::register_) {
      call_id = request.call_id();
      EXPECT_GT(request.cseq, cseq);
      cseq = request.cseq;
    }
    accept(request, event);
  };
  adopt(std::string(configuration));
  upkeep->start();
  serve(note, [&] { return is_registered(); });
  const std::string before = call_id;
  upkeep->stop();
  make();
  adopt(std::string(configuration));
  upkeep->start();
  serve(note, [&] { return is_registered(); });
  EXPECT_EQ(call_id, before);
}

TEST_F(UpkeepTest, LeavingTakesTheBindingAway) {
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] { return is_registered(); });
  config::Config none;
  std::atomic<bool> is_left = false;
  std::thread leaving([&] {
    upkeep->leave(none);
    is_left = true;
  });
  bool is_removed = false;
  serve(
      [&](const OutsideRequest& request, OutsideEvent& event) {
        is_removed |= request.fields().find("Expires: 0\r\n") != std::string_view::npos;
        accept(request, event);
      },
      [&] { return is_left.load(); });
  leaving.join();
  EXPECT_TRUE(is_removed);
}

TEST_F(UpkeepTest, RefreshesWhenAsked) {
  adopt(std::string(configuration));
  upkeep->start();
  serve(accept, [&] { return is_registered(); });
  const uint64_t before = upkeep->state().registrations[0].view.requests;
  EXPECT_TRUE(upkeep->refresh("acme"));
  serve(accept, [&] { return upkeep->state().registrations[0].view.requests > before; });
}

// A REGISTER of a peer goes to the registrar, and its answer to the worker that has it.
TEST_F(UpkeepTest, CarriesRegistersOfPeersAndTheirAnswers) {
  registrar::Registrar registrar("", std::string(32, 's'), {});
  upkeep = std::make_unique<Upkeep>(
      directory, noted, [this] { return attachment; }, [this] { ++route_changes; }, &registrar);
  upkeep->start();
  OutsideEvent asked;
  asked.kind = OutsideEvent::Kind::request;
  asked.request_id = 0x100000002;
  asked.trunk = contract::TrunkId{0};  // which takes no REGISTERs
  ASSERT_TRUE(attachment->region().outside_events(0).push(asked));
  contract::OutsideRequestRing requests = attachment->region().outside_requests(0);
  OutsideRequest answer;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!requests.pop(answer)) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
  EXPECT_EQ(answer.method, OutsideMethod::answer);
  EXPECT_EQ(answer.request_id, 0x100000002u);
  EXPECT_EQ(answer.status_code, 503);
  EXPECT_EQ(answer.fields(), "Retry-After: 10\r\n");
  upkeep->stop();  // before the registrar goes
}

}  // namespace
}  // namespace demarc::upkeep
