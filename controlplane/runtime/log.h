// Logging of the control plane: one line per event on stderr in logfmt, one logger per module.
//
// start_logging() is called once by a program's main before any thread starts; log() by any thread.
// Before start_logging() lines go nowhere, which is what unit tests want. Never called per call or
// per message: the slow plane logs changes of state only.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::runtime {

enum class Level : uint8_t { debug, info, warning, error };

// Everything at `level` or above is written.
void start_logging(Level level);

// `module` is the folder's name: "link", "records".
void log(Level level, std::string_view module, std::string_view message);

// How often log() was called at that level, whether or not it was written.
uint64_t logged(Level level);

}  // namespace demarc::runtime
