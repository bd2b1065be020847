// LineStore: what is negotiated of m-lines beyond the first that carries media. Most calls have one
// such line, so that a Negotiation holds the terms of one itself and names the others by index,
// in a pool that all calls and early dialogs of a worker share (decision D102).
//
// Used by Session. A line that its answer refused is given back with the end of its offer, since
// many phones offer video whoever they call; its ports stay with the call. One worker only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/call/call.h"
#include "dataplane/memory/pool.h"

namespace demarc::call {

class LineStore {
 public:
  LineStore(memory::Arena& arena, uint32_t lines)
      : lines_(arena, lines), saved_(arena.take<LineTerms>(max_streams - 1)) {}
  static size_t octets_needed(uint32_t lines) {
    return memory::Pool<LineTerms>::octets_needed(lines) +
           memory::Arena::octets_for<LineTerms>(max_streams - 1);
  }

  // The terms of a stream's m-line; null when nothing was ever said of it here.
  LineTerms* find(Negotiation& negotiation, unsigned stream) {
    if (stream == 0) return &negotiation.first;
    const uint32_t index = negotiation.further[stream - 1];
    return index == memory::no_index ? nullptr : &lines_[index];
  }
  // The same to read: empty ones when nothing was said.
  const LineTerms& at(const Negotiation& negotiation, unsigned stream) const {
    static const LineTerms none;
    if (stream == 0) return negotiation.first;
    const uint32_t index = negotiation.further[stream - 1];
    return index == memory::no_index ? none : lines_[index];
  }
  // Those that are there, or new ones; null when there is no room for them.
  LineTerms* take(Negotiation& negotiation, unsigned stream) {
    if (LineTerms* known = find(negotiation, stream)) return known;
    const uint32_t index = lines_.acquire();
    if (index == memory::no_index) return nullptr;
    lines_[index] = {};
    negotiation.further[stream - 1] = index;
    return &lines_[index];
  }
  // `visit(LineTerms&)` for each.
  template <class Visit>
  void for_each(Negotiation& negotiation, const Visit& visit) {
    for (unsigned i = 0; i < max_streams; ++i) {
      if (LineTerms* terms = find(negotiation, i)) visit(*terms);
    }
  }

  // As if nothing had been negotiated.
  void clear(Negotiation& negotiation) {
    for (const uint32_t index : negotiation.further) {
      if (index != memory::no_index) lines_.release(index);
    }
    negotiation = {};
  }
  bool has_room_for_copy(const Negotiation& of) const {
    return lines_.capacity() - lines_.live() >= count_of(of);
  }
  // `to` begins as `from` is; it has no lines of its own yet. False, and nothing changed, when
  // there is no room.
  [[nodiscard]] bool copy(const Negotiation& from, Negotiation& to) {
    if (!has_room_for_copy(from)) return false;
    FurtherLines further = no_further_lines;
    for (unsigned i = 0; i < further.size(); ++i) {
      if (from.further[i] == memory::no_index) continue;
      further[i] = lines_.acquire();
      lines_[further[i]] = lines_[from.further[i]];
    }
    to = from;
    to.further = further;
    return true;
  }
  // No offer is open: what neither peer has agreed to is not needed any more.
  void drop_refused(Negotiation& negotiation) {
    for (uint32_t& index : negotiation.further) {
      if (index == memory::no_index) continue;
      const LineTerms& terms = lines_[index];
      if (terms.agreed[0].is_offered || terms.agreed[1].is_offered) continue;
      lines_.release(index);
      index = memory::no_index;
    }
  }
  // `to` is what `from` was, whose lines beyond the first are gone with that.
  void move(Negotiation& from, Negotiation& to) {
    clear(to);
    to = from;
    from.further = no_further_lines;
  }

  // What an answer may have to be taken back to. One at a time; its lines are the same ones then.
  void save(const Negotiation& negotiation) {
    for (unsigned i = 0; i < saved_.size(); ++i) {
      const uint32_t index = negotiation.further[i];
      if (index != memory::no_index) saved_[i] = lines_[index];
    }
  }
  void restore(const Negotiation& negotiation) {
    for (unsigned i = 0; i < saved_.size(); ++i) {
      const uint32_t index = negotiation.further[i];
      if (index != memory::no_index) lines_[index] = saved_[i];
    }
  }

  // Lines that are in use.
  uint32_t live() const { return lines_.live(); }

 private:
  static uint32_t count_of(const Negotiation& negotiation) {
    uint32_t count = 0;
    for (const uint32_t index : negotiation.further) count += index != memory::no_index ? 1 : 0;
    return count;
  }

  memory::Pool<LineTerms> lines_;
  std::span<LineTerms> saved_;
};

}  // namespace demarc::call
