// Trunks whose peers register with us, and their accounts.
#include <gtest/gtest.h>

#include "controlplane/config/load.h"

namespace demarc::config {
namespace {

constexpr std::string_view base = R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
)";

Loaded loaded(const std::string& more) {
  return load_text(std::string(base) + more);
}

std::vector<std::string> errors_of(const std::string& more) {
  std::vector<std::string> all;
  for (const Problem& problem : loaded(more).problems) {
    if (problem.is_warning) continue;
    std::string text = std::to_string(problem.at.line);
    text.append(": ").append(problem.message);
    all.push_back(text);
  }
  return all;
}

using Texts = std::vector<std::string>;

TEST(RegistrarConfig, ATrunkNeedsNoPeerThen) {
  const Loaded result = loaded(R"([trunk.branch]
realm = "inside"
registrar = true
sources = "10.1.0.0/16"
max_bindings = 3
registrar_nat = true
[user.branch7]
trunk = "branch"
password = "secret"
[user.other]
trunk = "branch"
name = "+49"
password = "secret"
)");
  ASSERT_TRUE(result.is_good);
  const Trunk& trunk = result.config.trunks[0];
  EXPECT_TRUE(trunk.registrar.is_used);
  EXPECT_EQ(trunk.registrar.digest_realm, "demarc");
  EXPECT_EQ(trunk.registrar.min_s, 60u);
  EXPECT_EQ(trunk.registrar.max_bindings, 3u);
  EXPECT_TRUE(trunk.registrar.is_behind_nat);
  EXPECT_EQ(trunk.target_rows(), contract::max_targets_per_trunk);
  ASSERT_EQ(result.config.users.size(), 2u);
  EXPECT_EQ(result.config.users[0].user, "branch7");
  EXPECT_EQ(result.config.users[1].user, "+49");
}

TEST(RegistrarConfig, EveryOtherTrunkNeedsOne) {
  const Texts errors = errors_of("[trunk.a]\nrealm = \"inside\"\n");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_TRUE(errors[0].starts_with("6: field \"peer\" is missing: The peer's address"))
      << errors[0];
}

TEST(RegistrarConfig, ContradictionsAreToldAllAtOnce) {
  EXPECT_EQ(errors_of(R"([trunk.branch]
realm = "inside"
registrar = true
peer = "10.0.0.20"
register = true
user = "u"
password = "p"
registrar_min_s = 90
registrar_expires_s = 80
registrar_realm = 'a"b'
peer_domain = "pbx.example"
peer_contact = "pbx.example"
)"),
            (Texts{"8: registrar: needs sources: where its peer may register from",
                   "9: peer: who registers has no address here; leave it out",
                   "10: register: we can not register with a peer that registers with us",
                   "14: registrar_expires_s: is not between registrar_min_s and registrar_max_s",
                   "15: registrar_realm: can not stand in quotes as it is",
                   "16: peer_domain: who registers is called as its Contact says; leave it out",
                   "17: peer_contact: who registers is known by its account; leave it out"}));
}

TEST(RegistrarConfig, AShortestTimeAboveTheLongestIsAMistake) {
  EXPECT_EQ(errors_of(R"([trunk.branch]
realm = "inside"
registrar = true
sources = "10.0.0.20"
registrar_min_s = 90
registrar_max_s = 80
)"),
            (Texts{"10: registrar_min_s: is more than registrar_max_s"}));
}

TEST(RegistrarConfig, AccountsBelongToARegistrar) {
  EXPECT_EQ(errors_of(R"([trunk.a]
realm = "inside"
peer = "10.0.0.20"
[user.one]
trunk = "a"
password = "p"
[user.two]
trunk = "b"
name = "sp ace"
password = "p"
)"),
            (Texts{"10: trunk: the trunk \"a\" does not say registrar = true",
                   "13: trunk: there is no [trunk.b]",
                   "14: name: \"sp ace\" can not be the user part of a SIP URI"}));
}

TEST(RegistrarConfig, TrunksAtOnePortAreToldApartByAccountsOfDifferentNames) {
  const std::string two = R"([trunk.a]
realm = "inside"
registrar = true
sources = "0.0.0.0/0"
[trunk.b]
realm = "inside"
registrar = true
sources = "0.0.0.0/0"
registrar_realm = "x"
registrar_digest = "md5"
[user.one]
trunk = "a"
password = "p"
[user.two]
trunk = "b"
name = "one"
password = "p"
)";
  EXPECT_EQ(
      errors_of(two),
      (Texts{
          "14: registrar_realm: is not that of trunk \"a\", which registers at the same "
          "port of ours",
          "15: registrar_digest: is not that of trunk \"a\", which registers at the same port of "
          "ours",
          "19: user \"one\" is [user.one] already at the same address and port of ours"}));
}

TEST(RegistrarConfig, WithoutAnAccountItIsAWarning) {
  const Loaded result =
      loaded("[trunk.branch]\nrealm = \"inside\"\nregistrar = true\nsources = \"10.0.0.20\"\n");
  ASSERT_TRUE(result.is_good);
  std::string all;
  for (const Problem& problem : result.problems) all += problem.message + "\n";
  EXPECT_NE(all.find("registrar: no [user.NAME] is of this trunk"), std::string::npos) << all;
}

}  // namespace
}  // namespace demarc::config
