// Records of DNS answers as values: A, AAAA, SRV (RFC 2782), NAPTR (RFC 3403), read from their
// octets. Whatever a server sends is either a record or counted as malformed. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/contract/address.h"

namespace demarc::dns {

enum class RecordType : uint16_t { a = 1, aaaa = 28, srv = 33, naptr = 35 };
// "SRV"
std::string_view spelling(RecordType type);

struct Srv {
  uint16_t priority = 0;
  uint16_t weight = 0;
  uint16_t port = 0;
  std::string target;  // lower case, without the dot at its end; empty: no such service here
};

struct Naptr {
  uint16_t order = 0;
  uint16_t preference = 0;
  std::string flags;    // lower case
  std::string service;  // upper case
  std::string regexp;
  std::string replacement;
};

// The records of one type that a name has.
struct Answer {
  std::vector<contract::IpAddress> addresses;
  std::vector<Srv> services;
  std::vector<Naptr> pointers;
  unsigned malformed = 0;
  bool empty() const { return addresses.empty() && services.empty() && pointers.empty(); }
};

inline constexpr unsigned max_records = 64;  // of one answer; the rest is left out

// `rdata` are the octets of each record, names in them uncompressed.
Answer read_answer(RecordType type, std::span<const std::string_view> rdata);

}  // namespace demarc::dns
