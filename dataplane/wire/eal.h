// Eal: starts DPDK's environment for this process, once, on the main thread.
//
// Only the main thread becomes an EAL lcore. Workers and the punt thread are ordinary pthreads that
// call register_thread() first: that gives them an lcore id, and with it the per-thread cache of
// every mbuf pool, without EAL choosing their CPUs or holding them in its own loop. A thread made
// after start() inherits the main thread's CPU: it sets its own affinity.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/contract/section.h"
#include "dataplane/wire/explanation.h"

namespace demarc::wire {

struct EalOptions {
  const char* program = "demarc-dataplane";
  uint32_t memory_mb = 512;
  contract::Hugepages hugepages = contract::Hugepages::automatic;
  int main_cpu = -1;                         // -1: keep the CPUs that the thread has
  std::span<const char* const> pci_devices;  // none: the PCI bus is not looked at
};

struct EalReport {
  bool has_hugepages = false;
  uint32_t memory_mb = 0;
  Explanation note;  // for the log: what was taken and why
};

// False with a reason. Can be called once in a process.
[[nodiscard]] bool start_eal(const EalOptions& options, EalReport& report, Explanation& why);
void stop_eal();

// The calling thread becomes known to DPDK. False when there are too many threads.
[[nodiscard]] bool register_thread();
void unregister_thread();
// Ties the calling thread to one CPU; false when the machine does not let it have that one.
[[nodiscard]] bool pin_thread(unsigned cpu);

}  // namespace demarc::wire
