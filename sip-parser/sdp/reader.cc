#include "sip-parser/sdp/reader.h"

#include "sip-parser/base/ascii.h"

namespace demarc::sdp {

static_assert(std::endian::native == std::endian::little, "words are read first octet lowest");

bool Reader::long_number(size_t begin, size_t end, uint64_t maximum, uint64_t& value) const {
  return ascii::parse_decimal(between(begin, end), maximum, value);
}

}  // namespace demarc::sdp
