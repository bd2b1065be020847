#include "tests/sim/tally.h"

#include <iterator>

namespace demarc::sim {
namespace {

constexpr std::string_view names[] = {
    "offers in UPDATE",      "answers to UPDATE",           "refreshes by UPDATE",
    "CANCELs of re-INVITEs", "487 to cancelled re-INVITEs",
};
static_assert(std::size(names) == played_count);

}  // namespace

std::string_view spelling(Played played) {
  return names[static_cast<unsigned>(played)];
}

}  // namespace demarc::sim
