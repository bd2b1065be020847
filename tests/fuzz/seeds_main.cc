// Writes the seed corpus for libFuzzer, which reads one input a file: fuzz_seeds FOLDER makes
// FOLDER/<kind>/<number>.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/seeds.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
    return 2;
  }
  for (const std::string_view kind : demarc::fuzz::seed_kinds) {
    const std::filesystem::path folder = std::filesystem::path(argv[1]) / kind;
    std::filesystem::create_directories(folder);
    unsigned number = 0;
    for (const std::string& seed : demarc::fuzz::seeds_of(kind)) {
      std::ofstream file(folder / std::to_string(number++), std::ios::binary);
      if (!file.write(seed.data(), static_cast<std::streamsize>(seed.size()))) return 1;
    }
  }
  return 0;
}
