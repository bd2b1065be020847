#include "sip-parser/digest/hasher.h"

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "sip-parser/digest/client.h"
#include "sip-parser/digest/response.h"
#include "sip-parser/digest/server.h"

namespace demarc::digest {
namespace {

// Every block that OpenSSL holds, with its size. The hooks are in place before OpenSSL allocates
// for the first time, which is the only time when it takes them.
struct OpenSslMemory {
  unsigned allocations = 0;
  std::map<void*, size_t> blocks;
};
OpenSslMemory& memory() {
  static OpenSslMemory* const instance = new OpenSslMemory;
  return *instance;
}

void* allocate(size_t size, const char*, int) {
  void* block = std::malloc(size);
  ++memory().allocations;
  memory().blocks[block] = size;
  return block;
}
void release(void* block, const char*, int) {
  memory().blocks.erase(block);
  std::free(block);
}
void* reallocate(void* block, size_t size, const char*, int) {
  memory().blocks.erase(block);
  void* moved = std::realloc(block, size);
  ++memory().allocations;
  memory().blocks[moved] = size;
  return moved;
}
const int is_hooked = CRYPTO_set_mem_functions(allocate, reallocate, release);

bool openssl_holds(std::string_view octets) {
  for (const auto& [block, size] : memory().blocks) {
    if (memmem(block, size, octets.data(), octets.size()) != nullptr) return true;
  }
  return false;
}

std::string hex_of(Hasher& hasher, Hash hash, std::string_view octets) {
  hasher.begin(hash);
  hasher.add(octets);
  return std::string(to_hex(hasher.finish()).view());
}

std::string hmac(std::string_view key, std::string_view text) {
  Hasher hasher;
  const std::array pieces = {text.substr(0, text.size() / 2), text.substr(text.size() / 2)};
  return std::string(to_hex(hmac_sha_256(hasher, key, pieces)).view());
}

TEST(Hasher, ComputesTheThreeFunctions) {
  Hasher hasher;
  ASSERT_TRUE(hasher.has(Hash::md5) && hasher.has(Hash::sha_256) && hasher.has(Hash::sha_512_256));
  EXPECT_EQ(hex_of(hasher, Hash::md5, ""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex_of(hasher, Hash::md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex_of(hasher, Hash::sha_256, ""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of(hasher, Hash::sha_256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of(hasher, Hash::sha_512_256, ""),
            "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a");
  EXPECT_EQ(hex_of(hasher, Hash::sha_512_256, "abc"),
            "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
}

TEST(Hasher, AddsInPieces) {
  Hasher hasher;
  for (const Hash hash : {Hash::md5, Hash::sha_256, Hash::sha_512_256}) {
    const std::string whole(300, 'x');
    const std::string expected = hex_of(hasher, hash, whole);
    hasher.begin(hash);
    hasher.add("");
    for (const char& c : whole) hasher.add({&c, 1});
    EXPECT_EQ(to_hex(hasher.finish()).view(), expected);
  }
}

TEST(Hasher, AddsWhatAQuotedStringMeans) {
  Hasher hasher;
  const std::string expected = hex_of(hasher, Hash::md5, "a\"b\\ c");
  hasher.begin(Hash::md5);
  hasher.add_quoted("a\\\"b\\\\\r\n c");
  EXPECT_EQ(to_hex(hasher.finish()).view(), expected);
}

TEST(Hasher, Moves) {
  Hasher first;
  Hasher second(std::move(first));
  EXPECT_FALSE(first.has(Hash::md5));
  EXPECT_EQ(hex_of(second, Hash::md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  first = std::move(second);
  EXPECT_FALSE(second.has(Hash::md5));
  EXPECT_EQ(hex_of(first, Hash::md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(Hasher, GivesBackAllThatItTook) {
  { const Hasher warm_up; }
  const size_t before = memory().blocks.size();
  {
    Hasher hasher;
    hasher = Hasher();
    EXPECT_GT(memory().blocks.size(), before);
  }
  EXPECT_EQ(memory().blocks.size(), before);
}

TEST(Hasher, DoesNotAllocateToCompute) {
  ASSERT_EQ(is_hooked, 1);
  Hasher hasher;
  const unsigned before = memory().allocations;
  ASSERT_GT(before, 0u);
  for (const Hash hash : {Hash::md5, Hash::sha_256, Hash::sha_512_256}) {
    for (unsigned i = 0; i < 100; ++i) {
      hasher.begin(hash);
      hasher.add("some octets");
      static_cast<void>(hasher.finish());
      hasher.begin(hash);
      static_cast<void>(hasher.finish_and_wipe());
    }
  }
  EXPECT_EQ(memory().allocations, before);
}

TEST(Hasher, DoesNotAllocateToChallengeAnswerAndCheck) {
  Hasher hasher;
  const std::string secret(32, 's');
  ServerPolicy policy{.realm = "r", .secret = secret, .previous_secret = secret};
  const Account account{.username = "u", .password = "p"};
  ReplayTable<4> replays{};
  std::array<char, 2048> buffer;
  const unsigned before = memory().allocations;
  for (uint64_t serial = 0; serial < 20; ++serial) {
    sip::Writer challenge(buffer);
    const NonceText nonce = make_nonce(hasher, {secret, "r", "source"}, {1, serial});
    write_challenge(challenge, policy, Algorithm::sha_256, {nonce.view(), "", false});
    const std::string_view asked = challenge.written();
    const Result<sip::Challenge, sip::ValueError> read =
        sip::parse_challenge({0, static_cast<uint16_t>(asked.size())}, asked);
    ASSERT_TRUE(read);
    std::array<char, 2048> answer_buffer;
    sip::Writer answer(answer_buffer);
    ClientNonce state;
    ASSERT_EQ(answer_challenge(hasher, answer, state, {}, {*read, asked}, account,
                               {"INVITE", "sip:x", "body", "cnonce"}),
              ClientError::none);
    const std::string_view answered = answer.written();
    const Result<sip::Credentials, sip::ValueError> credentials =
        sip::parse_credentials({0, static_cast<uint16_t>(answered.size())}, answered);
    ASSERT_TRUE(credentials);
    EXPECT_TRUE(check_credentials(hasher, policy, replays, {*credentials, answered}, account,
                                  {"INVITE", "body", "source", "", 2})
                    .is_ok());
  }
  EXPECT_EQ(memory().allocations, before);
}

TEST(Hasher, KeepsNothingOfAPassword) {
  Hasher hasher;
  // Longer and shorter than any block, and where SHA-512 leaves its last block in the context.
  for (const size_t length : {6u, 40u, 90u, 100u, 127u, 200u}) {
    const std::string password = std::string(length, '-') + "swordfish";
    for (const Hash hash : {Hash::md5, Hash::sha_256, Hash::sha_512_256}) {
      const Account account{.username = "u", .password = password};
      Ha1 ha1;
      ASSERT_EQ(find_ha1(hasher, hash, account, "r", ha1), AccountError::none);
      EXPECT_FALSE(openssl_holds("wordfish")) << length;
      EXPECT_FALSE(openssl_holds("swordfi")) << length;
    }
  }
}

TEST(Hasher, WouldKeepItWithoutTheWipe) {
  Hasher hasher;
  hasher.begin(Hash::sha_512_256);
  hasher.add("u:r:swordfish");
  static_cast<void>(hasher.finish());
  EXPECT_TRUE(openssl_holds("swordfish"));
}

TEST(Hmac, IsThatOfRfc4231) {
  // Sections 4.2, 4.3, 4.4 and 4.7: short, shorter than the block, repeated, longer than the block.
  EXPECT_EQ(hmac(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac(std::string(20, '\xaa'), std::string(50, '\xdd')),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(
      hmac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, TakesKeysAroundTheBlock) {
  // A key of a block is used as it is; one of a block and one octet is hashed first.
  Hasher hasher;
  const std::string long_key(65, 'k');
  hasher.begin(Hash::sha_256);
  hasher.add(long_key);
  const HashValue short_key = hasher.finish();
  EXPECT_EQ(hmac(long_key, "text"), hmac(short_key.view(), "text"));
  EXPECT_EQ(hmac(std::string(63, 'k') + std::string(1, '\0'), "text"),
            hmac(std::string(63, 'k'), "text"));
  EXPECT_NE(hmac(std::string(64, 'k'), "text"), hmac(std::string(63, 'k'), "text"));
}

TEST(Hmac, KeepsNothingOfItsKey) {
  const std::string key = "a key that nobody may see";
  std::string masked = key;
  for (char& c : masked) c = static_cast<char>(c ^ 0x36);
  EXPECT_EQ(hmac(key, "text").size(), 64u);
  Hasher hasher;
  const std::array<std::string_view, 1> pieces = {"text"};
  static_cast<void>(hmac_sha_256(hasher, key, pieces));
  EXPECT_FALSE(openssl_holds(key));
  EXPECT_FALSE(openssl_holds(masked));
}

TEST(Hex, ReadsBothCasesOfExactlyItsLength) {
  HashValue value;
  ASSERT_TRUE(from_hex("00fFa90A", 4, value));
  EXPECT_EQ(to_hex(value).view(), "00ffa90a");
  for (const char* bad : {"", "00ffa9", "00ffa90", "00ffa90a0", "00ffa90a00", "00ffa90g",
                          "0x00ffa9", "00 fa90a", "-0ffa90a"}) {
    EXPECT_FALSE(from_hex(bad, 4, value)) << bad;
  }
  EXPECT_TRUE(from_hex(std::string(64, 'a'), 32, value));
  EXPECT_FALSE(from_hex(std::string(66, 'a'), 33, value));
}

TEST(AlgorithmSet, HasWhatWasAdded) {
  for (const Algorithm algorithm : strongest_first) {
    EXPECT_FALSE(AlgorithmSet{}.has(algorithm));
    EXPECT_TRUE(with_md5.has(algorithm));
    EXPECT_EQ(without_md5.has(algorithm), hash_of(algorithm) != Hash::md5);
    EXPECT_EQ(sha_2_only.has(algorithm), hash_of(algorithm) != Hash::md5 && !is_session(algorithm));
    EXPECT_TRUE(AlgorithmSet{}.with(algorithm).has(algorithm));
  }
  EXPECT_FALSE(with_md5.with(Algorithm::other).has(Algorithm::other));
}

}  // namespace
}  // namespace demarc::digest
