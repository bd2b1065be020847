// The stages of our parser that bench/ measures: what is compared with other parsers, and each
// typed part alone on a message that was parsed before. parse_bench and the peers programs share
// them, so that a figure means the same work wherever it comes from.
//
// State of the stages is global: one thread, one input at a time.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace demarc::bench {

// A message. There is a NUL and more zeros behind it (padding_octets at least), as some parsers
// need. `index` counts the messages of one input.
struct Octets {
  char* data;
  size_t size;
  unsigned index;
};

struct Stage {
  std::string_view name;
  bool (*read)(const Octets& message);  // true when the parser accepts it
};

std::span<const Stage> our_stages();
// Makes ready what the stages of typed parts need of an input. To be called before they run on it.
void prepare_stages(std::span<const Octets> messages);

}  // namespace demarc::bench
