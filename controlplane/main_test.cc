#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace demarc {
namespace {

// The configuration is a pipe: opening its other end returns when the program reads it, so that the
// signal comes in the middle of the start without any waiting.
TEST(Program, AReloadAskedForDuringTheStartDoesNotEndIt) {
  const char* program = std::getenv("DEMARC_CONTROLPLANE");
  ASSERT_NE(program, nullptr);
  std::string directory = std::filesystem::temp_directory_path() / "demarc-main-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string file = directory + "/demarc.toml";
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::execl(program, program, "--config", file.c_str(), "--check", nullptr);
    ::_exit(127);
  }
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(::kill(child, SIGHUP), 0);
  EXPECT_EQ(::write(fd, "nonsense\n", 9), 9);
  ::close(fd);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 3);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace demarc
