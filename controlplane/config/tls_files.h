// What the files of a [tls.NAME] block hold, read and judged when the configuration is loaded: a
// mistake in a certificate is a mistake of the configuration. Private keys are never printed and
// are wiped when the Config goes. Used by load.cc; OpenSSL allocates, so it is the control plane's.
#pragma once

#include <cstdint>
#include <string>

#include "controlplane/config/problem.h"

namespace demarc::config {

// Reads the files of all profiles into `config` and tells what is wrong with them. `now_unix_s` is
// what certificates are judged by.
void read_tls_files(Config& config, int64_t now_unix_s, Problems& problems);

// Whole days that are left at `now_unix_s`; negative when it is over.
int64_t days_left(int64_t not_after_unix_s, int64_t now_unix_s);
// The first of 30, 14, 7 and 1 that so many days are within; 0 when more is left.
unsigned warning_days(int64_t days_left);

}  // namespace demarc::config
