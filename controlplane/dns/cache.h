// Cache: what DNS said, how long that holds, and what to do when it says nothing: answers are kept
// beyond their time while servers are silent (RFC 8767), negative ones for a while (RFC 2308).
//
// Time is an argument, in milliseconds of any clock that only grows. Not thread-safe: Dns owns it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controlplane/dns/walk.h"

namespace demarc::dns {

inline constexpr uint64_t min_ttl_ms = 5'000;
inline constexpr uint64_t max_ttl_ms = 86'400'000;
inline constexpr uint64_t max_negative_ttl_ms = 3'600'000;
inline constexpr uint64_t max_stale_ms = 7 * 86'400'000ull;  // an older answer is forgotten
inline constexpr uint64_t first_retry_ms = 2'000;            // after a failure, doubled
inline constexpr uint64_t max_retry_ms = 60'000;
inline constexpr uint64_t unused_ms = 600'000;  // a question that nobody has is forgotten

// What became of one question.
struct Outcome {
  enum class Kind : uint8_t { present, absent, failed };
  Kind kind = Kind::failed;
  Answer answer;
  uint64_t ttl_ms = 0;
  std::string error;  // of a failure
};

struct CacheRow {
  Key key;
  Known known = Known::nothing;
  bool is_stale = false;     // its time is over and servers are silent
  uint64_t ttl_left_ms = 0;  // 0: it is asked again
  unsigned failures = 0;     // in a row
  std::string last_error;
  unsigned records = 0;
};

class Cache {
 public:
  // Notes the question as used. Answers whose time is over are given as long as there is nothing
  // better.
  Lookup lookup(const Key& key, uint64_t now_ms);
  // Questions to ask now: new, over, or due after a failure. They count as being asked then.
  std::vector<Key> take_due(uint64_t now_ms);
  // Every question is asked once more: other servers, or answers that are lost.
  void ask_again(uint64_t now_ms);
  // What an asked question brought. True when what is known changed.
  bool store(const Key& key, Outcome outcome, uint64_t now_ms);
  // When take_due() may have something again, unless something is stored before.
  uint64_t next_due_ms(uint64_t now_ms) const;
  std::vector<CacheRow> rows(uint64_t now_ms) const;

 private:
  struct Entry {
    Known known = Known::nothing;
    Answer answer;
    uint64_t answered_ms = 0;
    uint64_t expires_ms = 0;
    uint64_t due_ms = 0;
    uint64_t used_ms = 0;
    unsigned failures = 0;
    std::string last_error;
    bool is_asked = false;
  };
  std::map<Key, Entry> entries_;
};

}  // namespace demarc::dns
