// Dns against a real server, dnsmasq on loopback, that is started, stopped and changed.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>

#include "controlplane/dns/dns.h"

extern char** environ;

namespace demarc::dns {
namespace {

constexpr const char* program = "/usr/sbin/dnsmasq";

// Nobody else listens there: an address of 127.0.0.0/8 for this process alone, and a port that no
// kernel gives out by itself, so that it is still ours while the server is down.
constexpr uint16_t server_port = 10053;
std::string own_address() {
  const uint32_t host = 0x40'0000u | static_cast<uint32_t>(::getpid());
  return "127." + std::to_string(host >> 16 & 0xFF) + "." + std::to_string(host >> 8 & 0xFF) + "." +
         std::to_string(host & 0xFF);
}

class Server {
 public:
  ~Server() { stop(); }
  void start(std::vector<std::string> records) {
    std::vector<std::string> words = {program,
                                      "--keep-in-foreground",
                                      "--conf-file=/dev/null",
                                      "--no-resolv",
                                      "--no-hosts",
                                      "--bind-interfaces",
                                      "--listen-address=" + own_address(),
                                      "--port=" + std::to_string(server_port),
                                      "--pid-file=",
                                      "--user=root",
                                      "--local-ttl=1",
                                      "--local=/example/"};
    words.insert(words.end(), records.begin(), records.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ASSERT_EQ(::posix_spawn(&pid_, program, nullptr, nullptr, arguments.data(), environ), 0);
  }
  void stop() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
};

class DnsTest : public testing::Test {
 protected:
  void start(std::vector<Host> hosts) {
    dns.configure(std::move(hosts), {own_address() + "@" + std::to_string(server_port)});
    dns.start();
  }
  // Until the host's addresses are these, in order; a change of them wakes.
  void expect(const Host& host, const std::string& wanted) {
    std::unique_lock lock(mutex);
    std::string found;
    const bool is_there = changed.wait_for(lock, std::chrono::seconds(30), [&] {
      found.clear();
      for (const Choice& choice : dns.choices(host)) {
        found += std::string(contract::print(choice.endpoint).view()) + " ";
      }
      return found == wanted;
    });
    EXPECT_TRUE(is_there) << found;
  }

  std::mutex mutex;
  std::condition_variable changed;
  Server server;
  Dns dns{[this] {
    const std::lock_guard lock(mutex);
    changed.notify_all();
  }};
};

TEST_F(DnsTest, FollowsNaptrSrvAndAddresses) {
  server.start({"--naptr-record=example,10,10,s,SIP+D2U,,_sip._udp.example",
                "--srv-host=_sip._udp.example,b.example,5062,20,0",
                "--srv-host=_sip._udp.example,a.example,5061,10,0",
                "--host-record=a.example,192.0.2.1", "--host-record=b.example,192.0.2.2",
                "--host-record=b.example,2001:db8::2"});
  const Host v4{"example", 0, true};
  const Host v6{"b.example", 5070, false};
  start({v4, v6});
  expect(v4, "192.0.2.1:5061 192.0.2.2:5062 ");
  expect(v6, "[2001:db8::2]:5070 ");
  bool has_ttl = false;
  for (const CacheRow& row : dns.state().questions) has_ttl |= row.ttl_left_ms != 0;
  EXPECT_TRUE(has_ttl);
}

TEST_F(DnsTest, TakesWhatChangesAndKeepsWhatWasWhileTheServerIsDown) {
  const Host host{"a.example", 5060, true};
  server.start({"--host-record=a.example,192.0.2.1"});
  start({host});
  expect(host, "192.0.2.1:5060 ");
  server.stop();
  // Nothing is lost while a question fails; when the server is back with another answer, it counts.
  expect(host, "192.0.2.1:5060 ");
  server.start({"--host-record=a.example,192.0.2.7"});
  expect(host, "192.0.2.7:5060 ");
}

TEST_F(DnsTest, AHostAddedLaterIsResolvedToo) {
  const Host first{"a.example", 5060, true};
  const Host second{"b.example", 5060, true};
  server.start({"--host-record=a.example,192.0.2.1", "--host-record=b.example,192.0.2.2"});
  start({first});
  expect(first, "192.0.2.1:5060 ");
  dns.configure({first, second}, {own_address() + "@" + std::to_string(server_port)});
  expect(second, "192.0.2.2:5060 ");
  EXPECT_EQ(dns.choices(first).size(), 1u);
}

}  // namespace
}  // namespace demarc::dns
