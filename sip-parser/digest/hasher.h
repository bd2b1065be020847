// Hasher: MD5, SHA-256 and SHA-512/256 by OpenSSL 3, and HMAC-SHA-256 over them, without an
// allocation per computation.
//
// Made at start, one per thread, by whoever owns the thread; everything in this folder computes
// with it. The constructor fetches the algorithms (EVP_MD_fetch) and allocates one context of the
// provider for each. EVP_DigestInit_ex2() of OpenSSL 3.0 frees and allocates that inner context at
// every call, and so does EVP_MAC_init(), twice; for that reason the provider's own init, update
// and final (provider-digest(7), openssl/core_dispatch.h) are called from there on.
#pragma once

#include <openssl/core_dispatch.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/digest/algorithm.h"
#include "sip-parser/digest/hex.h"

namespace demarc::digest {

class Hasher {
 public:
  Hasher();
  ~Hasher();
  // The one moved from has no hash function any more.
  Hasher(Hasher&& from) noexcept;
  Hasher& operator=(Hasher&& from) noexcept;
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  // False where this machine's OpenSSL does not offer it (MD5 under a FIPS provider). What is not
  // there may not be begun.
  bool has(Hash hash) const { return functions_[static_cast<size_t>(hash)].context != nullptr; }

  // begin(), any number of add(), then finish(). One computation at a time.
  void begin(Hash hash);
  void add(std::string_view octets);
  // The text of a quoted-string without its escapes (quoted.h).
  void add_quoted(std::string_view content);
  HashValue finish();
  // The same, and nothing of what was hashed stays in the context.
  HashValue finish_and_wipe();

 private:
  struct Function {
    EVP_MD* fetched = nullptr;  // keeps its provider loaded
    void* context = nullptr;
    OSSL_FUNC_digest_newctx_fn* create = nullptr;
    OSSL_FUNC_digest_freectx_fn* destroy = nullptr;
    OSSL_FUNC_digest_init_fn* init = nullptr;
    OSSL_FUNC_digest_update_fn* update = nullptr;
    OSSL_FUNC_digest_final_fn* final = nullptr;
  };
  static Function make(const char* name, unsigned octets);
  static bool find_functions(Function& function);
  void swap(Hasher& other) noexcept;
  Function& current() { return functions_[static_cast<size_t>(current_)]; }

  std::array<Function, hash_count> functions_{};
  Hash current_ = Hash::md5;
  bool is_begun_ = false;
};

// HMAC of RFC 2104 over the pieces in their order. The key, of any length, is wiped from the
// context and the stack.
HashValue hmac_sha_256(Hasher& hasher, std::string_view key,
                       std::span<const std::string_view> pieces);

}  // namespace demarc::digest
