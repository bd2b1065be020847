// TextBlock: the strings of one call that must outlive the messages they came in (tags, URIs, route
// sets), copied once and named by Span. Belongs to the call; nothing is freed before the call is,
// but for what was put behind a mark.
//
// What most calls need lies in the block itself, of which an early dialog has a smaller one. What
// does not fit there goes into a middle or a large piece of the worker's TextStore, where it stays:
// a text never moves while its Span is valid, so a view of it holds while others are put. A piece
// of text lies in one place whole.
//
// The store is the one thing that a call points at: it is there as long as the worker. A block is
// not copied, since its pieces have one owner.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "dataplane/dialog/text_store.h"
#include "sip-parser/base/check.h"
#include "sip-parser/base/span.h"

namespace demarc::dialog {

template <uint16_t InnerOctets>
class TextBlockOf {
 public:
  // Of all texts together, wherever they lie.
  static constexpr uint16_t capacity = TextStore::max_octets;
  // Of those that lie in the block.
  static constexpr uint16_t inner_octets = InnerOctets;

  // What was put before it; see rewind().
  struct Mark {
    std::array<uint16_t, 3> used = {};
    uint16_t octets() const { return static_cast<uint16_t>(used[0] + used[1] + used[2]); }
  };

  // Not defaulted, so that the octets are not cleared: nobody reads what was not put.
  TextBlockOf() {}  // NOLINT(modernize-use-equals-default)
  TextBlockOf(const TextBlockOf&) = delete;
  TextBlockOf& operator=(const TextBlockOf&) = delete;

  // Before the first put(); borrows the store.
  void open(TextStore& store) { store_ = &store; }
  // Empty again, and nothing of the store is held.
  void clear() {
    if (store_ != nullptr) {
      store_->give_middle(middle_);
      store_->give_large(large_);
    }
    middle_ = large_ = memory::no_index;
    used_ = {};
    is_full_ = false;
  }
  // Takes all that `from` has, in place of what is here; its Spans are valid here from then on, and
  // `from` is empty. Both have the same store.
  void take(TextBlockOf& from) {
    clear();
    std::memcpy(octets_.data(), from.octets_.data(), from.used_[inner]);
    middle_ = std::exchange(from.middle_, memory::no_index);
    large_ = std::exchange(from.large_, memory::no_index);
    used_ = from.used_;
    is_full_ = from.is_full_;
    from.clear();
  }

  // An empty Span when it does not fit; ask is_full() once after a row of puts.
  Span put(std::string_view piece) {
    if (piece.empty()) return {};
    const Span span = place(piece);
    if (span.empty()) is_full_ = true;
    return span;
  }
  // Another text in place of `span`, where it lies if that is long enough. False, and nothing
  // changed, when there is no room.
  bool replace(Span& span, std::string_view piece) {
    if (get(span) == piece) return true;
    if (piece.size() <= span.length) {
      // It may be a part of what it takes the place of.
      if (!piece.empty()) std::memmove(at(span.offset), piece.data(), piece.size());
      span.length = static_cast<uint16_t>(piece.size());
      return true;
    }
    const Span placed = place(piece);
    if (placed.empty()) return false;
    span = placed;
    return true;
  }
  // What is put from now on can be given back together. Not to be asked when is_full().
  Mark mark() const { return {used_}; }
  // Forgets what was put since `mark` was taken; its Spans are void. Not a full block any more.
  void rewind(const Mark& mark) {
    for (unsigned i = 0; i < used_.size(); ++i) DEMARC_CHECK(mark.used[i] <= used_[i]);
    used_ = mark.used;
    is_full_ = false;
  }
  // Whether texts of so many octets together surely find room once it was rewound to `mark`.
  bool has_room(const Mark& mark, size_t octets) const {
    if (mark.octets() + octets > capacity) return false;
    if (mark.used[inner] + octets <= inner_octets) return true;
    return large_ != memory::no_index || (store_ != nullptr && store_->has_large());
  }
  std::string_view get(Span span) const { return {at(span.offset), span.length}; }
  bool is_full() const { return is_full_; }

 private:
  // Where a text may lie, in the order in which they are tried; a Span counts through all of them.
  enum Tier : unsigned { inner, middle, large };
  static constexpr uint16_t middle_begin = inner_octets;
  static constexpr uint16_t large_begin = middle_begin + TextStore::middle_octets;
  static constexpr std::array<uint16_t, 3> begins = {0, middle_begin, large_begin};
  static constexpr std::array<uint16_t, 3> sizes = {inner_octets, TextStore::middle_octets,
                                                    TextStore::large_octets};
  static_assert(large_begin + TextStore::large_octets <= 0xffff);

  const char* at(uint16_t offset) const {
    if (offset < middle_begin) return octets_.data() + offset;
    if (offset < large_begin) return store_->middle(middle_) + (offset - middle_begin);
    return store_->large(large_) + (offset - large_begin);
  }
  char* at(uint16_t offset) { return const_cast<char*>(std::as_const(*this).at(offset)); }

  bool is_there(unsigned tier) {
    if (tier == inner) return true;
    if (store_ == nullptr) return false;
    uint32_t& index = tier == middle ? middle_ : large_;
    if (index == memory::no_index) {
      index = tier == middle ? store_->take_middle() : store_->take_large();
    }
    return index != memory::no_index;
  }
  Span place(std::string_view piece) {
    if (piece.size() > static_cast<size_t>(capacity - mark().octets())) return {};
    for (unsigned tier = inner; tier <= large; ++tier) {
      const bool fits = piece.size() <= static_cast<size_t>(sizes[tier] - used_[tier]);
      if (!fits || !is_there(tier)) continue;
      const Span span{static_cast<uint16_t>(begins[tier] + used_[tier]),
                      static_cast<uint16_t>(piece.size())};
      std::memcpy(at(span.offset), piece.data(), piece.size());
      used_[tier] = static_cast<uint16_t>(used_[tier] + piece.size());
      return span;
    }
    return {};
  }

  TextStore* store_ = nullptr;
  uint32_t middle_ = memory::no_index;
  uint32_t large_ = memory::no_index;
  std::array<uint16_t, 3> used_ = {};  // [Tier]
  bool is_full_ = false;
  std::array<char, inner_octets> octets_;
};

// Of a call: two Routes a leg and long names fit.
using TextBlock = TextBlockOf<832>;
// Of an early dialog: what its peer says of itself.
using SmallTextBlock = TextBlockOf<320>;

// Texts to read, of a block of either size. Borrows it.
class TextView {
 public:
  template <uint16_t InnerOctets>
  TextView(const TextBlockOf<InnerOctets>& block)
      : block_(&block), get_([](const void* of, Span span) {
          return static_cast<const TextBlockOf<InnerOctets>*>(of)->get(span);
        }) {}
  std::string_view get(Span span) const { return get_(block_, span); }

 private:
  const void* block_;
  std::string_view (*get_)(const void* block, Span span);
};

}  // namespace demarc::dialog
