#include "bench/stream_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "dataplane/contract/section_builder.h"
#include "dataplane/stream/streams.h"
#include "tests/support/certificates.h"

namespace demarc::bench {
namespace {

using contract::Transport;

struct Sections {
  std::vector<std::byte> trunks;
  std::vector<std::byte> secrets;
  contract::Snapshot snapshot;
};

// Not inlined: gcc 12 warns of the section's growth where it knows the lengths of its texts.
[[gnu::noinline]] std::vector<std::byte> trunks_of(const std::string& name, uint16_t port) {
  contract::SectionBuilder<contract::TrunkSection> builder(contract::SectionKind::trunks, 1);
  const contract::Endpoint local{contract::IpAddress::v4(127, 0, 0, 1), port};
  contract::TrunkConfig row;
  row.name = builder.text(name);
  row.realm = contract::RealmId{0};
  row.transport = Transport::tls;
  row.tls = contract::TlsProfileId{0};
  contract::SourceConfig source;
  source.local = local;
  source.transport = Transport::tls;
  source.remote = contract::IpAddress::v4(127, 0, 0, 0);
  source.prefix_length = 96 + 8;
  source.trunk = contract::TrunkId{0};
  const contract::StreamListener listener{local, Transport::tls, 0, contract::RealmId{0}};
  builder.section().trunks = builder.array<contract::TrunkConfig>(std::span(&row, 1));
  builder.section().sources = builder.array<contract::SourceConfig>(std::span(&source, 1));
  builder.section().stream_listeners =
      builder.array<contract::StreamListener>(std::span(&listener, 1));
  return builder.finish();
}

std::vector<std::byte> secrets_of(const ServerFiles& files) {
  contract::SectionBuilder<contract::SecretSection> builder(contract::SectionKind::secrets, 1);
  contract::TlsProfile row;
  row.name = builder.text("main");
  row.certificate = builder.text(files.certificate);
  row.key = builder.text(files.key);
  row.authorities = builder.text(files.certificate);
  row.verify = contract::TlsVerify::off;
  row.oldest = contract::TlsVersion::tls_1_2;
  row.newest = contract::TlsVersion::tls_1_3;
  row.has_tickets = true;
  builder.section().tls = builder.array<contract::TlsProfile>(std::span(&row, 1));
  return builder.finish();
}

contract::Instant now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return {static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u +
          static_cast<uint64_t>(time.tv_nsec)};
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

}  // namespace

Child::Child(const std::function<void()>& body) {
  pid_ = ::fork();
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  body();
  ::_exit(1);
}

Child::Child(const std::vector<std::string>& command) {
  int input[2];
  DEMARC_CHECK(::pipe2(input, O_CLOEXEC) == 0);
  pid_ = ::fork();
  if (pid_ != 0) {
    ::close(input[0]);
    input_ = input[1];
    return;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nowhere = ::open("/dev/null", O_WRONLY);
  ::dup2(input[0], STDIN_FILENO);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

Child::~Child() {
  if (input_ >= 0) ::close(input_);
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

uint64_t Child::cpu_ns() const {
  clockid_t clock = 0;
  timespec time{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec);
}

uint64_t Child::resident_octets() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
  uint64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

ServerFiles make_files(const std::string& folder) {
  const support::Identity own =
      support::make_identity({.common_name = "sbc.example", .names = "DNS:sbc.example"});
  ServerFiles files{folder + "/own.pem", folder + "/own.key", own.certificate_pem(), own.key_pem()};
  write_file(files.certificate_path, files.certificate);
  write_file(files.key_path, files.key);
  return files;
}

void serve_streams(const ServerFiles& files, uint16_t port, unsigned threads) {
  ::signal(SIGPIPE, SIG_IGN);
  stream::Shards shards(1, threads);
  auto counters = std::make_unique<contract::StreamCounters>();
  std::vector<std::unique_ptr<stream::Streams>> all_streams;
  for (unsigned i = 0; i < threads; ++i) {
    all_streams.push_back(std::make_unique<stream::Streams>(
        stream::Streams::Parts{shards, *counters, steer::Owners({{1, 2}, {3, 4}}, 1), {}, i}));
    DEMARC_CHECK(all_streams.back()->is_valid());
  }
  DEMARC_CHECK(shards.is_valid());
  const auto all = std::make_shared<Sections>();
  all->trunks = trunks_of("peers", port);
  all->secrets = secrets_of(files);
  all->snapshot.generation = 1;
  all->snapshot.trunks = reinterpret_cast<const contract::TrunkSection*>(all->trunks.data());
  all->snapshot.secrets = reinterpret_cast<const contract::SecretSection*>(all->secrets.data());
  const auto config =
      stream::make_config(std::shared_ptr<const contract::Snapshot>(all, &all->snapshot));
  DEMARC_CHECK(config->problems.empty());
  for (const auto& one : all_streams) one->adopt(config, now());
  const auto run = [](stream::Streams& streams) {
    constexpr int longest_wait_ms = 20;
    for (;;) streams.poll_once(now(), longest_wait_ms);
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back(run, std::ref(*all_streams[i]));
  run(*all_streams[0]);
}

std::vector<std::string> openssl_server(const ServerFiles& files, uint16_t port) {
  return {"openssl",
          "s_server",
          "-quiet",
          "-accept",
          "127.0.0.1:" + std::to_string(port),
          "-cert",
          files.certificate_path,
          "-key",
          files.key_path};
}

}  // namespace demarc::bench
