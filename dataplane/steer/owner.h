// Owners: which worker a SIP datagram belongs to (decision D5). Pure arithmetic, free of DPDK.
//
// Every worker asks it for each SIP datagram it received itself, before the full parse. Names that
// we minted carry their bucket: a response is known by the branch of its top Via, a request by its
// To tag, an INVITE that replaces a dialog by our tag in Replaces (RFC 3891), or by the Call-ID in
// it; any other request by the keyed hash of its Call-ID. The CANCEL of an INVITE goes where that
// went (detours.h), which is all that is remembered. One copy per worker.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/contract/ids.h"
#include "dataplane/contract/minted_name.h"
#include "dataplane/steer/detours.h"
#include "sip-parser/peek.h"

namespace demarc::steer {

// Begins every branch of RFC 3261 (section 8.1.1.7); our minted name stands behind it.
inline constexpr std::string_view magic_cookie = "z9hG4bK";

class Owners {
 public:
  using Table = std::array<contract::WorkerIndex, contract::bucket_count>;

  // Buckets go round the workers: bucket % workers.
  Owners(const contract::NameKeys& keys, unsigned workers);
  // Another table, as a later rebalancing makes it.
  Owners(const contract::NameKeys& keys, const Table& table) : keys_(keys), table_(table) {}

  contract::WorkerIndex of_bucket(contract::Bucket bucket) const { return table_[bucket]; }
  // `receiver` got the datagram and keeps what can not be peeked, and responses that answer nothing
  // of ours: it counts them.
  contract::WorkerIndex of_datagram(std::string_view datagram, contract::WorkerIndex receiver);

 private:
  contract::WorkerIndex of_response(const sip::Peek& peek, std::string_view datagram,
                                    contract::WorkerIndex receiver) const;
  contract::WorkerIndex of_request(const sip::Peek& peek, std::string_view datagram);
  contract::WorkerIndex of_replaced(const sip::Peek& peek, std::string_view datagram,
                                    contract::WorkerIndex otherwise) const;

  contract::NameKeys keys_;
  Table table_;
  Detours detours_;
};

}  // namespace demarc::steer
