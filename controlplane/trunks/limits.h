// Limits that have a count of their own (contract::LimitId): their names among the ids, and their
// rows. Used by compile.cc, route_section.cc and the API.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/trunks/ids.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/section_builder.h"

namespace demarc::trunks {

// No name of a block holds a '/'.
std::string limit_name(const config::PrefixLimit& limit);
// Of a group's rate.
enum class GroupRate : uint8_t { together, in, out };
std::string limit_name(const config::Group& group, GroupRate rate);
// Of all of them: prefixes, and rates of groups.
std::vector<std::string> limit_names(const config::Config& config);

// Groups that have a limit, and which of them each trunk is in; `rows` are by TrunkId.
void compile_groups(const config::Config& config, IdMap& ids,
                    std::vector<contract::TrunkConfig>& rows,
                    contract::SectionBuilder<contract::TrunkSection>& builder);

// What the trunks of a group have together, by the counts of the region; those that it does not
// know have nothing. `trunks` are numbered as the region has them.
struct GroupLive {
  uint64_t calls = 0;
  uint64_t calls_in = 0;
  uint64_t calls_out = 0;
  uint64_t kbps = 0;
};
GroupLive live_of(const config::Group& group, const IdSpace& trunks,
                  const contract::Region& region);

// A limit of calls at once, or of bandwidth, that is nearly met.
struct NearLimit {
  std::string subject;  // the trunk or group
  std::string_view limit;
  uint64_t live = 0;
  uint64_t most = 0;
};
inline constexpr unsigned near_percent = 90;

// Those of the configuration; `trunks` are numbered as the region has them.
std::vector<NearLimit> near_limits(const config::Config& config, const IdSpace& trunks,
                                   const contract::Region& region);

}  // namespace demarc::trunks
