#include "controlplane/trunks/touched.h"

#include "controlplane/trunks/trunks_harness.h"

namespace demarc::trunks {
namespace {

using Names = std::vector<std::string>;

// What the whole configuration touches when `from` in it becomes `to`.
Names touched(const std::string& from, const std::string& to) {
  std::string text;
  text.append(base).append(acme).append(pbx).append(routes);
  const config::Config before = load(text);
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return calls_touched(before, load(text.replace(at, from.size(), to)));
}

TEST(CallsTouched, AreNoneWherePacketsGoOnAsTheyDid) {
  EXPECT_EQ(touched("max_calls = 30", "max_calls = 3"), Names{});
  EXPECT_EQ(touched("port = 5080", "port = 5081"), Names{}) << "it is heard where it was";
  EXPECT_EQ(touched("peer = \"198.51.100.20\"", "peer = [\"198.51.100.20\", \"198.51.100.99\"]"),
            Names{});
  EXPECT_EQ(touched("media = [", "media = [\"198.51.100.13\", "), Names{});
}

TEST(CallsTouched, AreThoseOfATrunkThatLosesASource) {
  EXPECT_EQ(touched("peer = \"10.0.0.20:5070\"", "peer = \"10.0.0.21:5070\""), Names{"pbx"});
  EXPECT_EQ(touched("\"198.51.100.64/26\", ", ""), Names{"acme"});
}

TEST(CallsTouched, AreThoseWhoseSourceAnotherTrunkTakes) {
  const std::string other = "[trunk.other]\nrealm = \"outside\"\npeer = \"203.0.113.77\"\n";
  const auto before_and = [&](const std::string& was, const std::string& is) {
    const std::string text = std::string(base) + std::string(acme) + std::string(pbx) + other;
    const auto sources = [](const std::string& prefix) {
      return prefix.empty() ? prefix : "sources = \"" + prefix + "\"\n";
    };
    return calls_touched(load(text + sources(was)), load(text + sources(is)));
  };
  EXPECT_EQ(before_and("", "198.51.100.65"), Names{"acme"}) << "within its /26";
  EXPECT_EQ(before_and("", "198.51.100.0/24"), Names{}) << "longer prefixes count first";
  EXPECT_EQ(before_and("198.51.100.65", ""), Names{"other"});
  EXPECT_EQ(before_and("198.51.100.65", "198.51.100.65"), Names{});
}

TEST(CallsTouched, AreNoneWhereAPrefixOnlyGrows) {
  EXPECT_EQ(touched("198.51.100.64/26", "198.51.100.0/25"), Names{});
  EXPECT_EQ(touched("198.51.100.64/26", "0.0.0.0/0"), Names{});
  EXPECT_EQ(touched("\"198.51.100.64/26\"", "\"198.51.100.64/27\", \"198.51.100.96/27\""), Names{});
  EXPECT_EQ(touched("198.51.100.64/26", "198.51.100.64/27"), Names{"acme"});
}

TEST(CallsTouched, AreThoseOfARealmThatMoves) {
  EXPECT_EQ(touched("address = \"198.51.100.10\"", "address = \"198.51.100.15\""), Names{"acme"});
  EXPECT_EQ(touched("vlan = 7", "vlan = 8"), Names{"acme"});
  EXPECT_EQ(touched(", \"198.51.100.12\"]", "]"), Names{"acme"});
}

// A hold that says what was agreed may be refused, or its digits come another way.
TEST(CallsTouched, AreThoseOfATrunkWhoseFormatsAreOthers) {
  const std::string realm = "realm = \"outside\"\n";
  EXPECT_EQ(touched(realm, realm + "codecs = [\"PCMA\"]\n"), Names{"acme"});
  EXPECT_EQ(touched(realm, realm + "dtmf = \"info_dtmf\"\n"), Names{"acme"});
  EXPECT_EQ(touched(realm, realm + "srtp = \"required\"\n"), Names{}) << "a call keeps its own";
  EXPECT_EQ(touched(realm, realm + "reliable_provisionals = \"off\"\n"), Names{});
}

TEST(CallsTouched, ATrunkThatLeavesIsHeardUntilItsCallsAreOver) {
  std::string text;
  text.append(base).append(acme).append(pbx);
  const config::Config before = load(text);
  const std::string without = std::string(base) + std::string(acme);
  EXPECT_EQ(calls_touched(before, load(without)), Names{});
}

}  // namespace
}  // namespace demarc::trunks
