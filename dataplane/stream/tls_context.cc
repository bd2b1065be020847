#include "dataplane/stream/tls_context.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstring>

#include "sip-parser/base/ascii.h"

namespace demarc::stream {
namespace {

template <auto free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Crl = std::unique_ptr<X509_CRL, Freed<X509_CRL_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

Bio reader_of(std::string_view octets) {
  return Bio(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
}

int no_passphrase(char*, int, int, void*) {
  return -1;
}

int version_of(contract::TlsVersion version) {
  return version == contract::TlsVersion::tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

std::string_view view_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

// The domain of "sip:example.com"; empty for other schemes and for a URI with a user, which is
// somebody's and no domain's (RFC 5922 section 7.1).
std::string_view domain_of(std::string_view uri) {
  constexpr std::string_view scheme = "sip:";
  if (uri.size() <= scheme.size() || !ascii::iequals(uri.substr(0, scheme.size()), scheme))
    return {};
  uri.remove_prefix(scheme.size());
  return uri.find_first_of("@:;?") == std::string_view::npos ? uri : std::string_view{};
}

std::string last_error(std::string_view what) {
  const unsigned long error = ERR_get_error();
  const char* reason = ERR_reason_error_string(error);
  ERR_clear_error();
  return std::string(what) + ": " + (reason == nullptr ? "refused by OpenSSL" : reason);
}

}  // namespace

// The stapled OCSP response (RFC 6066 section 8), if there is one.
int staple_callback(SSL* connection, void* context) {
  const std::string& staple = static_cast<const TlsContext*>(context)->ocsp_staple_;
  if (SSL_is_server(connection) == 0) return 1;
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(staple.data(), staple.size()));
  if (copy == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_tlsext_status_ocsp_resp(connection, copy, static_cast<long>(staple.size()));
  return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<const TlsContext> TlsContext::make(const contract::SectionHeader& section,
                                                   const contract::TlsProfile& profile,
                                                   std::string& why) {
  std::shared_ptr<TlsContext> context(new TlsContext);
  if (!context->load(section, profile, why)) return nullptr;
  return context;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

bool TlsContext::load(const contract::SectionHeader& section, const contract::TlsProfile& profile,
                      std::string& why) {
  const auto part = [&](contract::Text where) { return text(section, where); };
  ERR_clear_error();
  context_ = SSL_CTX_new(TLS_method());
  if (context_ == nullptr) {
    why = last_error("no context");
    return false;
  }
  verify_ = profile.verify;
  takes_wildcards_ = profile.takes_wildcards;
  server_name_ = part(profile.server_name);
  ocsp_staple_ = part(profile.ocsp_staple);
  for (const contract::Text& name : elements(section, profile.peer_names)) {
    peer_names_.emplace_back(part(name));
  }
  trust_.assign(part(profile.authorities)).append(part(profile.revoked));
  trust_.append(1, static_cast<char>(profile.verify)).append(1, takes_wildcards_ ? '*' : '.');
  for (const std::string& name : peer_names_) trust_.append(name).append(1, '\n');
  if (!load_identity(part(profile.certificate), part(profile.key))) {
    why = last_error("certificate or key");
  } else if (!load_authorities(part(profile.authorities), part(profile.revoked))) {
    why = last_error("ca or crl");
  } else if (!set_policy(profile, std::string(part(profile.ciphers)))) {
    why = last_error("versions or ciphers");
  } else {
    ERR_clear_error();
    return true;
  }
  return false;
}

bool TlsContext::load_identity(std::string_view certificate, std::string_view key) {
  const Bio reader = reader_of(certificate);
  const Certificate own(PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr));
  if (!own || SSL_CTX_use_certificate(context_, own.get()) != 1) return false;
  for (;;) {
    const Certificate next(PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr));
    if (!next) break;
    if (SSL_CTX_add1_chain_cert(context_, next.get()) != 1) return false;
  }
  ERR_clear_error();
  const Bio key_reader = reader_of(key);
  const Key secret(PEM_read_bio_PrivateKey(key_reader.get(), nullptr, no_passphrase, nullptr));
  return secret && SSL_CTX_use_PrivateKey(context_, secret.get()) == 1 &&
         SSL_CTX_check_private_key(context_) == 1;
}

bool TlsContext::load_authorities(std::string_view authorities, std::string_view revoked) {
  X509_STORE* store = SSL_CTX_get_cert_store(context_);
  const Bio reader = reader_of(authorities);
  for (;;) {
    const Certificate one(PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr));
    if (!one) break;
    // What a client is told of whom we trust.
    if (X509_STORE_add_cert(store, one.get()) != 1 ||
        SSL_CTX_add_client_CA(context_, one.get()) != 1) {
      return false;
    }
  }
  const Bio list_reader = reader_of(revoked);
  while (!revoked.empty()) {
    const Crl one(PEM_read_bio_X509_CRL(list_reader.get(), nullptr, no_passphrase, nullptr));
    if (!one) break;
    if (X509_STORE_add_crl(store, one.get()) != 1) return false;
  }
  ERR_clear_error();
  return revoked.empty() || X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1;
}

bool TlsContext::set_policy(const contract::TlsProfile& profile, const std::string& ciphers) {
  uint64_t options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF;
  if (!profile.has_tickets) options |= SSL_OP_NO_TICKET;
  SSL_CTX_set_options(context_, options);
  // An idle connection shall not hold buffers of 16 KB; a write goes as far as the socket takes it.
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Tickets are all that is remembered, and they are the client's to keep.
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  constexpr std::string_view id = "demarc";
  if (SSL_CTX_set_session_id_context(context_, reinterpret_cast<const unsigned char*>(id.data()),
                                     id.size()) != 1) {
    return false;
  }
  if (!ocsp_staple_.empty()) {
    SSL_CTX_set_tlsext_status_cb(context_, staple_callback);
    SSL_CTX_set_tlsext_status_arg(context_, this);
  }
  return SSL_CTX_set_min_proto_version(context_, version_of(profile.oldest)) == 1 &&
         SSL_CTX_set_max_proto_version(context_, version_of(profile.newest)) == 1 &&
         (ciphers.empty() || SSL_CTX_set_cipher_list(context_, ciphers.c_str()) == 1);
}

SSL* TlsContext::connection(int fd, bool is_server) const {
  SSL* connection = SSL_new(context_);
  if (connection == nullptr) return nullptr;
  int mode = SSL_VERIFY_NONE;
  if (verify_ != contract::TlsVerify::off) mode = SSL_VERIFY_PEER;
  if (is_server && verify_ == contract::TlsVerify::required) {
    mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  SSL_set_verify(connection, mode, nullptr);
  if (SSL_set_fd(connection, fd) != 1) {
    SSL_free(connection);
    return nullptr;
  }
  if (is_server) {
    SSL_set_accept_state(connection);
  } else {
    SSL_set_connect_state(connection);
    if (!server_name_.empty()) SSL_set_tlsext_host_name(connection, server_name_.c_str());
  }
  return connection;
}

bool TlsContext::accepts_peer(SSL* connection) const {
  if (verify_ == contract::TlsVerify::off) return true;
  X509* certificate = SSL_get0_peer_certificate(connection);
  if (certificate == nullptr) {
    return SSL_is_server(connection) == 1 && verify_ == contract::TlsVerify::optional;
  }
  return SSL_get_verify_result(connection) == X509_V_OK && has_peer_name(certificate);
}

bool TlsContext::still_accepts_peer(SSL* connection) const {
  if (verify_ == contract::TlsVerify::off) return true;
  X509* certificate = SSL_get0_peer_certificate(connection);
  if (certificate == nullptr) {
    return SSL_is_server(connection) == 1 && verify_ == contract::TlsVerify::optional;
  }
  const bool is_good = has_peer_name(certificate) && is_chain_good(connection, certificate);
  ERR_clear_error();
  return is_good;
}

// What a handshake does with the chain. Of a resumed session the certificates between are not
// known: then a peer that needs them has to show them again.
bool TlsContext::is_chain_good(SSL* connection, X509* certificate) const {
  const std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  X509_STORE* store = SSL_CTX_get_cert_store(context_);
  STACK_OF(X509)* chain = SSL_get_peer_cert_chain(connection);
  if (!context || X509_STORE_CTX_init(context.get(), store, certificate, chain) != 1) return false;
  const char* purpose = SSL_is_server(connection) == 1 ? "ssl_client" : "ssl_server";
  return X509_STORE_CTX_set_default(context.get(), purpose) == 1 &&
         X509_verify_cert(context.get()) == 1;
}

// SIP URIs first; where there are none DNS names; where there is neither the common name.
bool TlsContext::has_peer_name(X509* certificate) const {
  if (peer_names_.empty()) return true;
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  bool has_uri = false;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const std::string_view domain = domain_of(view_of(name->d.uniformResourceIdentifier));
    if (domain.empty()) continue;
    has_uri = true;
    if (is_peer_name(domain)) return true;
  }
  if (has_uri) return false;
  bool has_dns = false;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    has_dns = true;
    if (is_peer_name(view_of(name->d.dNSName))) return true;
  }
  if (has_dns) return false;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return false;
  return is_peer_name(view_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
}

bool TlsContext::is_peer_name(std::string_view name) const {
  // A NUL in a name is an attempt to end it early.
  if (name.empty() || name.find('\0') != std::string_view::npos) return false;
  for (const std::string& wanted : peer_names_) {
    if (is_name_of(name, wanted, takes_wildcards_)) return true;
  }
  return false;
}

bool is_name_of(std::string_view pattern, std::string_view host, bool takes_wildcards) {
  if (pattern.starts_with("*.")) {
    const size_t dot = host.find('.');
    // "*.com" is nobody's.
    const bool is_allowed = takes_wildcards && pattern.find('.', 2) != std::string_view::npos;
    if (!is_allowed || dot == 0 || dot == std::string_view::npos) return false;
    return ascii::iequals(pattern.substr(1), host.substr(dot));
  }
  return ascii::iequals(pattern, host);
}

}  // namespace demarc::stream
