// Plan: everything between the numbers of an INVITE and the route, and between the route and the
// numbers of one target, as one pure function each (decision D57).
//
// A worker runs it for each call, the control plane's what-if for a question. Reads of the snapshot
// only; nothing is counted and nothing kept.
#pragma once

#include <string_view>

#include "dataplane/contract/snapshot.h"
#include "dataplane/number/number.h"
#include "dataplane/number/rewrite.h"
#include "dataplane/route/route.h"

namespace demarc::route {

// A call as its trunk's peer asks for it. Borrows the user part.
struct Dialled {
  contract::TrunkId from = contract::TrunkId::none;
  Number called;          // length 0: the user part is no number
  std::string_view user;  // as it stands, where it is none
  Number calling;         // length 0: unknown
};

struct Plan {
  number::Rewrite called_rule;
  number::Rewrite calling_rule;
  Number called;   // after the rules of the trunk, before the route
  Number calling;  // the same
  // None when there is no route, or when a rule made no number of the called one.
  Match match;
  bool is_unusable = false;   // a rule, or the route, made no number of the called one
  bool hides_caller = false;  // a rule does, or made no number of the calling one
};

// What the rules of the trunk make of both numbers, and where that leads.
Plan plan(const contract::Snapshot& snapshot, unsigned worker, const Dialled& dialled);

struct Shown {
  number::Rewrite rule;
  Number number;  // length 0: none that could be shown
};
// The called number as the peer of a target's trunk is to see it. `routed` is Match::called, or a
// user part that is no number and goes on as it is.
Shown called_for(const contract::Snapshot& snapshot, unsigned worker, contract::TrunkId to,
                 std::string_view routed);
// The same of the calling number; `hides_caller` of the rule says that nothing is shown.
Shown calling_for(const contract::Snapshot& snapshot, unsigned worker, contract::TrunkId to,
                  const Number& calling);

}  // namespace demarc::route
