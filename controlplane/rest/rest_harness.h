// What the tests of the API share: a configuration, and an API over a region that the test writes.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "controlplane/config/load.h"
#include "controlplane/rest/router.h"

namespace demarc::rest {

inline constexpr std::string_view configuration = R"([port.wan]
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
inline constexpr contract::RegionSizes sizes = {2, 8, 4, 4, 64, 3};

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
    sources.snapshot = &snapshot;
    sources.bindings = [this] { return bindings; };
    sources.binding_counts = [this] {
      registrar::BindingCounts counts;
      for (const registrar::BindingView& row : bindings) ++counts[row.trunk];
      return counts;
    };
    sources.tally = &tally;
    sources.events = &events;
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
    row.from = contract::TrunkId{0};
    row.to = contract::TrunkId{1};
    row.put(contract::RowText::calling, "+4420");
    row.started_unix_ns = 1'714'555'800'000'000'000;
    row.media[0].packets_in = 50;
    region.directory(row.worker, contract::CallSlot{slot}).store(row);
  }
  // An m-line beside the one in the call's row, the first of such.
  void add_stream(unsigned worker, uint32_t slot, contract::StreamRow stream) {
    const auto owner = static_cast<contract::WorkerIndex>(worker);
    contract::DirectoryRow row;
    ASSERT_TRUE(region.directory(owner, contract::CallSlot{slot}).load(row));
    region.stream(owner, 2).store(stream);
    row.further[0] = 3;
    for (contract::MediaSummary& media : row.media) {
      media.streams = 2;
      media.media_index = 1;
      media.kind = contract::MediaKind::audio;
    }
    region.directory(owner, contract::CallSlot{slot}).store(row);
  }
  Response get(const std::string& target, const std::string& method = "GET") {
    Request request;
    request.method = method;
    EXPECT_TRUE(parse_target(target, request));
    return respond(request, sources);
  }
  nlohmann::json get_json(const std::string& target) {
    const Response response = get(target);
    EXPECT_EQ(response.status, 200u) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    return nlohmann::json::parse(response.body);
  }
  void expect_problem(const std::string& target, unsigned status) {
    const Response response = get(target);
    EXPECT_EQ(response.status, status) << target;
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(nlohmann::json::parse(response.body)["status"], status);
  }

  ConfigState state;
  link::Status link;
  records::Status records;
  dns::State dns;
  upkeep::State upkeep;
  std::vector<registrar::BindingView> bindings;
  whatif::KeptSnapshot snapshot;
  events::Events events{1'000'000'000};
  metrics::CallTally tally{[](contract::TrunkId) { return std::string("acme"); }};
  std::shared_ptr<link::Attachment> attachment;
  contract::Region region;
  Sources sources;
};

}  // namespace demarc::rest
