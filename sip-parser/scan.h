// The index pass: finds the line ends of the header section and what may not stand in it, 64
// octets to a word, a window of 512 octets at a time.
//
// Used by FieldWalker only, on the worker that holds the datagram. There are three twins that give
// the same marks: AVX-512, AVX2 and scalar. mark_lines() is the best one that this processor has,
// chosen once at start. A window may reach padding_octets (parse.h) behind the datagram; what is
// read there is masked out.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

namespace demarc::sip {

inline constexpr uint32_t scan_block_octets = 64;
inline constexpr uint32_t scan_window_octets = 512;

using LineMarks = std::array<uint64_t, scan_window_octets / scan_block_octets>;

// Marks `size` octets at `data`, 1..scan_window_octets: bit i of word w of `ends` is set when octet
// 64 * w + i is a LF; the words of the window behind `size` are left alone. `is_after_cr` says
// whether the octet before `data` is a CR. Returns the place where a line can no longer be
// trusted, `size` when there is none: that of a NUL, of a LF without a CR before it, or of the
// octet behind a CR that is no LF. Reads whole blocks.
using MarkLines = uint32_t(const char* data, uint32_t size, bool is_after_cr, LineMarks& ends);

MarkLines mark_lines_scalar;
#ifdef __AVX2__
MarkLines mark_lines_avx2;
#endif
#ifdef __x86_64__
MarkLines mark_lines_avx512;  // only where has_avx512()
bool has_avx512();
#endif

// The twin in use.
extern MarkLines* const mark_lines;

// Walks the LFs of a datagram in order. Borrows the datagram.
class LineScanner {
 public:
  LineScanner(std::string_view datagram, uint32_t position)
      : data_(datagram.data()),
        size_(static_cast<uint32_t>(datagram.size())),
        window_(position),
        forbidden_(UINT32_MAX) {
    if (position < size_) mark(false);
  }

  // The position of the next LF; the datagram's size when there is none.
  uint32_t next() {
    while (mask_ == 0) {
      if (!advance()) return size_;
    }
    const uint32_t found = base_ + static_cast<uint32_t>(std::countr_zero(mask_));
    mask_ &= mask_ - 1;
    return found;
  }

  // Whether a NUL, a bare CR or a bare LF stands at or before `position`, which next() has given.
  bool is_forbidden_up_to(uint32_t position) const { return forbidden_ <= position; }

 private:
  bool advance() {
    if (block_ + 1 < block_count_) {
      ++block_;
      base_ += scan_block_octets;
      mask_ = ends_[block_];
      return true;
    }
    return next_window();
  }
  bool next_window();
  void mark(bool is_after_cr);

  const char* data_;
  uint32_t size_;
  uint32_t window_;     // where the marked window begins
  uint32_t forbidden_;  // the first octet that may not stand in a header section; none: UINT32_MAX
  uint32_t base_ = 0;   // where the block of mask_ begins
  uint32_t block_ = 0;
  uint32_t block_count_ = 0;
  uint64_t mask_ = 0;
  LineMarks ends_;
};

}  // namespace demarc::sip
