// A configuration of two realms and three trunks, into which tests of trunks' fields put theirs.
// Tests only.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/load.h"

namespace demarc::config {

// The fields of [trunk.acme] begin in line 12, the last route is line 23, more begins in line 26.
inline constexpr std::string_view before = R"([port.wan]
device = "af_packet:veth0"
[port.lan]
device = "af_packet:veth1"
[realm.outside]
port = "wan"
address = "198.51.100.10"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.acme]
)";
inline constexpr std::string_view after = R"(realm = "outside"
peer = "198.51.100.20"
[trunk.backup]
realm = "outside"
peer = "198.51.100.30"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
[[route]]
from = "pbx"
to = "acme"
[[route]]
from = "acme"
to = "pbx"
[[route]]
from = "backup"
to = "pbx"
)";

inline std::string with_trunk(std::string_view fields) {
  return std::string(before) + std::string(fields) + std::string(after);
}

inline std::string replaced(std::string_view from, std::string_view to) {
  std::string text = with_trunk("");
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// Its first field is line 30.
inline std::string with_header(std::string_view fields) {
  return with_trunk("") + "[[header]]\n" + std::string(fields);
}

inline std::vector<std::string> problems_of(const std::string& text) {
  return texts_of(load_text(text), "f");
}

inline void expect_problems(const std::string& text, const std::vector<std::string>& begins) {
  const std::vector<std::string> problems = problems_of(text);
  ASSERT_EQ(problems.size(), begins.size()) << testing::PrintToString(problems);
  for (size_t i = 0; i < begins.size(); ++i) {
    EXPECT_EQ(problems[i].substr(0, begins[i].size()), begins[i]) << problems[i];
  }
}

inline Config good(const std::string& text) {
  Loaded loaded = load_text(text);
  EXPECT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
  return loaded.is_good ? loaded.config : Config{};
}

inline Trunk acme_with(std::string_view fields) {
  const Config config = good(with_trunk(fields));
  const Trunk* trunk = find_block(config.trunks, "acme");
  EXPECT_NE(trunk, nullptr);
  return trunk == nullptr ? Trunk{} : *trunk;
}

}  // namespace demarc::config
