#include "dataplane/boot/loaded_section.h"

#include <fcntl.h>
#include <string.h>

#include <cerrno>

namespace demarc::boot {

using contract::FileDescriptor;
using contract::Mapping;
using contract::SectionBounds;
using contract::SectionError;
using contract::SectionHeader;
using contract::SectionKind;

std::shared_ptr<const LoadedSection> LoadedSection::load(const FileDescriptor& fd,
                                                         const Claim& claim,
                                                         const SectionBounds& bounds,
                                                         wire::Explanation& why) {
  if (!fd.is_open() || claim.octets < sizeof(SectionHeader) || claim.octets > max_octets) {
    why.set("no section of a possible size came with the message");
    return nullptr;
  }
  const auto section = std::make_shared<LoadedSection>();
  const bool is_taken = claim.kind == SectionKind::secrets ? section->take_secret(fd, claim, why)
                                                           : section->take(fd, claim, why);
  if (!is_taken) return nullptr;
  const SectionError error = contract::check_section(section->octets(), bounds);
  if (error == SectionError::unknown_layout) {
    const auto layout = section->as<SectionHeader>()->layout;
    why.set("layout %u can not be read, only %u to %u: upgrade the %s", layout,
            contract::oldest_layout_version, contract::layout_version,
            layout > contract::layout_version ? "dataplane" : "control plane");
    return nullptr;
  }
  if (error != SectionError::none) {
    const std::string_view name = contract::spelling(error);
    why.set("the section is wrong: %.*s", static_cast<int>(name.size()), name.data());
    return nullptr;
  }
  const auto* header = section->as<SectionHeader>();
  if (header->kind != claim.kind || header->generation != claim.generation) {
    why.set("the section is not the one that the message announced");
    return nullptr;
  }
  return section;
}

bool LoadedSection::take(const FileDescriptor& fd, const Claim& claim, wire::Explanation& why) {
  constexpr int needed = F_SEAL_WRITE | F_SEAL_SHRINK;
  const int seals = ::fcntl(fd.get(), F_GET_SEALS);
  if (seals < 0 || (seals & needed) != needed) {
    why.set("the section is not sealed");
    return false;
  }
  mapping_ = Mapping(fd, claim.octets, false);
  if (!mapping_.is_mapped()) {
    why.set("the section can not be mapped: %s", ::strerror(errno));
    return false;
  }
  return true;
}

bool LoadedSection::take_secret(const FileDescriptor& fd, const Claim& claim,
                                wire::Explanation& why) {
  // Writable, so that it can be zeroed; but one that shrinks under us would be a fault to touch.
  constexpr int needed = F_SEAL_SHRINK | F_SEAL_GROW;
  const int seals = ::fcntl(fd.get(), F_GET_SEALS);
  if (seals < 0 || (seals & needed) != needed) {
    why.set("the secrets' size is not sealed");
    return false;
  }
  const Mapping shared(fd, claim.octets, true);
  if (!shared.is_mapped()) {
    why.set("the secrets can not be mapped: %s", ::strerror(errno));
    return false;
  }
  secret_ = LockedMemory(shared.octets());
  if (!secret_.is_valid()) {
    why.set("no memory can be locked for the secrets: %s", ::strerror(errno));
  }
  ::explicit_bzero(shared.octets().data(), shared.octets().size());
  return secret_.is_valid();
}

}  // namespace demarc::boot
