// Upkeep against a region whose rings the test empties and fills as a worker does.
#pragma once

#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "controlplane/config/load.h"
#include "controlplane/link/targets.h"
#include "controlplane/trunks/compile.h"
#include "controlplane/upkeep/upkeep.h"

namespace demarc::upkeep {

using contract::OutsideEvent;
using contract::OutsideMethod;
using contract::OutsideRequest;
using contract::TargetHealth;
using contract::TargetId;

inline constexpr contract::RegionSizes sizes = {1, 4, 4, 64, 64};
inline constexpr std::string_view configuration = R"([port.wan]
device = "a"
[realm.outside]
port = "wan"
address = "198.51.100.10"
[trunk.acme]
realm = "outside"
peer = ["198.51.100.20", "198.51.100.21"]
register = true
user = "u1"
password = "secret1"
aor = "sip:u1@provider.example"
probe_interval_s = 1
probe_timeout_ms = 500
probe_failures = 1
[[route]]
from = "acme"
to = "acme"
)";

class UpkeepTest : public testing::Test {
 protected:
  UpkeepTest() : directory(testing::TempDir() + "upkeep-" + std::to_string(::getpid())) {
    std::filesystem::create_directories(directory);
    const size_t octets = contract::Region::octets_needed(sizes);
    const contract::FileDescriptor fd = contract::make_memfd("region", octets);
    contract::Mapping mapping(fd, octets, true);
    contract::Region::create(mapping.octets(), sizes, 7);
    contract::HandshakeMessage offer;
    offer.boot_id = 7;
    attachment = std::make_shared<link::Attachment>(std::move(mapping), offer);
    make();
  }
  ~UpkeepTest() override {
    upkeep->stop();
    std::filesystem::remove_all(directory);
  }
  void make() {
    upkeep = std::make_unique<Upkeep>(
        directory, noted, [this] { return attachment; }, [this] { ++route_changes; });
  }
  void adopt(const std::string& text) { upkeep->adopt(plan_of(text)); }
  // With its targets in the region.
  Plan plan_of(const std::string& text) {
    const config::Loaded loaded = config::load_text(text);
    EXPECT_TRUE(loaded.is_good) << testing::PrintToString(config::texts_of(loaded, "f"));
    trunks::Facts facts;
    facts.health = [this](const std::string& trunk, const contract::Endpoint& target) {
      return upkeep->health_of(trunk, target);
    };
    facts.choices = [this](const dns::Host&) { return choices; };
    facts.registered_at = [this](const std::string& trunk) { return upkeep->registered_at(trunk); };
    const link::SectionSet set = trunks::compile(loaded.config, {}, ids, facts);
    link::add_targets(attachment->region(), set.targets);
    link::write_targets(attachment->region(), set.targets);
    return make_plan(loaded.config, ids, set);
  }
  // Answers requests as `worker` says until `is_done`; the deadline is for a test that fails.
  void serve(const std::function<void(const OutsideRequest&, OutsideEvent&)>& worker,
             const std::function<bool()>& is_done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    contract::OutsideRequestRing requests = attachment->region().outside_requests(0);
    contract::OutsideEventRing events = attachment->region().outside_events(0);
    while (!is_done()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      OutsideRequest request;
      if (!requests.pop(request)) {
        std::this_thread::yield();
        continue;
      }
      OutsideEvent event;
      event.request_id = request.request_id;
      event.kind = OutsideEvent::Kind::response;
      worker(request, event);
      ASSERT_TRUE(events.push(event));
    }
  }
  static void answer(OutsideEvent& event, uint16_t status, const std::string& lines = "",
                     const std::string& phrase = "x") {
    const std::string text = "SIP/2.0 " + std::to_string(status) + " " + phrase + "\r\n" + lines +
                             "CSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n";
    event.status_code = status;
    event.length = static_cast<uint16_t>(text.copy(event.octets, sizeof event.octets));
  }
  static void accept(const OutsideRequest& request, OutsideEvent& event) {
    if (request.method == OutsideMethod::options) return answer(event, 200);
    answer(event, 200,
           "Contact: <sip:u1@198.51.100.10:5060>;expires=600\r\n"
           "Service-Route: <sip:edge.example;lr>\r\n");
  }
  // Refreshed after half a second.
  static void accept_briefly(OutsideEvent& event) {
    answer(event, 200, "Contact: <sip:u1@198.51.100.10:5060>;expires=1\r\n");
  }
  bool is_registered() const {
    const State state = upkeep->state();
    return !state.registrations.empty() && state.registrations[0].view.is_registered;
  }
  contract::Target target(uint32_t id) const {
    contract::Target held;
    return attachment->region().target(TargetId{id}).load(held) ? held : contract::Target();
  }
  TargetHealth row(uint32_t id) const { return target(id).health; }

  const std::string directory;
  trunks::IdMap ids;
  std::shared_ptr<link::Attachment> attachment;
  std::vector<dns::Choice> choices;  // behind a name
  std::atomic<int> route_changes = 0;
  events::Events noted{0};
  std::unique_ptr<Upkeep> upkeep;
};

}  // namespace demarc::upkeep
