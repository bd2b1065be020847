#include "controlplane/link/publication.h"

#include <cstring>
#include <random>

namespace demarc::link {

using contract::SectionKind;

Publication::Publication() {
  std::random_device device;
  const auto draw = [&] { return uint64_t{device()} << 32 | device(); };
  key_ = {draw(), draw()};
}

Publication::Hash Publication::hash_of(const Blob& blob) const {
  const Hash128 hash = siphash128(key_, {reinterpret_cast<const char*>(blob.data()), blob.size()});
  return {hash.low, hash.high};
}

std::vector<SectionKind> Publication::changed(const SectionSet& set) const {
  std::vector<SectionKind> kinds;
  for (const SectionKind kind : {SectionKind::realms, SectionKind::trunks, SectionKind::routes}) {
    if (taken_[static_cast<size_t>(kind)] != set.blob(kind)) kinds.push_back(kind);
  }
  if (taken_secrets_ != hash_of(set.blob(SectionKind::secrets))) {
    kinds.push_back(SectionKind::secrets);
  }
  return kinds;
}

void Publication::accepted(SectionKind kind, const Blob& blob) {
  is_pending_ = true;
  if (kind == SectionKind::secrets) {
    taken_secrets_ = hash_of(blob);
  } else {
    taken_[static_cast<size_t>(kind)] = blob;
  }
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
