// Checks for our own mistakes. Bad input never reaches a check: it is counted and answered.
//
// DEMARC_CHECK is always on and aborts with file, line and the expression. DEMARC_DCHECK is the
// same in builds with assertions and nothing otherwise; it stands where a worker would pay for it.
#pragma once

namespace demarc {

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace demarc

#define DEMARC_CHECK(expression)                      \
  (__builtin_expect(static_cast<bool>(expression), 1) \
       ? static_cast<void>(0)                         \
       : ::demarc::check_failed(#expression, __FILE__, __LINE__))

#ifdef NDEBUG
#define DEMARC_DCHECK(expression) static_cast<void>(0)
#else
#define DEMARC_DCHECK(expression) DEMARC_CHECK(expression)
#endif
