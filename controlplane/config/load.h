// Loads a configuration: files become a Config, or a list of everything that is wrong with them.
// Called by the control plane at start and for every change, and by `demarc check`.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/file.h"
#include "controlplane/config/problem.h"

namespace demarc::config {

struct Tree;

struct Loaded {
  Config config;                     // meaningful only when is_good
  std::vector<Problem> problems;     // in the order of the files; warnings too
  bool is_good = false;              // no errors; there may be warnings
  std::vector<File> files = {};      // all that were read; the first is the configuration itself
  std::shared_ptr<const Tree> tree;  // the blocks as they were written; nullptr without a file
};

Loaded load_file(const std::string& path);
// Includes nothing.
Loaded load_text(std::string_view text);
// What `main` includes is read through `open`.
Loaded load(File main, const Open& open);

// Each problem as "FILE:line:column: message"; `file` is what the first one is called.
std::vector<std::string> texts_of(const Loaded& loaded, std::string_view file);

}  // namespace demarc::config
