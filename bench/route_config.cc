#include "bench/route_config.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "controlplane/config/load.h"

namespace demarc::bench {
namespace {

using contract::SectionKind;

constexpr std::string_view trunks_text = R"([platform]
trunk_capacity = 8
target_capacity = 8
[port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
max_calls_in = 1000000
calls_per_second_in = 100000
call_burst = 100000
%PBX%
[trunk.itsp]
realm = "inside"
peer = ["10.0.0.30", "10.0.0.31"]
port = 5070
max_calls_out = 1000000
called_out = ['^\+(1\d{10})$ -> $1', '^\+(\d{9}\d+)$ -> 011$1']
calling_out = '^\+44(\d+)$ -> 0$1'
)";

constexpr size_t page_octets = 4096;

}  // namespace

std::string text_of(std::string_view pbx, std::string_view more) {
  std::string text(trunks_text);
  text.replace(text.find("%PBX%"), 5, pbx);
  return text.append(more);
}

config::Config config_of(std::string_view pbx) {
  config::Loaded loaded = config::load_text(text_of(pbx, ""));
  if (!loaded.is_good) {
    for (const std::string& mistake : config::texts_of(loaded, "bench")) std::puts(mistake.c_str());
    std::abort();
  }
  return loaded.config;
}

std::string number_of(uint64_t index) {
  std::string number("+");
  number += std::to_string(1'000'000 + index);
  return number;
}

void add_routes(config::Config& config, unsigned count) {
  config::Route route;
  route.from = "pbx";
  route.to = {"itsp"};
  route.priority = 100;
  config.routes.reserve(count + 1);
  config.routes.push_back(route);
  for (unsigned i = 0; i < count; ++i) {
    route.prefix = number_of(i);
    config.routes.push_back(route);
  }
}

void Compiled::Free::operator()(std::byte* pages) const {
  std::free(pages);
}

Compiled::Compiled(const config::Config& config) {
  trunks::Facts facts;
  // As flow::Box numbers them.
  for (const char* trunk : {"pbx", "itsp"}) ids_.trunks.take(trunk);
  set_ = trunks::compile(config, {}, ids_, facts);
  snapshot_.generation = 1;
  snapshot_.realms = map<contract::RealmSection>(SectionKind::realms);
  snapshot_.trunks = map<contract::TrunkSection>(SectionKind::trunks);
  snapshot_.routes = map<contract::RouteSection>(SectionKind::routes);
  const contract::SectionBounds bounds{1, set_.realms, set_.trunks, 8, 8};
  is_sound_ = contract::check_section(set_.blob(SectionKind::routes), bounds) ==
              contract::SectionError::none;
  store_ = number::PatternStore::build(*snapshot_.routes, 2, nullptr);
  is_sound_ = is_sound_ && store_ != nullptr;
  if (is_sound_) snapshot_.patterns = &store_->patterns();
}

contract::TrunkId Compiled::trunk(const std::string& name) {
  return contract::TrunkId{static_cast<uint16_t>(ids_.trunks.take(name))};
}

// A worker's sections begin with a page.
template <class Section>
const Section* Compiled::map(SectionKind kind) {
  const auto& octets = set_.blob(kind);
  const size_t size = (octets.size() + page_octets - 1) / page_octets * page_octets;
  pages_.emplace_back(static_cast<std::byte*>(std::aligned_alloc(page_octets, size)));
  if (pages_.back() == nullptr) std::abort();
  std::memcpy(pages_.back().get(), octets.data(), octets.size());
  return reinterpret_cast<const Section*>(pages_.back().get());
}

}  // namespace demarc::bench
