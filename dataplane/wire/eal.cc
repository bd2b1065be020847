#include "dataplane/wire/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <sched.h>

#include <array>
#include <cstdio>

#ifdef DEMARC_SANITIZED
// libxdp keeps 80 octets of every UMEM.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:xsk_umem__create";
}
#endif

namespace demarc::wire {
namespace {

#ifdef DEMARC_SANITIZED
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

constexpr unsigned max_arguments = 48;

// Free 2 MB pages of the machine, in MB.
uint64_t free_hugepage_mb() {
  std::FILE* file = std::fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "re");
  if (file == nullptr) return 0;
  unsigned long pages = 0;
  const bool is_read = std::fscanf(file, "%lu", &pages) == 1;
  std::fclose(file);
  return is_read ? pages * 2 : 0;
}

// "0@(0,1,5)": the main thread is lcore 0 on the CPUs that it has now, or on the one wanted.
void format_lcores(int main_cpu, std::span<char> out) {
  if (main_cpu >= 0) {
    std::snprintf(out.data(), out.size(), "0@%d", main_cpu);
    return;
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  sched_getaffinity(0, sizeof cpus, &cpus);
  size_t at = static_cast<size_t>(std::snprintf(out.data(), out.size(), "0@("));
  bool is_first = true;
  // The list is cut when it does not fit; some CPU is always named.
  for (unsigned cpu = 0; cpu < CPU_SETSIZE && at + 8 < out.size(); ++cpu) {
    if (!CPU_ISSET(cpu, &cpus)) continue;
    at += static_cast<size_t>(
        std::snprintf(out.data() + at, out.size() - at, is_first ? "%u" : ",%u", cpu));
    is_first = false;
  }
  std::snprintf(out.data() + at, out.size() - at, ")");
}

struct Arguments {
  std::array<char*, max_arguments> values{};
  int count = 0;

  // EAL keeps the pointers only while it starts and does not write to the text.
  void add(const char* argument) {
    if (count < static_cast<int>(max_arguments) - 1) {
      values[static_cast<unsigned>(count++)] = const_cast<char*>(argument);
    }
  }
};

}  // namespace

bool start_eal(const EalOptions& options, EalReport& report, Explanation& why) {
  const uint64_t free_mb = free_hugepage_mb();
  const bool has_enough = free_mb >= options.memory_mb;
  if (options.hugepages == contract::Hugepages::yes && !has_enough) {
    why.set(
        "%u MB of hugepages are configured, but %lu MB of 2 MB pages are free: "
        "echo %u > /proc/sys/vm/nr_hugepages, or set hugepages to automatic",
        options.memory_mb, static_cast<unsigned long>(free_mb), options.memory_mb / 2 + 64);
    return false;
  }
  report.has_hugepages = has_enough && options.hugepages != contract::Hugepages::no;
  report.memory_mb = options.memory_mb;

  char memory[16], lcores[512];
  std::snprintf(memory, sizeof memory, "%u", options.memory_mb);
  format_lcores(options.main_cpu, lcores);
  Arguments arguments;
  for (const char* argument :
       {options.program, "--no-telemetry", "--iova-mode=va", "-m", static_cast<const char*>(memory),
        "--lcores", static_cast<const char*>(lcores), "--log-level=lib.eal:warning"}) {
    arguments.add(argument);
  }
  if (report.has_hugepages) {
    arguments.add("--in-memory");
  } else {
    arguments.add("--no-huge");
    arguments.add("--no-shconf");
  }
  if (options.pci_devices.empty()) arguments.add("--no-pci");
  for (const char* device : options.pci_devices) {
    arguments.add("-a");
    arguments.add(device);
  }
  if (rte_eal_init(arguments.count, arguments.values.data()) < 0) {
    why.set("DPDK did not start with %u MB %s: %s; its own messages stand above", options.memory_mb,
            report.has_hugepages ? "of hugepages" : "without hugepages", rte_strerror(rte_errno));
    return false;
  }
  report.note.set(
      "DPDK has %u MB %s (%lu MB of 2 MB pages were free)", options.memory_mb,
      report.has_hugepages ? "of 2 MB hugepages" : "of ordinary memory, without hugepages",
      static_cast<unsigned long>(free_mb));
  return true;
}

void stop_eal() {
  // It unloads the drivers, and a sanitizer could no longer name what they leak.
  if (!is_sanitized) rte_eal_cleanup();
}

bool register_thread() {
  return rte_thread_register() == 0;
}

void unregister_thread() {
  rte_thread_unregister();
}

bool pin_thread(unsigned cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (cpu >= CPU_SETSIZE) return false;
  CPU_SET(cpu, &cpus);
  return pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus) == 0;
}

}  // namespace demarc::wire
