#include "dataplane/wire/explanation.h"

#include <cstdio>

namespace demarc::wire {

void Explanation::set(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(octets_, sizeof octets_, format, arguments);
  va_end(arguments);
}

}  // namespace demarc::wire
