// Compiles what the configuration says of a trunk's calls into the CallPolicy of its row.
// Used by compile.cc.
#pragma once

#include <vector>

#include "controlplane/config/model.h"
#include "dataplane/contract/section_builder.h"

namespace demarc::trunks {

// `rules` are those of all trunks, in the order of the file.
contract::CallPolicy compile_policy(const config::Trunk& trunk,
                                    const std::vector<config::HeaderRule>& rules,
                                    contract::SectionBuilder<contract::TrunkSection>& builder);

// Who may send the trunk's media.
contract::SourcePolicy compile_sources(const config::Trunk& trunk,
                                       contract::SectionBuilder<contract::TrunkSection>& builder);
// The same of its media's codecs and digits.
contract::CodecPolicy compile_codecs(const config::Codecs& codecs,
                                     contract::SectionBuilder<contract::TrunkSection>& builder);

}  // namespace demarc::trunks
