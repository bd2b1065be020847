#include "dataplane/route/admission.h"

#include <algorithm>

namespace demarc::route {

using contract::LimitMet;
using contract::Snapshot;
using contract::TrunkId;

bool is_of_caller(LimitMet met) {
  using enum LimitMet;
  switch (met) {
    case trunk_calls_in:
    case calls_in:
    case rate_in:
    case prefix_in:
    case prefix_rate_in:
    case bandwidth_in:
    case group_in:
    case group_one_way_in:
    case group_rate_in:
    case group_one_way_rate_in:
    case group_bandwidth_in:
      return true;
    default:
      return false;
  }
}

bool is_of_bandwidth(LimitMet met) {
  using enum LimitMet;
  return met == bandwidth_in || met == bandwidth_out || met == group_bandwidth_in ||
         met == group_bandwidth_out;
}

namespace {

bool shares_group(const Snapshot& snapshot, TrunkId one, TrunkId other) {
  if (!snapshot.has_trunk(one) || !snapshot.has_trunk(other)) return false;
  const contract::SectionHeader& header = snapshot.trunks->header;
  const auto of_other = elements(header, snapshot.trunk(other).groups);
  const auto of_one = elements(header, snapshot.trunk(one).groups);
  return std::find_first_of(of_one.begin(), of_one.end(), of_other.begin(), of_other.end()) !=
         of_one.end();
}

}  // namespace

TrunkId rated_before(const Snapshot& snapshot, std::span<const TrunkId> rated, TrunkId trunk) {
  if (std::find(rated.begin(), rated.end(), trunk) != rated.end()) return trunk;
  const auto sharer = std::find_if(rated.begin(), rated.end(),
                                   [&](TrunkId one) { return shares_group(snapshot, one, trunk); });
  if (sharer != rated.end()) return *sharer;
  return rated.empty() ? TrunkId::none : rated.back();
}

namespace {

// A trunk that has left the configuration wants nothing.
bool wants_bypass(const Snapshot& snapshot, TrunkId trunk, TrunkId with) {
  if (!snapshot.has_trunk(trunk)) return false;
  const contract::CodecPolicy& policy = snapshot.trunk(trunk).media.codecs;
  if (policy.way != contract::MediaWay::bypassed) return false;
  const auto trunks = elements(snapshot.trunks->header, policy.bypass_with);
  return trunks.empty() || std::find(trunks.begin(), trunks.end(), with) != trunks.end();
}

}  // namespace

bool may_bypass(const Snapshot& snapshot, TrunkId one, TrunkId other) {
  return wants_bypass(snapshot, one, other) && wants_bypass(snapshot, other, one);
}

}  // namespace demarc::route
