#include "dataplane/route/account.h"

#include <gtest/gtest.h>

#include "dataplane/contract/section_builder.h"

namespace demarc::route {
namespace {

using contract::Endpoint;
using contract::IpAddress;
using contract::KnownBy;
using contract::TrunkId;

constexpr TrunkId one{0};
constexpr TrunkId two{1};
constexpr TrunkId rest{2};
constexpr TrunkId other{3};

// Three trunks at 192.0.2.9, whose row says `two`, and one at 192.0.2.10.
struct Accounts : testing::Test {
  Accounts() {
    contract::SectionBuilder<contract::TrunkSection> trunks(contract::SectionKind::trunks, 1);
    const std::string_view users[] = {"u1", "u2", "", "u1"};
    std::vector<contract::TrunkConfig> rows(4);
    for (unsigned i = 0; i < rows.size(); ++i) {
      rows[i].realm = contract::RealmId{0};
      rows[i].contact_user = trunks.text(users[i]);
    }
    std::vector<contract::SourceConfig> sources(2);
    for (unsigned i = 0; i < sources.size(); ++i) {
      sources[i].local = local;
      sources[i].remote = IpAddress::v4(192, 0, 2, static_cast<uint8_t>(9 + i));
      sources[i].trunk = i == 0 ? two : other;
    }
    rows[1].peer_contact = trunks.text("two.example");
    rows[2].peer_contact = trunks.text("a.example");
    const std::vector<contract::AccountConfig> accounts = {
        row(rest, KnownBy::contact, rows[2].peer_contact),
        row(two, KnownBy::contact, rows[1].peer_contact), row(rest, KnownBy::user, {}),
        row(one, KnownBy::user, rows[0].contact_user),
        row(two, KnownBy::user, rows[1].contact_user)};
    trunks.section().trunks = trunks.array<contract::TrunkConfig>(rows);
    trunks.section().sources = trunks.array<contract::SourceConfig>(sources);
    trunks.section().accounts = trunks.array<contract::AccountConfig>(accounts);
    blob = trunks.finish();
    snapshot.trunks = reinterpret_cast<const contract::TrunkSection*>(blob.data());
  }
  // Of the source whose row says `two`.
  static contract::AccountConfig row(TrunkId trunk, KnownBy by, contract::Text name) {
    return {.first = two, .trunk = trunk, .by = by, .name = name};
  }
  const Endpoint local{IpAddress::v4(198, 51, 100, 1), 5060};
  std::vector<std::byte> blob;
  contract::Snapshot snapshot;
};

TEST_F(Accounts, AreKnownByTheUserThatARequestIsFor) {
  EXPECT_TRUE(has_accounts(snapshot, two));
  EXPECT_EQ(account_of(snapshot, two, {"u1"}), one);
  EXPECT_EQ(account_of(snapshot, two, {"u2"}), two);
}

TEST_F(Accounts, TheTrunkWithoutOneTakesTheRest) {
  EXPECT_EQ(account_of(snapshot, two, {"u3"}), rest);
  EXPECT_EQ(account_of(snapshot, two, {"U1"}), rest) << "users are compared octet by octet";
  EXPECT_EQ(account_of(snapshot, two, {""}), rest);
}

TEST_F(Accounts, NobodyTakesTheRestWhereAllHaveOne) {
  auto* rows = const_cast<contract::AccountConfig*>(
      elements(snapshot.trunks->header, snapshot.trunks->accounts).data());
  rows[2].name = rows[3].name;  // both are of u1 now
  EXPECT_EQ(account_of(snapshot, two, {"u3"}), TrunkId::none);
  EXPECT_EQ(account_of(snapshot, two, {"u1"}), rest) << "the first of equal ones";
}

TEST_F(Accounts, AreKnownByTheHostThatThePeerShows) {
  EXPECT_EQ(account_of(snapshot, two, {"", "two.example"}), two);
  EXPECT_EQ(account_of(snapshot, two, {"u1", "A.Example"}), rest) << "before whom it is for";
  EXPECT_EQ(account_of(snapshot, two, {"u1", "b.example"}), one);
  EXPECT_EQ(account_of(snapshot, two, {"", std::string(254, 'a')}), rest);
  EXPECT_EQ(account_of(snapshot, other, {"", "two.example"}), TrunkId::none);
}

TEST_F(Accounts, AHostIsNoUser) {
  EXPECT_EQ(account_of(snapshot, two, {"two.example", ""}), rest);
  EXPECT_EQ(account_of(snapshot, two, {"", "u1"}), rest);
}

TEST_F(Accounts, ASourceOfItsOwnHasNone) {
  EXPECT_FALSE(has_accounts(snapshot, other));
  EXPECT_FALSE(has_accounts(snapshot, one)) << "the row of the source says another";
  EXPECT_EQ(account_of(snapshot, other, {"u1"}), TrunkId::none);
}

TEST_F(Accounts, TheirSourceSpeaksForEachOfThemAndForNobodyElse) {
  for (const TrunkId trunk : {one, two, rest}) EXPECT_TRUE(speaks_for(snapshot, two, trunk));
  EXPECT_FALSE(speaks_for(snapshot, two, other)) << "though its user is that of one of them";
  EXPECT_FALSE(speaks_for(snapshot, other, one));
  EXPECT_TRUE(speaks_for(snapshot, other, other));
  EXPECT_FALSE(speaks_for(snapshot, two, TrunkId::none));
  EXPECT_FALSE(speaks_for(snapshot, TrunkId::none, TrunkId::none));
}

TEST_F(Accounts, AnAddressIsASourceOfAllWhoHaveIt) {
  const auto is_source = [&](TrunkId trunk, uint8_t host) {
    return is_source_of(snapshot, trunk, local, {IpAddress::v4(192, 0, 2, host), 5060},
                        contract::Transport::udp);
  };
  EXPECT_TRUE(is_source(one, 9));
  EXPECT_TRUE(is_source(two, 9));
  EXPECT_FALSE(is_source(one, 10));
  EXPECT_TRUE(is_source(other, 10));
  EXPECT_FALSE(is_source(other, 11));
}

}  // namespace
}  // namespace demarc::route
