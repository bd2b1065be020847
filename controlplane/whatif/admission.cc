#include "controlplane/whatif/admission.h"

#include "dataplane/route/admission.h"
#include "dataplane/route/route.h"

namespace demarc::whatif {

using contract::LimitMet;
using contract::TrunkId;
using route::Direction;
using route::Entry;

namespace {

// As the workers reckon an INVITE without SDP: G.711 in packets of 20 ms.
constexpr uint32_t usual_kbps_v4 = 80;
constexpr uint32_t usual_kbps_v6 = 88;

}  // namespace

LimitMet Admission::begin() const {
  return route::take_rate(snapshot_, region_, entry_of(from_, Direction::in, 0), now_);
}

LimitMet Admission::try_target(const route::Target& target) {
  Entry out = entry_of(target.trunk, Direction::out, target.route);
  out.kbps = kbps_of(target.trunk, from_);
  Entry own = entry_of(from_, Direction::in, target.route);
  own.kbps = kbps_of(from_, target.trunk);
  LimitMet met = has_place_ ? route::enter_leg(snapshot_, region_, out)
                            : route::enter(snapshot_, region_, own, out);
  if (met != LimitMet::none) return met;
  if (has_place_) met = route::take_more(snapshot_, region_, own, kbps_);
  if (met != LimitMet::none) {
    route::leave_leg(region_, out);
    return met;
  }
  has_place_ = true;
  kbps_ = own.kbps;
  out.rated_in = from_;
  out.rated_out = route::rated_before(snapshot_, rated_, target.trunk);
  if (out.rated_out != target.trunk) {
    met = route::take_rate(snapshot_, region_, out, now_);
    if (met == LimitMet::none) rated_.push_back(target.trunk);
  }
  // The next one is tried when this one has failed.
  route::leave_leg(region_, out);
  return met;
}

std::string Admission::prefix_of(TrunkId trunk) const {
  const contract::LimitId id = route::prefix_limit(snapshot_, trunk, plan_.called.digits());
  const contract::PrefixLimit* limit = snapshot_.prefix_limit(id);
  if (limit == nullptr) return {};
  return std::string(contract::text(snapshot_.routes->header, limit->prefix));
}

Entry Admission::entry_of(TrunkId trunk, Direction direction, unsigned route) const {
  return {trunk, direction, plan_.routes[route].is_emergency,
          route::prefix_limit(snapshot_, trunk, plan_.called.digits())};
}

uint32_t Admission::kbps_of(TrunkId trunk, TrunkId other) const {
  if (!route::counts_bandwidth(snapshot_, trunk)) return 0;
  if (route::may_bypass(snapshot_, trunk, other)) return 0;
  const contract::RealmId realm = snapshot_.trunk(trunk).realm;
  return snapshot_.realm(realm).address.is_v4() ? usual_kbps_v4 : usual_kbps_v6;
}

}  // namespace demarc::whatif
