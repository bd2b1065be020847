#include "dataplane/lcore/worker_memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace demarc::lcore {
namespace {

constexpr size_t large_page = 2u << 20;
constexpr double mebi = 1024.0 * 1024.0;

double mebioctets(size_t octets) {
  return static_cast<double>(octets) / mebi;
}

}  // namespace

WorkerMemory::WorkerMemory(WorkerMemory&& other) noexcept
    : octets_(std::exchange(other.octets_, {})), has_hugepages_(other.has_hugepages_) {}

WorkerMemory& WorkerMemory::operator=(WorkerMemory&& other) noexcept {
  std::swap(octets_, other.octets_);
  std::swap(has_hugepages_, other.has_hugepages_);
  return *this;
}

WorkerMemory::~WorkerMemory() {
  if (!octets_.empty()) ::munmap(octets_.data(), octets_.size());
}

WorkerMemory WorkerMemory::map(size_t octets, bool try_hugepages, wire::Explanation& why) {
  const size_t rounded = (octets + large_page - 1) / large_page * large_page;
  constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  WorkerMemory memory;
  void* mapped = MAP_FAILED;
  if (try_hugepages) {
    // MAP_POPULATE of hugepages fails here rather than by a signal on first touch.
    mapped =
        ::mmap(nullptr, rounded, PROT_READ | PROT_WRITE, flags | MAP_HUGETLB | MAP_POPULATE, -1, 0);
    memory.has_hugepages_ = mapped != MAP_FAILED;
  }
  if (mapped == MAP_FAILED) {
    mapped = ::mmap(nullptr, rounded, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (mapped == MAP_FAILED) {
      why.set("no memory for a worker: %.0f MB were refused (%s); lower calls_per_worker",
              mebioctets(rounded), std::strerror(errno));
      return memory;
    }
    // Both are wishes: the pages are there, only slower, when the kernel does not grant them.
    (void)::madvise(mapped, rounded, MADV_HUGEPAGE);
    (void)::madvise(mapped, rounded, MADV_POPULATE_WRITE);
  }
  memory.octets_ = {static_cast<std::byte*>(mapped), rounded};
  return memory;
}

void describe(const engine::Limits& limits, const WorkerMemory& memory, wire::Explanation& text) {
  const size_t kept = memory::DatagramPool::octets_needed(limits.datagrams);
  text.set(
      "worker %u: %.1f MB of %s: %u calls, %u transactions, %u messages kept for retransmission "
      "(%.1f MB), %u media addresses",
      limits.worker, mebioctets(memory.octets().size()),
      memory.has_hugepages() ? "hugepages" : "ordinary memory", limits.calls, limits.transactions,
      limits.datagrams, mebioctets(kept), limits.media_addresses);
}

}  // namespace demarc::lcore
