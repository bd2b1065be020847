// What is different between two configurations, field by field: text, order and comments do not
// count. Used by the API and `demarc diff`.
#pragma once

#include <string>
#include <vector>

#include "controlplane/config/tree.h"

namespace demarc::config {

struct Difference {
  enum class Kind : uint8_t { added, removed, changed };
  Kind kind = Kind::changed;
  std::string path;    // "/trunk/acme" of a block that came or went, else "/trunk/acme/peer"
  std::string before;  // JSON; empty for a block
  std::string after;   // a credential is the mask on both sides
  contract::Change needs = contract::Change::live;  // `live` but for the dataplane's own sizes
};

// In the order of the reference page. Defaults count as values, so writing one changes nothing.
// Repeated blocks are compared in their order: those that are the same on both sides are skipped
// from the front and the back, and what lies between went and came.
std::vector<Difference> diff(const Tree& before, const Tree& after);

std::string_view spelling(Difference::Kind kind);
std::string_view spelling(contract::Change change);

}  // namespace demarc::config
