// Messages of others that stand beside the project, in ../shared/data, on machines that have them.
//
// Used by unit tests that want more than our own corpus. No test may need them: without them the
// list is empty, and the test says so and passes.
#pragma once

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

namespace demarc::support {

struct SharedFile {
  std::string path;
  std::string octets;
};

// The path of shared/data/`name`, looked for beside the folder that the test runs in and beside
// those around it; of a file that is not there when it is nowhere.
inline std::string shared_file(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path place = fs::current_path(error);
  for (unsigned up = 0; up < 6 && !fs::exists(place / "shared/data" / name, error); ++up) {
    place = place.parent_path();
  }
  return (place / "shared/data" / name).string();
}

// All messages (*.dat, *.sip) in and below shared/data/`folder`, sorted by path. `shared` is looked
// for beside the folder that the test runs in and beside those around it.
inline std::vector<SharedFile> shared_messages(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<SharedFile> files;
  std::error_code error;
  fs::path place = fs::current_path(error);
  for (unsigned up = 0; up < 6 && !fs::is_directory(place / "shared/data" / folder, error); ++up) {
    place = place.parent_path();
  }
  for (fs::recursive_directory_iterator at(place / "shared/data" / folder, error), end;
       !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    if (path.extension() != ".dat" && path.extension() != ".sip") continue;
    std::ifstream file(path, std::ios::binary);
    files.push_back({path.string(), std::string(std::istreambuf_iterator<char>(file), {})});
  }
  std::sort(files.begin(), files.end(),
            [](const SharedFile& a, const SharedFile& b) { return a.path < b.path; });
  if (files.empty()) std::printf("skips shared/data/%s, which is not here\n", folder.c_str());
  return files;
}

}  // namespace demarc::support
