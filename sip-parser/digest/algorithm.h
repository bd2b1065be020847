// The algorithms of digest authentication and the hash functions under them (RFC 7616 section 3.2,
// RFC 8760 section 2.1). No state, any thread.
#pragma once

#include <array>
#include <cstdint>

#include "sip-parser/challenge.h"

namespace demarc::digest {

using Algorithm = sip::DigestAlgorithm;

enum class Hash : uint8_t { md5, sha_256, sha_512_256 };
inline constexpr unsigned hash_count = 3;

// `algorithm` is not `other`.
constexpr Hash hash_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::sha_256:
    case Algorithm::sha_256_sess:
      return Hash::sha_256;
    case Algorithm::sha_512_256:
    case Algorithm::sha_512_256_sess:
      return Hash::sha_512_256;
    default:
      return Hash::md5;
  }
}

// Octets of a hash value; twice as many hex digits.
constexpr unsigned octets_of(Hash hash) {
  return hash == Hash::md5 ? 16 : 32;
}
inline constexpr unsigned max_hash_octets = 32;

constexpr bool is_session(Algorithm algorithm) {
  return algorithm == Algorithm::md5_sess || algorithm == Algorithm::sha_256_sess ||
         algorithm == Algorithm::sha_512_256_sess;
}

// The order in which a server offers them (RFC 8760 section 2.3). Of one hash the form without
// -sess comes first: it is no weaker and more peers have it.
inline constexpr std::array strongest_first = {
    Algorithm::sha_512_256, Algorithm::sha_512_256_sess,
    Algorithm::sha_256,     Algorithm::sha_256_sess,
    Algorithm::md5,         Algorithm::md5_sess,
};

// Which algorithms a policy allows.
class AlgorithmSet {
 public:
  constexpr AlgorithmSet() = default;
  constexpr AlgorithmSet with(Algorithm algorithm) const {
    AlgorithmSet result = *this;
    result.bits_ = static_cast<uint8_t>(bits_ | bit(algorithm));
    return result;
  }
  constexpr bool has(Algorithm algorithm) const { return (bits_ & bit(algorithm)) != 0; }

 private:
  // `other` is never in a set.
  static constexpr uint8_t bit(Algorithm algorithm) {
    return algorithm == Algorithm::other
               ? uint8_t{0}
               : static_cast<uint8_t>(1u << static_cast<unsigned>(algorithm));
  }

  uint8_t bits_ = 0;
};

// What a server asks for unless told otherwise. MD5 is for a trunk that has nothing better, and has
// to be added by name.
inline constexpr AlgorithmSet sha_2_only =
    AlgorithmSet{}.with(Algorithm::sha_256).with(Algorithm::sha_512_256);
// What a client answers unless told otherwise.
inline constexpr AlgorithmSet without_md5 =
    sha_2_only.with(Algorithm::sha_256_sess).with(Algorithm::sha_512_256_sess);
inline constexpr AlgorithmSet with_md5 = without_md5.with(Algorithm::md5).with(Algorithm::md5_sess);

}  // namespace demarc::digest
