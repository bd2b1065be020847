// Names: what the rules of a peer's trunk make of display names that it is shown: of a caller in
// From and P-Asserted-Identity, of the called side in To.
//
// A part of header_policy.h, and used by whoever composes an INVITE. Pure reads of the snapshot, on
// the worker that it is told, for as long as one function call. Names are given by the number that
// the peer is shown, after all rules about numbers.
#pragma once

#include <string_view>

#include "dataplane/call/headers/crossing_address.h"
#include "dataplane/call/headers/privacy.h"
#include "dataplane/number/display_name.h"

namespace demarc::call::headers {

// A name as it is written before an address.
struct ShownName {
  std::string_view text;  // without quotes, escapes as they stand; empty: none
  bool has_quotes = false;
};

// What a caller's user part and name are borrowed from.
struct CallerTexts {
  number::Number number;
  number::DisplayName name;
};

struct CallerNames {
  const contract::Snapshot& snapshot;
  unsigned worker;
  contract::TrunkId to;
  // The caller does not want to be known: no rule gives it a name, not even for a peer that is
  // trusted.
  bool is_private = false;

  // False: show() keeps everything.
  bool has_rules() const;
  // What becomes of `name` beside the user part `user`; a new one is borrowed from `made`.
  ShownName show(std::string_view user, ShownName name, number::DisplayName& made) const;
};

// In To.
struct CalledName {
  const contract::Snapshot& snapshot;
  unsigned worker;
  contract::TrunkId to;

  // What `request` says in To crosses only where a rule says so. `user` is what the peer is sent.
  ShownName show(const sip::Message& request, std::string_view datagram, std::string_view user,
                 number::DisplayName& made) const;
};

// Puts the name of an address that crosses into `style`, which borrows it from `made`. The number
// that a rule made is there already.
void show_name(const Crossing& crossing, const sip::NameAddr& name_addr, const sip::Uri& uri,
               number::DisplayName& made, AddressStyle& style);

}  // namespace demarc::call::headers
