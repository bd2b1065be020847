// TlsContext: one [tls.NAME] profile as OpenSSL takes it, and what RFC 5922 asks of the peer's
// certificate. Built on the main thread when a snapshot is published; read by the stream thread.
// Connections keep the one that they began with, so a new certificate ends no connection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dataplane/contract/section.h"

struct ssl_st;
struct ssl_ctx_st;
struct x509_st;

namespace demarc::stream {

class TlsContext {
 public:
  // nullptr when OpenSSL refuses the profile: `why`. Copies what it needs, but for no key: that is
  // OpenSSL's, which wipes it.
  static std::shared_ptr<const TlsContext> make(const contract::SectionHeader& section,
                                                const contract::TlsProfile& profile,
                                                std::string& why);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // A TLS connection on `fd`; the caller owns both. nullptr without memory.
  ssl_st* connection(int fd, bool is_server) const;
  // After the handshake: whether the peer may be who it says. True for a client without a
  // certificate where none is required.
  bool accepts_peer(ssl_st* connection) const;
  // Long after the handshake, perhaps made with another profile: whether the certificate that the
  // peer showed then would be taken now, by the authorities, lists and names of this one.
  bool still_accepts_peer(ssl_st* connection) const;
  // Whether both judge peers by the same authorities, lists and names.
  bool trusts_as(const TlsContext& other) const { return trust_ == other.trust_; }
  // Whether the certificate holds one of our peer names (RFC 5922 section 7.1).
  bool has_peer_name(x509_st* certificate) const;

 private:
  TlsContext() = default;
  bool load(const contract::SectionHeader& section, const contract::TlsProfile& profile,
            std::string& why);
  bool load_identity(std::string_view certificate, std::string_view key);
  bool load_authorities(std::string_view authorities, std::string_view revoked);
  bool set_policy(const contract::TlsProfile& profile, const std::string& ciphers);
  bool is_peer_name(std::string_view name) const;
  bool is_chain_good(ssl_st* connection, x509_st* certificate) const;

  ssl_ctx_st* context_ = nullptr;
  contract::TlsVerify verify_ = contract::TlsVerify::required;
  bool takes_wildcards_ = false;
  std::string server_name_;
  std::string ocsp_staple_;
  std::vector<std::string> peer_names_;
  std::string trust_;  // what peers are judged by, as it was given

  friend int staple_callback(ssl_st* connection, void* context);
};

// Whether `pattern` of a certificate names `host`, without regard to case; with `takes_wildcards`
// "*" as its whole first label stands for one label (RFC 2818 section 3.1).
bool is_name_of(std::string_view pattern, std::string_view host, bool takes_wildcards);

}  // namespace demarc::stream
