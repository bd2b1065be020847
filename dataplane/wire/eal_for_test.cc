#include "dataplane/wire/eal_for_test.h"

#include <cstdio>

#include "dataplane/wire/eal.h"

namespace demarc::wire {

bool has_eal() {
  static const bool is_started = [] {
    EalOptions options;
    options.program = "wire_io_test";
    options.memory_mb = 128;
    options.hugepages = contract::Hugepages::no;
    EalReport report;
    Explanation why;
    if (start_eal(options, report, why)) return true;
    std::fprintf(stderr, "%s\n", why.c_str());
    return false;
  }();
  return is_started;
}

}  // namespace demarc::wire
