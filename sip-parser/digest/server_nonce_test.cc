// Nonces of a server: whose they are, how long they live, and how often they are taken.
#include "sip-parser/digest/server_harness.h"

namespace demarc::digest {
namespace {

TEST_F(Server, RefusesANonceOfAnotherSecretOrSource) {
  Given given = good();
  given.nonce = nonce(1, old_secret);
  EXPECT_EQ(check(given), Outcome::bad_nonce);
  given.nonce = nonce(1, secret, "192.0.2.2:5060");
  EXPECT_EQ(check(given), Outcome::bad_nonce);
  given.nonce = "";
  EXPECT_EQ(check(given), Outcome::bad_nonce);
}

TEST_F(Server, RefusesTruncatedAndFlippedNonces) {
  const std::string whole = nonce();
  for (size_t length = 0; length < whole.size(); ++length) {
    Given given = good();
    given.nonce = whole.substr(0, length);
    EXPECT_EQ(check(given), Outcome::bad_nonce) << length;
    given.nonce = whole;
    given.nonce[length] = given.nonce[length] == '0' ? '1' : '0';
    EXPECT_EQ(check(given), Outcome::bad_nonce) << length;
  }
}

TEST_F(Server, SaysStaleForAForeignNonceWithTheRightResponse) {
  Given given = good();
  given.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
  const Verdict right = check_value(value_of(given));
  EXPECT_EQ(right.outcome, Outcome::bad_nonce);
  EXPECT_TRUE(right.is_stale);
  given.password = "wrong";
  const Verdict wrong = check_value(value_of(given));
  EXPECT_EQ(wrong.outcome, Outcome::bad_nonce);
  EXPECT_FALSE(wrong.is_stale);
}

TEST_F(Server, TakesTheSecretBeforeTheChange) {
  Given given = good();
  given.nonce = nonce(1, old_secret);
  policy_.previous_secret = old_secret;
  EXPECT_EQ(check(given), Outcome::ok);
  EXPECT_EQ(check(good(2)), Outcome::ok);
}

TEST_F(Server, LetsANonceLiveForItsTime) {
  Given given = good();
  EXPECT_EQ(check(given, made_ms + default_nonce_lifetime_ms - 1), Outcome::ok);
  given.nc = "00000002";
  EXPECT_EQ(check(given, made_ms + default_nonce_lifetime_ms), Outcome::ok);
  given.nc = "00000003";
  const Verdict late = check_value(value_of(given), made_ms + default_nonce_lifetime_ms + 1);
  EXPECT_EQ(late.outcome, Outcome::stale);
  EXPECT_TRUE(late.is_stale);
  given.password = "wrong";
  const Verdict wrong = check_value(value_of(given), made_ms + default_nonce_lifetime_ms + 1);
  EXPECT_EQ(wrong.outcome, Outcome::bad_response);
  EXPECT_FALSE(wrong.is_stale);
}

TEST_F(Server, HasALifetimeOfItsPolicy) {
  policy_.nonce_lifetime_ms = 0;
  Given given = good();
  EXPECT_EQ(check(given, made_ms), Outcome::ok);
  given.nc = "00000002";
  EXPECT_EQ(check(given, made_ms + 1), Outcome::stale);
}

TEST_F(Server, RefusesAReplayOfANonceThatLivesForEver) {
  for (const uint64_t lifetime_ms :
       {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX - made_ms, UINT64_MAX - made_ms - 1}) {
    policy_.nonce_lifetime_ms = lifetime_ms;
    replays_ = {};
    const Given given = good();
    EXPECT_EQ(check(given), Outcome::ok) << lifetime_ms;
    EXPECT_EQ(check(given), Outcome::replayed) << lifetime_ms;
    EXPECT_EQ(check(given, 1ull << 63), Outcome::replayed) << lifetime_ms;
  }
}

TEST_F(Server, TakesANonceOfAClockThatIsALittleAhead) {
  Given given = good();
  EXPECT_EQ(check(given, made_ms - max_clock_lead_ms), Outcome::ok);
  given.nc = "00000002";
  EXPECT_EQ(check(given, made_ms - max_clock_lead_ms - 1), Outcome::stale);
  EXPECT_EQ(check(given, 0), Outcome::stale);
}

TEST_F(Server, RefusesAReplay) {
  const std::string value = value_of(good());
  EXPECT_EQ(check_value(value).outcome, Outcome::ok);
  const Verdict again = check_value(value);
  EXPECT_EQ(again.outcome, Outcome::replayed);
  EXPECT_TRUE(again.is_stale);
  // At the very end of the nonce's life too, and stale from there on.
  EXPECT_EQ(check_value(value, made_ms + default_nonce_lifetime_ms).outcome, Outcome::replayed);
  EXPECT_EQ(check_value(value, made_ms + default_nonce_lifetime_ms + 1).outcome, Outcome::stale);
}

TEST_F(Server, CountsAtItsEdges) {
  Given given = good();
  const std::pair<const char*, Outcome> steps[] = {
      {"00000000", Outcome::replayed}, {"00000001", Outcome::ok},
      {"7fffffff", Outcome::ok},       {"fffffffe", Outcome::ok},
      {"FFFFFFFF", Outcome::ok},       {"ffffffff", Outcome::replayed},
      {"00000000", Outcome::replayed}, {"00000002", Outcome::replayed}};
  for (const auto& [nc, outcome] : steps) {
    given.nc = nc;
    EXPECT_EQ(check(given), outcome) << nc;
  }
}

TEST_F(Server, TakesReorderedCountsOnce) {
  Given given = good();
  for (const char* nc : {"00000003", "00000001", "00000002"}) {
    given.nc = nc;
    EXPECT_EQ(check(given), Outcome::ok) << nc;
    EXPECT_EQ(check(given), Outcome::replayed) << nc;
  }
}

TEST_F(Server, UsesANonceWithoutQopOnce) {
  policy_.allows_no_qop = true;
  Given given = good();
  given.qop = sip::Qop::absent;
  EXPECT_EQ(check(given), Outcome::ok);
  EXPECT_EQ(check(given), Outcome::replayed);
}

TEST_F(Server, RefusesTheNewestWhenTheReplayTableIsFull) {
  unsigned full = 0;
  for (uint64_t serial = 0; serial < 200; ++serial) {
    const Outcome outcome = check(good(serial));
    if (outcome == Outcome::table_full) ++full;
  }
  EXPECT_EQ(full, 200 - 4 * slots_per_set);
}

}  // namespace
}  // namespace demarc::digest
