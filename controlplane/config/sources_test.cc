// Of which trunk a message is must be clear from its source, or from the account that it is for.
#include <gtest/gtest.h>

#include "controlplane/config/load.h"

namespace demarc::config {
namespace {

// A trunk to the provider, at lines 7 to 9 or later, with `more` behind.
std::string trunk(std::string_view name, std::string_view peer, std::string_view more) {
  std::string text("[trunk.");
  text.append(name).append("]\nrealm = \"outside\"\npeer = ").append(peer).append("\n");
  return text.append(more);
}

std::string account(std::string_view user) {
  std::string text("register = true\nuser = \"");
  return text.append(user).append("\"\npassword = \"secret\"\n");
}

std::vector<std::string> errors_of(const std::string& trunks) {
  const Loaded loaded = load_text(
      "[port.wan]\ndevice = \"a\"\n[realm.outside]\nport = \"wan\"\naddress = \"198.51.100.10\"\n" +
      trunks);
  std::vector<std::string> all;
  for (const Problem& problem : loaded.problems) {
    if (problem.is_warning) continue;
    std::string text = std::to_string(problem.at.line);
    text.append(": ").append(problem.message);
    all.push_back(text);
  }
  return all;
}

using Texts = std::vector<std::string>;
constexpr std::string_view address = "\"198.51.100.20\"";
constexpr std::string_view name = "\"sip.provider.example\"";

TEST(Sources, SeveralAccountsWithOnePeerAreTakenAtOnePort) {
  for (const std::string_view peer : {address, name}) {
    EXPECT_EQ(errors_of(trunk("one", peer, account("u1")) + trunk("two", peer, account("u2"))),
              Texts{});
  }
}

TEST(Sources, OneOfThemMayHaveNoAccount) {
  EXPECT_EQ(errors_of(trunk("one", address, account("u1")) + trunk("rest", address, "") +
                      trunk("two", address, account("u2"))),
            Texts{});
}

TEST(Sources, SeveralAreTakenWhosePeersShowThemselves) {
  const auto shown = [](std::string_view host) {
    std::string text("peer_contact = \"");
    return text.append(host).append("\"\n");
  };
  EXPECT_EQ(
      errors_of(trunk("a", address, shown("a.example")) + trunk("b", address, shown("b.example")) +
                trunk("c", address, account("u1")) + trunk("d", address, "")),
      Texts{});
  EXPECT_EQ(
      errors_of(trunk("a", address, shown("a.example")) + trunk("b", address, shown("A.Example"))),
      Texts{"12: peer: 198.51.100.20 is a source of trunk \"a\" already in the same realm; "
            "trunk \"a\" has the same peer_contact; give one of them another"});
}

// A call that shows none of the hosts is told by its user.
TEST(Sources, AUserIsOfOneTrunkWhateverItsPeerShows) {
  const std::string shown = "peer_contact = \"a.example\"\n";
  const Texts errors =
      errors_of(trunk("a", address, account("u1") + shown) + trunk("b", address, account("u1")));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_NE(errors[0].find("trunk \"a\" has the same user"), std::string::npos) << errors[0];
}

TEST(Sources, TwoWithoutAnAccountAreToldApartByNothing) {
  EXPECT_EQ(
      errors_of(trunk("one", name, "") + trunk("two", name, "")),
      Texts{
          "11: peer: sip.provider.example is a source of trunk \"one\" already in the same "
          "realm; give one of them another port, or an account (register, user) or peer_contact"});
}

TEST(Sources, TwoAccountsOfOneUserAreToldApartByNothing) {
  EXPECT_EQ(errors_of(trunk("a", address, account("u1")) + trunk("b", address, account("u2")) +
                      trunk("c", address, account("u2"))),
            Texts{"20: peer: 198.51.100.20 is a source of trunk \"a\" already in the same realm; "
                  "trunk \"b\" has the same user; give one of them another"});
}

// Calls for its numbers come for no account.
TEST(Sources, OneAccountOfAllNumbersMayStandBesideOthers) {
  const std::string bulk = account("u1") + "register_numbers = true\n";
  EXPECT_EQ(errors_of(trunk("one", address, account("u1")) + trunk("two", address, bulk)), Texts{});
  const Texts errors =
      errors_of(trunk("one", address, bulk) +
                trunk("two", address, account("u2") + "register_numbers = true\n"));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_NE(errors[0].find("give one of them another port, or an account"), std::string::npos)
      << errors[0];
}

TEST(Sources, AccountsAtOnePeerReachItAlike) {
  const auto refused = [](const std::string& second) {
    const Texts errors = errors_of(trunk("one", address, account("u1")) + second);
    EXPECT_EQ(errors.size(), 1u) << testing::PrintToString(errors);
    return !errors.empty() &&
           errors[0].find("the same peer, sources, transport and tls") != std::string::npos;
  };
  EXPECT_TRUE(refused(trunk("two", "\"198.51.100.20:5070\"", account("u2"))));
  EXPECT_TRUE(refused(trunk("two", "[\"198.51.100.20\", \"198.51.100.21\"]", account("u2"))));
  EXPECT_TRUE(refused(
      trunk("two", address, account("u2") + std::string("sources = \"198.51.100.64/26\"\n"))));
  EXPECT_TRUE(
      refused(trunk("two", address, account("u2") + std::string("large_over_tcp = true\n"))));
}

TEST(Sources, AnotherPortOfOursTellsApartWhatHasNoAccount) {
  EXPECT_EQ(errors_of(trunk("one", address, "") + trunk("two", address, "port = 5070\n")), Texts{});
}

}  // namespace
}  // namespace demarc::config
