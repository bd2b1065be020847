// LoadedSection: one snapshot section that has been mapped and checked, and stays as it is.
//
// Made by the loader on the main thread from the memfd that the control plane sent. Ordinary
// sections must be sealed, so that what was checked can not change under the workers. Secrets come
// unsealed: they are copied into locked memory and the memfd is zeroed; the copy is zeroed when the
// section retires.
#pragma once

#include <memory>

#include "dataplane/boot/locked_memory.h"
#include "dataplane/contract/channel.h"
#include "dataplane/contract/section.h"
#include "dataplane/wire/explanation.h"

namespace demarc::boot {

class LoadedSection {
 public:
  // What the control plane says that comes.
  struct Claim {
    contract::SectionKind kind;
    uint64_t generation;
    uint64_t octets;
  };
  static constexpr uint64_t max_octets = 1ull << 30;

  // nullptr when it is refused: `why`.
  static std::shared_ptr<const LoadedSection> load(const contract::FileDescriptor& fd,
                                                   const Claim& claim,
                                                   const contract::SectionBounds& bounds,
                                                   wire::Explanation& why);

  std::span<const std::byte> octets() const {
    return secret_.is_valid() ? secret_.octets() : std::span<const std::byte>(mapping_.octets());
  }
  // Section is the struct of the claimed kind. Valid as long as this object.
  template <class Section>
  const Section* as() const {
    return reinterpret_cast<const Section*>(octets().data());
  }

 private:
  bool take(const contract::FileDescriptor& fd, const Claim& claim, wire::Explanation& why);
  bool take_secret(const contract::FileDescriptor& fd, const Claim& claim, wire::Explanation& why);

  contract::Mapping mapping_;
  LockedMemory secret_;
};

}  // namespace demarc::boot
