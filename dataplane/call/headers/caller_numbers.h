// Caller numbers: what the number rules of two trunks make of a number that stands beside From: in
// P-Asserted-Identity, Remote-Party-ID, Diversion, History-Info.
//
// A part of header_policy.h. The rules are those that From is made with (decision D54): in from the
// sender's trunk, out by those of the peer's. Pure reads of the snapshot, on the worker that it is
// told, for as long as one function call.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/contract/snapshot.h"
#include "dataplane/number/number.h"
#include "sip-parser/uri.h"

namespace demarc::call::headers {

// How the sender of a message stands with the rules. A later one shows less.
enum class Identity : uint8_t {
  as_it_came,  // a called side: the rules are about callers
  ruled,       // a caller, whose numbers are shown as the rules make them
  concealed,   // a caller that a rule hides, or for whom the route shows another number
};

struct CallerNumbers {
  enum class Result : uint8_t {
    kept,  // it is no number, or stays what it is
    rewritten,
    hidden,  // a rule hides it, or makes no number of it
  };

  const contract::Snapshot& snapshot;
  unsigned worker;
  contract::TrunkId from;
  contract::TrunkId to;

  // False: show() keeps everything.
  bool has_rules() const;
  // `number` is good when it is rewritten.
  Result show(const sip::Uri& uri, std::string_view datagram, number::Number& number) const;
};

}  // namespace demarc::call::headers
