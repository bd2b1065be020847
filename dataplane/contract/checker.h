// Checker: reads a section that is not trusted yet. A tool of check_section() alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "dataplane/contract/section.h"

namespace demarc::contract {

// Walks one section; the first mistake sticks.
class Checker {
 public:
  explicit Checker(std::span<const std::byte> octets) : octets_(octets) {}

  template <class Section>
  const Section* as() {
    if (octets_.size() < sizeof(Section)) return fail(SectionError::too_short), nullptr;
    return reinterpret_cast<const Section*>(octets_.data());
  }
  template <class T>
  std::span<const T> array(Array<T> array) {
    const uint64_t end = array.offset + uint64_t{array.count} * sizeof(T);
    if (array.count != 0 && (array.offset % alignof(T) != 0 || end > octets_.size())) {
      fail(SectionError::bad_array);
      return {};
    }
    if (array.count == 0) return {};
    return {reinterpret_cast<const T*>(octets_.data() + array.offset), array.count};
  }
  // Empty when it leaves the section.
  std::string_view text(Text where) {
    const bool is_inside = uint64_t{where.offset} + where.length <= octets_.size();
    require(is_inside, SectionError::bad_array);
    if (!is_inside) return {};
    return {reinterpret_cast<const char*>(octets_.data()) + where.offset, where.length};
  }
  // A bool is looked at as an octet: it may hold anything yet.
  void boolean(const bool& value) {
    uint8_t octet = 0;
    std::memcpy(&octet, &value, 1);
    require(octet <= 1, SectionError::bad_value);
  }
  void require(bool holds, SectionError error) {
    if (!holds) fail(error);
  }
  void reference(uint64_t index, uint64_t count) {
    require(index < count, SectionError::bad_reference);
  }
  void fail(SectionError error) {
    if (error_ == SectionError::none) error_ = error;
  }
  SectionError error() const { return error_; }

 private:
  std::span<const std::byte> octets_;
  SectionError error_ = SectionError::none;
};

// How calls of one trunk are handled.
void check_policy(Checker& checker, const CallPolicy& policy);
// Who may send the media of one trunk.
void check_sources(Checker& checker, const SourcePolicy& policy);
// What its SDP may say, and what is done with its payload.
// `trunks`: how many rows there are to be named.
void check_codecs(Checker& checker, const CodecPolicy& policy, uint64_t trunks);
// The whole routes section.
void check_routes(Checker& checker, const SectionBounds& bounds);
// Rules about numbers in it.
void check_numbers(Checker& checker, const NumberRows& rows, uint32_t trunk_count);
// Whether its media is encrypted.
void check_srtp(Checker& checker, const SrtpPolicy& policy);

}  // namespace demarc::contract
