#include "controlplane/runtime/wall_clock.h"

#include <cstdio>
#include <ctime>

namespace demarc::runtime {

uint64_t now_unix_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

std::string utc_text(uint64_t unix_ns) {
  const time_t seconds = static_cast<time_t>(unix_ns / 1'000'000'000);
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  char date[32];
  const size_t length = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[8];
  const unsigned milliseconds = static_cast<unsigned>(unix_ns / 1'000'000 % 1000);
  std::snprintf(fraction, sizeof fraction, ".%03uZ", milliseconds);
  return std::string(date, length) + fraction;
}

std::optional<uint64_t> parse_utc_text(const std::string& text) {
  tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  unsigned milliseconds = 0;
  int end = 0;
  if (std::sscanf(rest, ".%3uZ%n", &milliseconds, &end) != 1 || end != 5 || rest[end] != '\0') {
    return std::nullopt;
  }
  const time_t seconds = ::timegm(&parts);
  if (seconds < 0) return std::nullopt;
  return static_cast<uint64_t>(seconds) * 1'000'000'000 + milliseconds * uint64_t{1'000'000};
}

}  // namespace demarc::runtime
