// WorkerMemory: the one block that a worker's arena is laid out in (decision D8).
//
// Mapped and touched on the main thread before the worker starts, from 2 MB hugepages when the
// machine gives them; otherwise ordinary memory for which large pages are asked. Freed after the
// worker has ended. The report says what each table takes and the limits that follow from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/engine/engine.h"
#include "dataplane/wire/explanation.h"

namespace demarc::lcore {

class WorkerMemory {
 public:
  WorkerMemory() = default;
  WorkerMemory(WorkerMemory&& other) noexcept;
  WorkerMemory& operator=(WorkerMemory&& other) noexcept;
  ~WorkerMemory();

  // Not valid on failure: `why` says what was missing.
  static WorkerMemory map(size_t octets, bool try_hugepages, wire::Explanation& why);
  bool is_valid() const { return !octets_.empty(); }
  bool has_hugepages() const { return has_hugepages_; }
  std::span<std::byte> octets() const { return octets_; }

 private:
  std::span<std::byte> octets_;
  bool has_hugepages_ = false;
};

// One line for the log.
void describe(const engine::Limits& limits, const WorkerMemory& memory, wire::Explanation& text);

}  // namespace demarc::lcore
