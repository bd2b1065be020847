// What the process is allowed to do and to leak: no core dumps (they would hold keys), signals by a
// descriptor, as much locked memory as the ports and secrets need. Main thread, once at start.
#pragma once

#include <string_view>

#include "dataplane/contract/channel.h"
#include "dataplane/wire/explanation.h"

namespace demarc::boot {

// Logs what could not be had; nothing of it keeps the dataplane from running.
void harden_process();

// SIGTERM and SIGINT arrive on the descriptor from now on, in this thread and in all made later.
// SIGPIPE is ignored. Not open on failure: errno.
contract::FileDescriptor take_signals();

// Makes the state directory if need be and locks it against a second dataplane. Keep the descriptor
// open. Not open on failure: `why`.
contract::FileDescriptor lock_state_directory(const char* path, wire::Explanation& why);

// Makes the folder that a socket is to be in, as the control plane makes it; only the last one of a
// path. What stands in the way shows when the socket is made.
void make_folder_of(std::string_view socket_path);

}  // namespace demarc::boot
