// A dataplane's end of the handshake over a real socket, and a link to it. Tests only.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "controlplane/link/link.h"
#include "dataplane/contract/section_builder.h"

namespace demarc::link {

using contract::DataplaneState;
using contract::FileDescriptor;
using contract::HandshakeMessage;
using contract::MessageKind;
using contract::Received;
using contract::SectionKind;

inline constexpr contract::RegionSizes sizes = {1, 4, 4, 4, 64};

struct Directory {
  Directory() {
    path = std::filesystem::temp_directory_path() / "demarc-link-XXXXXX";
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string path;
};

// The other end of the handshake, driven by the test's thread.
class FakeDataplane {
 public:
  explicit FakeDataplane(const std::string& path) : listener_(contract::listen_at(path.c_str())) {
    EXPECT_TRUE(listener_.is_open());
  }

  void accept() {
    channel_ = contract::accept_on(listener_);
    ASSERT_TRUE(channel_.is_open());
  }
  void close() { channel_.reset(); }
  // Until the other end closes.
  void see_the_end() {
    while (contract::receive_message(channel_, true).kind == Received::Kind::message) {
    }
    channel_.reset();
  }
  void die() {
    listener_.reset();
    channel_.reset();
  }

  // Blocks; the test's time limit is the only one.
  Received take(MessageKind kind) {
    Received received = contract::receive_message(channel_, true);
    EXPECT_EQ(received.kind, Received::Kind::message);
    EXPECT_EQ(received.message.kind, kind);
    return received;
  }
  // A section as it travels: sealed, checked, with its generation.
  Blob take_section(SectionKind kind) {
    const Received received = take(MessageKind::section);
    EXPECT_EQ(received.message.section, kind);
    const contract::Mapping mapping(received.fd, received.message.octets, false);
    EXPECT_TRUE(mapping.is_mapped());
    Blob blob(mapping.octets().begin(), mapping.octets().end());
    const auto* header = reinterpret_cast<const contract::SectionHeader*>(blob.data());
    EXPECT_EQ(header->kind, kind);
    EXPECT_EQ(header->generation, received.message.generation);
    return blob;
  }
  void send(MessageKind kind, const char* refusal = nullptr) {
    HandshakeMessage message;
    message.kind = kind;
    message.boot_id = boot_id;
    message.state = state;
    message.is_refused = refusal != nullptr;
    if (refusal != nullptr) message.reason.assign(refusal);
    ASSERT_TRUE(contract::send_message(channel_, message));
  }
  void offer_region(uint64_t region_boot_id) {
    memory_ = contract::make_memfd("region", contract::Region::octets_needed(sizes));
    mapping_ = contract::Mapping(memory_, contract::Region::octets_needed(sizes), true);
    region = contract::Region::create(mapping_.octets(), sizes, region_boot_id);
    region.header().state.store(DataplaneState::running, std::memory_order_relaxed);
    send_region();
  }
  void send_region() {
    HandshakeMessage message;
    message.kind = MessageKind::region_offer;
    message.boot_id = boot_id;
    message.octets = mapping_.octets().size();
    message.driver.assign("net_fake");
    ASSERT_TRUE(contract::send_message(channel_, message, memory_.get()));
  }
  void greet() {
    accept();
    take(MessageKind::hello);
    send(MessageKind::welcome);
  }
  // A whole publication of all four sections.
  uint64_t publish_all() {
    for (const SectionKind kind :
         {SectionKind::realms, SectionKind::trunks, SectionKind::routes, SectionKind::secrets}) {
      take_section(kind);
      send(MessageKind::section_result);
    }
    return publish();
  }
  uint64_t publish() {
    const uint64_t generation = take(MessageKind::publish).message.generation;
    region.worker(0).generation.store(generation, std::memory_order_relaxed);
    send(MessageKind::published);
    return generation;
  }
  bool is_silent() const {
    pollfd fd = {channel_.get(), POLLIN, 0};
    return ::poll(&fd, 1, 0) == 0;
  }

  uint64_t boot_id = 77;
  DataplaneState state = DataplaneState::starting;
  contract::Region region;

 private:
  FileDescriptor listener_;
  FileDescriptor channel_;
  FileDescriptor memory_;
  contract::Mapping mapping_;
};

// A set whose route section carries `mark`, so that a change is easily made.
inline SectionSet make_set(const std::string& mark) {
  SectionSet set;
  contract::SectionBuilder<contract::PlatformSection> platform(SectionKind::platform, 0);
  contract::NicPortConfig port;
  port.name = platform.text("wan");
  port.device = platform.text("a");
  port.twin = platform.text("dm-wan");
  platform.section().ports = platform.array<contract::NicPortConfig>(std::span(&port, 1));
  set.blob(SectionKind::platform) = platform.finish();
  set.blob(SectionKind::realms) =
      contract::SectionBuilder<contract::RealmSection>(SectionKind::realms, 0).finish();
  set.blob(SectionKind::trunks) =
      contract::SectionBuilder<contract::TrunkSection>(SectionKind::trunks, 0).finish();
  contract::SectionBuilder<contract::RouteSection> routes(SectionKind::routes, 0);
  routes.text(mark);
  set.blob(SectionKind::routes) = routes.finish();
  set.blob(SectionKind::secrets) =
      contract::SectionBuilder<contract::SecretSection>(SectionKind::secrets, 0).finish();
  TargetPlan plan;
  plan.id = contract::TargetId{1};
  plan.target.endpoint = {contract::IpAddress::v4(10, 0, 0, 1), 5060};
  plan.target.health = contract::TargetHealth::unknown;
  set.targets.push_back(plan);
  return set;
}

class LinkTest : public testing::Test {
 protected:
  LinkTest()
      : dataplane(directory.path + "/socket"),
        link(
            {directory.path + "/socket", directory.path, 1}, events,
            [this](const DataplaneView& view) {
              const std::lock_guard guard(mutex);
              views.push_back(view);
              return set;
            },
            [this](Link::Ids ids) {
              const std::lock_guard guard(mutex);
              settled.push_back(ids);
            }) {}

  std::vector<Link::Ids> all_settled() {
    const std::lock_guard guard(mutex);
    return settled;
  }

  void change(SectionSet next) {
    {
      const std::lock_guard guard(mutex);
      set = std::move(next);
    }
    link.republish();
  }
  void start_fresh() {
    link.start();
    dataplane.greet();
    dataplane.take_section(SectionKind::platform);
    dataplane.send(MessageKind::section_result);
    dataplane.offer_region(dataplane.boot_id);
  }
  // Until a condition that the link's thread brings about; each step waits for the thread.
  template <class Condition>
  void until(Condition condition) {
    while (!condition()) std::this_thread::yield();
  }

  Directory directory;
  FakeDataplane dataplane;
  std::mutex mutex;
  SectionSet set = make_set("one");
  std::vector<DataplaneView> views;
  std::vector<Link::Ids> settled;
  events::Events events{0};
  Link link;
};

}  // namespace demarc::link
