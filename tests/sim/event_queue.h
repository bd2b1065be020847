// EventQueue: what happens next, in virtual time. One per world; the workers' own timers stand
// beside it. Events of one instant happen in the order in which they were planned, so a run has one
// order only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "dataplane/contract/time.h"

namespace demarc::sim {

struct Event {
  enum class Kind : uint8_t {
    arrival,      // subject: parcel
    call_begin,   // subject: call
    agent,        // subject: agent, detail: what it planned
    line,         // subject: line, detail: what reaches an end of it
    line_close,   // subject: line
    undelivered,  // subject: request of the box that its line took along
    audit,        // once a second
    operation,    // of the operator
    heal,         // faults stop, nothing new begins
    settled,      // what was begun must have come to rest
    hang_up,      // of every peer
    abandoned,    // the operator ends what no peer can end
    end,
  };
  contract::Instant at;
  uint64_t order = 0;
  Kind kind = Kind::audit;
  uint32_t subject = 0;
  uint32_t detail = 0;
};

class EventQueue {
 public:
  explicit EventQueue(contract::Instant begin) : now_(begin) {}

  contract::Instant now() const { return now_; }
  // Time never goes back.
  void set_now(contract::Instant now) { now_ = std::max(now_, now); }
  void plan(contract::Duration after, Event::Kind kind, uint32_t subject = 0, uint32_t detail = 0) {
    heap_.push_back({now_ + after, next_order_++, kind, subject, detail});
    std::push_heap(heap_.begin(), heap_.end(), is_later);
  }
  bool is_empty() const { return heap_.empty(); }
  contract::Instant next_at() const { return heap_.front().at; }
  Event pop() {
    std::pop_heap(heap_.begin(), heap_.end(), is_later);
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }

 private:
  static bool is_later(const Event& a, const Event& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  contract::Instant now_;
  uint64_t next_order_ = 0;
  std::vector<Event> heap_;
};

}  // namespace demarc::sim
