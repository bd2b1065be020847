// Post: the rings by which workers move legs of calls: for each pair of them, and each direction,
// one of letters and one of notes.
//
// Made on the main thread before the workers start, and outlives them. A full ring of letters
// refuses: the leg stays where it is, or a message is lost like one on the wire. A ring of notes is
// never full: of each leg that is away, or asks to be, at most three are under way (joined,
// forgotten, gone), and a worker has at most `max_away` of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "dataplane/contract/ids.h"
#include "dataplane/contract/ring.h"
#include "dataplane/post/letter.h"
#include "dataplane/post/octet_ring.h"
#include "sip-parser/base/check.h"

namespace demarc::post {

// Legs of one worker that are with others at once.
inline constexpr uint32_t max_away = 1024;

using LetterRing = OctetRing<Letter>;
using NoteRing = contract::Ring<Note>;

class Post {
 public:
  static constexpr uint64_t letter_octets = 1u << 18;
  // Both ways of a pair: what one says of the other's legs, and of its own.
  static constexpr uint64_t note_capacity = 4 * uint64_t{max_away};

  // One worker needs no rings. Allocates; throws std::bad_alloc.
  explicit Post(unsigned workers) : workers_(workers) {
    DEMARC_CHECK(workers >= 1 && workers <= contract::max_workers);
    pairs_.resize(size_t{workers} * workers);
    for (size_t i = 0; i < pairs_.size(); ++i) {
      if (i / workers != i % workers) pairs_[i] = std::make_unique<Pair>();
    }
  }
  unsigned workers() const { return workers_; }

  struct Way {
    contract::WorkerIndex from;
    contract::WorkerIndex to;
  };
  // `way.from` puts in, `way.to` takes out; they must differ.
  LetterRing& letters(Way way) { return pair(way).letters; }
  NoteRing& notes(Way way) { return pair(way).notes; }

 private:
  struct Pair {
    Pair()
        : memory(new (std::align_val_t{64}) std::byte[NoteRing::octets_needed(note_capacity)]),
          notes(NoteRing::create(memory.get(), note_capacity)),
          letters(letter_octets) {}
    struct Free {
      void operator()(std::byte* octets) const {
        ::operator delete[](octets, std::align_val_t{64});
      }
    };
    std::unique_ptr<std::byte, Free> memory;
    NoteRing notes;
    LetterRing letters;
  };
  Pair& pair(Way way) {
    DEMARC_DCHECK(way.from != way.to && way.from < workers_ && way.to < workers_);
    return *pairs_[size_t{way.to} * workers_ + way.from];
  }

  unsigned workers_;
  std::vector<std::unique_ptr<Pair>> pairs_;
};

}  // namespace demarc::post
