// Loader: takes sections from the control plane, makes them a snapshot, publishes it, and frees the
// one before when no worker can see it any more (decisions D2, D7). Main thread only.
//
//   take(platform)  once;  take(section) ...  publish(generation) -> workers adopt -> retire()
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "dataplane/boot/loaded_section.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/number/pattern_store.h"
#include "dataplane/wire/local_addresses.h"

namespace demarc::boot {

class Loader {
 public:
  explicit Loader(contract::SnapshotCell& cell) : cell_(cell) {}
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Checks a section and keeps it for the next publish(); the platform section is in force at once
  // and taken only once. False when it is refused: `why`; what is in force stays in force.
  [[nodiscard]] bool take(const contract::FileDescriptor& fd, const LoadedSection::Claim& claim,
                          wire::Explanation& why);
  // nullptr before there is one.
  const contract::PlatformSection* platform() const;
  // The platform could not be started: forgets it.
  void forget_platform() { of(contract::SectionKind::platform, current_) = nullptr; }

  // Makes one snapshot of the sections in force and those taken since, and stores it for the
  // workers. False when they do not fit together or one of them had been refused: all taken since
  // are dropped. Not to be called again before retire().
  [[nodiscard]] bool publish(uint64_t generation, wire::Explanation& why);
  // The control plane went away: drops what was taken and not published.
  void drop_pending();
  // Frees the snapshot before the last publish(), and zeroes its secrets if they are not in force
  // any more. Every worker has adopted the last one.
  void retire() { retired_ = nullptr; }

  // The last published one, for who may hold it longer than the workers do: its secrets are zeroed
  // when nobody holds it any more. nullptr before the first publish().
  std::shared_ptr<const contract::Snapshot> snapshot() const {
    if (published_ == nullptr) return nullptr;
    return {published_, &published_->snapshot};
  }
  // 0 before the first publish().
  uint64_t generation() const {
    return published_ == nullptr ? 0 : published_->snapshot.generation;
  }
  // The addresses of the last snapshot, and those before it as far as there is room: calls that
  // were there before may still use them.
  std::span<const wire::SegmentAddress> local_addresses() const { return local_addresses_; }

 private:
  using Sections = std::array<std::shared_ptr<const LoadedSection>, contract::section_kind_count>;
  // A snapshot and what it points into.
  struct Published {
    contract::Snapshot snapshot;
    Sections sections;
    std::shared_ptr<const number::PatternStore> patterns;
  };

  static std::shared_ptr<const LoadedSection>& of(contract::SectionKind kind, Sections& sections) {
    return sections[static_cast<unsigned>(kind)];
  }
  Sections merged() const;
  static contract::SectionBounds bounds_of(const Sections& sections);
  bool check_together(const Sections& sections, wire::Explanation& why) const;
  // Those of the routes section, of which what did not change is taken over. nullptr: `why`.
  std::shared_ptr<const number::PatternStore> make_patterns(const Sections& sections,
                                                            wire::Explanation& why) const;
  void collect_addresses(const contract::RealmSection& realms);

  contract::SnapshotCell& cell_;
  Sections current_;
  Sections pending_;
  bool has_refused_ = false;
  std::shared_ptr<Published> published_;
  std::shared_ptr<Published> retired_;
  std::vector<wire::SegmentAddress> local_addresses_;
};

}  // namespace demarc::boot
