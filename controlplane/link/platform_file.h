// The platform that a running dataplane was started with, kept across restarts of the control
// plane, so that a changed field is named as needing a restart. Used by link.cc only.
#pragma once

#include <string>

#include "controlplane/link/section_set.h"

namespace demarc::link {

// Empty when nothing is known of that start of the dataplane.
Blob load_platform(const std::string& directory, uint64_t boot_id);
// Throws runtime::FileError.
void save_platform(const std::string& directory, uint64_t boot_id, const Blob& blob);

}  // namespace demarc::link
