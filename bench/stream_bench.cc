// What TLS costs the stream thread: a handshake beside `openssl s_server`, 8,000 connections held,
// handshakes of an honest peer among 10,000 slow attackers, and how many handshakes a second one
// and two stream threads make. What it costs a worker is in call_bench.
//
//   stream_bench [--quick]   one figure a line: name, value, unit, the peer's value or "-", ratio
//
// Servers, attackers and clients are processes of their own on the loopback; a server's time is
// that of its process, the kernel's part on its behalf included. See bench/README.md.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "bench/stream_client.h"
#include "bench/stream_server.h"
#include "tests/support/temporary_directory.h"

namespace demarc::bench {
namespace {

struct Sizes {
  unsigned passes = 9;
  unsigned handshakes = 200;  // in a pass
  unsigned held = 8000;
  unsigned attackers = 10'000;
  unsigned honest = 1000;
  unsigned callers = 4;  // processes that shake hands at once
  unsigned each = 1000;  // handshakes of each of them
};
constexpr Sizes quick{1, 5, 50, 100, 20, 2, 10};

constexpr uint16_t own_port = 25061;
constexpr uint16_t peer_port = 25062;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print(const char* name, double value, const char* unit) {
  std::printf("%s %.4g %s - -\n", name, value, unit);
  std::fflush(stdout);
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "stream_bench: %s\n", what);
  std::exit(1);
}

// The server's time for one handshake, in us.
double handshake_us(const Child& server, StreamClient& client, bool resumes, unsigned count) {
  const uint64_t before = server.cpu_ns();
  for (unsigned i = 0; i < count; ++i) {
    if (client.shake_hands(resumes) == 0) fail("a handshake failed");
  }
  return static_cast<double>(server.cpu_ns() - before) / count / 1000;
}

void compare_handshakes(const ServerFiles& files, const Sizes& sizes) {
  const Child ours([&] { serve_streams(files, own_port); });
  const Child theirs(openssl_server(files, peer_port));
  StreamClient client(own_port);
  StreamClient peer_client(peer_port);
  if (!client.is_served() || !peer_client.is_served()) fail("nobody listens");
  for (const bool resumes : {false, true}) {
    std::vector<double> own, peer, ratios;
    // The first of a pass brings the session that the others resume.
    if (client.shake_hands(false) == 0 || peer_client.shake_hands(false) == 0) fail("no session");
    for (unsigned pass = 0; pass < sizes.passes; ++pass) {
      own.push_back(handshake_us(ours, client, resumes, sizes.handshakes));
      peer.push_back(handshake_us(theirs, peer_client, resumes, sizes.handshakes));
      ratios.push_back(own.back() / peer.back());
    }
    std::printf("streams.handshake.%s %.4g us %.4g %.3f\n", resumes ? "resumed" : "full",
                median(own), median(peer), median(ratios));
    std::fflush(stdout);
  }
}

void hold_connections(const ServerFiles& files, const Sizes& sizes) {
  const Child server([&] { serve_streams(files, own_port); });
  StreamClient client(own_port);
  if (!client.is_served()) fail("nobody listens");
  const uint64_t before = server.resident_octets();
  std::vector<int> held;
  for (unsigned i = 0; i < sizes.held; ++i) {
    held.push_back(client.hold(i));
    if (held.back() < 0) fail("a connection was not taken");
  }
  const auto all = static_cast<double>(server.resident_octets());
  print("streams.held.process", all / (1 << 20), "MiB");
  print("streams.held.connection", (all - static_cast<double>(before)) / sizes.held, "octets");
  for (const int fd : held) ::close(fd);
}

void attack(const ServerFiles& files, const Sizes& sizes) {
  const Child server([&] { serve_streams(files, own_port); });
  StreamClient client(own_port);
  if (!client.is_served()) fail("nobody listens");
  int ready[2];
  if (::pipe(ready) != 0) fail("no pipe");
  const Child attackers([&] { attack_slowly(own_port, sizes.attackers, ready[1]); });
  char octet = 0;
  if (::read(ready[0], &octet, 1) != 1) fail("the attackers are gone");
  std::vector<double> took_ms;
  const uint64_t before = server.cpu_ns();
  for (unsigned i = 0; i < sizes.honest; ++i) {
    const uint64_t took = client.shake_hands(false);
    if (took == 0) fail("an honest handshake failed");
    took_ms.push_back(static_cast<double>(took) / 1e6);
    ::usleep(5000);
  }
  std::sort(took_ms.begin(), took_ms.end());
  print("streams.attacked.handshake_p50", took_ms[took_ms.size() / 2], "ms");
  print("streams.attacked.handshake_p99", took_ms[took_ms.size() * 99 / 100], "ms");
  print("streams.attacked.cpu", static_cast<double>(server.cpu_ns() - before) / sizes.honest / 1000,
        "us_per_handshake");
}

// Handshakes of several peers at once, by the clock of the wall, and the server's time for each: on
// a machine where peers and server share the cores the second says more.
void serve_with(unsigned threads, const ServerFiles& files, const Sizes& sizes) {
  const Child server([&] { serve_streams(files, own_port, threads); });
  if (!StreamClient(own_port).is_served()) fail("nobody listens");
  int done[2];
  if (::pipe(done) != 0) fail("no pipe");
  const uint64_t before = server.cpu_ns();
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<Child>> callers;
  for (unsigned i = 0; i < sizes.callers; ++i) {
    callers.push_back(std::make_unique<Child>([&] {
      StreamClient client(own_port);
      bool is_good = true;
      for (unsigned n = 0; n < sizes.each; ++n) is_good = client.shake_hands(false) != 0 && is_good;
      const char said = is_good ? 1 : 0;
      if (::write(done[1], &said, 1) != 1) return;
      ::pause();
    }));
  }
  for (unsigned i = 0; i < sizes.callers; ++i) {
    char is_good = 0;
    if (::read(done[0], &is_good, 1) != 1 || is_good == 0) fail("a handshake failed");
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const double all = sizes.callers * sizes.each;
  const std::string name = "streams.threads." + std::to_string(threads);
  print((name + ".rate").c_str(), all / took.count(), "per_second");
  print((name + ".cpu").c_str(), static_cast<double>(server.cpu_ns() - before) / all / 1000,
        "us_per_handshake");
  ::close(done[0]);
  ::close(done[1]);
}

// Thousands of sockets in one process.
void raise_limits(const Sizes& sizes) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_max < sizes.attackers + 1000) {
    fail("a process may not open as many files as that takes");
  }
}

}  // namespace
}  // namespace demarc::bench

int main(int count, char** arguments) {
  using namespace demarc::bench;
  const bool is_quick = count == 2 && std::strcmp(arguments[1], "--quick") == 0;
  const Sizes sizes = is_quick ? quick : Sizes{};
  raise_limits(sizes);
  const demarc::support::TemporaryDirectory folder;
  const ServerFiles files = make_files(folder.path());
  compare_handshakes(files, sizes);
  hold_connections(files, sizes);
  attack(files, sizes);
  for (const unsigned threads : {1u, 2u}) serve_with(threads, files, sizes);
  return 0;
}
