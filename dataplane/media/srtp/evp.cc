// For SHA1_Update() and its like, see evp.h.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "dataplane/media/srtp/evp.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

#include "sip-parser/base/check.h"

namespace demarc::media::srtp {
namespace {

EVP_CIPHER_CTX* make(const char* name) {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  DEMARC_CHECK(cipher != nullptr && context != nullptr);
  DEMARC_CHECK(EVP_CipherInit_ex2(context, cipher, nullptr, nullptr, 1, nullptr) == 1);
  EVP_CIPHER_free(cipher);  // the context holds it
  return context;
}

void store_state(const SHA_CTX& sha, std::array<uint8_t, sha1_octets>& state) {
  const std::array<SHA_LONG, 5> words = {sha.h0, sha.h1, sha.h2, sha.h3, sha.h4};
  static_assert(sizeof words == sha1_octets);
  std::memcpy(state.data(), words.data(), sizeof words);
}

// SHA-1 that has taken in one block.
SHA_CTX load_state(const std::array<uint8_t, sha1_octets>& state) {
  std::array<SHA_LONG, 5> words;
  std::memcpy(words.data(), state.data(), sizeof words);
  SHA_CTX sha;
  DEMARC_CHECK(SHA1_Init(&sha) == 1);
  sha.h0 = words[0];
  sha.h1 = words[1];
  sha.h2 = words[2];
  sha.h3 = words[3];
  sha.h4 = words[4];
  sha.Nl = 64 * 8;
  return sha;
}

void hmac(const CounterKeys& keys, std::span<const uint8_t> octets, uint8_t* tag) {
  std::array<uint8_t, sha1_octets> digest;
  SHA_CTX sha = load_state(keys.inner);
  SHA1_Update(&sha, octets.data(), octets.size());
  SHA1_Final(digest.data(), &sha);
  sha = load_state(keys.outer);
  SHA1_Update(&sha, digest.data(), digest.size());
  SHA1_Final(tag, &sha);
}

}  // namespace

Evp::Evp(bool is_used) {
  if (!is_used) return;
  counter_128_ = make("AES-128-CTR");
  counter_256_ = make("AES-256-CTR");
  gcm_128_ = make("AES-128-GCM");
  gcm_256_ = make("AES-256-GCM");
}

Evp::~Evp() {
  for (EVP_CIPHER_CTX* context : {counter_128_, counter_256_, gcm_128_, gcm_256_}) {
    EVP_CIPHER_CTX_free(context);
  }
}

// None of these calls can fail on a context of its cipher with a key of its length.
void Evp::cipher(std::span<const uint8_t> key, const std::array<uint8_t, aes_block_octets>& iv,
                 std::span<uint8_t> text) {
  EVP_CIPHER_CTX* context = key.size() == 16 ? counter_128_ : counter_256_;
  int length = 0;
  DEMARC_CHECK(EVP_CipherInit_ex2(context, nullptr, key.data(), iv.data(), 1, nullptr) == 1);
  if (text.empty()) return;
  DEMARC_CHECK(EVP_CipherUpdate(context, text.data(), &length, text.data(),
                                static_cast<int>(text.size())) == 1);
}

void Evp::key_stream(std::span<const uint8_t> key,
                     const std::array<uint8_t, aes_block_octets>& counter, std::span<uint8_t> out) {
  std::fill(out.begin(), out.end(), uint8_t{0});
  cipher(key, counter, out);
}

void Evp::expand(std::span<const uint8_t> key, std::span<const uint8_t, sha1_octets> auth_key,
                 CounterKeys& keys) {
  std::copy(key.begin(), key.end(), keys.schedule.begin());
  std::array<uint8_t, 64> block = {};
  std::copy(auth_key.begin(), auth_key.end(), block.begin());
  SHA_CTX sha;
  for (uint8_t& octet : block) octet ^= 0x36;
  DEMARC_CHECK(SHA1_Init(&sha) == 1 && SHA1_Update(&sha, block.data(), block.size()) == 1);
  store_state(sha, keys.inner);
  for (uint8_t& octet : block) octet ^= 0x36 ^ 0x5c;
  DEMARC_CHECK(SHA1_Init(&sha) == 1 && SHA1_Update(&sha, block.data(), block.size()) == 1);
  store_state(sha, keys.outer);
  explicit_bzero(block.data(), block.size());
  explicit_bzero(&sha, sizeof sha);
}

void Evp::expand(std::span<const uint8_t> key, GcmKeys& keys) {
  std::memcpy(keys.octets.data(), key.data(), key.size());
}

void Evp::run(std::span<CounterPass> passes, Way way) {
  for (CounterPass& pass : passes) {
    const std::span<const uint8_t> key(pass.keys->schedule.data(), pass.key_octets);
    const std::span<uint8_t> text(pass.packet + pass.text_offset, pass.text_length);
    const std::span<const uint8_t> all(pass.packet,
                                       pass.text_offset + pass.text_length + suffix_octets);
    if (way == Way::unprotect) hmac(*pass.keys, all, pass.tag.data());
    cipher(key, pass.iv, text);
    if (way == Way::protect) hmac(*pass.keys, all, pass.tag.data());
  }
}

// The tag of what came is computed like that of what goes, over the ciphertext: by GCM itself when
// enciphering; when deciphering, by enciphering the plaintext again, which EVP can not avoid as it
// gives away no tag of a deciphering. This is the slow path of old processors.
void Evp::run(GcmPass& pass, Way way) {
  EVP_CIPHER_CTX* context = pass.key_octets == 16 ? gcm_128_ : gcm_256_;
  const auto* key = reinterpret_cast<const uint8_t*>(pass.keys->octets.data());
  const auto text_length = static_cast<int>(pass.text_length);
  const auto begin = [&](int is_encrypting) {
    int length = 0;
    DEMARC_CHECK(
        EVP_CipherInit_ex2(context, nullptr, key, pass.iv.data(), is_encrypting, nullptr) == 1);
    if (!pass.header.empty()) {
      DEMARC_CHECK(EVP_CipherUpdate(context, nullptr, &length, pass.header.data(),
                                    static_cast<int>(pass.header.size())) == 1);
    }
  };
  int length = 0;
  if (way == Way::unprotect) {
    begin(0);
    if (text_length != 0) EVP_CipherUpdate(context, pass.text, &length, pass.text, text_length);
  }
  begin(1);
  std::array<uint8_t, 2048> scratch;
  for (uint32_t at = 0; at < pass.text_length;) {
    const uint32_t piece =
        std::min<uint32_t>(pass.text_length - at, static_cast<uint32_t>(scratch.size()));
    uint8_t* out = way == Way::protect ? pass.text + at : scratch.data();
    EVP_CipherUpdate(context, out, &length, pass.text + at, static_cast<int>(piece));
    at += piece;
  }
  std::array<uint8_t, aes_block_octets> rest;
  DEMARC_CHECK(EVP_CipherFinal_ex(context, rest.data(), &length) == 1);
  DEMARC_CHECK(
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, max_tag_octets, pass.tag.data()) == 1);
}

}  // namespace demarc::media::srtp
