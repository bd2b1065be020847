// The seed of a test that tries many inputs at random: the same one each time, so that a test fails
// by a change and not by chance. DEMARC_SEED=N in the environment tries others.
#pragma once

#include <cstdlib>

namespace demarc::support {

inline unsigned test_seed() {
  const char* wanted = std::getenv("DEMARC_SEED");
  return wanted == nullptr ? 1u : static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
}

}  // namespace demarc::support
