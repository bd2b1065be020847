// The whole folder on a real wire: wire_echo in one network namespace, a kernel in the other, veth
// between them, both drivers. Needs root; says so and skips without.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Setting {
  const char* driver;
  int workers;
  int queues;
};
void PrintTo(const Setting& setting, std::ostream* out) {
  *out << setting.driver << " " << setting.workers << " workers " << setting.queues << " queues";
}

std::string format(const char* text, ...) __attribute__((format(printf, 1, 2)));
std::string format(const char* text, ...) {
  char buffer[1024];
  va_list arguments;
  va_start(arguments, text);
  std::vsnprintf(buffer, sizeof buffer, text, arguments);
  va_end(arguments);
  return buffer;
}

bool run(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

class WireVethTest : public testing::TestWithParam<Setting> {
 protected:
  void SetUp() override {
    ASSERT_EQ(geteuid(), 0u) << "needs root: it makes network namespaces";
    ours_ = format("wire%da", getpid());
    peer_ = format("wire%dp", getpid());
    make_namespaces();
    start_echo();
    // The kernel takes a second at most to see the carrier of its twin; IPv6 waits for it.
    for (const int family : {AF_INET, AF_INET6}) {
      bool is_up = false;
      for (int i = 0; i < 5 && !is_up; ++i) is_up = echoes(family, 'R', 20);
      ASSERT_TRUE(is_up) << family;
    }
  }
  void TearDown() override {
    if (geteuid() != 0) return;
    if (echo_ > 0) {
      kill(echo_, SIGTERM);
      int status = -1;
      waitpid(echo_, &status, 0);
      EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
    }
    if (output_ >= 0) close(output_);
    run("ip netns del " + ours_);
    run("ip netns del " + peer_);
  }

  void must(const std::string& command) { ASSERT_TRUE(run(command)) << command; }
  void in_ours(const std::string& command) { must("ip netns exec " + ours_ + " " + command); }
  void in_peer(const std::string& command) { must("ip netns exec " + peer_ + " " + command); }

  void make_namespaces() {
    const int queues = GetParam().queues;
    must("ip netns add " + ours_);
    must("ip netns add " + peer_);
    must(
        format("ip -n %s link add wva numrxqueues %d numtxqueues %d type veth peer name wvp netns "
               "%s numrxqueues %d numtxqueues %d",
               ours_.c_str(), queues, queues, peer_.c_str(), queues, queues));
    in_ours("sysctl -qw net.ipv6.conf.wva.disable_ipv6=1");
    in_ours(format("ethtool -L wva rx %d tx %d || true", queues, queues));
    in_ours("ip link set wva arp off up");
    if (GetParam().driver == std::string("af_packet")) {
      in_ours("tc qdisc add dev wva clsact");
      in_ours("tc filter add dev wva ingress protocol all bpf da bytecode '1,6 0 0 2'");
    }
    in_peer("ethtool -K wvp tx off tso off gso off gro off txvlan off rxvlan off");
    in_peer(format("ethtool -L wvp rx %d tx %d || true", queues, queues));
    in_peer("ip addr add 10.77.0.2/24 dev wvp");
    in_peer("ip addr add fd77::2/64 dev wvp nodad");
    in_peer("ip link set wvp up");
    // An operator's TAP, addresses and all, is there before us.
    in_ours("ip tuntap add dev twin mode tap");
    in_ours("ip addr add 10.77.0.1/24 dev twin");
    in_ours("ip addr add fd77::1/64 dev twin nodad");
    in_ours("sysctl -qw net.ipv4.conf.twin.forwarding=1 net.ipv6.conf.twin.forwarding=1");
  }

  void start_echo() {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const std::string device = format("%s:wva", GetParam().driver);
    const std::string workers = std::to_string(GetParam().workers);
    const std::string queues = std::to_string(GetParam().queues);
    echo_ = fork();
    ASSERT_GE(echo_, 0);
    if (echo_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      execlp("ip", "ip", "netns", "exec", ours_.c_str(), std::getenv("WIRE_ECHO"), device.c_str(),
             "twin", workers.c_str(), queues.c_str(), "no", "10.77.0.1", "fd77::1", nullptr);
      _exit(127);
    }
    close(ends[1]);
    output_ = ends[0];
    std::string said;
    pollfd readable{output_, POLLIN, 0};
    while (said.find("ready\n") == std::string::npos && poll(&readable, 1, 20000) == 1) {
      char buffer[256];
      const ssize_t length = read(output_, buffer, sizeof buffer);
      if (length <= 0) break;
      said.append(buffer, static_cast<size_t>(length));
    }
    ASSERT_NE(said.find("ready\n"), std::string::npos) << said;
  }

  // A socket of the peer's namespace; only the thread that makes it has to be there.
  int peer_socket(int family, int type) const {
    int result = -1;
    std::thread([&] {
      const int name_space = open(("/run/netns/" + peer_).c_str(), O_RDONLY | O_CLOEXEC);
      if (setns(name_space, CLONE_NEWNET) == 0) result = socket(family, type | SOCK_CLOEXEC, 0);
      close(name_space);
    }).join();
    const timeval timeout{4, 0};
    setsockopt(result, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    return result;
  }
  static bool connect_to(int socket_fd, int family, uint16_t port) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    inet_pton(AF_INET, "10.77.0.1", &v4.sin_addr);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    inet_pton(AF_INET6, "fd77::1", &v6.sin6_addr);
    return family == AF_INET
               ? connect(socket_fd, reinterpret_cast<const sockaddr*>(&v4), sizeof v4) == 0
               : connect(socket_fd, reinterpret_cast<const sockaddr*>(&v6), sizeof v6) == 0;
  }
  // Sends a datagram of `octets` that begins with `kind` and compares what comes back.
  bool echoes(int family, char kind, size_t octets, uint16_t port = 5060) const {
    const int socket_fd = peer_socket(family, SOCK_DGRAM);
    std::string sent(octets, kind);
    for (size_t i = 1; i < octets; ++i) sent[i] = static_cast<char>(i * 7);
    std::string back(octets + 1, '\0');
    ssize_t length = -1;
    if (connect_to(socket_fd, family, port) &&
        send(socket_fd, sent.data(), sent.size(), 0) == static_cast<ssize_t>(octets)) {
      length = recv(socket_fd, back.data(), back.size(), 0);
    }
    close(socket_fd);
    if (length != static_cast<ssize_t>(octets)) return false;
    back.resize(octets);
    return back == sent;
  }

  std::string ours_, peer_;
  pid_t echo_ = -1;
  int output_ = -1;
};

TEST_P(WireVethTest, EchoesDatagramsOfAllSizes) {
  for (const int family : {AF_INET, AF_INET6}) {
    for (const char kind : {'S', 'R'}) {
      for (const size_t octets : {1u, 172u, 1400u, 3000u, 9000u}) {
        EXPECT_TRUE(echoes(family, kind, octets))
            << (family == AF_INET ? "IPv4 " : "IPv6 ") << kind << " " << octets;
      }
    }
  }
  // Ports enough that every queue gets some.
  for (uint16_t port = 20000; port < 20100; ++port) EXPECT_TRUE(echoes(AF_INET, 'R', 172, port));
}

TEST_P(WireVethTest, LeavesTheRestToTheKernel) {
  in_peer("ping -c 2 -i 0.2 -W 2 10.77.0.1");
  in_peer("ping -c 2 -i 0.2 -W 2 fd77::1");
  for (const int family : {AF_INET, AF_INET6}) {
    const int socket_fd = peer_socket(family, SOCK_STREAM);
    EXPECT_FALSE(connect_to(socket_fd, family, 81));
    EXPECT_EQ(errno, ECONNREFUSED);  // the kernel's answer, through the twin both ways
    close(socket_fd);
  }
}

TEST_P(WireVethTest, TheKernelRoutesNothingFromTheTwin) {
  in_ours("grep -qx 0 /proc/sys/net/ipv4/conf/twin/forwarding");
  in_ours("grep -qx 0 /proc/sys/net/ipv6/conf/twin/forwarding");
}

TEST_P(WireVethTest, FollowsTheKernelsTables) {
  ASSERT_TRUE(echoes(AF_INET, 'S', 100));
  in_ours("ip neigh del 10.77.0.2 dev twin");
  EXPECT_TRUE(echoes(AF_INET, 'S', 100)) << "after its neighbour was forgotten";
  in_ours("ip addr del 10.77.0.1/24 dev twin");
  in_peer("ip neigh replace 10.77.0.1 lladdr $(ip -n " + ours_ +
          " -br link show twin | awk '{print $3}') dev wvp");
  // What the kernel says reaches the workers through a thread that may have to wait for its turn.
  const auto becomes = [this](bool wanted) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    bool is_served = !wanted;
    while (is_served != wanted && std::chrono::steady_clock::now() < deadline) {
      is_served = echoes(AF_INET, 'R', 100);
    }
    return is_served == wanted;
  };
  EXPECT_TRUE(becomes(false)) << "after the kernel gave its address up";
  EXPECT_TRUE(echoes(AF_INET6, 'R', 100));
  in_ours("ip addr add 10.77.0.1/24 dev twin");
  EXPECT_TRUE(becomes(true)) << "after the address came back";
}

INSTANTIATE_TEST_SUITE_P(Drivers, WireVethTest,
                         testing::Values(Setting{"af_packet", 1, 1}, Setting{"af_packet", 2, 2},
                                         Setting{"af_xdp", 1, 1}, Setting{"af_xdp", 2, 1},
                                         Setting{"af_xdp", 2, 2}));

}  // namespace
