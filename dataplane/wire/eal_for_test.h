// EAL for tests: without hugepages, devices or rights, once in a test program.
#pragma once

namespace demarc::wire {

// Starts EAL at the first call; false when it did not start.
bool has_eal();

}  // namespace demarc::wire
