// Mutated configurations against a control plane that runs: whatever a file says, it is refused
// with positions, or it compiles to sections that the dataplane takes, and the running one stays as
// it is until then. The same numbers give the same configurations.
//
// DEMARC_MUTATIONS says how many; DEMARC_SEED begins elsewhere.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "controlplane/change/changes.h"
#include "controlplane/config/json_form.h"
#include "controlplane/config/secrets.h"
#include "controlplane/runtime/files.h"
#include "controlplane/trunks/compile.h"
#include "controlplane/upkeep/plan.h"
#include "controlplane/whatif/judge.h"
#include "tests/support/temporary_directory.h"

namespace demarc {
namespace {

using contract::SectionKind;

constexpr uint64_t usual_mutations = 1'500;
constexpr uint64_t apply_every = 100;  // of those that are good
constexpr std::string_view secret = "Zq7secretZq7";

constexpr std::array<std::string_view, 4> seeds = {
    R"([platform]
workers = 2
cores = "2,3"
dns_servers = ["192.0.2.53", "2001:db8::53"]
trunk_capacity = 64
[port.wan]
device = "af_packet:veth0"
[port.lan]
device = "af_xdp:eth1"
queues = 2
[realm.outside]
port = "wan"
vlan = 7
address = "198.51.100.10"
advertise = "203.0.113.5"
media = ["198.51.100.11", "198.51.100.12"]
media_ports = "20000-29999"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.acme]
realm = "outside"
peer = ["198.51.100.20", "198.51.100.21:5070", "sip.example.com"]
sources = ["198.51.100.64/26", "198.51.100.21"]
failover_codes = [408, 500, 503, 504]
cause_rules = ["486 Q.850/34 -> 503", "502 -> 503"]
codecs = ["PCMU", "G722"]
register = true
user = "4420794600"
password = "Zq7secretZq7"   # of the account
expires_s = 600
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20:5070"
port = 5080
max_calls = 30
trusted = true
keeps_identity = true
[[prefix_limit]]
trunk = "pbx"
prefix = "+1900"
max_calls = 3
calls_per_second = 2
[[header]]
trunk = "acme"
action = "replace"
name = "User-Agent"
value = "demarc"
methods = ["INVITE", "BYE"]
[[route]]
from = "pbx"
to = ["acme", "pbx"]
prefix = "00"
strip = 2
add = "+"
[[route]]
from = "acme"
to = "pbx"
)",
    R"(include = ["routes.toml"]
port.wan.device = "a"
realm = { outside = { port = "wan", address = "2001:db8::1", media_ports = "16384-32767" } }
trunk."a.b" = { realm = "outside", peer = "[2001:db8::2]:5061", transport = "tcp" }
trunk.c = { realm = "outside", peer = "2001:db8::3", password = 'Zq7secretZq7', user = "u" }
)",
    R"([port.p0]
device = "x"
twin = "dm-x"
mtu = 9000
[realm.r]
port = "p0"
address = "192.0.2.1"
[trunk.t]
realm = "r"
peer = "192.0.2.2"
transport = "tls"
tls = "missing"
[tls.missing]
certificate = "/nonexistent.pem"
key = "/nonexistent.key"
)",
    R"([port.wan]
device = "af_packet:veth0"
[realm.outside]
port = "wan"
address = "198.51.100.10"
[table.moved]
file = "numbers.csv"
[costs.acme]
file = "costs.csv"
[prefixes.mobile]
file = "costs.csv"
[trunk.acme]
realm = "outside"
peer = "198.51.100.20"
usages = ["local", "world"]
costs = "acme"
called_in = ["table moved", "prefix 00 -> +"]
calling_out = ['^\+44(\d+)$ -> 0$1']
[trunk.branch]
realm = "outside"
port = 5080
registrar = true
sources = "198.51.100.64/26"
usages = "local"
[user.phone]
trunk = "branch"
password = "Zq7secretZq7"
[group.all]
trunks = ["acme", "branch"]
hunt = "weighted"
weights = [1, 3]
max_calls = 10
calls_per_second = 4
[[route]]
name = "day"
usages = "world"
to = "all"
called = '^\+44\d*$'
except_called = ['^\+4470']
hours = "mon-fri 08:00-18:00"
time_zone = "UTC"
[[route]]
usages = "local"
to = ["branch", "acme"]
hunt = "lowest_cost"
[[route]]
name = "mobile"
usages = ["local", "world"]
to = "acme"
prefixes = "mobile"
priority = 50
[test.mobile]
from = "acme"
called = "00447911"
calling = "200"
headers = ["X-Site: berlin"]
at = "2026-11-30T10:00:00+01:00"
trunk = "acme"
route = "mobile"
number = "+447911"
caller = "200"
[test.name]
from = "branch"
called = "alice"
at = "2026-11-30T10:00:00Z"
trunk = "branch"
)"};
// All of it is looked at: a seed that is refused tests little of what it names.
constexpr std::array<size_t, 3> good_seeds = {0, 1, 3};
constexpr std::string_view included = "[[route]]\nfrom = \"a.b\"\nto = \"c\"\nprefix = \"1\"\n";

constexpr std::array<std::string_view, 40> words = {"0",
                                                    "1",
                                                    "-1",
                                                    "65535",
                                                    "65536",
                                                    "4294967296",
                                                    "9223372036854775807",
                                                    "9223372036854775808",
                                                    "1e9",
                                                    "0x10",
                                                    "inf",
                                                    "nan",
                                                    "true",
                                                    "false",
                                                    "\"\"",
                                                    "\"acme\"",
                                                    "\"pbx\"",
                                                    "\"*\"",
                                                    "[]",
                                                    "[[]]",
                                                    "{}",
                                                    "[1, \"a\", [2]]",
                                                    "1979-05-27",
                                                    "\"\\u0000\"",
                                                    "\"\xc3\xa9\"",
                                                    "'''x",
                                                    "\"\"\"",
                                                    "\"192.0.2.1\"",
                                                    "\"0.0.0.0/0\"",
                                                    "\"::/0\"",
                                                    "\"255.255.255.255\"",
                                                    "\"a.example\"",
                                                    "\"16384-32767\"",
                                                    "[route]",
                                                    "[[trunk]]",
                                                    "[trunk.x.y]",
                                                    "include = \"routes.toml\"",
                                                    "include = \"demarc.toml\"",
                                                    "[platform]\nworkers = 64",
                                                    "=\n]"};

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string next() {
    std::string text(seeds[below(seeds.size())]);
    const size_t times = 1 + below(4);
    for (size_t i = 0; i < times; ++i) mutate(text);
    return text;
  }
  size_t below(size_t end) { return end == 0 ? 0 : static_cast<size_t>(random_() % end); }

 private:
  void mutate(std::string& text) {
    switch (below(9)) {
      case 0:
        return replace_value(text, std::string(words[below(words.size())]));
      case 1:
        return replace_value(text, std::to_string(below(100'000)));
      case 2:
        return rename_field(text);
      case 3:
        return move_line(text, true);
      case 4:
        return move_line(text, false);
      case 5:
        return change_octet(text);
      case 6:
        text.resize(below(text.size() + 1));
        return;
      case 7:
        return splice(text);
      default:
        text.insert(below(text.size() + 1), words[below(words.size())]);
    }
  }

  // [begin, end) of a line, without its end.
  std::pair<size_t, size_t> line(const std::string& text) {
    const size_t at = below(text.size() + 1);
    const size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const size_t begin = before == std::string::npos ? 0 : before + 1;
    return {begin, std::min(text.find('\n', begin), text.size())};
  }

  void replace_value(std::string& text, const std::string& value) {
    const auto [begin, end] = line(text);
    const size_t equals = text.find('=', begin);
    if (equals >= end) return;
    text.replace(equals + 1, end - equals - 1, " " + value);
  }

  void rename_field(std::string& text) {
    const auto [begin, end] = line(text);
    const size_t equals = text.find('=', begin);
    if (equals >= end) return;
    const auto fields = contract::fields();
    text.replace(begin, equals - begin, std::string(fields[below(fields.size())].name) + " ");
  }

  // A line goes, or stands somewhere else as well.
  void move_line(std::string& text, bool stays) {
    const auto [begin, end] = line(text);
    const std::string moved = text.substr(begin, end - begin) + "\n";
    if (!stays) text.erase(begin, std::min(moved.size(), text.size() - begin));
    if (stays || below(2) == 0) text.insert(line(text).first, moved);
  }

  void change_octet(std::string& text) {
    if (!text.empty()) text[below(text.size())] = static_cast<char>(random_());
  }

  void splice(std::string& text) {
    const std::string_view other = seeds[below(seeds.size())];
    const size_t begin = below(other.size());
    text.insert(line(text).first, other.substr(begin, below(other.size() - begin)));
  }

  std::mt19937_64 random_;
};

uint64_t number_in_environment(const char* name, uint64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

// As service.cc puts them together, without threads and without a dataplane.
class ControlPlane {
 public:
  explicit ControlPlane(const std::string& directory) {
    const std::string file = directory + "/demarc.toml";
    runtime::replace_file(file, seeds[0]);
    runtime::replace_file(directory + "/routes.toml", included);
    runtime::replace_file(directory + "/numbers.csv", "2001,+14255550101\n44*,+44*\n");
    runtime::replace_file(directory + "/costs.csv", "+44,0.012\n+4479,0.055\n");
    changes = std::make_unique<change::Changes>(
        change::Options{file, directory, 3}, config::load_file(file),
        [this](const config::Loaded& loaded) { take(loaded.config); },
        [](const config::Config&) { return std::string(); }, whatif::judge);
    take(changes->running().loaded->config);
  }

  // Sections that the dataplane takes by its own rules, and what upkeep makes of them.
  void take(const config::Config& config) {
    trunks::IdMap ids;
    const link::SectionSet set = trunks::compile(config, {}, ids, {});
    const contract::SectionBounds bounds = {static_cast<uint16_t>(config.ports.size()),
                                            set.realms,
                                            set.trunks,
                                            config.platform.trunk_capacity,
                                            config.platform.target_capacity,
                                            config.platform.limit_capacity};
    const bool fits = set.trunks <= config.platform.trunk_capacity &&
                      ids.targets.end() <= config.platform.target_capacity &&
                      ids.limits.end() <= config.platform.limit_capacity;
    for (const SectionKind kind : {SectionKind::platform, SectionKind::realms, SectionKind::trunks,
                                   SectionKind::routes, SectionKind::secrets}) {
      const contract::SectionError error = contract::check_section(set.blob(kind), bounds);
      EXPECT_TRUE(error == contract::SectionError::none || !fits) << contract::spelling(error);
    }
    EXPECT_EQ(upkeep::make_plan(config, ids, set).size(), config.trunks.size());
    ++taken;
  }

  std::unique_ptr<change::Changes> changes;
  uint64_t taken = 0;
};

size_t count_of(std::string_view text, std::string_view word) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

// What is said of a good one: everything that can be asked of it.
void look_at(const change::Outcome& outcome) {
  const config::Loaded& loaded = *outcome.loaded;
  const std::string written = config::json_of(*loaded.tree, config::Extent::written);
  const config::Loaded again = config::load_text(config::toml_of_json(written));
  EXPECT_EQ(config::json_of(*again.tree, config::Extent::written), written);
  EXPECT_NO_THROW(static_cast<void>(config::json_of(*loaded.tree, config::Extent::all)));
  static_cast<void>(upkeep::registrations_touched(outcome.before->config, outcome.loaded->config));
  // Unless a mutation moved it into another field.
  size_t named = 0;
  for (const config::SecretPlace& place : loaded.tree->secrets) named += place.value == secret;
  if (count_of(loaded.files[0].text, secret) != named) return;
  EXPECT_EQ(written.find(secret), std::string::npos);
  EXPECT_EQ(count_of(config::masked(loaded.files, *loaded.tree)[0].text, secret), 0u);
}

void look_at_mistakes(const change::Outcome& outcome) {
  ASSERT_FALSE(outcome.loaded->problems.empty());
  for (const config::Problem& problem : outcome.loaded->problems) {
    EXPECT_LT(problem.at.file, outcome.loaded->files.size());
    EXPECT_FALSE(problem.message.empty());
  }
  static_cast<void>(config::masked(outcome.loaded->files, *outcome.loaded->tree));
}

TEST(Mutations, BeginWithConfigurationsThatAreAccepted) {
  const support::TemporaryDirectory directory;
  ControlPlane plane(directory.path());
  for (const size_t seed : good_seeds) {
    const change::Outcome outcome = plane.changes->compare({{{"", std::string(seeds[seed])}}});
    EXPECT_EQ(outcome.verdict, change::Verdict::good)
        << testing::PrintToString(config::texts_of(*outcome.loaded, "seed"));
    plane.take(outcome.loaded->config);
  }
}

TEST(Mutations, NeverBreakARunningControlPlane) {
  const support::TemporaryDirectory directory;
  const uint64_t count = number_in_environment("DEMARC_MUTATIONS", usual_mutations);
  ControlPlane plane(directory.path());
  Mutator mutator(number_in_environment("DEMARC_SEED", 1));
  uint64_t good = 0;
  for (uint64_t i = 0; i < count && !testing::Test::HasFailure(); ++i) {
    const change::Candidate candidate{{{"", mutator.next()}}};
    const change::Running before = plane.changes->running();
    const change::Outcome outcome = plane.changes->compare(candidate);
    if (outcome.verdict == change::Verdict::good) {
      // What stays there after a crash is what crashed it.
      std::ofstream(directory.path("last.toml")) << candidate.files[0].text;
      look_at(outcome);
      plane.take(outcome.loaded->config);
      if (++good % apply_every == 0) {
        EXPECT_EQ(plane.changes->apply(candidate, {"test", "", 0, 0}).verdict,
                  change::Verdict::good);
      }
    } else {
      look_at_mistakes(outcome);
      EXPECT_EQ(plane.changes->running().loaded, before.loaded);
    }
    if (testing::Test::HasFailure()) std::fprintf(stderr, "%s\n", candidate.files[0].text.c_str());
  }
  // Both ways were walked.
  EXPECT_GT(good, count / 100);
  EXPECT_LT(good, count);
}

}  // namespace
}  // namespace demarc
