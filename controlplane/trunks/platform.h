// The platform section: built from a configuration, and compared with what a dataplane runs with.
#pragma once

#include <string>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/link/section_set.h"

namespace demarc::trunks {

link::Blob compile_platform(const config::Config& config);

// The fields that differ, as "platform.workers" or "port.wan.mtu"; "port.wan" when it is new or
// gone.
std::vector<std::string> platform_differences(const link::Blob& running, const link::Blob& wanted);

// The ports' names in the order of their ids.
std::vector<std::string> port_names(const link::Blob& platform);

}  // namespace demarc::trunks
