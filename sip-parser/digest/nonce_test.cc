#include "sip-parser/digest/nonce.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace demarc::digest {
namespace {

const std::string secret(32, 's');
const NonceBinding binding{secret, "sip.example.net", "192.0.2.1:5060"};

class NonceTest : public testing::Test {
 protected:
  std::string make(const NonceStamp& stamp) {
    return std::string(make_nonce(hasher_, binding, stamp).view());
  }
  NonceError error_of(const NonceBinding& with, std::string_view nonce) {
    const Result<OpenedNonce, NonceError> opened = open_nonce(hasher_, with, nonce);
    return opened ? NonceError{} : opened.error();
  }

  Hasher hasher_;
};

using Nonce = NonceTest;

TEST_F(Nonce, GivesBackItsStamp) {
  constexpr uint64_t most = std::numeric_limits<uint64_t>::max();
  for (const NonceStamp stamp : {NonceStamp{0, 0}, NonceStamp{1, 2}, NonceStamp{most, most},
                                 NonceStamp{1'700'000'000'123, 1ull << 63}}) {
    const Result<OpenedNonce, NonceError> opened = open_nonce(hasher_, binding, make(stamp));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->stamp.made_ms, stamp.made_ms);
    EXPECT_EQ(opened->stamp.serial, stamp.serial);
  }
}

TEST_F(Nonce, HasTheLayoutThatIsWrittenDown) {
  const std::string nonce = make({0x0102030405060708, 0x1112131415161718});
  EXPECT_EQ(nonce.size(), nonce_digits);
  EXPECT_EQ(nonce.substr(0, 32), "01020304050607081112131415161718");
  const std::string octets = "\x01\x02\x03\x04\x05\x06\x07\x08\x11\x12\x13\x14\x15\x16\x17\x18" +
                             std::string(7, '\0') + "\x0e" + "192.0.2.1:5060sip.example.net";
  const std::array<std::string_view, 1> pieces = {octets};
  EXPECT_EQ(nonce.substr(32), to_hex(hmac_sha_256(hasher_, secret, pieces)).view().substr(0, 32));
}

TEST_F(Nonce, DiffersByTimeAndSerial) {
  EXPECT_NE(make({1, 1}), make({1, 2}));
  EXPECT_NE(make({1, 1}), make({2, 1}));
  EXPECT_NE(open_nonce(hasher_, binding, make({1, 1}))->key,
            open_nonce(hasher_, binding, make({1, 2}))->key);
}

TEST_F(Nonce, BelongsToOneSecretRealmAndSource) {
  const std::string nonce = make({1, 1});
  const std::string other(32, 't');
  EXPECT_EQ(error_of(binding, nonce), NonceError{});
  EXPECT_EQ(error_of({other, binding.realm, binding.source}, nonce), NonceError::bad_mac);
  EXPECT_EQ(error_of({secret, "sip.example.com", binding.source}, nonce), NonceError::bad_mac);
  EXPECT_EQ(error_of({secret, binding.realm, "192.0.2.1:5061"}, nonce), NonceError::bad_mac);
  EXPECT_EQ(error_of({secret, binding.realm, ""}, nonce), NonceError::bad_mac);
  // The border between source and realm can not be moved.
  EXPECT_EQ(error_of({secret, "0sip.example.net", "192.0.2.1:506"}, nonce), NonceError::bad_mac);
}

TEST_F(Nonce, RefusesEveryFlippedBit) {
  const std::string nonce = make({1'700'000'000'123, 7});
  for (size_t i = 0; i < nonce.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string flipped = nonce;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      EXPECT_NE(error_of(binding, flipped), NonceError{}) << i << " " << bit;
    }
  }
}

TEST_F(Nonce, RefusesEveryChangedDigit) {
  const std::string nonce = make({1'700'000'000'123, 7});
  for (size_t i = 0; i < nonce.size(); ++i) {
    std::string changed = nonce;
    changed[i] = changed[i] == 'f' ? '0' : 'f';
    EXPECT_EQ(error_of(binding, changed), NonceError::bad_mac) << i;
  }
}

TEST_F(Nonce, RefusesEveryOtherLength) {
  const std::string nonce = make({1, 1});
  for (size_t length = 0; length < nonce.size(); ++length) {
    EXPECT_EQ(error_of(binding, nonce.substr(0, length)), NonceError::bad_form) << length;
  }
  EXPECT_EQ(error_of(binding, nonce + "0"), NonceError::bad_form);
  EXPECT_EQ(error_of(binding, nonce + "00"), NonceError::bad_form);
  EXPECT_EQ(error_of(binding, std::string(65535, '0')), NonceError::bad_form);
}

TEST_F(Nonce, HasOneSpelling) {
  std::string nonce = make({0xabcdef, 1});
  for (char& c : nonce) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(error_of(binding, nonce), NonceError::bad_form);
  EXPECT_EQ(error_of(binding, std::string(64, 'g')), NonceError::bad_form);
}

TEST_F(Nonce, NeedsASecretOfSomeLength) {
  const std::string shortest(min_secret_octets, 'k');
  EXPECT_EQ(make_nonce(hasher_, {shortest, "r", "s"}, {1, 1}).view().size(), nonce_digits);
  EXPECT_DEATH(static_cast<void>(
                   make_nonce(hasher_, {std::string_view(shortest).substr(1), "r", "s"}, {1, 1})),
               "min_secret_octets");
}

}  // namespace
}  // namespace demarc::digest
