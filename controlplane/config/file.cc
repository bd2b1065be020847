#include "controlplane/config/file.h"

#include <filesystem>

#include "controlplane/runtime/files.h"

namespace demarc::config {

std::optional<std::string> open_file(const std::string& path) {
  return runtime::read_file(path, longest_file);
}

std::string path_beside(std::string_view includer, std::string_view path) {
  const std::filesystem::path directory = std::filesystem::path(includer).parent_path();
  return (directory / std::filesystem::path(path)).lexically_normal().string();
}

std::vector<std::string> names_of(const std::vector<File>& files) {
  std::vector<std::string> names;
  for (const File& file : files) {
    const std::filesystem::path path(file.path);
    if (names.empty()) {
      names.push_back(path.filename().string());
      continue;
    }
    const std::string from_there =
        path.lexically_relative(std::filesystem::path(files.front().path).parent_path()).string();
    const bool is_below = !from_there.empty() && !from_there.starts_with("..");
    names.push_back(is_below ? from_there : file.path);
  }
  return names;
}

std::string place_of(const std::vector<std::string>& names, uint16_t file, uint32_t line) {
  const std::string number = std::to_string(line);
  if (file >= names.size() || names[file].empty()) return "line " + number;
  return names[file] + ":" + number;
}

}  // namespace demarc::config
