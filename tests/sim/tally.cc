#include "tests/sim/tally.h"

#include <iterator>

namespace demarc::sim {
namespace {

constexpr std::string_view names[] = {
    "offers in UPDATE",
    "answers to UPDATE",
    "refreshes by UPDATE",
    "CANCELs of re-INVITEs",
    "487 to cancelled re-INVITEs",
    "offers in reliable 18x",
    "offers in PRACK",
    "requests in early dialogs",
    "offers in UPDATE in early dialogs",
    "2xx of forks with another SDP",
    "SUBSCRIBEs",
    "NOTIFYs of these",
};
static_assert(std::size(names) == played_count);

}  // namespace

std::string_view spelling(Played played) {
  return names[static_cast<unsigned>(played)];
}

}  // namespace demarc::sim
