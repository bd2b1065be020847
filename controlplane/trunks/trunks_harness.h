// What the tests of this folder share: a configuration in pieces, and its sections once compiled.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "controlplane/config/load.h"
#include "controlplane/trunks/compile.h"

namespace demarc::trunks {

using contract::elements;
using contract::SectionKind;
using contract::text;
using contract::TrunkId;

inline constexpr std::string_view base = R"([platform]
trunk_capacity = 8
target_capacity = 8
[port.lan]
device = "b"
[port.wan]
device = "a"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[realm.outside]
port = "wan"
vlan = 7
address = "198.51.100.10"
advertise = "203.0.113.5"
media = ["198.51.100.11", "198.51.100.12"]
)";
inline constexpr std::string_view acme = R"([trunk.acme]
realm = "outside"
peer = "198.51.100.20"
sources = ["198.51.100.64/26", "198.51.100.21", "198.51.100.20"]
tenant = "blue"
max_calls = 30
t1_ms = 400
t2_ms = 3000
t4_ms = 4500
no_response_ms = 8000
ring_timeout_ms = 60000
media_timeout_ms = 9000
media_timeout_alone = "always"
)";
inline constexpr std::string_view pbx = R"([trunk.pbx]
realm = "inside"
peer = "10.0.0.20:5070"
port = 5080
)";
inline constexpr std::string_view routes = R"([[route]]
from = "pbx"
to = "acme"
[[route]]
from = "pbx"
to = "acme"
prefix = "00"
strip = 2
add = "+"
[[route]]
from = "pbx"
to = "pbx"
prefix = "0049"
[[route]]
from = "acme"
to = "pbx"
prefix = "+49*#"
)";

inline config::Config load(const std::string& source) {
  const config::Loaded loaded = config::load_text(source);
  EXPECT_TRUE(loaded.is_good) << testing::PrintToString(config::texts_of(loaded, "f"));
  return loaded.config;
}

inline config::Config whole() {
  return load(std::string(base) + std::string(acme) + std::string(pbx) + std::string(routes));
}

template <class Section>
const Section& as(const link::SectionSet& set, SectionKind kind) {
  return *reinterpret_cast<const Section*>(set.blob(kind).data());
}

inline void expect_sound(const link::SectionSet& set) {
  const contract::SectionBounds bounds = {2, set.realms, set.trunks, 8, 8, 256};
  for (const SectionKind kind : {SectionKind::platform, SectionKind::realms, SectionKind::trunks,
                                 SectionKind::routes, SectionKind::secrets}) {
    EXPECT_EQ(contract::check_section(set.blob(kind), bounds), contract::SectionError::none)
        << static_cast<int>(kind);
  }
}

}  // namespace demarc::trunks
