// Writes the messages of bench/corpus.h to files, which the programs of all parsers read:
//   parser_messages FOLDER [SEED]
// makes FOLDER/invite.sip and its like, and FOLDER/pool/000.sip and on.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bench/corpus.h"

namespace demarc::bench {
namespace {

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) {
    std::fprintf(stderr, "%s: can not be written\n", path.c_str());
    std::exit(1);
  }
}

void write_all(const std::filesystem::path& folder, uint64_t seed) {
  std::filesystem::create_directories(folder / "pool");
  for (const NamedMessage& message : fixed_messages()) {
    write_file(folder / (std::string(message.name) + ".sip"), message.text);
  }
  size_t octets = 0;
  unsigned number = 0;
  for (const std::string& message : message_pool(seed, pool_size)) {
    char name[16];
    std::snprintf(name, sizeof name, "%03u.sip", number++);
    write_file(folder / "pool" / name, message);
    octets += message.size();
  }
  std::printf("pool: %u messages of seed %llu, %zu octets on average\n", number,
              static_cast<unsigned long long>(seed), number == 0 ? 0 : octets / number);
}

}  // namespace
}  // namespace demarc::bench

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: parser_messages FOLDER [SEED]\n");
    return 2;
  }
  const uint64_t seed =
      count > 2 ? std::strtoull(arguments[2], nullptr, 10) : demarc::bench::pool_seed;
  demarc::bench::write_all(arguments[1], seed);
  return 0;
}
