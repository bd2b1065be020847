// The rows of the shared target table that follow from a configuration. Called on the link's
// thread, the only writer of the table in this process.
#pragma once

#include <span>
#include <vector>

#include "controlplane/link/section_set.h"
#include "dataplane/contract/region.h"

namespace demarc::link {

// Writes the rows that nothing uses yet, before the publication that refers to them. Which they
// were, for remove_targets() when it is refused.
std::vector<contract::TargetId> add_targets(const contract::Region& region,
                                            std::span<const TargetPlan> targets);
void remove_targets(const contract::Region& region, std::span<const contract::TargetId> added);

// Writes the rows that differ, after the publication: until then calls use them as they were.
// A row that holds the same endpoint already keeps its health. Rows beyond the table are skipped.
void write_targets(const contract::Region& region, std::span<const TargetPlan> targets);

// Writes the health of the plan into its row, if that still holds the plan's address and trunk.
bool set_health(const contract::Region& region, const TargetPlan& plan);

// Rows that no target of the configuration uses become unused; after the publication.
void retire_targets(const contract::Region& region, std::span<const TargetPlan> targets);

}  // namespace demarc::link
