#include "sip-parser/sdp/crypto.h"

#include "sip-parser/sdp/base64.h"

namespace demarc::sdp {
namespace {

struct Suite {
  std::string_view name;
  uint8_t key_octets;
};
constexpr std::array<Suite, static_cast<size_t>(CryptoSuite::count)> suites = {{
    {"", 0},
    {"AES_CM_128_HMAC_SHA1_80", 30},
    {"AES_CM_128_HMAC_SHA1_32", 30},
    {"F8_128_HMAC_SHA1_80", 30},
    {"AES_192_CM_HMAC_SHA1_80", 38},
    {"AES_192_CM_HMAC_SHA1_32", 38},
    {"AES_256_CM_HMAC_SHA1_80", 46},
    {"AES_256_CM_HMAC_SHA1_32", 46},
    {"AEAD_AES_128_GCM", 28},
    {"AEAD_AES_256_GCM", 44},
}};

// ["2^"] 1*DIGIT
bool read_lifetime(std::string_view text, uint64_t& lifetime) {
  if (!text.starts_with("2^")) return read_number(text, {1, max_key_lifetime}, lifetime);
  uint8_t exponent = 0;
  if (!read_number(text.substr(2), {0, 48}, exponent)) return false;
  lifetime = UINT64_C(1) << exponent;
  return true;
}

// mki ":" length, the number and how many octets it takes in a packet.
bool read_mki(std::string_view text, std::string_view body, CryptoKey& key) {
  const std::string_view mki = take_until(text, ':');
  if (mki.empty() || mki.size() > max_mki_octets || !digits.covers(mki)) return false;
  key.mki = span_of(mki, body);
  return read_number(text, {1, max_mki_octets}, key.mki_octets);
}

// "inline:" key||salt ["|" lifetime] ["|" MKI ":" length]
bool read_key(std::string_view text, std::string_view body, CryptoSuite suite, CryptoKey& key) {
  if (!ascii::iequals(take_until(text, ':'), "inline")) return false;
  const std::string_view base64 = take_until(text, '|');
  const int octets = base64_octets(base64);
  const uint8_t needed = key_octets(suite);
  if (octets <= 0 || (needed != 0 && octets != needed)) return false;
  key.key = span_of(base64, body);
  if (text.empty()) return text.data() == base64.data() + base64.size();
  std::string_view part = take_until(text, '|');
  if (part.find(':') == std::string_view::npos) {
    if (!read_lifetime(part, key.lifetime)) return false;
    if (text.empty()) return text.data() == part.data() + part.size();
    part = take_until(text, '|');
  }
  return text.empty() && text.data() == part.data() + part.size() && read_mki(part, body, key);
}

bool read_keys(std::string_view text, std::string_view body, Crypto& crypto) {
  // A ';' at the end has no key behind it.
  if (text.empty() || text.back() == ';') return false;
  while (!text.empty()) {
    if (crypto.key_count == max_crypto_keys) return false;
    CryptoKey& key = crypto.keys[crypto.key_count];
    if (!read_key(take_until(text, ';'), body, crypto.suite, key)) return false;
    ++crypto.key_count;
  }
  return true;
}

bool read_parameter(std::string_view text, Crypto& crypto) {
  constexpr std::string_view kdr = "KDR=";
  constexpr std::string_view wsh = "WSH=";
  if (text.starts_with(kdr)) {
    return read_number(text.substr(kdr.size()), {0, max_kdr}, crypto.kdr);
  }
  if (text.starts_with(wsh)) {
    return read_number(text.substr(wsh.size()), {min_wsh, max_wsh}, crypto.wsh);
  }
  if (text == "UNENCRYPTED_SRTP") {
    crypto.is_unencrypted_srtp = true;
  } else if (text == "UNENCRYPTED_SRTCP") {
    crypto.is_unencrypted_srtcp = true;
  } else if (text == "UNAUTHENTICATED_SRTP") {
    crypto.is_unauthenticated_srtp = true;
  } else if (text == "FEC_ORDER=FEC_SRTP") {
    crypto.fec_order = FecOrder::fec_srtp;
  } else if (text == "FEC_ORDER=SRTP_FEC") {
    crypto.fec_order = FecOrder::srtp_fec;
  } else if (text.starts_with("FEC_ORDER=")) {
    return false;
  } else if (text.starts_with("FEC_KEY=")) {
    crypto.has_fec_key = true;
  } else if (!visible.covers(text)) {
    return false;
  } else if (text.front() != '-') {
    crypto.has_unknown_parameter = true;
  }
  return true;
}

}  // namespace

CryptoSuite crypto_suite(std::string_view text) {
  for (size_t i = 1; i < suites.size(); ++i) {
    if (text == suites[i].name) return static_cast<CryptoSuite>(i);
  }
  return CryptoSuite::other;
}

std::string_view spelling(CryptoSuite suite) {
  const auto index = static_cast<size_t>(suite);
  return index < suites.size() ? suites[index].name : std::string_view{};
}

uint8_t key_octets(CryptoSuite suite) {
  const auto index = static_cast<size_t>(suite);
  return index < suites.size() ? suites[index].key_octets : uint8_t{0};
}

Result<Crypto, ValueError> parse_crypto(Span value, std::string_view body) {
  std::string_view rest = text(value, body);
  Crypto crypto;
  const std::string_view tag = take_word(rest);
  if (tag.size() > 9 || !read_number(tag, {0, max_crypto_tag}, crypto.tag)) {
    return Fail{number_error(tag)};
  }
  const std::string_view suite = take_word(rest);
  if (!is_token(suite)) return Fail{ValueError::bad_syntax};
  crypto.suite = crypto_suite(suite);
  crypto.suite_text = span_of(suite, body);
  const std::string_view keys = take_word(rest);
  if (!read_keys(keys, body, crypto)) {
    return Fail{crypto.key_count == max_crypto_keys ? ValueError::too_many
                                                    : ValueError::bad_syntax};
  }
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    if (!read_parameter(word, crypto)) return Fail{ValueError::bad_syntax};
  }
  return crypto;
}

}  // namespace demarc::sdp
