// Publication: what one dataplane has of our sections, and what must be sent to it next.
// Pure bookkeeping for the link's thread; knows no socket.
#pragma once

#include <optional>
#include <vector>

#include "controlplane/link/section_set.h"
#include "sip-parser/base/siphash.h"

namespace demarc::link {

class Publication {
 public:
  Publication();

  // The sections other than platform that differ from what the dataplane has taken, in the order in
  // which they refer to each other.
  std::vector<contract::SectionKind> changed(const SectionSet& set) const;

  // The dataplane took this section; it is in force after the next publish.
  void accepted(contract::SectionKind kind, const Blob& blob);
  // Sections were taken that no publish has put in force yet.
  bool is_pending() const { return is_pending_; }
  void published() { is_pending_ = false; }

 private:
  using Hash = std::array<uint64_t, 2>;
  Hash hash_of(const Blob& blob) const;

  SipHashKey key_;                                        // random
  std::array<Blob, contract::section_kind_count> taken_;  // that of secrets stays empty:
  std::optional<Hash> taken_secrets_;  // keys do not stay here once they are sent
  bool is_pending_ = false;
};

// The same section with the generation in its header.
Blob with_generation(const Blob& blob, uint64_t generation);

}  // namespace demarc::link
