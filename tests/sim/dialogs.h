// Dialogs: which ones the peers are in, for attended transfers: a peer hands its call to another
// one of its trunk, as phones of one exchange do. Who was named where is remembered for the rules.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace demarc::sim {

struct Dialogs {
  struct One {
    uint32_t call = 0;
    std::string call_id;
    std::string name;  // as the value of Replaces, escaped for a URI (RFC 3891 section 6.1)
  };
  bool are_used = false;
  std::vector<std::vector<One>> of_trunk;    // confirmed once, perhaps over by now
  std::set<uint32_t> lying;                  // calls of liars, which are nobody's to take over
  std::set<std::string, std::less<>> named;  // Call-IDs of both calls of each transfer
};

}  // namespace demarc::sim
