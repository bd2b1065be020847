// The files of a configuration on their way to the disk and back. Paths of a revision are relative
// to the directory of the configuration, where they are below it. Called by whoever changes the
// configuration, one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/config/file.h"

namespace demarc::change {

void make_relative(const std::string& config_file, std::vector<config::File>& files);
// The first one is the configuration itself.
void make_absolute(const std::string& config_file, std::vector<config::File>& files);

// Writes those that are not on disk as they should be, the configuration itself last: what it
// includes is there before it says so. Throws runtime::FileError, also for one that is outside of
// the configuration's directory.
void write_all(const std::string& config_file, const std::vector<config::File>& files);

// The text on disk where it is neither that in force nor the one that is about to be written: an
// edit that nobody loaded. What can not be read is no edit.
std::optional<std::string> edit_of(const config::File& next,
                                   const std::vector<config::File>& in_force);

// Keeps each edit as PATH.edited-N beside the file, N the first free one from `number`. Throws
// runtime::FileError.
void keep_edits(const std::vector<config::File>& files, const std::vector<config::File>& in_force,
                uint64_t number);

}  // namespace demarc::change
