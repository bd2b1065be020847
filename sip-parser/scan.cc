#include "sip-parser/scan.h"

namespace demarc::sip {

uint64_t line_mask_scalar(const char* data) {
  uint64_t mask = 0;
  for (uint32_t i = 0; i < scan_block_octets; ++i) {
    const bool is_marked = data[i] == '\0' || data[i] == '\r' || data[i] == '\n';
    mask |= static_cast<uint64_t>(is_marked) << i;
  }
  return mask;
}

}  // namespace demarc::sip
