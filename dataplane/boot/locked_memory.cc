#include "dataplane/boot/locked_memory.h"

#include <string.h>
#include <sys/mman.h>

#include <utility>

namespace demarc::boot {

LockedMemory::LockedMemory(std::span<const std::byte> octets) {
  if (octets.empty()) return;
  void* mapped =
      ::mmap(nullptr, octets.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return;
  if (::mlock(mapped, octets.size()) != 0 || ::madvise(mapped, octets.size(), MADV_DONTDUMP) != 0 ||
      ::madvise(mapped, octets.size(), MADV_DONTFORK) != 0) {
    ::munmap(mapped, octets.size());
    return;
  }
  ::memcpy(mapped, octets.data(), octets.size());
  octets_ = {static_cast<std::byte*>(mapped), octets.size()};
}

LockedMemory::LockedMemory(LockedMemory&& other) noexcept
    : octets_(std::exchange(other.octets_, {})) {}

LockedMemory& LockedMemory::operator=(LockedMemory&& other) noexcept {
  std::swap(octets_, other.octets_);
  return *this;
}

LockedMemory::~LockedMemory() {
  if (octets_.empty()) return;
  ::explicit_bzero(octets_.data(), octets_.size());
  ::munmap(octets_.data(), octets_.size());
}

}  // namespace demarc::boot
