#include "tests/system/probe/secrecy.h"

#include <srtp2/srtp.h>

#include <array>
#include <random>

namespace demarc::probe {

namespace {

struct Suite {
  std::string_view name;
  size_t key_octets;  // with the salt
  void (*set_rtp)(srtp_crypto_policy_t*);
  void (*set_rtcp)(srtp_crypto_policy_t*);
};

void set_default(srtp_crypto_policy_t* policy) {
  srtp_crypto_policy_set_rtp_default(policy);
}

constexpr Suite suites[] = {
    {"AES_CM_128_HMAC_SHA1_80", 30, set_default, set_default},
    {"AES_CM_128_HMAC_SHA1_32", 30, srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32, set_default},
    {"AES_256_CM_HMAC_SHA1_80", 46, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80,
     srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80},
    {"AEAD_AES_128_GCM", 28, srtp_crypto_policy_set_aes_gcm_128_16_auth,
     srtp_crypto_policy_set_aes_gcm_128_16_auth},
    {"AEAD_AES_256_GCM", 44, srtp_crypto_policy_set_aes_gcm_256_16_auth,
     srtp_crypto_policy_set_aes_gcm_256_16_auth},
};

const Suite* find(std::string_view name) {
  for (const Suite& suite : suites) {
    if (suite.name == name) return &suite;
  }
  return nullptr;
}

constexpr std::string_view base64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encode(const std::vector<uint8_t>& octets) {
  std::string text;
  for (size_t at = 0; at < octets.size(); at += 3) {
    uint32_t three = 0;
    for (size_t i = at; i < at + 3; ++i) three = three << 8 | (i < octets.size() ? octets[i] : 0u);
    for (unsigned shift = 24; shift != 0;) {
      shift -= 6;
      text.push_back(base64[three >> shift & 63]);
    }
  }
  for (size_t i = octets.size() % 3; i % 3 != 0; ++i) text[text.size() - 3 + i] = '=';
  return text;
}

std::vector<uint8_t> decode(std::string_view text) {
  std::vector<uint8_t> octets;
  uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const size_t value = base64.find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets.push_back(static_cast<uint8_t>(bits >> count));
  }
  return octets;
}

std::string random_key(size_t octets) {
  static std::random_device device;
  std::vector<uint8_t> key(octets);
  for (uint8_t& octet : key) octet = static_cast<uint8_t>(device());
  return encode(key);
}

bool init() {
  static const bool is_done = srtp_init() == srtp_err_status_ok;
  return is_done;
}

}  // namespace

// A session of libsrtp2 for each way.
struct Secrecy::State {
  srtp_t out = nullptr;
  srtp_t in = nullptr;
  ~State() {
    if (out != nullptr) srtp_dealloc(out);
    if (in != nullptr) srtp_dealloc(in);
  }
  static bool make(const Suite& suite, const std::string& text, srtp_ssrc_type_t way,
                   srtp_t& session) {
    std::vector<uint8_t> key = decode(text);
    if (key.size() != suite.key_octets) return false;
    srtp_policy_t policy = {};
    suite.set_rtp(&policy.rtp);
    suite.set_rtcp(&policy.rtcp);
    policy.ssrc.type = way;
    policy.key = key.data();
    policy.window_size = 1024;
    return srtp_create(&session, &policy) == srtp_err_status_ok;
  }
};

Secrecy::Secrecy(const SecrecyOptions& options) : options_(options) {
  const Suite* suite = find(options.suite);
  if (options.use != SrtpUse::off && suite != nullptr) own_key_ = random_key(suite->key_octets);
}

Secrecy::~Secrecy() = default;

bool Secrecy::is_possible(const SecrecyOptions& options) {
  return options.use == SrtpUse::off || (find(options.suite) != nullptr && init());
}

bool Secrecy::begin(const std::string& peer_key) {
  if (!is_possible(options_)) return false;
  const Suite& suite = *find(options_.suite);
  auto state = std::make_unique<State>();
  const std::string& own = options_.lies_about_key ? random_key(suite.key_octets) : own_key_;
  if (!State::make(suite, own, ssrc_any_outbound, state->out)) return false;
  if (!State::make(suite, peer_key, ssrc_any_inbound, state->in)) return false;
  state_ = std::move(state);
  return true;
}

std::vector<uint8_t> Secrecy::protect(std::span<const uint8_t> datagram, bool is_rtcp) {
  std::vector<uint8_t> octets(datagram.begin(), datagram.end());
  if (!is_on()) return octets;
  int length = static_cast<int>(octets.size());
  octets.resize(octets.size() + SRTP_MAX_TRAILER_LEN + 4);
  const auto status =
      (is_rtcp ? srtp_protect_rtcp : srtp_protect)(state_->out, octets.data(), &length);
  octets.resize(status == srtp_err_status_ok ? static_cast<size_t>(length) : 0);
  return octets;
}

std::vector<uint8_t> Secrecy::unprotect(std::span<const uint8_t> datagram, bool is_rtcp) {
  std::vector<uint8_t> octets(datagram.begin(), datagram.end());
  if (!is_on()) return octets;
  int length = static_cast<int>(octets.size());
  const auto status =
      (is_rtcp ? srtp_unprotect_rtcp : srtp_unprotect)(state_->in, octets.data(), &length);
  octets.resize(status == srtp_err_status_ok ? static_cast<size_t>(length) : 0);
  return octets;
}

}  // namespace demarc::probe
