// Wall-clock time: the only place of the control plane that reads it, and its text form. Any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace demarc::runtime {

uint64_t now_unix_ns();

// RFC 3339 in UTC with milliseconds: "2024-05-01T09:30:00.125Z".
std::string utc_text(uint64_t unix_ns);
// The time that utc_text() wrote; nothing when it did not.
std::optional<uint64_t> parse_utc_text(const std::string& text);

}  // namespace demarc::runtime
