// Explanation: why something could not be started, and what to do, in one sentence for the
// operator.
//
// Filled on the main thread while starting; a worker never formats text.
#pragma once

#include <cstdarg>
#include <string_view>

namespace demarc::wire {

class Explanation {
 public:
  // Formats as printf does; longer text is cut.
  [[gnu::format(printf, 2, 3)]] void set(const char* format, ...);
  const char* c_str() const { return octets_; }
  std::string_view view() const { return octets_; }

 private:
  char octets_[512] = {};
};

}  // namespace demarc::wire
