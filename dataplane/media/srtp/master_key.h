// MasterKey: what SDES brings for one direction: suite, key, salt, MKI and lifetime.
//
// Made by call/ from a=crypto or from our own secret, and given to Contexts::open. It is a secret
// in the clear: it lives on the stack of whoever passes it on and is wiped there. RFC 3711
// section 3.2.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/media/srtp/suite.h"

namespace demarc::media::srtp {

// RFC 3711 section 9.2.
inline constexpr uint64_t max_lifetime = uint64_t{1} << 48;

// The number of a key of ours (KeySource); 0: none.
enum class OwnKey : uint64_t { none = 0 };

struct MasterKey {
  std::array<uint8_t, max_master_octets> octets = {};  // key, then salt, as the suite has them
  std::array<uint8_t, max_mki_octets> mki = {};        // as it stands in packets
  Suite suite = Suite::aes_cm_128_hmac_sha1_80;
  uint8_t mki_octets = 0;            // 0: packets carry none
  uint64_t lifetime = max_lifetime;  // packets under this key, RTP and RTCP each

  MasterKey() = default;
  MasterKey(const MasterKey&) = default;
  MasterKey& operator=(const MasterKey&) = default;
  ~MasterKey() { explicit_bzero(octets.data(), octets.size()); }

  std::span<const uint8_t> key() const { return {octets.data(), traits_of(suite).key_octets}; }
  std::span<const uint8_t> salt() const {
    return {octets.data() + traits_of(suite).key_octets, traits_of(suite).salt_octets};
  }
};

}  // namespace demarc::media::srtp
