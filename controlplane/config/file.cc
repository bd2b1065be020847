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

}  // namespace demarc::config
