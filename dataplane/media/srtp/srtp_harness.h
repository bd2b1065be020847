// What tests of this folder stand on: octets from hex, contexts with memory of their own, packets
// with room behind them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/media/srtp/contexts.h"

namespace demarc::media::srtp {

using Octets = std::vector<uint8_t>;

inline Octets from_hex(std::string_view hex) {
  Octets octets;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    octets.push_back(static_cast<uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return octets;
}

inline MasterKey master_key(Suite suite, const Octets& octets) {
  MasterKey key;
  key.suite = suite;
  std::copy(octets.begin(), octets.end(), key.octets.begin());
  return key;
}

// Distinct for each number.
inline MasterKey some_key(Suite suite, uint8_t number = 1) {
  Octets octets(traits_of(suite).master_octets());
  for (size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<uint8_t>(number * 31 + i * 7);
  return master_key(suite, octets);
}

inline constexpr Suite all_suites[] = {
    Suite::aead_aes_256_gcm,        Suite::aead_aes_128_gcm,        Suite::aes_256_cm_hmac_sha1_80,
    Suite::aes_cm_128_hmac_sha1_80, Suite::aes_256_cm_hmac_sha1_32, Suite::aes_cm_128_hmac_sha1_32};

// Contexts with a few rows.
struct TestContexts {
  explicit TestContexts(Cipher::Kind kind = Cipher::best(), uint32_t capacity = 4)
      : memory(Contexts::octets_needed(capacity) + 64),
        arena(aligned(memory)),
        contexts(arena, capacity, kind) {}
  static std::span<std::byte> aligned(std::vector<std::byte>& memory) {
    const auto address = reinterpret_cast<uintptr_t>(memory.data());
    const size_t skip = (64 - address % 64) % 64;
    return std::span(memory).subspan(skip);
  }

  struct Result {
    Outcome outcome;
    Octets octets;
  };
  Result pass(Way way, uint32_t context, Octets octets, bool is_rtcp = false, uint16_t room = 64) {
    const size_t length = octets.size();
    octets.resize(length + room);
    Packet packet{context, is_rtcp,      octets.data(), static_cast<uint16_t>(length),
                  room,    Outcome::done};
    if (way == Way::protect) {
      contexts.protect({&packet, 1});
    } else {
      contexts.unprotect({&packet, 1});
    }
    octets.resize(packet.length);
    return {packet.outcome, octets};
  }
  Result protect(uint32_t context, const Octets& octets, bool is_rtcp = false) {
    return pass(Way::protect, context, octets, is_rtcp);
  }
  Result unprotect(uint32_t context, const Octets& octets, bool is_rtcp = false) {
    return pass(Way::unprotect, context, octets, is_rtcp);
  }

  std::vector<std::byte> memory;
  memory::Arena arena;
  Contexts contexts;
};

inline Octets rtp_packet(unsigned sequence, uint32_t ssrc = 0xcafebabe, unsigned body = 160) {
  Octets packet = {0x80, 8, static_cast<uint8_t>(sequence >> 8), static_cast<uint8_t>(sequence)};
  for (const uint32_t word : {sequence * 160, ssrc}) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      packet.push_back(static_cast<uint8_t>(word >> shift));
    }
  }
  for (unsigned i = 0; i < body; ++i) packet.push_back(static_cast<uint8_t>(i * 13 + sequence));
  return packet;
}

inline Octets rtcp_packet(uint32_t ssrc = 0xcafebabe, unsigned body = 20) {
  Octets packet = {0x81, 200, 0, static_cast<uint8_t>(1 + body / 4)};
  for (int shift = 24; shift >= 0; shift -= 8)
    packet.push_back(static_cast<uint8_t>(ssrc >> shift));
  for (unsigned i = 0; i < body; ++i) packet.push_back(static_cast<uint8_t>(i * 3 + 1));
  return packet;
}

}  // namespace demarc::media::srtp
