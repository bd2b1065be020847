#include "dataplane/call/keying.h"

#include "sip-parser/sdp/attribute.h"
#include "sip-parser/sdp/crypto.h"

namespace demarc::call {
namespace {

using contract::SrtpUse;
using media::srtp::MasterKey;
using media::srtp::Suite;

sdp::CryptoSuite sdp_suite(Suite suite) {
  switch (suite) {
    case Suite::aead_aes_256_gcm:
      return sdp::CryptoSuite::aead_aes_256_gcm;
    case Suite::aead_aes_128_gcm:
      return sdp::CryptoSuite::aead_aes_128_gcm;
    case Suite::aes_256_cm_hmac_sha1_80:
      return sdp::CryptoSuite::aes_256_cm_hmac_sha1_80;
    case Suite::aes_256_cm_hmac_sha1_32:
      return sdp::CryptoSuite::aes_256_cm_hmac_sha1_32;
    case Suite::aes_cm_128_hmac_sha1_32:
      return sdp::CryptoSuite::aes_cm_128_hmac_sha1_32;
    case Suite::aes_cm_128_hmac_sha1_80:
      break;
  }
  return sdp::CryptoSuite::aes_cm_128_hmac_sha1_80;
}

// Several keys would have to be told apart by their MKIs; weaker protection, key derivation rates
// and FEC are not taken (RFC 4568 section 6.3: a line is taken whole or not at all). A window size
// only says what the peer has.
bool is_usable(const sdp::Crypto& crypto) {
  return crypto.key_count == 1 && crypto.kdr == 0 && crypto.fec_order == sdp::FecOrder::none &&
         !crypto.has_fec_key && !crypto.is_unencrypted_srtp && !crypto.is_unencrypted_srtcp &&
         !crypto.is_unauthenticated_srtp && !crypto.has_unknown_parameter &&
         crypto.keys[0].mki_octets <= media::srtp::max_mki_octets;
}

// The MKI is a number in so many octets; false when it does not fit them.
bool set_mki(std::string_view digits, uint8_t octets, MasterKey& key) {
  uint64_t number = 0;
  for (const char digit : digits) {
    number = number * 10 + static_cast<uint64_t>(digit - '0');
    if (number > 0xffffffff) return false;
  }
  for (unsigned i = octets; i > 0; --i, number >>= 8) {
    key.mki[i - 1] = static_cast<uint8_t>(number);
  }
  key.mki_octets = octets;
  return number == 0;
}

// Calls `take` for each readable and usable line until it says true.
template <class Take>
bool any_line(const sdp::Description& description, const sdp::Media& media, std::string_view body,
              Take take) {
  for (const sdp::Attribute& attribute : sdp::attributes_of(description, media)) {
    if (attribute.kind != sdp::AttributeKind::crypto) continue;
    const auto crypto = sdp::parse_crypto(attribute.value, body);
    if (crypto && is_usable(*crypto) && take(*crypto)) return true;
  }
  return false;
}

}  // namespace

bool Keyer::read_key(const sdp::Crypto& crypto, std::string_view body, PeerKey& peer) {
  const sdp::CryptoKey& line = crypto.keys[0];
  MasterKey key;
  for (unsigned i = 0; i < policy_.suite_count; ++i) {
    if (sdp_suite(policy_.suites[i]) == crypto.suite) key.suite = policy_.suites[i];
  }
  const unsigned octets = media::srtp::traits_of(key.suite).master_octets();
  if (!sdp::base64_decode(text(line.key, body), std::span(key.octets).first(octets))) return false;
  if (!set_mki(text(line.mki, body), line.mki_octets, key)) return false;
  if (line.lifetime != 0) key.lifetime = line.lifetime;
  peer = {true, crypto.tag, source_.seal(key)};
  return true;
}

SecrecyOfLine Keyer::offered(const sdp::Description& description, const sdp::Media& media,
                             std::string_view body) {
  SecrecyOfLine result;
  for (unsigned i = 0; policy_.use != SrtpUse::off && i < policy_.suite_count; ++i) {
    const bool is_found = any_line(description, media, body, [&](const sdp::Crypto& crypto) {
      return crypto.suite == sdp_suite(policy_.suites[i]) && read_key(crypto, body, result.peer);
    });
    if (!is_found) continue;
    result.secrecy = Secrecy::srtp;
    return result;
  }
  const bool must_be = policy_.use == SrtpUse::required || needs_keys(media.protocol);
  result.secrecy = must_be ? Secrecy::refused : Secrecy::plain;
  return result;
}

SecrecyOfLine Keyer::answered(const sdp::Description& description, const sdp::Media& media,
                              std::string_view body, const PeerKey& before) {
  SecrecyOfLine result;
  const auto is_ours = [&](const sdp::Crypto& crypto) {
    if (before.is_srtp && crypto.tag == before.tag) {
      return sdp_suite(before.key.suite) == crypto.suite;
    }
    return crypto.tag >= 1 && crypto.tag <= policy_.suite_count &&
           sdp_suite(policy_.suites[crypto.tag - 1]) == crypto.suite;
  };
  const bool is_found = policy_.use != SrtpUse::off &&
                        any_line(description, media, body, [&](const sdp::Crypto& crypto) {
                          return is_ours(crypto) && read_key(crypto, body, result.peer);
                        });
  const bool must_be = policy_.use == SrtpUse::required || needs_keys(media.protocol);
  result.secrecy = is_found ? Secrecy::srtp : must_be ? Secrecy::refused : Secrecy::plain;
  return result;
}

CryptoPair pair_crypto(const OfferedLine& first, const OfferedLine& second) {
  CryptoPair pair;
  const auto is_pair = [&](const sdp::Crypto& one, const sdp::Crypto& other) {
    if (one.suite != other.suite || one.suite == sdp::CryptoSuite::other) return false;
    pair = {true, one, other};
    return true;
  };
  any_line(first.description, first.media, first.body, [&](const sdp::Crypto& one) {
    return any_line(second.description, second.media, second.body,
                    [&](const sdp::Crypto& other) { return is_pair(one, other); });
  });
  return pair;
}

sdp::PrintedCrypto crossing(const sdp::Crypto& own, std::string_view body, uint32_t tag) {
  const sdp::CryptoKey& key = own.keys[0];
  sdp::PrintedCrypto line;
  line.tag = tag;
  line.suite = own.suite;
  line.key = text(key.key, body);
  line.mki = text(key.mki, body);
  line.mki_octets = key.mki_octets;
  return line;
}

void CryptoLines::add(uint32_t tag, Suite suite, media::srtp::KeySource& source,
                      media::srtp::OwnKey own) {
  const MasterKey key = source.key(own, suite);
  const unsigned octets = media::srtp::traits_of(suite).master_octets();
  sdp::PrintedCrypto& line = lines_[count_];
  line = {};
  line.tag = tag;
  line.suite = sdp_suite(suite);
  line.key = sdp::base64_encode(std::span(key.octets).first(octets), texts_[count_]);
  ++count_;
}

void CryptoLines::offer(const contract::SrtpPolicy& policy, media::srtp::KeySource& source,
                        media::srtp::OwnKey own) {
  for (unsigned i = 0; i < policy.suite_count; ++i) add(i + 1, policy.suites[i], source, own);
}

void CryptoLines::answer(const PeerKey& chosen, media::srtp::KeySource& source,
                         media::srtp::OwnKey own) {
  add(chosen.tag, chosen.key.suite, source, own);
}

std::string_view offered_protocol(SrtpUse use, bool has_feedback) {
  if (use == SrtpUse::required) return has_feedback ? "RTP/SAVPF" : "RTP/SAVP";
  return has_feedback ? "RTP/AVPF" : "RTP/AVP";
}

}  // namespace demarc::call
