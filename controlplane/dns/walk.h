// walk(): from a peer's host name to the addresses to try, by RFC 3263 section 4: NAPTR, SRV, then
// A or AAAA; priorities and weights by RFC 2782. A pure function over what is known: it says which
// questions are still open, and is asked again when they are answered. Any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "controlplane/dns/record.h"
#include "dataplane/contract/address.h"

namespace demarc::dns {

// One question to DNS.
struct Key {
  std::string name;  // lower case
  RecordType type = RecordType::a;
  friend auto operator<=>(const Key&, const Key&) = default;
};

// The transport of the trunk, which chooses among NAPTR and SRV.
enum class Service : uint8_t { udp, tcp, tls };

// A peer as configured.
struct Host {
  std::string name;   // lower case, no address
  uint16_t port = 0;  // 0: not given, so NAPTR and SRV are asked
  bool is_v4 = true;  // the family of the realm
  Service service = Service::udp;
  friend auto operator<=>(const Host&, const Host&) = default;
};

struct Choice {
  contract::Endpoint endpoint;
  uint16_t priority = 0;  // 0, 1, 2, ... in the order of trying
  uint16_t weight = 0;
  friend bool operator==(const Choice&, const Choice&) = default;
};

inline constexpr unsigned max_choices = 16;  // of one host; the last ones are left out

// What is known of one question.
enum class Known : uint8_t {
  nothing,  // not answered yet
  absent,   // there is no such name or record
  failed,   // nobody answered, and there is nothing from before
  present,
};
struct Lookup {
  Known known = Known::nothing;
  const Answer* answer = nullptr;  // present: valid during the walk
};

struct Walked {
  bool is_complete = false;     // nothing is open
  bool has_failed = false;      // some question got no answer: less than could be
  std::vector<Choice> choices;  // by priority; empty when the host leads nowhere
  std::vector<Key> asked;       // every question that mattered, open or not
};

Walked walk(const Host& host, const std::function<Lookup(const Key&)>& lookup);

}  // namespace demarc::dns
