// Certificates made while a test runs: an authority, what it vouches for, and what it revokes. All
// keys are P-256, which costs no time to speak of.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <string>

#include "sip-parser/base/check.h"

namespace demarc::support {

inline std::string pem_of(const auto& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  DEMARC_CHECK(write(bio) == 1);
  char* octets = nullptr;
  const long length = BIO_get_mem_data(bio, &octets);
  std::string pem(octets, static_cast<size_t>(length));
  BIO_free(bio);
  return pem;
}

struct Identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;

  std::string certificate_pem() const {
    return pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
  }
  std::string key_pem() const {
    return pem_of([&](BIO* bio) {
      return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
};

struct CertificateOptions {
  std::string common_name = "test";
  std::string names = {};  // "DNS:a.example,URI:sip:a.example", as OpenSSL writes them; empty: none
  long begins_days = -1;   // from now
  long ends_days = 365;
  long serial = 1;
};

// Signed by itself, or by `issuer`. Without an issuer it is an authority.
inline Identity make_identity(const CertificateOptions& options, const Identity* issuer = nullptr) {
  Identity identity;
  identity.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
  identity.certificate.reset(X509_new(), X509_free);
  X509* certificate = identity.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), options.serial);
  std::time_t now = std::time(nullptr);
  X509_time_adj_ex(X509_getm_notBefore(certificate), static_cast<int>(options.begins_days), 0,
                   &now);
  X509_time_adj_ex(X509_getm_notAfter(certificate), static_cast<int>(options.ends_days), 60, &now);
  X509_set_pubkey(certificate, identity.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(options.common_name.c_str()),
                             -1, -1, 0);
  X509* signer = issuer == nullptr ? certificate : issuer->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  const auto extend = [&](int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    DEMARC_CHECK(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (issuer == nullptr) extend(NID_key_usage, "keyCertSign,cRLSign");
  if (!options.names.empty()) extend(NID_subject_alt_name, options.names);
  EVP_PKEY* key = issuer == nullptr ? identity.key.get() : issuer->key.get();
  DEMARC_CHECK(X509_sign(certificate, key, EVP_sha256()) != 0);
  return identity;
}

// A list of `issuer` with one serial number on it; none when it is negative.
inline std::string make_crl_pem(const Identity& issuer, long serial) {
  const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> crl(X509_CRL_new(), X509_CRL_free);
  X509_CRL_set_version(crl.get(), 1);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.certificate.get()));
  ASN1_TIME* time = ASN1_TIME_new();
  X509_gmtime_adj(time, -60);
  X509_CRL_set1_lastUpdate(crl.get(), time);
  if (serial >= 0) {
    X509_REVOKED* revoked = X509_REVOKED_new();
    ASN1_INTEGER* number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, serial);
    X509_REVOKED_set_serialNumber(revoked, number);
    X509_REVOKED_set_revocationDate(revoked, time);
    X509_CRL_add0_revoked(crl.get(), revoked);
    ASN1_INTEGER_free(number);
  }
  X509_gmtime_adj(time, 86400);
  X509_CRL_set1_nextUpdate(crl.get(), time);
  ASN1_TIME_free(time);
  DEMARC_CHECK(X509_CRL_sign(crl.get(), issuer.key.get(), EVP_sha256()) != 0);
  return pem_of([&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, crl.get()); });
}

}  // namespace demarc::support
