#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "controlplane/link/link_harness.h"

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

// A control plane without a dataplane, and its API.
class Running : public testing::Test {
 protected:
  Running() {
    directory = std::filesystem::temp_directory_path() / "demarc-main-XXXXXX";
    EXPECT_NE(::mkdtemp(directory.data()), nullptr);
    write(good);
    const std::string config = directory + "/demarc.toml";
    const std::string run = directory + "/run";
    const std::string state = directory + "/state";
    const char* program = std::getenv("DEMARC_CONTROLPLANE");
    child = ::fork();
    if (child != 0) return;
    ::execl(program, program, "--config", config.c_str(), "--run-dir", run.c_str(), "--state-dir",
            state.c_str(), nullptr);
    ::_exit(127);
  }
  ~Running() override {
    EXPECT_EQ(::kill(child, SIGTERM), 0);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    std::filesystem::remove_all(directory);
  }
  void write(const std::string& text) const { std::ofstream(directory + "/demarc.toml") << text; }
  // The answer with its header; empty while nobody listens.
  std::string ask(const std::string& request_line, const std::string& body = "") const {
    const std::string path = directory + "/run/api.sock";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string answer;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      const std::string request = request_line +
                                  " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                  "Content-Type: application/toml\r\nContent-Length: " +
                                  std::to_string(body.size()) + "\r\n\r\n" + body;
      EXPECT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(request.size()));
      char block[4096];
      for (ssize_t got; (got = ::read(fd, block, sizeof block)) > 0;) {
        answer.append(block, static_cast<size_t>(got));
      }
    }
    ::close(fd);
    return answer;
  }
  // The deadline is for a test that fails.
  void await(const std::string& request_line, const std::string& wanted) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::string answer;
    while (answer.find(wanted) == std::string::npos) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << wanted << " is not in " << answer;
      std::this_thread::yield();
      answer = ask(request_line);
    }
  }
  static constexpr const char* good =
      "[port.wan]\ndevice = \"a\"\n[realm.outside]\nport = \"wan\"\n"
      "address = \"198.51.100.10\"\n[trunk.acme]\nrealm = \"outside\"\npeer = \"198.51.100.20\"\n";

  std::string directory;
  pid_t child = -1;
};

TEST_F(Running, AReloadOfAFileWithMistakesIsAnEvent) {
  await("GET /api/v1/events", "controlplane_started");
  EXPECT_EQ(ask("GET /api/v1/events").find("config_"), std::string::npos);
  write("nonsense\n");
  EXPECT_EQ(::kill(child, SIGHUP), 0);
  await("GET /api/v1/events", "config_refused");
  EXPECT_NE(ask("GET /metrics").find("demarc_config_refused 1\n"), std::string::npos);
  write(std::string(good) + "max_calls = 5\n");
  EXPECT_EQ(::kill(child, SIGHUP), 0);
  await("GET /api/v1/events", "config_loaded");
  EXPECT_NE(ask("GET /metrics").find("demarc_config_refused 0\n"), std::string::npos);
}

// Good files that can not be taken yet have no mistakes.
TEST_F(Running, AReloadThatWaitsForAConfirmationRefusesNothing) {
  await("GET /api/v1/events", "controlplane_started");
  const std::string applied =
      ask("PUT /api/v1/config?confirm=600", std::string(good) + "max_calls = 5\n");
  ASSERT_TRUE(applied.starts_with("HTTP/1.1 200")) << applied;
  EXPECT_NE(ask("GET /metrics").find("demarc_log_lines_total{level=\"error\"} 0\n"),
            std::string::npos);
  write(std::string(good) + "max_calls = 7\n");
  EXPECT_EQ(::kill(child, SIGHUP), 0);
  await("GET /metrics", "demarc_log_lines_total{level=\"error\"} 2\n");
  // A signal after that one: what it brings comes last.
  EXPECT_TRUE(ask("POST /api/v1/config/confirm").starts_with("HTTP/1.1 200"));
  write(std::string(good) + "max_calls = 6\n");
  EXPECT_EQ(::kill(child, SIGHUP), 0);
  await("GET /metrics", "demarc_config_revision 3\n");
  EXPECT_EQ(ask("GET /api/v1/events").find("config_refused"), std::string::npos);
}

// What the dataplane that runs has no room for is said to whoever applies it, and nothing is left
// of it: the next change is taken.
TEST_F(Running, AChangeThatNeedsARestartIsRefusedBeforeItIsInForce) {
  await("GET /api/v1/events", "controlplane_started");
  link::FakeDataplane dataplane(directory + "/run/dataplane.sock");
  dataplane.greet();
  dataplane.take_section(contract::SectionKind::platform);
  dataplane.send(contract::MessageKind::section_result);
  dataplane.offer_region(dataplane.boot_id);
  dataplane.publish_all();
  const std::string shown = std::to_string(link::sizes.trunk_capacity);
  std::string larger = "[platform]\ntrunk_capacity = 100\n" + std::string(good);
  for (unsigned i = 0; i < link::sizes.trunk_capacity; ++i) {
    const std::string number = std::to_string(i);
    larger += "[trunk.t" + number + "]\nrealm = \"outside\"\npeer = \"192.0.2.1" + number + "\"\n";
  }
  const std::string refused = ask("PUT /api/v1/config?confirm=600", larger);
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 409")) << refused;
  EXPECT_NE(refused.find("application/problem+json"), std::string::npos) << refused;
  EXPECT_NE(refused.find("trunk_capacity of " + shown), std::string::npos) << refused;
  EXPECT_NE(refused.find("needs a restart"), std::string::npos) << refused;
  EXPECT_EQ(ask("GET /api/v1/config/revisions").find("\"revision\": 2"), std::string::npos);
  EXPECT_EQ(ask("GET /api/v1/config").find("t0"), std::string::npos);
  write(larger);
  EXPECT_EQ(::kill(child, SIGHUP), 0);
  await("GET /api/v1/events", "config_refused");
  write(good);
  const std::string next = ask("PUT /api/v1/config", std::string(good) + "max_calls = 10\n");
  EXPECT_TRUE(next.starts_with("HTTP/1.1 200")) << next;
  dataplane.region.trunk_live(contract::TrunkId{0}).store(9);
  await("GET /api/v1/events", "limit_near");
}

}  // namespace
}  // namespace demarc
