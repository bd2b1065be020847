// The SIMD index pass = its scalar twin = a plain loop, on any octets from any start.

#include "sip-parser/scan.h"

#include "sip-parser/parse.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

void check_blocks(std::string_view datagram) {
  for (size_t i = 0; i < datagram.size(); i += sip::scan_block_octets / 2 - 1) {
    DEMARC_CHECK(sip::line_mask(datagram.data() + i) == sip::line_mask_scalar(datagram.data() + i));
  }
}

void check_walk(std::string_view datagram, uint32_t start) {
  sip::LineScanner scanner(datagram, start);
  for (uint32_t i = start; i < datagram.size(); ++i) {
    const char c = datagram[i];
    if (c == '\0' || c == '\r' || c == '\n') DEMARC_CHECK(scanner.next() == i);
  }
  DEMARC_CHECK(scanner.next() == datagram.size());
  DEMARC_CHECK(scanner.next() == datagram.size());
}

void run(std::string_view input) {
  if (input.size() > sip::max_message_octets) return;
  const Placed placed(input, sip::padding_octets, '\n');
  check_blocks(placed.view());
  for (uint32_t start = 0; start <= input.size(); start = start * 2 + 1) {
    check_walk(placed.view(), start);
  }
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
