// The keys of the names that we mint, kept over restarts in STATE/steering.keys (decision D5): a
// peer's retransmission, or its BYE after a restart, must find the same bucket. Main thread.
#pragma once

#include <cstddef>
#include <span>

#include "dataplane/contract/minted_name.h"
#include "dataplane/wire/explanation.h"

namespace demarc::boot {

inline constexpr char name_keys_file[] = "steering.keys";

// Reads the file in the open directory, or makes it with new keys: mode 0600, written whole or not
// at all. False: `why` says what is wrong with it; it is never replaced silently.
[[nodiscard]] bool load_or_make_name_keys(int directory, contract::NameKeys& keys,
                                          wire::Explanation& why);

// Fills `octets` from the kernel's generator. False when there is none.
[[nodiscard]] bool fill_random(std::span<std::byte> octets);

}  // namespace demarc::boot
