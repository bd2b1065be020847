// What few ladders want of the box's snapshot.
#include "tests/flow/box.h"

namespace demarc::flow {

contract::RouteCondition Box::condition_of(
    contract::SectionBuilder<contract::RouteSection>& routes) {
  const RouteOnlyFor& only_for = options_.only_for;
  contract::RouteCondition condition;
  if (!only_for.field.empty()) {
    std::vector<contract::HeaderCondition> headers(1);
    headers[0].name = routes.text(only_for.field);
    headers[0].is_negated = only_for.is_negated ? 1 : 0;
    if (!only_for.pattern.empty()) headers[0].pattern = 0;
    condition.headers = routes.array<contract::HeaderCondition>(headers);
  }
  if (!only_for.hours.empty()) {
    const std::vector<contract::ZoneStep> steps(1);
    std::vector<contract::TimeZone> zones(1);
    zones[0] = {routes.text("UTC"), routes.array<contract::ZoneStep>(steps)};
    routes.section().zones = routes.array<contract::TimeZone>(zones);
    condition.hours = routes.array<contract::WeekSpan>(only_for.hours);
    condition.zone = 0;
  }
  return condition;
}

// Its peer is itsp's, which knows it by the port of ours that it sends to.
void Box::move_alt(std::vector<contract::TrunkConfig>& rows,
                   std::vector<contract::SourceConfig>& sources,
                   std::vector<contract::Endpoint>& listeners) {
  rows[2].local_port = options_.alt_port;
  rows[2].peer_host = rows[1].peer_host;
  const contract::Endpoint peer{sources[2].remote, 5060};
  region_.target(rows[2].first_target).store({peer, alt, contract::TargetHealth::unknown});
  sources[3].remote = sources[2].remote;
  sources[3].local.port = options_.alt_port;
  listeners.push_back(sources[3].local);
}

}  // namespace demarc::flow
