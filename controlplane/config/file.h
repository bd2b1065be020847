// The files that a configuration is made of: the one that was named, and those that it includes.
// Where their text comes from is the caller's matter: a disk, a request, a revision.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::config {

struct File {
  std::string path;  // of an included file: beside the file that includes it, or absolute
  std::string text;
  friend bool operator==(const File&, const File&) = default;
};

// Nothing when there is no such file. Throws runtime::FileError when it can not be read.
using Open = std::function<std::optional<std::string>(const std::string& path)>;

inline constexpr size_t longest_file = 16u << 20;  // octets, also of all files together
inline constexpr size_t max_included_files = 256;
inline constexpr size_t longest_include_path = 1023;  // characters

// From the disk.
std::optional<std::string> open_file(const std::string& path);

// "routes.toml" of "/etc/demarc/demarc.toml" is "/etc/demarc/routes.toml".
std::string path_beside(std::string_view includer, std::string_view path);

// How people know the files: the first one by its name, what lies below its folder from there on,
// others by their whole path.
std::vector<std::string> names_of(const std::vector<File>& files);
// "routes.toml:12"; "line 12" of a file without a name.
std::string place_of(const std::vector<std::string>& names, uint16_t file, uint32_t line);

}  // namespace demarc::config
