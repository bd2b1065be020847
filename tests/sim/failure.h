// Failure: the first rule that a run broke. Everything after it may be its consequence, so the run
// ends with it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace demarc::sim {

struct Failure {
  std::string rule;            // empty: none
  std::string detail;          // a message, a number
  uint32_t call = 0xffffffff;  // whose ladder explains it
  bool is_set() const { return !rule.empty(); }

  void report(std::string_view what, uint32_t of_call, std::string_view more = {}) {
    if (is_set()) return;
    rule = what;
    call = of_call;
    detail = more;
  }
};

}  // namespace demarc::sim
