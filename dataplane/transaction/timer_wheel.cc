#include "dataplane/transaction/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace demarc::transaction {
namespace {

using memory::no_index;

constexpr uint64_t tick_at_or_before(contract::Instant instant) {
  return instant.ns >> TimerWheel::tick_shift;
}
// Rounded up, so that nothing fires early.
constexpr uint64_t tick_at_or_after(contract::Instant instant) {
  constexpr uint64_t tick_ns = uint64_t{1} << TimerWheel::tick_shift;
  return tick_at_or_before(instant) + ((instant.ns & (tick_ns - 1)) != 0 ? 1 : 0);
}

}  // namespace

TimerWheel::TimerWheel(memory::Arena& arena, uint32_t capacity, contract::Instant now)
    : nodes_(arena, capacity),
      heads_(arena.take<uint32_t>(level_count * buckets_per_level)),
      current_tick_(tick_at_or_before(now)) {
  std::ranges::fill(heads_, no_index);
}

size_t TimerWheel::octets_needed(uint32_t capacity) {
  return memory::Pool<Node>::octets_needed(capacity) +
         memory::Arena::octets_for<uint32_t>(level_count * buckets_per_level);
}

TimerId TimerWheel::start(contract::Instant due, const TimerEvent& event) {
  const uint32_t index = nodes_.acquire();
  if (index == no_index) return {};
  nodes_[index].event = event;
  nodes_[index].due_tick = tick_at_or_after(due);
  link(index);
  return {index, nodes_.generation(index)};
}

void TimerWheel::cancel(TimerId& id) {
  if (nodes_.is_live(id.index, id.generation)) {
    unlink(id.index);
    nodes_.release(id.index);
  }
  id = {};
}

uint32_t TimerWheel::expire(contract::Instant now, std::span<TimerEvent> out) {
  const uint64_t now_tick = tick_at_or_before(now);
  uint32_t count = 0;
  for (;;) {
    const uint32_t& head = heads_[current_tick_ % buckets_per_level];
    while (head != no_index) {
      if (count == out.size()) return count;
      const uint32_t index = head;
      out[count++] = nodes_[index].event;
      unlink(index);
      nodes_.release(index);
    }
    if (now_tick <= current_tick_) return count;
    // Nothing happens between here and next_tick(), however far that is.
    enter(std::min(next_tick(), now_tick));
  }
}

contract::Instant TimerWheel::next_due() const {
  const uint64_t tick = next_tick();
  if (tick == no_tick) return {};
  // Tick 0 begins at the instant that means "never".
  return {std::max<uint64_t>(tick << tick_shift, 1)};
}

// Level 0 takes what is due within 256 ticks, level 1 within 256 * 256 and so on. So a bucket of a
// higher level is always emptied at its first tick, before anything in it is due.
void TimerWheel::link(uint32_t index) {
  Node& node = nodes_[index];
  constexpr uint64_t horizon = (uint64_t{1} << (level_bits * level_count)) - 1;
  const uint64_t delta =
      node.due_tick <= current_tick_ ? 0 : std::min(node.due_tick - current_tick_, horizon);
  const unsigned level =
      delta == 0 ? 0 : static_cast<unsigned>(std::bit_width(delta) - 1) / level_bits;
  const uint64_t place = (current_tick_ + delta) >> (level_bits * level);
  const unsigned bucket =
      level * buckets_per_level + static_cast<unsigned>(place % buckets_per_level);
  node.bucket = static_cast<uint16_t>(bucket);
  node.next = no_index;
  uint32_t& head = heads_[bucket];
  if (head == no_index) {
    head = index;
    node.previous = index;
    occupied_[bucket / 64] |= uint64_t{1} << (bucket % 64);
    return;
  }
  node.previous = nodes_[head].previous;
  nodes_[node.previous].next = index;
  nodes_[head].previous = index;
}

void TimerWheel::unlink(uint32_t index) {
  const Node& node = nodes_[index];
  uint32_t& head = heads_[node.bucket];
  if (head == index) {
    head = node.next;
    if (head == no_index) {
      occupied_[node.bucket / 64] &= ~(uint64_t{1} << (node.bucket % 64));
    } else {
      nodes_[head].previous = node.previous;
    }
    return;
  }
  nodes_[node.previous].next = node.next;
  const uint32_t follower = node.next == no_index ? head : node.next;
  nodes_[follower].previous = node.previous;
}

// Makes `tick` the current one. Buckets of higher levels that begin with it are placed again.
void TimerWheel::enter(uint64_t tick) {
  current_tick_ = tick;
  for (unsigned level = 1; level < level_count; ++level) {
    const unsigned shift = level_bits * level;
    if ((tick & ((uint64_t{1} << shift) - 1)) != 0) return;
    cascade(level * buckets_per_level + static_cast<unsigned>((tick >> shift) % buckets_per_level));
  }
}

void TimerWheel::cascade(unsigned bucket) {
  uint32_t index = heads_[bucket];
  heads_[bucket] = no_index;
  occupied_[bucket / 64] &= ~(uint64_t{1} << (bucket % 64));
  while (index != no_index) {
    const uint32_t next = nodes_[index].next;
    link(index);
    index = next;
  }
}

// How many buckets after `from` of that level the first occupied one is, going around, `from`
// itself included; buckets_per_level when all are empty.
unsigned TimerWheel::distance_to_occupied(unsigned level, unsigned from) const {
  const uint64_t* words = &occupied_[level * words_per_level];
  const unsigned first = from / 64;
  const unsigned skipped = from % 64;
  const uint64_t rest = words[first] >> skipped;
  if (rest != 0) return static_cast<unsigned>(std::countr_zero(rest));
  // The last round looks at the first word again, for the bits below `from`.
  for (unsigned i = 1; i <= words_per_level; ++i) {
    const uint64_t word = words[(first + i) % words_per_level];
    if (word != 0) return i * 64 - skipped + static_cast<unsigned>(std::countr_zero(word));
  }
  return buckets_per_level;
}

// The next tick that has timers of its own or a bucket of a higher level to place again.
uint64_t TimerWheel::next_tick() const {
  const unsigned ticks =
      distance_to_occupied(0, static_cast<unsigned>(current_tick_ % buckets_per_level));
  uint64_t next = ticks == buckets_per_level ? no_tick : current_tick_ + ticks;
  for (unsigned level = 1; level < level_count; ++level) {
    // The current bucket of a higher level was emptied when it began: what it holds is for its
    // next turn, so it comes last.
    const uint64_t after = (current_tick_ >> (level_bits * level)) + 1;
    const unsigned buckets =
        distance_to_occupied(level, static_cast<unsigned>(after % buckets_per_level));
    if (buckets != buckets_per_level)
      next = std::min(next, (after + buckets) << (level_bits * level));
  }
  return next;
}

}  // namespace demarc::transaction
