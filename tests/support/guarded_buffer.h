// GuardedBuffer: a message whose padding ends at a page that can not be read.
//
// Used by parser tests. The octets are followed by exactly `padding` readable octets (64 for SIP,
// sip-parser/parse.h; none for SDP) and then by a PROT_NONE page, so that one octet read too far
// ends the test program. The octets themselves are read-only: a parser that writes ends it too.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string_view>

#include "sip-parser/base/check.h"

namespace demarc::support {

class GuardedBuffer {
 public:
  // `fill` is what the padding holds: a parser must not care.
  GuardedBuffer(std::string_view octets, size_t padding, char fill) : length_(octets.size()) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t readable = (octets.size() + padding + page - 1) / page * page + page;
    mapped_ = readable + page;
    void* memory =
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    DEMARC_CHECK(memory != MAP_FAILED);
    base_ = static_cast<char*>(memory);
    start_ = base_ + readable - padding - octets.size();
    if (!octets.empty()) std::memcpy(start_, octets.data(), octets.size());
    std::memset(start_ + octets.size(), fill, padding);
    DEMARC_CHECK(mprotect(base_, readable, PROT_READ) == 0);
    DEMARC_CHECK(mprotect(base_ + readable, page, PROT_NONE) == 0);
  }
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;
  ~GuardedBuffer() { munmap(base_, mapped_); }

  // Valid while the buffer lives.
  std::string_view view() const { return {start_, length_}; }

 private:
  char* base_ = nullptr;
  char* start_ = nullptr;
  size_t mapped_ = 0;
  size_t length_ = 0;
};

}  // namespace demarc::support
