// TextStore: where the texts of a worker's calls go on when they are more than lies within a
// TextBlock. Two sizes, since most calls need neither: a middle piece for long names and route
// sets, and a large one that holds all that a call may keep. Sized once from the number of calls;
// what it can not give is refused as a call that has too much text is. One worker only.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/memory/pool.h"

namespace demarc::dialog {

class TextStore {
 public:
  // Octets of all texts of one block together, and so of the largest piece.
  static constexpr uint16_t max_octets = 2556;
  static constexpr uint16_t middle_octets = 512;
  static constexpr uint16_t large_octets = max_octets;
  // One middle piece for so many calls, one large piece for so many.
  static constexpr uint32_t calls_per_middle = 4;
  static constexpr uint32_t calls_per_large = 32;
  // Of each kind, however few calls there are.
  static constexpr uint32_t least = 16;

  TextStore(memory::Arena& arena, uint32_t calls)
      : middle_(arena, calls / calls_per_middle + least),
        large_(arena, calls / calls_per_large + least) {}
  static constexpr size_t octets_needed(uint32_t calls) {
    return memory::Pool<Middle>::octets_needed(calls / calls_per_middle + least) +
           memory::Pool<Large>::octets_needed(calls / calls_per_large + least);
  }

  // no_index when there is none left. What it holds is undefined.
  uint32_t take_middle() { return middle_.acquire(); }
  uint32_t take_large() { return large_.acquire(); }
  // `no_index` is allowed.
  void give_middle(uint32_t index) {
    if (index != memory::no_index) middle_.release(index);
  }
  void give_large(uint32_t index) {
    if (index != memory::no_index) large_.release(index);
  }
  char* middle(uint32_t index) { return middle_[index].octets.data(); }
  char* large(uint32_t index) { return large_[index].octets.data(); }
  bool has_large() const { return large_.live() < large_.capacity(); }
  // Pieces that are in use.
  uint32_t live() const { return middle_.live() + large_.live(); }

 private:
  struct Middle {
    std::array<char, middle_octets> octets;
  };
  struct Large {
    std::array<char, large_octets> octets;
  };

  memory::Pool<Middle> middle_;
  memory::Pool<Large> large_;
};

}  // namespace demarc::dialog
