#include "sip-parser/digest/client_nonce.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace demarc::digest {
namespace {

static_assert(std::is_trivially_copyable_v<ClientNonce>);

TEST(ClientNonce, HasNoneAtFirst) {
  const ClientNonce nonce;
  EXPECT_FALSE(nonce.has_nonce());
  EXPECT_EQ(nonce.nonce(), "");
  EXPECT_EQ(nonce.next_count(), 0u);
}

TEST(ClientNonce, CountsFromOne) {
  ClientNonce nonce;
  ASSERT_TRUE(nonce.adopt("a"));
  EXPECT_EQ(nonce.next_count(), 1u);
  nonce.use_count();
  EXPECT_EQ(nonce.next_count(), 2u);
}

TEST(ClientNonce, GoesOnWithTheSameNonce) {
  ClientNonce nonce;
  ASSERT_TRUE(nonce.adopt("a"));
  nonce.use_count();
  ASSERT_TRUE(nonce.adopt("a"));
  EXPECT_EQ(nonce.next_count(), 2u);
}

TEST(ClientNonce, BeginsAnewWithAnother) {
  ClientNonce nonce;
  ASSERT_TRUE(nonce.adopt("ab"));
  nonce.use_count();
  ASSERT_TRUE(nonce.adopt("a"));
  EXPECT_EQ(nonce.nonce(), "a");
  EXPECT_EQ(nonce.next_count(), 1u);
}

TEST(ClientNonce, TakesAnEmptyNonce) {
  ClientNonce nonce;
  ASSERT_TRUE(nonce.adopt(""));
  EXPECT_TRUE(nonce.has_nonce());
  EXPECT_EQ(nonce.next_count(), 1u);
}

TEST(ClientNonce, UnfoldsAndKeepsEscapes) {
  ClientNonce nonce;
  ASSERT_TRUE(nonce.adopt("a\r\n \tb\\\"c"));
  EXPECT_EQ(nonce.nonce(), "a b\\\"c");
}

TEST(ClientNonce, IsBounded) {
  ClientNonce nonce;
  EXPECT_TRUE(nonce.adopt(std::string(max_nonce_octets - 1, 'n')));
  EXPECT_TRUE(nonce.adopt(std::string(max_nonce_octets, 'n')));
  nonce.use_count();
  EXPECT_FALSE(nonce.adopt(std::string(max_nonce_octets + 1, 'n')));
  EXPECT_EQ(nonce.nonce(), std::string(max_nonce_octets, 'n'));
  EXPECT_EQ(nonce.next_count(), 2u);
}

TEST(ClientNonce, SkipsCountsUpToTheLast) {
  ClientNonce nonce;
  nonce.skip_counts(5);
  EXPECT_EQ(nonce.next_count(), 0u);
  ASSERT_TRUE(nonce.adopt("a"));
  nonce.skip_counts(0);
  EXPECT_EQ(nonce.next_count(), 1u);
  nonce.skip_counts(0x7ffffffe);
  EXPECT_EQ(nonce.next_count(), 0x7fffffffu);
  nonce.use_count();
  EXPECT_EQ(nonce.next_count(), 0x80000000u);
  nonce.skip_counts(0x7fffffff);
  EXPECT_EQ(nonce.next_count(), 0xffffffffu);
  nonce.use_count();
  EXPECT_EQ(nonce.next_count(), 0u);
  nonce.use_count();
  EXPECT_EQ(nonce.next_count(), 0u);
  ASSERT_TRUE(nonce.adopt("b"));
  nonce.skip_counts(0xffffffff);
  EXPECT_EQ(nonce.next_count(), 0u);
}

TEST(ClientNonce, KeepsTheFirstSessionCnonceOfANonce) {
  ClientNonce nonce;
  ASSERT_TRUE(nonce.adopt("a"));
  EXPECT_EQ(nonce.session_cnonce("one"), "one");
  EXPECT_EQ(nonce.session_cnonce("two"), "one");
  ASSERT_TRUE(nonce.adopt("b"));
  EXPECT_EQ(nonce.session_cnonce("two"), "two");
  const std::string longest(max_cnonce_octets, 'c');
  ASSERT_TRUE(nonce.adopt("c"));
  EXPECT_EQ(nonce.session_cnonce(longest), longest);
}

}  // namespace
}  // namespace demarc::digest
