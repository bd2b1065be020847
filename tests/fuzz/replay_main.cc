// Runs a fuzz target without libFuzzer, as a unit test under any compiler: over our seeds of one
// kind with prefixes of them, and over every file of some folders.
//
//   replay_<target> KIND FOLDER...
//
// The folders are regressions/<target> and what lies in ../shared; a folder that is not there is
// skipped, and that is said. A target that finds something aborts.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/input.h"
#include "tests/fuzz/seeds.h"

namespace demarc::fuzz {
namespace {

// So many prefixes of a seed: all of a short one, evenly spread over a long one.
constexpr size_t max_prefixes = 200;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

void replay_seeds(std::string_view kind) {
  const std::vector<std::string> seeds = seeds_of(kind);
  DEMARC_CHECK(!seeds.empty());
  size_t runs = 0;
  for (const std::string& seed : seeds) {
    run(seed);
    ++runs;
    const size_t step = 1 + seed.size() / max_prefixes;
    for (size_t length = 0; length < seed.size(); length += step, ++runs) {
      run(seed.substr(0, length));
    }
  }
  std::printf("%zu seeds of kind %s: %zu runs\n", seeds.size(), std::string(kind).c_str(), runs);
}

void replay_folder(const char* name) {
  std::error_code error;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(name, error)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  if (error) {
    std::printf("%s: skipped, it is not there\n", name);
    return;
  }
  std::sort(paths.begin(), paths.end());
  for (const std::filesystem::path& path : paths) {
    // Printed first, so that the last line before an abort names the file.
    std::printf("%s\n", path.c_str());
    std::ifstream file(path, std::ios::binary);
    run(std::string(std::istreambuf_iterator<char>(file), {}));
  }
}

}  // namespace
}  // namespace demarc::fuzz

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: replay KIND FOLDER...\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  demarc::fuzz::replay_seeds(argv[1]);
  for (int i = 2; i < argc; ++i) demarc::fuzz::replay_folder(argv[i]);
  return 0;
}
