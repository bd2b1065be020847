// Limits that have a count of their own (contract::LimitId): their names among the ids, and their
// rows. Used by compile.cc, route_section.cc and the API.
#pragma once

#include <string>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/trunks/ids.h"
#include "dataplane/contract/section_builder.h"

namespace demarc::trunks {

// No name of a block holds a '/'.
std::string limit_name(const config::Group& group);
std::string limit_name(const config::PrefixLimit& limit);
// Of all of them: prefixes, and groups with a rate.
std::vector<std::string> limit_names(const config::Config& config);

// Groups that have a limit, and which of them each trunk is in; `rows` are by TrunkId.
void compile_groups(const config::Config& config, IdMap& ids,
                    std::vector<contract::TrunkConfig>& rows,
                    contract::SectionBuilder<contract::TrunkSection>& builder);

}  // namespace demarc::trunks
