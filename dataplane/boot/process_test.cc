#include "dataplane/boot/process.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>

namespace demarc::boot {
namespace {

// A dump would hold the keys of TLS and SRTP.
TEST(HardenProcess, LeavesNoCoreDumpAndNoDebugger) {
  const auto harden = [] {
    harden_process();
    rlimit core{1, 1};
    const bool is_off =
        ::getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE) == 0;
    std::_Exit(is_off ? 0 : 1);
  };
  EXPECT_EXIT(harden(), ::testing::ExitedWithCode(0), "");
}

TEST(HardenProcess, AllowsAsManyConnectionsAsTheKernelDoes) {
  const auto harden = [] {
    harden_process();
    rlimit files{};
    const bool is_all = ::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur == files.rlim_max;
    std::_Exit(is_all ? 0 : 1);
  };
  EXPECT_EXIT(harden(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace demarc::boot
