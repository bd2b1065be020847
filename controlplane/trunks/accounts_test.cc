// Several accounts with one peer at one port.
#include "controlplane/trunks/accounts.h"

#include "controlplane/trunks/trunks_harness.h"

namespace demarc::trunks {
namespace {

constexpr std::string_view wan = R"([port.wan]
device = "a"
[realm.outside]
port = "wan"
address = "198.51.100.10"
)";

std::string account(std::string_view name, std::string_view peer, std::string_view user) {
  std::string text("[trunk.");
  text.append(name).append("]\nrealm = \"outside\"\npeer = \"").append(peer).append("\"\n");
  if (user.empty()) return text;
  text.append("register = true\npassword = \"pw\"\nuser = \"").append(user);
  return text.append("\"\n");
}

// Its rows as "first<trunk user" or "first<trunk @contact" by the names of trunks.
std::string accounts_of(const link::SectionSet& set) {
  const contract::SectionBounds bounds = {1, set.realms, set.trunks, 256, 1024};
  EXPECT_EQ(contract::check_section(set.blob(SectionKind::trunks), bounds),
            contract::SectionError::none);
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto trunks = elements(section.header, section.trunks);
  const auto name = [&](TrunkId id) {
    return text(section.header, trunks[contract::index_of(id)].name);
  };
  std::string shown;
  for (const contract::AccountConfig& row : elements(section.header, section.accounts)) {
    shown.append(name(row.first)).append("<").append(name(row.trunk)).append(" ");
    if (row.by == contract::KnownBy::contact) shown.append("@");
    shown.append(text(section.header, row.name)).append("\n");
  }
  return shown;
}

TEST(Accounts, OfOnePeerShareItsSourceAndAreSortedByUser) {
  const std::string_view peer = "198.51.100.20";
  IdMap ids;
  const link::SectionSet set = compile(load(std::string(wan) + account("a", peer, "u2") +
                                            account("b", peer, "u1") + account("c", peer, "")),
                                       {}, ids);
  EXPECT_EQ(accounts_of(set), "a<c \na<b u1\na<a u2\n");
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  EXPECT_EQ(section.sources.count, 1u);
  EXPECT_EQ(set.targets.size(), 3u) << "each has its own way to the peer";
}

std::string shown(std::string_view name, std::string_view peer, std::string_view contact) {
  return account(name, peer, "") + "peer_contact = \"" + std::string(contact) + "\"\n";
}

TEST(Accounts, OneOfAllNumbersHasNoUser) {
  const std::string_view peer = "198.51.100.20";
  IdMap ids;
  const link::SectionSet set = compile(load(std::string(wan) + account("a", peer, "u1") +
                                            account("b", peer, "u2") + "register_numbers = true\n"),
                                       {}, ids);
  EXPECT_EQ(accounts_of(set), "a<b \na<a u1\n");
  const auto& section = as<contract::TrunkSection>(set, SectionKind::trunks);
  const auto trunks = elements(section.header, section.trunks);
  EXPECT_EQ(trunks[ids.trunks.take("b")].contact_user.length, 0u);
}

TEST(Accounts, OfOneSourceMayBeKnownByWhatTheirPeersShow) {
  const std::string_view peer = "198.51.100.20";
  IdMap ids;
  EXPECT_EQ(accounts_of(compile(load(std::string(wan) + shown("a", peer, "two.Example") +
                                     shown("b", peer, "one.example") + account("c", peer, "u1") +
                                     account("d", peer, "")),
                                {}, ids)),
            "a<b @one.example\na<a @two.example\na<d \na<c u1\n");
}

TEST(Accounts, ThePeersOfOneThatIsLeftNeedShowNothing) {
  Facts facts;
  facts.left = {"old"};
  IdMap ids;
  const std::string_view peer = "198.51.100.20";
  EXPECT_EQ(accounts_of(compile(load(std::string(wan) + shown("new", peer, "new.example") +
                                     shown("old", peer, "old.example")),
                                {}, ids, facts)),
            "new<new @new.example\nnew<old @old.example\nnew<new \n");
}

TEST(Accounts, ATrunkThatHasItsSourcesAloneIsInNoRow) {
  IdMap ids;
  EXPECT_EQ(accounts_of(compile(load(std::string(wan) + account("a", "198.51.100.20", "u1") +
                                     account("b", "198.51.100.21", "u1")),
                                {}, ids)),
            "");
}

TEST(Accounts, OneAddressOfTwoNamesIsASourceOfBoth) {
  TargetRows rows;
  Facts facts;
  facts.rows = &rows;
  facts.choices = [](const dns::Host&) {
    return std::vector<dns::Choice>{{*contract::parse_endpoint("192.0.2.1", 5060), 0, 0},
                                    {*contract::parse_endpoint("192.0.2.2", 5060), 1, 0}};
  };
  IdMap ids;
  EXPECT_EQ(accounts_of(compile(load(std::string(wan) + account("a", "one.example", "u1") +
                                     account("b", "two.example", "u2")),
                                {false, {}}, ids, facts)),
            "a<a u1\na<b u2\n");
}

TEST(Accounts, OneThatMovedToAnotherPortIsStillHeardBesideTheOthers) {
  const std::vector<FormerListener> former = {
      {"b", {contract::IpAddress::v4(198, 51, 100, 10), 5060}, contract::Transport::udp}};
  Facts facts;
  facts.former = &former;
  IdMap ids;
  const std::string_view peer = "198.51.100.20";
  EXPECT_EQ(accounts_of(compile(load(std::string(wan) + account("a", peer, "u1") +
                                     account("b", peer, "u2") + "port = 5070\n"),
                                {}, ids, facts)),
            "a<a \na<a u1\na<b u2\n")
      << "new calls are a's, whomever they are for";
}

TEST(Accounts, ATrunkThatLeftIsHeardAndGetsNoNewCall) {
  const std::string_view peer = "198.51.100.20";
  Facts facts;
  facts.left = {"old"};
  IdMap ids;
  EXPECT_EQ(accounts_of(compile(
                load(std::string(wan) + account("new", peer, "u1") + account("old", peer, "")), {},
                ids, facts)),
            "new<new \nnew<old \nnew<new u1\n");
}

TEST(Accounts, WhatDnsSaysOfATrunkCountsBeforeOneThatLeft) {
  TargetRows rows;
  Facts facts;
  facts.rows = &rows;
  facts.left = {"old"};
  facts.choices = [](const dns::Host&) {
    return std::vector<dns::Choice>{{*contract::parse_endpoint("192.0.2.1", 5060), 0, 0}};
  };
  IdMap ids;
  EXPECT_EQ(accounts_of(compile(load(std::string(wan) + account("old", "192.0.2.1", "") +
                                     account("new", "one.example", "")),
                                {false, {}}, ids, facts)),
            "new<new \nnew<old \n");
}

TEST(Accounts, ATrunkThatHasSomeOfTheSourcesSharesNone) {
  TargetRows rows;
  Facts facts;
  facts.rows = &rows;
  facts.choices = [](const dns::Host&) {
    return std::vector<dns::Choice>{{*contract::parse_endpoint("192.0.2.1", 5060), 0, 0}};
  };
  IdMap ids;
  EXPECT_EQ(
      accounts_of(compile(load(std::string(wan) + account("a", "one.example", "u1") +
                               "sources = \"10.1.0.0/16\"\n" + account("b", "two.example", "u2")),
                          {false, {}}, ids, facts)),
      "")
      << "10.1.2.3 may not call as b";
}

}  // namespace
}  // namespace demarc::trunks
