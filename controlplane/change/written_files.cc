#include "controlplane/change/written_files.h"

#include <algorithm>
#include <filesystem>

#include "controlplane/runtime/files.h"
#include "controlplane/runtime/log.h"

namespace demarc::change {

using config::File;
using runtime::Level;

namespace {

// Whether a change may write there: the directory of the configuration and what is below it.
bool is_below(const std::string& config_file, const std::string& path) {
  const std::filesystem::path directory =
      std::filesystem::path(config::path_beside("", config_file)).parent_path();
  const std::filesystem::path relative =
      std::filesystem::path(config::path_beside("", path)).lexically_relative(directory);
  if (directory.empty())
    return std::filesystem::path(path).is_relative() && !path.starts_with("..");
  return !relative.empty() && *relative.begin() != "..";
}

bool is_on_disk(const File& file) {
  try {
    const std::optional<std::string> text = config::open_file(file.path);
    return text && *text == file.text;
  } catch (const runtime::FileError&) {
    return false;
  }
}

}  // namespace

void make_relative(const std::string& config_file, std::vector<File>& files) {
  const std::filesystem::path directory = std::filesystem::path(config_file).parent_path();
  for (File& file : files) {
    if (!directory.empty() && is_below(config_file, file.path)) {
      file.path = std::filesystem::path(file.path).lexically_relative(directory).string();
    }
  }
}

void make_absolute(const std::string& config_file, std::vector<File>& files) {
  for (File& file : files) file.path = config::path_beside(config_file, file.path);
  if (!files.empty()) files.front().path = config_file;
}

void write_all(const std::string& config_file, const std::vector<File>& files) {
  for (size_t i = files.size(); i-- > 0;) {
    if (is_on_disk(files[i])) continue;
    if (!is_below(config_file, files[i].path)) {
      throw runtime::FileError(files[i].path + " is outside of the configuration's directory");
    }
    runtime::make_directory(
        std::filesystem::path(config::path_beside("", files[i].path)).parent_path().string());
    runtime::replace_users_file(files[i].path, files[i].text);
  }
}

std::optional<std::string> edit_of(const File& next, const std::vector<File>& in_force) {
  const auto now = std::find_if(in_force.begin(), in_force.end(),
                                [&next](const File& file) { return file.path == next.path; });
  if (now == in_force.end()) return std::nullopt;
  try {
    std::optional<std::string> text = config::open_file(next.path);
    if (!text || *text == next.text || *text == now->text) return std::nullopt;
    return text;
  } catch (const runtime::FileError&) {
    return std::nullopt;  // what can not be read is no edit
  }
}

void keep_edits(const std::vector<File>& files, const std::vector<File>& in_force,
                uint64_t number) {
  for (const File& file : files) {
    const std::optional<std::string> text = edit_of(file, in_force);
    if (!text) continue;
    std::string kept;
    do {
      kept = file.path + ".edited-" + std::to_string(number++);
    } while (std::filesystem::exists(kept));
    runtime::replace_file(kept, *text);
    runtime::log(Level::warning, "change",
                 file.path + " was edited and not loaded: the edit is now " + kept);
  }
}

}  // namespace demarc::change
