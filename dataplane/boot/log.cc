#include "dataplane/boot/log.h"

#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>

namespace demarc::boot {

void log(const char* format, ...) {
  static constexpr char prefix[] = "demarc-dataplane: ";
  char line[1024];
  std::memcpy(line, prefix, sizeof prefix - 1);
  char* text = line + sizeof prefix - 1;
  const size_t room = sizeof line - sizeof prefix;  // leaves one octet for the line end
  va_list arguments;
  va_start(arguments, format);
  const int wanted = std::vsnprintf(text, room, format, arguments);
  va_end(arguments);
  const size_t length = std::min(static_cast<size_t>(std::max(wanted, 0)), room - 1);
  text[length] = '\n';
  const auto octets = static_cast<size_t>(text - line) + length + 1;
  (void)!::write(STDERR_FILENO, line, octets);
}

}  // namespace demarc::boot
