// Keying: the SRTP keys of one stream in SDP: a=crypto lines (RFC 4568) read, chosen and made.
//
// Called by Session for each m-line of an offer or answer. Each leg and direction has a key of its
// own; a peer's line never crosses. What is decided here, and why, is decision D31. One worker
// only.
#pragma once

#include <array>
#include <cstdint>
#include <new>
#include <span>
#include <string_view>

#include "dataplane/contract/srtp_policy.h"
#include "dataplane/media/srtp/key_source.h"
#include "sip-parser/base/check.h"
#include "sip-parser/sdp/base64.h"
#include "sip-parser/sdp/print.h"
#include "sip-parser/sdp/sdp.h"

namespace demarc::call {

// What one peer and we agreed on for a stream, or what it offers. Part of Remote.
struct PeerKey {
  bool is_srtp = false;
  uint32_t tag = 0;  // of the line that was chosen
  media::srtp::SealedKey key;
};

enum class Secrecy : uint8_t {
  plain,
  srtp,
  refused,  // the trunk wants what the m-line does not have, or the other way round
};

struct SecrecyOfLine {
  Secrecy secrecy = Secrecy::plain;
  PeerKey peer;
};

// An m-line that needs keys of a=crypto: RTP/SAVP and its like.
constexpr bool needs_keys(sdp::Protocol protocol) {
  return protocol == sdp::Protocol::rtp_savp || protocol == sdp::Protocol::rtp_savpf ||
         protocol == sdp::Protocol::udp_tls_rtp_savp ||
         protocol == sdp::Protocol::udp_tls_rtp_savpf;
}

class Keyer {
 public:
  Keyer(const contract::SrtpPolicy& policy, media::srtp::KeySource& source)
      : policy_(policy), source_(source) {}

  // Of an m-line that a peer offers: the best of its lines by the trunk's order of suites.
  SecrecyOfLine offered(const sdp::Description& description, const sdp::Media& media,
                        std::string_view body);
  // Of an m-line that answers our lines (see CryptoLines::offer). `before`: what this peer had; our
  // last description may have been an answer to its own line, of that tag.
  SecrecyOfLine answered(const sdp::Description& description, const sdp::Media& media,
                         std::string_view body, const PeerKey& before);

 private:
  bool read_key(const sdp::Crypto& crypto, std::string_view body, PeerKey& peer);

  const contract::SrtpPolicy& policy_;
  media::srtp::KeySource& source_;
};

// Where media goes past us, keys do, too. An m-line of RTP as one peer offers it.
struct OfferedLine {
  const sdp::Description& description;
  const sdp::Media& media;
  std::string_view body;
};
// The first a=crypto of `first` whose suite `second` has, too, and that one; both in what they say
// of the key are what every peer has to take. Two offers answer one another by it: the tag of the
// one, and the key of the other. Borrows both bodies.
struct CryptoPair {
  bool is_found = false;
  sdp::Crypto first;
  sdp::Crypto second;
};
CryptoPair pair_crypto(const OfferedLine& first, const OfferedLine& second);
// The line that answers the one of `tag` with the key of `own`, of `body`.
sdp::PrintedCrypto crossing(const sdp::Crypto& own, std::string_view body, uint32_t tag);

// The a=crypto lines of one m-line of ours, with the text of their keys; wiped when it ends.
class CryptoLines {
 public:
  CryptoLines() = default;
  ~CryptoLines() { explicit_bzero(texts_.data(), sizeof texts_); }
  CryptoLines(const CryptoLines&) = delete;
  CryptoLines& operator=(const CryptoLines&) = delete;

  // A line for each suite of the trunk, with the tags 1, 2, ... in their order.
  void offer(const contract::SrtpPolicy& policy, media::srtp::KeySource& source,
             media::srtp::OwnKey own);
  // The line that answers the one which was chosen.
  void answer(const PeerKey& chosen, media::srtp::KeySource& source, media::srtp::OwnKey own);
  std::span<const sdp::PrintedCrypto> lines() const { return {lines_.data(), count_}; }

 private:
  void add(uint32_t tag, media::srtp::Suite suite, media::srtp::KeySource& source,
           media::srtp::OwnKey own);

  unsigned count_ = 0;
  std::array<sdp::PrintedCrypto, contract::srtp_suite_count> lines_;
  std::array<std::array<char, sdp::base64_size(media::srtp::max_master_octets)>,
             contract::srtp_suite_count>
      texts_ = {};
};

// Room for the key lines of each m-line of a description. Most have none: what was not asked for is
// neither cleared nor wiped.
template <unsigned capacity>
class CryptoRoom {
 public:
  CryptoRoom() {}  // NOLINT(modernize-use-equals-default)
  ~CryptoRoom() {
    while (count_ != 0) lines_[--count_].~CryptoLines();
  }
  CryptoRoom(const CryptoRoom&) = delete;
  CryptoRoom& operator=(const CryptoRoom&) = delete;

  // At most `capacity` times; lives as long as the room.
  CryptoLines& add() {
    DEMARC_CHECK(count_ < capacity);
    return *new (&lines_[count_++]) CryptoLines;
  }

 private:
  union {
    std::array<CryptoLines, capacity> lines_;
  };
  unsigned count_ = 0;
};

// What an m-line of RTP that we offer to a trunk names as its protocol.
std::string_view offered_protocol(contract::SrtpUse use, bool has_feedback);

}  // namespace demarc::call
