// What holds for any octets at all, however bad they are: no two readers of this library disagree
// on them, no span leaves them, and what is answered is a message itself.
//
// For tests of the corpus, of its truncations and of its mutations. Returns text instead of
// asserting, so that a hundred thousand messages cost no more than their parsing.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/capabilities.h"

namespace demarc::torture {

// Room for one message at a time, which ends with its padding at a page that can not be read.
class GuardedRoom {
 public:
  GuardedRoom();
  GuardedRoom(const GuardedRoom&) = delete;
  GuardedRoom& operator=(const GuardedRoom&) = delete;
  ~GuardedRoom();

  // The copy of `octets`, at most max_room_octets. Valid until the next call.
  std::string_view place(std::string_view octets);

  static constexpr size_t max_room_octets = 70000;

 private:
  char* base_;
  char* end_;
  size_t mapped_;
};

// Nullptr when all of it holds, else what does not.
const char* find_insanity(std::string_view octets, const sip::Capabilities& element);
// The same for a stream that is cut in two at `cut`.
const char* find_stream_insanity(std::string_view octets, size_t cut);

}  // namespace demarc::torture
