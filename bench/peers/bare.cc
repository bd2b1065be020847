// The bare index in the loop, with AVX-512 where the CPU has it, else with AVX2. What it finds is
// compared with a search octet by octet before anything is measured.
#include <cstdio>
#include <cstdlib>

#include "bench/peers/bare_index.h"
#include "bench/peers/loop.h"

namespace demarc::bench {
namespace {

BareIndex found;

bool has_avx512() {
  return __builtin_cpu_supports("avx512bw") != 0;
}
const BareIndexer indexer = has_avx512() ? bare_index_avx512 : bare_index_avx2;

bool index(const Octets& octets) {
  return indexer({octets.data, octets.size}, found) > 1;
}

bool is_right(std::string_view datagram) {
  const unsigned count = indexer(datagram, found);
  size_t begin = datagram.find('\n') + 1;
  unsigned line = 1;
  for (; datagram[begin] != '\r' && line < count; ++line) {
    const size_t end = datagram.find('\n', begin);
    const BareIndex::Line& stored = found.lines[line];
    if (stored.begin != begin || stored.colon != datagram.find(':', begin) || stored.end != end) {
      return false;
    }
    begin = end + 1;
  }
  return line == count && datagram[begin] == '\r';
}

void prepare(std::span<const Octets> messages) {
  for (const Octets& octets : messages) {
    if (is_right({octets.data, octets.size})) continue;
    std::fprintf(stderr, "parser_bare: message %u is indexed wrongly\n", octets.index);
    std::exit(1);
  }
}

constexpr Stage stages[] = {{"index", index}};

}  // namespace
}  // namespace demarc::bench

int main(int count, char** arguments) {
  using namespace demarc::bench;
  return run({has_avx512() ? "bare index, AVX-512" : "bare index, AVX2", stages, prepare}, count,
             arguments);
}
