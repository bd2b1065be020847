// The index pass: marks every NUL, CR and LF, 64 octets to a word, a window of 512 octets at once.
//
// Used by FieldWalker only, on the worker that holds the datagram. There are three twins that give
// the same marks: AVX-512, AVX2 and scalar. mark_lines is the best one that this processor has,
// chosen once at start. Whole blocks are read, so up to padding_octets (parse.h) behind the
// datagram; what was found there is for the caller to leave alone.
#pragma once

#include <array>
#include <cstdint>

namespace demarc::sip {

inline constexpr uint32_t scan_block_octets = 64;
inline constexpr uint32_t scan_window_octets = 512;

// Bit i of word w: octet 64 * w + i of the window is a NUL, a CR or a LF.
using LineMarks = std::array<uint64_t, scan_window_octets / scan_block_octets>;

// Marks `blocks` blocks from `data` on, 1..8.
using MarkLines = void(const char* data, uint32_t blocks, LineMarks& marks);

MarkLines mark_lines_scalar;
#ifdef __AVX2__
MarkLines mark_lines_avx2;
#endif
#ifdef __x86_64__
MarkLines mark_lines_avx512;  // only where has_avx512()
bool has_avx512();
#endif

// The twin in use. Set while static objects are made, so none of them may parse.
extern MarkLines* const mark_lines;

}  // namespace demarc::sip
