// Which transaction a message belongs to: RFC 3261 section 17.1.3 for responses, 17.2.3 for
// requests, with its rules for peers of RFC 2543. Called by the layer, on the worker that owns it.
//
// What those sections compare is not kept as text. A SipHash value of 128 bits under a secret key
// stands for it: one half finds candidates in the table, both together decide. Two different texts
// have the same value with a probability of 2^-128 and nobody without the key can look for them, so
// a match of the value counts as a match of the text.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "dataplane/contract/ids.h"
#include "sip-parser/base/siphash.h"
#include "sip-parser/essentials.h"
#include "sip-parser/message.h"

namespace demarc::transaction {

// The key of the hashes below, from one that other tables use, too.
SipHashKey derive_match_key(const SipHashKey& secret);

struct Key {
  uint64_t value = 0;
  uint64_t check = 0;
};

// A message that the validator accepted, and the trunk it came from: what one peer says never
// matches a transaction with another. Borrows the first three.
struct Received {
  const sip::Message& message;
  std::string_view datagram;
  const sip::Essentials& essentials;
  contract::TrunkId trunk;
};

// Branch without regard to case (RFC 3261 section 7.3.1), and the method of CSeq.
Key client_key(const SipHashKey& key, std::string_view branch, sip::Method method);

// What a response must repeat of a request of ours beside the branch (RFC 3261 section 8.2.6.2).
// Who can not do that is not the one who got the request.
struct Identity {
  std::string_view call_id;
  std::string_view from_tag;
  std::string_view to_tag;  // of a request within a dialog; empty: the peer chooses one
  uint32_t cseq = 0;
};
uint64_t identity_hash(const SipHashKey& key, const Identity& identity);
// Of a response, or of a request of ours. `has_to_tag`: whether the request has one.
Identity identity_of(const sip::Message& message, std::string_view datagram,
                     const sip::Essentials& essentials, bool has_to_tag);

// Whether the branch names the transaction by itself; else the rules for RFC 2543 apply.
bool has_cookie(const Received& request);
// Trunk, branch, sent-by and method. `method` is that of the transaction looked for: INVITE for an
// ACK or a CANCEL. For a request with a cookie.
Key server_key(const SipHashKey& key, const Received& request, std::string_view method);
// Trunk, Request-URI, From tag, Call-ID, CSeq number, top Via, method, and `to_tag`, which is that
// of the request the transaction was made for. For a request without a cookie.
struct OldRequest {
  std::string_view method;
  std::string_view to_tag;
};
Key old_server_key(const SipHashKey& key, const Received& request, const OldRequest& old);

// The tag of the To field; empty when absent.
std::string_view to_tag_of(const sip::Message& message, std::string_view datagram);

}  // namespace demarc::transaction
