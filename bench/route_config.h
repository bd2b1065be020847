// Configurations of many number rules and routes, compiled as a worker has them. Used by
// route_bench and route_calls_bench. A PBX calls a provider; the trunks are flow::Box's, in their
// order.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/trunks/compile.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/number/pattern_store.h"

namespace demarc::bench {

inline constexpr std::string_view calling_rules =
    "calling_in = '^(1|2)(\\d{3})$ -> +1425555$1$2'\n";

// The PBX's trunk has these lines, too. A mistake in them ends the program.
config::Config config_of(std::string_view pbx);
// The same text, with `more` behind it, for those who measure reading it.
std::string text_of(std::string_view pbx, std::string_view more);

// One of the prefixes: a country code and digits, all of one length.
std::string number_of(uint64_t index);
// So many routes to the provider, by prefix, and one that all numbers fit. They are made here and
// not read: reading a million is not what is measured.
void add_routes(config::Config& config, unsigned count);

// Sections of one configuration, where a worker would have them mapped. The snapshot borrows them.
class Compiled {
 public:
  explicit Compiled(const config::Config& config);
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  bool is_sound() const { return is_sound_; }
  size_t route_octets() const { return set_.blob(contract::SectionKind::routes).size(); }
  const contract::Snapshot& snapshot() const { return snapshot_; }
  const std::vector<link::TargetPlan>& targets() const { return set_.targets; }
  contract::TrunkId trunk(const std::string& name);

 private:
  struct Free {
    void operator()(std::byte* pages) const;
  };
  template <class Section>
  const Section* map(contract::SectionKind kind);

  trunks::IdMap ids_;
  link::SectionSet set_;
  std::vector<std::unique_ptr<std::byte, Free>> pages_;
  contract::Snapshot snapshot_;
  std::shared_ptr<const number::PatternStore> store_;
  bool is_sound_ = false;
};

}  // namespace demarc::bench
