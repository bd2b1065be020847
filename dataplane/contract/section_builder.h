// SectionBuilder: how the control plane (and a test) lays a section out. Allocates; never used on a
// worker. Text and arrays are appended behind the fixed struct; finish() returns the whole blob.
//
//   SectionBuilder<RealmSection> builder(SectionKind::realms, generation);
//   realm.name = builder.text("outside");
//   builder.section().realms = builder.array<RealmConfig>(realms);
//   std::vector<std::byte> blob = builder.finish();
#pragma once

#include <string.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "dataplane/contract/section.h"

namespace demarc::contract {

// Wipes what it gives back, since a section may hold keys and leaves a copy behind wherever it
// grew.
template <class T>
struct WipedAllocator {
  using value_type = T;
  WipedAllocator() = default;
  template <class Other>
  WipedAllocator(const WipedAllocator<Other>&) {}
  T* allocate(size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, size_t count) {
    ::explicit_bzero(memory, count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }
  friend bool operator==(const WipedAllocator&, const WipedAllocator&) { return true; }
};

template <class Section>
class SectionBuilder {
  static_assert(std::has_unique_object_representations_v<Section>, "padding differs by chance");

 public:
  SectionBuilder(SectionKind kind, uint64_t generation) : octets_(sizeof(Section)) {
    section_.header.kind = kind;
    section_.header.generation = generation;
  }

  Section& section() { return section_; }

  Text text(std::string_view value) {
    const Text where{static_cast<uint32_t>(octets_.size()), static_cast<uint32_t>(value.size())};
    const auto* data = reinterpret_cast<const std::byte*>(value.data());
    octets_.insert(octets_.end(), data, data + value.size());
    return where;
  }
  template <class T>
  Array<T> array(std::span<const T> values) {
    static_assert(std::has_unique_object_representations_v<T>, "padding would differ by chance");
    octets_.resize((octets_.size() + alignment_of<T> - 1) / alignment_of<T> * alignment_of<T>);
    const Array<T> where{static_cast<uint32_t>(octets_.size()),
                         static_cast<uint32_t>(values.size())};
    const auto* data = reinterpret_cast<const std::byte*>(values.data());
    octets_.insert(octets_.end(), data, data + values.size_bytes());
    return where;
  }
  std::vector<std::byte> finish() {
    section_.header.total_octets = octets_.size();
    std::memcpy(octets_.data(), &section_, sizeof section_);
    return {octets_.begin(), octets_.end()};
  }

 private:
  // A row that divides a cache line, or is some, never lies across one more than it must: sections
  // are mapped at pages.
  template <class T>
  static constexpr size_t alignment_of = std::clamp<size_t>(sizeof(T) & (~sizeof(T) + 1), 8, 64);

  Section section_;
  std::vector<std::byte, WipedAllocator<std::byte>> octets_;
};

}  // namespace demarc::contract
