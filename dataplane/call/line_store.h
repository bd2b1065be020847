// LineStore: what is negotiated of m-lines beyond the first that carries media, and of offers that
// are open. Most calls have one such line, so that a Negotiation holds the terms of one itself and
// names the others by index, in a pool that all calls and early dialogs of a worker share (decision
// D102). What was offered is needed until it is answered for good, so that it has a pool of its own
// (decision D137).
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
  struct Room {
    uint32_t lines = 0;   // beyond the first
    uint32_t offers = 0;  // that are open
  };
  LineStore(memory::Arena& arena, const Room& room)
      : lines_(arena, room.lines),
        offers_(arena, room.offers),
        saved_(arena.take<LineTerms>(max_streams - 1)) {}
  static size_t octets_needed(const Room& room) {
    return memory::Pool<FurtherLine>::octets_needed(room.lines) +
           memory::Pool<OpenOffer>::octets_needed(room.offers) +
           memory::Arena::octets_for<LineTerms>(max_streams - 1);
  }

  // The terms of a stream's m-line; null when nothing was ever said of it here.
  LineTerms* find(Negotiation& negotiation, unsigned stream) {
    if (stream == 0) return &negotiation.first;
    const uint32_t index = negotiation.further[stream - 1];
    return index == memory::no_index ? nullptr : &lines_[index].terms;
  }
  // The same to read: empty ones when nothing was said.
  const LineTerms& at(const Negotiation& negotiation, unsigned stream) const {
    static const LineTerms none;
    if (stream == 0) return negotiation.first;
    const uint32_t index = negotiation.further[stream - 1];
    return index == memory::no_index ? none : lines_[index].terms;
  }
  // Those that are there, or new ones; null when there is no room for them.
  LineTerms* take(Negotiation& negotiation, unsigned stream) {
    if (LineTerms* known = find(negotiation, stream)) return known;
    const uint32_t index = lines_.acquire();
    if (index == memory::no_index) return nullptr;
    lines_[index] = {};
    negotiation.further[stream - 1] = index;
    return &lines_[index].terms;
  }
  // Room for what the offer says that begins. False when there is none.
  [[nodiscard]] bool open(Negotiation& negotiation) {
    if (negotiation.open_offer != memory::no_index) return true;
    negotiation.open_offer = offers_.acquire();
    if (negotiation.open_offer == memory::no_index) return false;
    offers_[negotiation.open_offer] = {};
    return true;
  }
  // It is answered for good, or was refused.
  void close(Negotiation& negotiation) {
    if (negotiation.open_offer != memory::no_index) offers_.release(negotiation.open_offer);
    negotiation.open_offer = memory::no_index;
    for (const uint32_t index : negotiation.further) {
      if (index != memory::no_index) lines_[index].offered = {};
    }
  }
  // What the open offer says of a stream's m-line; null when it has none, or none is open.
  Remote* offered(Negotiation& negotiation, unsigned stream) {
    if (negotiation.open_offer == memory::no_index) return nullptr;
    if (stream == 0) return &offers_[negotiation.open_offer].said;
    const uint32_t index = negotiation.further[stream - 1];
    return index == memory::no_index ? nullptr : &lines_[index].offered;
  }
  // The same to read: empty when nothing was said.
  const Remote& offered_at(const Negotiation& negotiation, unsigned stream) const {
    static const Remote none;
    if (negotiation.open_offer == memory::no_index) return none;
    if (stream == 0) return offers_[negotiation.open_offer].said;
    const uint32_t index = negotiation.further[stream - 1];
    return index == memory::no_index ? none : lines_[index].offered;
  }
  // Of the open offer.
  Choice& choice(const Negotiation& negotiation) {
    DEMARC_CHECK(negotiation.open_offer != memory::no_index);
    return offers_[negotiation.open_offer].choice;
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
    if (negotiation.open_offer != memory::no_index) offers_.release(negotiation.open_offer);
    negotiation = {};
  }
  bool has_room_for_copy(const Negotiation& of) const {
    const bool has_offer = of.open_offer == memory::no_index || offers_.live() < offers_.capacity();
    return has_offer && lines_.capacity() - lines_.live() >= count_of(of);
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
    if (from.open_offer == memory::no_index) return true;
    to.open_offer = offers_.acquire();
    offers_[to.open_offer] = offers_[from.open_offer];
    return true;
  }
  // No offer is open: what neither peer has agreed to is not needed any more.
  void drop_refused(Negotiation& negotiation) {
    for (uint32_t& index : negotiation.further) {
      if (index == memory::no_index) continue;
      const LineTerms& terms = lines_[index].terms;
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
    from.open_offer = memory::no_index;
    from.is_open = false;
  }

  // What an answer may have to be taken back to. One at a time; its lines are the same ones then.
  void save(const Negotiation& negotiation) {
    for (unsigned i = 0; i < saved_.size(); ++i) {
      const uint32_t index = negotiation.further[i];
      if (index != memory::no_index) saved_[i] = lines_[index].terms;
    }
  }
  void restore(const Negotiation& negotiation) {
    for (unsigned i = 0; i < saved_.size(); ++i) {
      const uint32_t index = negotiation.further[i];
      if (index != memory::no_index) lines_[index].terms = saved_[i];
    }
  }

  // Lines that are in use, and open offers.
  uint32_t live() const { return lines_.live(); }
  uint32_t live_offers() const { return offers_.live(); }

 private:
  struct FurtherLine {
    Remote offered;
    LineTerms terms;
  };

  static uint32_t count_of(const Negotiation& negotiation) {
    uint32_t count = 0;
    for (const uint32_t index : negotiation.further) count += index != memory::no_index ? 1 : 0;
    return count;
  }

  memory::Pool<FurtherLine> lines_;
  memory::Pool<OpenOffer> offers_;
  std::span<LineTerms> saved_;
};

}  // namespace demarc::call
