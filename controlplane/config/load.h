// Loads a configuration: a file becomes a Config, or a list of everything that is wrong with it.
// Called by the control plane at start and on SIGHUP, and by `demarc check`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/problem.h"

namespace demarc::config {

struct Loaded {
  Config config;                  // meaningful only when is_good
  std::vector<Problem> problems;  // in the order of the file; warnings too
  bool is_good = false;           // no errors; there may be warnings
};

Loaded load_file(const std::string& path);
Loaded load_text(std::string_view text);

// Each problem as "FILE:line:column: message".
std::vector<std::string> texts_of(const Loaded& loaded, std::string_view file);

}  // namespace demarc::config
