#include "sip-parser/digest/hasher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <cstring>
#include <utility>

#include "sip-parser/base/check.h"
#include "sip-parser/quoted.h"

namespace demarc::digest {
namespace {

constexpr std::array hash_names = {"MD5", "SHA2-256", "SHA2-512/256"};
constexpr size_t max_name_octets = 64;
constexpr size_t hmac_block_octets = 64;
// The largest block of a hash function here, that of SHA-512/256.
constexpr size_t max_block_octets = 128;

// Whether the names of a provider's algorithm, "SHA2-256:SHA-256:...", are those of `md`. All names
// of one algorithm go together, so the first is enough.
bool is_named(const EVP_MD* md, const char* names) {
  const size_t length = std::strcspn(names, ":");
  if (length >= max_name_octets) return false;
  std::array<char, max_name_octets> first{};
  std::memcpy(first.data(), names, length);
  return EVP_MD_is_a(md, first.data()) == 1;
}

}  // namespace

bool Hasher::find_functions(Function& function) {
  const OSSL_PROVIDER* provider = EVP_MD_get0_provider(function.fetched);
  int no_store = 0;
  const OSSL_ALGORITHM* algorithm =
      OSSL_PROVIDER_query_operation(provider, OSSL_OP_DIGEST, &no_store);
  if (algorithm == nullptr) return false;
  const OSSL_ALGORITHM* const all = algorithm;
  while (algorithm->algorithm_names != nullptr &&
         !is_named(function.fetched, algorithm->algorithm_names)) {
    ++algorithm;
  }
  const bool is_found = algorithm->algorithm_names != nullptr;
  for (const OSSL_DISPATCH* entry = is_found ? algorithm->implementation : nullptr;
       entry != nullptr && entry->function_id != 0; ++entry) {
    switch (entry->function_id) {
      case OSSL_FUNC_DIGEST_NEWCTX:
        function.create = OSSL_FUNC_digest_newctx(entry);
        break;
      case OSSL_FUNC_DIGEST_FREECTX:
        function.destroy = OSSL_FUNC_digest_freectx(entry);
        break;
      case OSSL_FUNC_DIGEST_INIT:
        function.init = OSSL_FUNC_digest_init(entry);
        break;
      case OSSL_FUNC_DIGEST_UPDATE:
        function.update = OSSL_FUNC_digest_update(entry);
        break;
      case OSSL_FUNC_DIGEST_FINAL:
        function.final = OSSL_FUNC_digest_final(entry);
        break;
      default:
        break;
    }
  }
  OSSL_PROVIDER_unquery_operation(provider, OSSL_OP_DIGEST, all);
  return function.create != nullptr && function.destroy != nullptr && function.init != nullptr &&
         function.update != nullptr && function.final != nullptr;
}

Hasher::Function Hasher::make(const char* name, unsigned octets) {
  Function function;
  function.fetched = EVP_MD_fetch(nullptr, name, nullptr);
  if (function.fetched == nullptr) return Function{};
  if (EVP_MD_get_size(function.fetched) == static_cast<int>(octets) && find_functions(function)) {
    function.context =
        function.create(OSSL_PROVIDER_get0_provider_ctx(EVP_MD_get0_provider(function.fetched)));
  }
  if (function.context != nullptr) return function;
  EVP_MD_free(function.fetched);
  return Function{};
}

Hasher::Hasher() {
  for (unsigned i = 0; i < hash_count; ++i) {
    functions_[i] = make(hash_names[i], octets_of(static_cast<Hash>(i)));
  }
}

Hasher::~Hasher() {
  for (const Function& function : functions_) {
    if (function.context != nullptr) function.destroy(function.context);
    EVP_MD_free(function.fetched);
  }
}

Hasher::Hasher(Hasher&& from) noexcept {
  swap(from);
}

Hasher& Hasher::operator=(Hasher&& from) noexcept {
  Hasher taken(std::move(from));
  swap(taken);
  return *this;
}

void Hasher::swap(Hasher& other) noexcept {
  std::swap(functions_, other.functions_);
  std::swap(current_, other.current_);
  std::swap(is_begun_, other.is_begun_);
}

// A provider's digest fails only when it is shut down or was not begun, neither of which anything
// from a network can bring about.
void Hasher::begin(Hash hash) {
  DEMARC_CHECK(has(hash) && !is_begun_);
  current_ = hash;
  is_begun_ = true;
  DEMARC_CHECK(current().init(current().context, nullptr) == 1);
}

void Hasher::add(std::string_view octets) {
  DEMARC_CHECK(is_begun_);
  if (octets.empty()) return;
  const auto* data = reinterpret_cast<const unsigned char*>(octets.data());
  DEMARC_CHECK(current().update(current().context, data, octets.size()) == 1);
}

void Hasher::add_quoted(std::string_view content) {
  std::string_view piece;
  for (sip::QuotedCursor cursor(content); cursor.next(piece);) add(piece);
}

HashValue Hasher::finish() {
  DEMARC_CHECK(is_begun_);
  is_begun_ = false;
  HashValue value;
  size_t size = 0;
  DEMARC_CHECK(
      current().final(current().context, value.octets.data(), &size, value.octets.size()) == 1);
  DEMARC_CHECK(size == octets_of(current_));
  value.size = static_cast<uint8_t>(size);
  return value;
}

// final() of SHA-512 leaves the last block in the context, and all three leave the hash value,
// which here is a secret itself. One octet less than a block goes through the context's buffer
// whole; init() then overwrites the state.
HashValue Hasher::finish_and_wipe() {
  static constexpr std::array<char, max_block_octets - 1> zeros{};
  const HashValue value = finish();
  begin(current_);
  add({zeros.data(), zeros.size()});
  static_cast<void>(finish());
  DEMARC_CHECK(current().init(current().context, nullptr) == 1);
  return value;
}

HashValue hmac_sha_256(Hasher& hasher, std::string_view key,
                       std::span<const std::string_view> pieces) {
  std::array<char, hmac_block_octets> pad{};
  if (key.size() > pad.size()) {
    hasher.begin(Hash::sha_256);
    hasher.add(key);
    HashValue short_key = hasher.finish_and_wipe();
    std::memcpy(pad.data(), short_key.octets.data(), short_key.size);
    OPENSSL_cleanse(&short_key, sizeof short_key);
  } else if (!key.empty()) {
    std::memcpy(pad.data(), key.data(), key.size());
  }

  for (char& c : pad) c = static_cast<char>(c ^ 0x36);
  hasher.begin(Hash::sha_256);
  hasher.add({pad.data(), pad.size()});
  for (const std::string_view piece : pieces) hasher.add(piece);
  HashValue inner = hasher.finish();

  for (char& c : pad) c = static_cast<char>(c ^ 0x36 ^ 0x5c);
  hasher.begin(Hash::sha_256);
  hasher.add({pad.data(), pad.size()});
  hasher.add(inner.view());
  const HashValue result = hasher.finish_and_wipe();
  OPENSSL_cleanse(pad.data(), pad.size());
  OPENSSL_cleanse(&inner, sizeof inner);
  return result;
}

}  // namespace demarc::digest
