#include "controlplane/config/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <memory>
#include <optional>

#include "controlplane/runtime/files.h"

namespace demarc::config {
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
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using OcspResponse = std::unique_ptr<OCSP_RESPONSE, Freed<OCSP_RESPONSE_free>>;

constexpr int64_t seconds_per_day = 24 * 60 * 60;

Bio reader_of(const std::string& octets) {
  return Bio(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
}

// Refuses instead of asking at the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

int64_t unix_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<int64_t>(::timegm(&parts));
}

// The files of one profile.
class Reader {
 public:
  Reader(Tls& tls, int64_t now, Problems& problems) : tls_(tls), now_(now), problems_(problems) {}

  void run() {
    TlsFiles& files = tls_.files;
    if (read("certificate", tls_.certificate, files.certificate)) check_certificate();
    if (read("key", tls_.key, files.key.octets)) check_key();
    if (read("ca", tls_.ca, files.authorities)) check_authorities();
    if (read("crl", tls_.crl, files.revoked)) check_revoked();
    if (read("ocsp_staple", tls_.ocsp_staple, files.ocsp_staple)) check_staple();
    check_ciphers();
    ERR_clear_error();
  }

 private:
  void fail(std::string_view field, const std::string& path, const std::string& why) {
    problems_.error(tls_.origin.of(field), std::string(field) + ": " + path + ": " + why);
  }

  // False when there is none, or it can not be read.
  bool read(std::string_view field, const std::string& path, std::string& into) {
    if (path.empty()) return false;
    try {
      std::optional<std::string> octets = runtime::read_file(path, contract::max_pem_octets);
      if (octets) {
        into = std::move(*octets);
        return true;
      }
      fail(field, path, "no such file");
    } catch (const runtime::FileError& error) {
      problems_.error(tls_.origin.of(field), std::string(field) + ": " + error.what());
    }
    return false;
  }

  void check_certificate() {
    const Bio reader = reader_of(tls_.files.certificate);
    certificate_.reset(PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr));
    if (!certificate_) return fail("certificate", tls_.certificate, "holds no certificate in PEM");
    tls_.files.not_after_unix_s = unix_of(X509_get0_notAfter(certificate_.get()));
    const int64_t left = days_left(tls_.files.not_after_unix_s, now_);
    const auto warn = [&](const std::string& text) {
      problems_.warn(tls_.origin.of("certificate"),
                     "certificate: " + tls_.certificate + ": " + text);
    };
    if (left < 0) {
      warn("expired " + std::to_string(-left) + " days ago: peers that verify it refuse it");
    } else if (warning_days(left) != 0) {
      warn("expires in " + std::to_string(left) + " days");
    }
    if (unix_of(X509_get0_notBefore(certificate_.get())) > now_) warn("is not valid yet");
    // The chain behind it.
    while (Certificate{PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr)}) {
    }
    if (!is_at_end())
      fail("certificate", tls_.certificate, "its chain holds what is no certificate");
  }

  void check_key() {
    const Bio reader = reader_of(tls_.files.key.octets);
    const Key key(PEM_read_bio_PrivateKey(reader.get(), nullptr, no_passphrase, nullptr));
    if (!key) {
      const bool is_encrypted = tls_.files.key.octets.find("ENCRYPTED") != std::string::npos;
      return fail("key", tls_.key,
                  is_encrypted ? "has a passphrase; take it off" : "holds no private key in PEM");
    }
    if (certificate_ && X509_check_private_key(certificate_.get(), key.get()) != 1) {
      fail("key", tls_.key, "is not the key of " + tls_.certificate);
    }
  }

  void check_authorities() {
    const Bio reader = reader_of(tls_.files.authorities);
    unsigned count = 0;
    while (Certificate{PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr)}) ++count;
    if (count == 0 || !is_at_end()) fail("ca", tls_.ca, "holds what is no certificate in PEM");
  }

  void check_revoked() {
    const Bio reader = reader_of(tls_.files.revoked);
    unsigned count = 0;
    while (const Crl crl{PEM_read_bio_X509_CRL(reader.get(), nullptr, no_passphrase, nullptr)}) {
      ++count;
      const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl.get());
      if (next == nullptr || unix_of(next) >= now_) continue;
      problems_.warn(tls_.origin.of("crl"),
                     "crl: " + tls_.crl + ": is out of date: every certificate is refused");
    }
    if (count == 0 || !is_at_end()) fail("crl", tls_.crl, "holds what is no CRL in PEM");
  }

  void check_staple() {
    const std::string& der = tls_.files.ocsp_staple;
    const auto* octets = reinterpret_cast<const unsigned char*>(der.data());
    const OcspResponse response(d2i_OCSP_RESPONSE(nullptr, &octets, static_cast<long>(der.size())));
    if (!response) fail("ocsp_staple", tls_.ocsp_staple, "holds no OCSP response in DER");
  }

  // One by one, since OpenSSL passes over what it does not know.
  void check_ciphers() {
    const Context context(SSL_CTX_new(TLS_method()));
    for (size_t i = 0; context && i < tls_.ciphers.size(); ++i) {
      const std::string& cipher = tls_.ciphers[i];
      const bool is_one =
          cipher.find_first_of(":!+@, ") == std::string::npos && !cipher.starts_with('-');
      if (is_one && SSL_CTX_set_cipher_list(context.get(), cipher.c_str()) == 1) continue;
      problems_.error(tls_.origin.of("ciphers", i),
                      "ciphers: \"" + cipher + "\" is no cipher suite that OpenSSL knows");
    }
  }

  // Whether reading stopped because nothing was left.
  static bool is_at_end() {
    const unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  }

  Tls& tls_;
  int64_t now_;
  Problems& problems_;
  Certificate certificate_;
};

}  // namespace

void read_tls_files(Config& config, int64_t now_unix_s, Problems& problems) {
  for (Tls& tls : config.tls) Reader(tls, now_unix_s, problems).run();
}

int64_t days_left(int64_t not_after_unix_s, int64_t now_unix_s) {
  const int64_t seconds = not_after_unix_s - now_unix_s;
  return seconds >= 0 ? seconds / seconds_per_day : -((-seconds - 1) / seconds_per_day + 1);
}

unsigned warning_days(int64_t days_left) {
  constexpr std::array<unsigned, 4> steps = {1, 7, 14, 30};
  for (const unsigned step : steps) {
    if (days_left <= static_cast<int64_t>(step)) return step;
  }
  return 0;
}

}  // namespace demarc::config
