#include "dataplane/boot/cores.h"

#include <sched.h>

#include <algorithm>

#include "sip-parser/base/ascii.h"

namespace demarc::boot {
namespace {

struct Range {
  uint64_t first = 0;
  uint64_t last = 0;
};

bool parse_range(std::string_view text, Range& range) {
  const size_t dash = text.find('-');
  const std::string_view first = ascii::trim(text.substr(0, dash));
  const std::string_view last =
      dash == std::string_view::npos ? first : ascii::trim(text.substr(dash + 1));
  return ascii::parse_decimal(first, max_cpu, range.first) &&
         ascii::parse_decimal(last, max_cpu, range.last) && range.first <= range.last;
}

bool take_last(unsigned workers, std::span<const int> allowed, Cores& cores,
               wire::Explanation& why) {
  if (workers > allowed.size()) {
    why.set("%u workers need a CPU each, but the process may run on %zu: configure fewer workers",
            workers, allowed.size());
    return false;
  }
  const std::span<const int> last = allowed.last(workers);
  std::copy(last.begin(), last.end(), cores.of_worker.begin());
  return true;
}

}  // namespace

std::vector<int> allowed_cpus() {
  std::vector<int> allowed;
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (::sched_getaffinity(0, sizeof cpus, &cpus) != 0) return allowed;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE && cpu <= max_cpu; ++cpu) {
    if (CPU_ISSET(cpu, &cpus)) allowed.push_back(static_cast<int>(cpu));
  }
  return allowed;
}

bool parse_cores(std::string_view text, unsigned workers, std::span<const int> allowed,
                 Cores& cores, wire::Explanation& why) {
  cores.of_worker.fill(-1);
  if (ascii::trim(text).empty()) return take_last(workers, allowed, cores, why);
  unsigned count = 0;
  std::string_view rest = text;
  for (;;) {
    const size_t comma = rest.find(',');
    Range range;
    if (!parse_range(rest.substr(0, comma), range)) {
      why.set("cores '%.*s' is not a list of CPUs such as 2,3 or 2-5",
              static_cast<int>(text.size()), text.data());
      return false;
    }
    for (uint64_t cpu = range.first; cpu <= range.last && count < workers; ++cpu) {
      cores.of_worker[count++] = static_cast<int>(cpu);
    }
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (count < workers) {
    why.set("cores '%.*s' names %u CPUs for %u workers", static_cast<int>(text.size()), text.data(),
            count, workers);
    return false;
  }
  return true;
}

}  // namespace demarc::boot
