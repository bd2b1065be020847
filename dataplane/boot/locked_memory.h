// LockedMemory: a private copy of secrets: never swapped, never dumped, not in a child, zeroed when
// it goes. Made by the loader for the secrets section; read by workers while it is in force.
#pragma once

#include <cstddef>
#include <span>

namespace demarc::boot {

class LockedMemory {
 public:
  LockedMemory() = default;
  // A copy of `octets`. Not valid when the kernel locks no memory for us: errno.
  explicit LockedMemory(std::span<const std::byte> octets);
  LockedMemory(LockedMemory&& other) noexcept;
  LockedMemory& operator=(LockedMemory&& other) noexcept;
  ~LockedMemory();

  bool is_valid() const { return !octets_.empty(); }
  std::span<const std::byte> octets() const { return octets_; }

 private:
  std::span<std::byte> octets_;
};

}  // namespace demarc::boot
