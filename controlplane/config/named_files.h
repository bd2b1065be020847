// Files that a configuration names and does not hold: certificates and keys, tables of numbers and
// costs, prefix lists. By their digests one can tell whether they are what they were. Any thread.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "controlplane/config/file.h"
#include "controlplane/config/model.h"

namespace demarc::config {

struct NamedFile {
  std::string path;
  std::string digest;  // SHA-256 in hex
  friend auto operator<=>(const NamedFile&, const NamedFile&) = default;
};

// SHA-256 in hex.
std::string digest_of(const std::string& octets);

// Paths that are relative become so to the file of the configuration that names them, as those of
// `include` are. `files` are Loaded::files.
void place_named_files(Config& config, const std::vector<File>& files);

// Of what was read when the configuration was loaded; what could not be read is left out. Sorted by
// path.
std::vector<NamedFile> named_files(const Config& config);

// The paths that are on both sides with other octets.
std::vector<std::string> changed_files(const std::vector<NamedFile>& before,
                                       const std::vector<NamedFile>& after);

}  // namespace demarc::config
