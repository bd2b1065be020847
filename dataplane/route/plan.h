// Plan: everything between the numbers of an INVITE and the route, and between the route and the
// numbers of one target, as one pure function each (decision D57).
//
// A worker runs it for each call, the control plane's what-if for a question. Reads of the snapshot
// only; nothing is counted and nothing kept.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "dataplane/contract/snapshot.h"
#include "dataplane/number/number.h"
#include "dataplane/number/rewrite.h"
#include "dataplane/route/hunt.h"
#include "dataplane/route/route.h"

namespace demarc::route {

// A call as its trunk's peer asks for it. Borrows the user part.
struct Dialled {
  contract::TrunkId from = contract::TrunkId::none;
  Number called;          // length 0: the user part is no number
  std::string_view user;  // as it stands, where it is none
  Number calling;         // length 0: unknown
  // The calling number is as our side writes it already: no rule of the trunk is for it.
  bool is_calling_ruled = false;
  Occasion occasion = {};
};

struct Plan {
  number::Rewrite called_rule;
  number::Rewrite calling_rule;
  Number called;   // after the rules of the trunk, before the route
  Number calling;  // the same
  // The first one that matches, then those that stand in for it when all of its trunks have failed:
  // one of each further usage of the trunk. Empty when there is no route, or when a rule made no
  // number of the called one.
  std::array<Match, max_hunted_routes> routes;
  uint8_t route_count = 0;
  bool is_unusable = false;   // a rule, or the route, made no number of the called one
  bool hides_caller = false;  // a rule does, or made no number of the calling one

  bool has_route() const { return route_count != 0; }
  const Match& match() const { return routes[0]; }
  std::span<const Match> matches() const { return {routes.data(), route_count}; }
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
