#include "controlplane/link/publication.h"

#include <cstring>

namespace demarc::link {

using contract::SectionKind;

std::vector<SectionKind> Publication::changed(const SectionSet& set) const {
  std::vector<SectionKind> kinds;
  for (const SectionKind kind :
       {SectionKind::realms, SectionKind::trunks, SectionKind::routes, SectionKind::secrets}) {
    if (taken_[static_cast<size_t>(kind)] != set.blob(kind)) kinds.push_back(kind);
  }
  return kinds;
}

void Publication::accepted(SectionKind kind, const Blob& blob) {
  taken_[static_cast<size_t>(kind)] = blob;
  is_pending_ = true;
}

Blob with_generation(const Blob& blob, uint64_t generation) {
  Blob copy = blob;
  contract::SectionHeader header;
  DEMARC_CHECK(copy.size() >= sizeof header);
  std::memcpy(&header, copy.data(), sizeof header);
  header.generation = generation;
  std::memcpy(copy.data(), &header, sizeof header);
  return copy;
}

}  // namespace demarc::link
