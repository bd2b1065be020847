// A directory with a configuration, and Changes on it as a control plane has it. For tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "controlplane/change/changes.h"
#include "tests/support/temporary_directory.h"

namespace demarc::change {

inline constexpr uint64_t ns_per_s = 1'000'000'000;
inline constexpr uint64_t far_ahead = UINT64_MAX / 4;

inline std::string text_with(const std::string& port, const std::string& password = "s3cret") {
  return R"([port.wan]
device = "af_packet:veth0"
[realm.outside]
port = "wan"
address = "198.51.100.10"
[trunk.acme]   # the provider
realm = "outside"
peer = "198.51.100.20"
port = )" +
         port +
         R"(
register = true
user = "me"
password = ")" +
         password + R"("
[[route]]
from = "acme"
to = "acme"
)";
}

inline std::string read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void write(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

class ChangeTest : public testing::Test {
 protected:
  ChangeTest() {
    std::filesystem::create_directory(directory.path("etc"));
    options.config_file = directory.path("etc/demarc.toml");
    options.state_directory = directory.path("state");
    std::filesystem::create_directory(options.state_directory);
    write(options.config_file, text_with("5060"));
  }

  // As a control plane that starts.
  void start(uint64_t now_unix_ns = 0) {
    changes.reset();
    Changes::recover(options, now_unix_ns);
    config::Loaded loaded = config::load_file(options.config_file);
    ASSERT_TRUE(loaded.is_good) << testing::PrintToString(config::texts_of(loaded, "f"));
    taken.clear();
    changes = std::make_unique<Changes>(
        options, std::move(loaded), [this](const config::Loaded& l) { note(l); },
        [this](const config::Config&) { return misfit; },
        [this](config::Loaded& l, bool asks_tests) {
          if (!do_tests_fail || !asks_tests) return;
          l.is_good = false;
          l.problems.push_back({{1, 1, 0}, false, "a test fails", {}});
        });
  }
  void note(const config::Loaded& loaded) {
    const uint16_t port = loaded.config.trunks[0].port;
    if (port == refused_port) throw std::runtime_error("this is not taken");
    taken.push_back(port);
  }

  static Candidate of(const std::string& text) { return {{{"", text}}}; }
  Outcome apply(const std::string& text, uint32_t confirm_s = 0) {
    return changes->apply(of(text), {"ann", "because", confirm_s, 0});
  }
  uint16_t port_in_force() const { return changes->running().loaded->config.trunks[0].port; }

  const support::TemporaryDirectory directory;
  Options options;
  std::unique_ptr<Changes> changes;
  std::vector<uint16_t> taken;
  uint16_t refused_port = 0;
  std::string misfit;  // with any configuration
  bool do_tests_fail = false;
};

}  // namespace demarc::change
