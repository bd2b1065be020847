#include "dataplane/lcore/no_allocation.h"

#include <cstddef>

// Both are there or not depending on what the program is linked with.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old_value, size_t* old_octets,
                                     void* new_value, size_t new_octets);
extern "C" [[gnu::weak]] int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void*, size_t), void (*free_hook)(const volatile void*));

namespace demarc::lcore {
namespace {

thread_local uint64_t hooked_octets = 0;

void on_malloc(const volatile void*, size_t octets) {
  hooked_octets += octets;
}
void on_free(const volatile void*) {}

bool install_hooks() {
  return __sanitizer_install_malloc_and_free_hooks != nullptr &&
         __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) != 0;
}

}  // namespace

AllocationMeter::AllocationMeter() {
  const uint64_t* counted = nullptr;
  size_t octets = sizeof counted;
  if (mallctl != nullptr &&
      mallctl("thread.allocatedp", static_cast<void*>(&counted), &octets, nullptr, 0) == 0) {
    octets_ = counted;
  } else {
    static const bool is_hooked = install_hooks();
    if (is_hooked) octets_ = &hooked_octets;
  }
  take();
}

}  // namespace demarc::lcore
