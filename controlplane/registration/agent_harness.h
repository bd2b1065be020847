// What the tests of Agent share: one with a clock, targets and a registrar that the test plays.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/registration/agent.h"

namespace demarc::registration {

inline constexpr std::string_view contact = "Contact: <sip:u1@198.51.100.10:5060>";

struct AgentTest : testing::Test {
  AgentTest() {
    settings.registrar = "sip:provider.example";
    settings.aor = "sip:u1@provider.example";
    settings.user = "u1";
    settings.password = "pw1";
    settings.contact = "198.51.100.10:5060";
    settings.expires_s = 600;
  }
  void make(unsigned targets = 1, Identity identity = {}) {
    agent = std::make_unique<Agent>(
        settings, identity, [this] { return ++random; }, 1000);
    std::vector<contract::Endpoint> endpoints;
    for (unsigned i = 1; i <= targets; ++i) endpoints.push_back(target(i));
    agent->set_targets(endpoints);
    agent->begin(now);
  }
  static contract::Endpoint target(unsigned number) {
    return *contract::parse_endpoint("192.0.2." + std::to_string(number), 5060);
  }
  // Lets the timer fire, whenever it is due.
  void wait() {
    ASSERT_NE(agent->view(now).next_ms, 0u);
    now = std::max(now, agent->view(now).next_ms);
    agent->tick(now);
  }
  // The request that is to be sent now.
  Ask asked() {
    const std::optional<Ask> ask = agent->take_request();
    EXPECT_TRUE(ask.has_value());
    return ask ? *ask : Ask{};
  }
  void answer(const std::string& status, const std::string& lines = "") {
    agent->on_response("SIP/2.0 " + status + "\r\n" + lines + (lines.empty() ? "" : "\r\n") +
                           "CSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n",
                       false, now);
  }
  void accept(const std::string& expires = ";expires=600") {
    answer("200 OK", std::string(contact) + expires);
  }
  void challenge(const std::string& nonce, const std::string& more = "") {
    answer("401 Unauthorized",
           "WWW-Authenticate: Digest realm=\"r\", nonce=\"" + nonce + "\", qop=\"auth\"" + more);
  }
  static bool has(const Ask& ask, std::string_view text) {
    return ask.fields.find(text) != std::string::npos;
  }
  uint64_t to_timer() const { return agent->view(now).next_ms - now; }

  Settings settings;
  uint64_t now = 1'000'000;
  uint64_t random = 0;
  std::unique_ptr<Agent> agent;
};

}  // namespace demarc::registration
