// What the link hands to a dataplane: the compiled sections and target rows of one configuration.
// Made by trunks/, compared and sent by link/; plain values, no thread.
#pragma once

#include <string.h>

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "dataplane/contract/section.h"
#include "dataplane/contract/target_table.h"

namespace demarc::link {

// A section with generation 0 in its header, so that equal content is equal octets. Wiped when it
// goes, as that of secrets must be; all are, so that nobody has to know which one this is.
struct Blob : std::vector<std::byte> {
  using std::vector<std::byte>::vector;
  Blob() = default;
  // Takes the octets over; implicit, since whoever builds a section knows no blobs.
  Blob(std::vector<std::byte>&& octets) : std::vector<std::byte>(std::move(octets)) {}
  Blob(const Blob&) = default;
  Blob(Blob&&) noexcept = default;
  Blob& operator=(Blob other) noexcept {
    swap(other);
    return *this;
  }
  ~Blob() { wipe(); }
  // All octets become zero; there are as many as before.
  void wipe() {
    if (!empty()) ::explicit_bzero(data(), size());  // an empty vector may hold no address
  }
};

struct TargetPlan {
  contract::TargetId id = contract::TargetId::none;
  contract::Target target;
  uint16_t priority = 0;  // of the peer and its DNS; that of `target` minds the registration, too
};

struct SectionSet {
  std::array<Blob, contract::section_kind_count> blobs;  // by SectionKind; index 0 unused
  std::vector<TargetPlan> targets;
  uint32_t realms = 0;  // rows, for checking references
  uint32_t trunks = 0;
  // Not empty: this configuration can not be sent to that dataplane, and why.
  std::string refusal;
  // Fields of the platform that differ from what the dataplane runs with.
  std::vector<std::string> needs_restart;

  Blob& blob(contract::SectionKind kind) { return blobs[static_cast<size_t>(kind)]; }
  const Blob& blob(contract::SectionKind kind) const { return blobs[static_cast<size_t>(kind)]; }
};

// What a configuration is compiled for.
struct DataplaneView {
  bool is_fresh = true;  // it waits for its platform: no ids are in use there
  Blob platform;         // what it runs with; empty when fresh or not known
  // Rows of its tables; 0 when not known.
  uint32_t trunk_capacity = 0;
  uint32_t target_capacity = 0;
  uint32_t limit_capacity = 0;
};

}  // namespace demarc::link
