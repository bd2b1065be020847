// Ring: what one engine did last, as fixed-size entries: every message in and out, and every step
// of a table. Written by engine/, transaction/ and call/ through a pointer that is null unless
// somebody listens, so that it costs one comparison a step when it is off.
//
// Memory is its maker's; nothing is allocated and no text is made here. Belongs to the worker of
// its engine: whoever reads does it between two steps of that.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/contract/time.h"
#include "sip-parser/base/check.h"

namespace demarc::trace {

enum class Kind : uint8_t {
  received,     // a datagram; `subject` is its trunk, `detail` its octets
  sent,         // the same; `event` is 1 for a retransmission
  transaction,  // a step; `subject` is the index, `table` the machine
  call,         // `subject` is the slot
  exchange,     // `subject` is the index
};

struct Entry {
  contract::Instant at = {};  // set by the ring
  uint32_t subject = 0;
  uint32_t detail = 0;  // octets of a message, actions of a step
  Kind kind = Kind::received;
  uint8_t table = 0;
  uint8_t state = 0;  // of a step: the enumerators of its table
  uint8_t event = 0;
  uint8_t next = 0;
  std::array<char, 11> head = {};  // of a message: "SIP/2.0 200", "INVITE sip:"
};
static_assert(sizeof(Entry) == 32);

class Ring {
 public:
  // `entries` must outlive it. When they are full the oldest give way.
  explicit Ring(std::span<Entry> entries) : entries_(entries) { DEMARC_CHECK(!entries.empty()); }

  // What is written from now on happened then.
  void set_now(contract::Instant now) { now_ = now; }
  void message(Kind kind, std::string_view datagram, uint32_t trunk, bool is_again = false) {
    Entry entry{.at = now_,
                .subject = trunk,
                .detail = static_cast<uint32_t>(datagram.size()),
                .kind = kind,
                .event = static_cast<uint8_t>(is_again)};
    std::copy_n(datagram.data(), std::min(datagram.size(), entry.head.size()), entry.head.data());
    put(entry);
  }
  void step(Entry entry) {
    entry.at = now_;
    put(entry);
  }

  // Entries ever written; those before count() - size() are gone.
  uint64_t count() const { return count_; }
  size_t size() const { return entries_.size(); }
  // The entry of that number, one of the last size().
  const Entry& at(uint64_t number) const {
    DEMARC_CHECK(number < count_ && count_ - number <= entries_.size());
    return entries_[number % entries_.size()];
  }

 private:
  void put(const Entry& entry) { entries_[count_++ % entries_.size()] = entry; }

  std::span<Entry> entries_;
  uint64_t count_ = 0;
  contract::Instant now_;
};

}  // namespace demarc::trace
