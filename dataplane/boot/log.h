// The dataplane's log: one line per event on standard error, for journald or a file. Main, loader
// and spool threads only; a worker counts instead.
#pragma once

namespace demarc::boot {

// As printf, with "demarc-dataplane: " before it and a line end behind it, in one write.
[[gnu::format(printf, 1, 2)]] void log(const char* format, ...);

}  // namespace demarc::boot
