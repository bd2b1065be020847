// Secrecy: SRTP of one call's media, with keys in SDP (RFC 3711, RFC 4568).
//
// By libsrtp2, so that the box is checked against another implementation than its own. Without that
// library at build time (secrecy_none.cc) only `off` is possible. Owned by Call; one thread.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::probe {

enum class SrtpUse : uint8_t { off, optional, required };

struct SecrecyOptions {
  SrtpUse use = SrtpUse::off;
  std::string suite;
  bool lies_about_key = false;
};

class Secrecy {
 public:
  explicit Secrecy(const SecrecyOptions& options);
  ~Secrecy();
  Secrecy(const Secrecy&) = delete;
  Secrecy& operator=(const Secrecy&) = delete;
  // Whether that suite can be used at all.
  static bool is_possible(const SecrecyOptions& options);

  // What an offer of ours says.
  std::string_view offered_protocol() const {
    return options_.use == SrtpUse::required ? "RTP/SAVP" : "RTP/AVP";
  }
  // a=crypto with its line end; empty without SRTP.
  std::string key_line() const;

  // The peer's offer: false when it can not be answered as we are told to be. Then, what the answer
  // says.
  bool take_offer(std::string_view body);
  std::string_view answered_protocol() const { return answered_protocol_; }
  std::string answered_key_line() const { return is_on() ? key_line() : std::string(); }
  // The peer's answer: false when it has no key although it must, or one that nobody offered.
  bool take_answer(std::string_view body);

  bool is_on() const { return state_ != nullptr; }
  // Without SRTP the datagram as it is; empty when it is not authentic.
  std::vector<uint8_t> protect(std::span<const uint8_t> datagram, bool is_rtcp);
  std::vector<uint8_t> unprotect(std::span<const uint8_t> datagram, bool is_rtcp);

 private:
  struct State;
  bool begin(const std::string& peer_key);

  SecrecyOptions options_;
  std::string own_key_;  // as in SDP
  std::string_view answered_protocol_ = "RTP/AVP";
  std::unique_ptr<State> state_;
};

// The base64 text behind "inline:" of the first a=crypto with that suite; empty when there is none.
std::string key_in(std::string_view body, std::string_view suite);

}  // namespace demarc::probe
