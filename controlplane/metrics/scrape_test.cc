// What a scrape of many trunks costs, in memory and not in time.
#include "controlplane/metrics/scrape.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>

#include "controlplane/config/load.h"

namespace {

std::atomic<size_t> live_octets = 0;
std::atomic<size_t> most_octets = 0;

// Tests are over where there is no memory.
void* allocate(size_t octets) noexcept {
  void* block = std::malloc(octets);
  if (block == nullptr) std::abort();
  const size_t live = live_octets += ::malloc_usable_size(block);
  if (live > most_octets) most_octets = live;
  return block;
}

void release(void* block) {
  if (block != nullptr) live_octets -= ::malloc_usable_size(block);
  std::free(block);
}

}  // namespace

// Of this whole program, so that memory is counted wherever it is taken.
void* operator new(size_t octets) {
  return allocate(octets);
}
void* operator new[](size_t octets) {
  return allocate(octets);
}
// std::stable_sort asks for its memory so.
void* operator new(size_t octets, const std::nothrow_t&) noexcept {
  return allocate(octets);
}
void operator delete(void* block) noexcept {
  release(block);
}
void operator delete[](void* block) noexcept {
  release(block);
}
void operator delete(void* block, size_t) noexcept {
  release(block);
}
void operator delete[](void* block, size_t) noexcept {
  release(block);
}

namespace demarc::metrics {
namespace {

constexpr unsigned many = 500;

std::string configuration() {
  std::string text =
      "[platform]\ntrunk_capacity = 1024\n[port.wan]\ndevice = \"a\"\n"
      "[realm.outside]\nport = \"wan\"\naddress = \"198.51.100.10\"\n";
  for (unsigned i = 0; i < many; ++i) {
    text += "[trunk.t" + std::to_string(i) + "]\nrealm = \"outside\"\npeer = \"10.0." +
            std::to_string(i / 256) + "." + std::to_string(i % 256) + "\"\n";
  }
  return text;
}

std::shared_ptr<link::Attachment> make_attachment() {
  const contract::RegionSizes sizes = {1, 4, 1024, 1024, 64};
  const size_t octets = contract::Region::octets_needed(sizes);
  contract::Mapping mapping(contract::make_memfd("region", octets), octets, true);
  contract::Region::create(mapping.octets(), sizes, 7);
  contract::HandshakeMessage offer;
  offer.boot_id = 7;
  return std::make_shared<link::Attachment>(std::move(mapping), offer);
}

// Each sample is written once. What is allocated beside the text is room that strings grow into.
// A trunk that nothing happens at is a few kilobytes.
TEST(Scrape, OfManyTrunksHoldsNotMuchMoreThanItsText) {
  const config::Loaded loaded = config::load_text(configuration());
  ASSERT_TRUE(loaded.is_good);
  trunks::IdMap ids;
  upkeep::State upkeep;
  for (const config::Trunk& trunk : loaded.config.trunks) {
    ids.trunks.take(trunk.name);
    upkeep::TargetState target;
    target.trunk = trunk.name;
    target.health = health::State::up;
    upkeep.targets.push_back(target);
  }
  const auto attachment = make_attachment();
  const Scrape scrape{.version = "1",
                      .config = loaded.config,
                      .ids = ids,
                      .attachment = attachment.get(),
                      .link = {},
                      .records = {},
                      .upkeep = std::move(upkeep),
                      .bindings = {},
                      .calls = {}};
  const size_t before = live_octets;
  most_octets = before;
  const std::string text = text_of(scrape);
  EXPECT_GT(text.size(), many * 1'000u);
  EXPECT_LT(text.size(), many * 3'000u);
  EXPECT_LT(most_octets - before, 3 * text.size());
  unsigned up = 0;
  constexpr std::string_view begin = "\ndemarc_trunk_up{";
  for (size_t at = 0; (at = text.find(begin, at)) != std::string::npos; at += begin.size()) ++up;
  EXPECT_EQ(up, many);
}

}  // namespace
}  // namespace demarc::metrics
