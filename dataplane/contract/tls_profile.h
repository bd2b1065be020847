// TlsProfile: how TLS is spoken with the peers of some trunks: our certificate, whom we trust, what
// is asked of the peer (RFC 5246, RFC 8446, RFC 5922). Part of the secrets section, since it holds
// a private key: the section lives in locked memory and is zeroed when it is not in force any more.
#pragma once

#include <cstdint>

#include "dataplane/contract/blob.h"

namespace demarc::contract {

// Limits of one profile.
inline constexpr unsigned max_tls_profiles = 256;
inline constexpr unsigned max_peer_names = 16;
inline constexpr uint32_t max_pem_octets = 1u << 20;  // of each file

// Whether the peer must show a certificate that our CAs vouch for. As a client we verify the server
// unless this is `off`.
enum class TlsVerify : uint8_t {
  off,       // no certificate is asked for or looked at
  optional,  // a client without one is let in; one that is wrong is not
  required,  // mutual TLS
};
enum class TlsVersion : uint8_t { tls_1_2, tls_1_3 };

// A row whose name is empty is a hole: the profile left the configuration.
struct TlsProfile {
  Text name;
  Text certificate;        // PEM: ours, then the chain
  Text key;                // PEM, without a passphrase
  Text authorities;        // PEM: CAs that may vouch for the peer; empty: none
  Text revoked;            // PEM: CRLs; empty: revocation is not looked at
  Text ocsp_staple;        // DER: an OCSP response that is sent as it is (RFC 6066); empty: none
  Text ciphers;            // of TLS 1.2, OpenSSL's names separated by ':'
  Text server_name;        // SNI that we send; empty: none
  Array<Text> peer_names;  // of which the peer's certificate must hold one; empty: any will do
  TlsVerify verify = TlsVerify::required;
  TlsVersion oldest = TlsVersion::tls_1_2;
  TlsVersion newest = TlsVersion::tls_1_3;
  bool takes_wildcards = false;  // "*.example.com" in a certificate stands for one label
  bool has_tickets = true;       // sessions are resumed by tickets (RFC 5077)
  uint8_t reserved[3] = {};
};

}  // namespace demarc::contract
