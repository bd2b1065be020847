// Streams on loopback sockets with a peer that a test plays, in virtual time: as many as
// DEMARC_STREAM_THREADS says, one without it. What a test waits for it waits for by events of the
// sockets.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/contract/section_builder.h"
#include "dataplane/stream/octets.h"
#include "dataplane/stream/socket_address.h"
#include "dataplane/stream/streams.h"

namespace demarc::stream {

// Messages that peers and workers of the tests send.
inline const std::string options =
    "OPTIONS sip:box SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5062;branch=z9hG4bKo\r\n"
    "From: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"
    "Content-Length: 0\r\n\r\n";
inline const std::string invite =
    "INVITE sip:peer SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKi\r\n"
    "From: <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
    "Content-Length: 0\r\n\r\n";
inline const std::string trying =
    "SIP/2.0 100 Trying\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKi\r\n"
    "From: <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
    "Content-Length: 0\r\n\r\n";

// Files of a profile, as PEM.
struct ProfileFiles {
  std::string certificate, key, authorities, revoked, ciphers, server_name, staple;
  std::vector<std::string> peer_names;
  contract::TlsVerify verify = contract::TlsVerify::required;
  contract::TlsVersion oldest = contract::TlsVersion::tls_1_2;
  contract::TlsVersion newest = contract::TlsVersion::tls_1_3;
  bool takes_wildcards = false;
  bool has_tickets = true;
};

inline std::vector<std::byte> secrets_of(const ProfileFiles& files) {
  contract::SectionBuilder<contract::SecretSection> builder(contract::SectionKind::secrets, 1);
  contract::TlsProfile row;
  row.name = builder.text("main");
  row.certificate = builder.text(files.certificate);
  row.key = builder.text(files.key);
  row.authorities = builder.text(files.authorities);
  row.revoked = builder.text(files.revoked);
  row.ciphers = builder.text(files.ciphers);
  row.server_name = builder.text(files.server_name);
  row.ocsp_staple = builder.text(files.staple);
  std::vector<contract::Text> names;
  for (const std::string& name : files.peer_names) names.push_back(builder.text(name));
  row.peer_names = builder.array<contract::Text>(names);
  row.verify = files.verify;
  row.oldest = files.oldest;
  row.newest = files.newest;
  row.takes_wildcards = files.takes_wildcards;
  row.has_tickets = files.has_tickets;
  builder.section().tls = builder.array<contract::TlsProfile>(std::span(&row, 1));
  return builder.finish();
}

// As TlsContext takes it; nullptr when it is refused.
inline std::shared_ptr<const TlsContext> context_of(const ProfileFiles& files) {
  const std::vector<std::byte> blob = secrets_of(files);
  const auto* section = reinterpret_cast<const contract::SecretSection*>(blob.data());
  std::string why;
  return TlsContext::make(section->header, elements(section->header, section->tls)[0], why);
}

// What a worker got.
struct Got {
  MessageHead head;
  std::string octets;
};

// The other end of a connection.
class TestPeer {
 public:
  TestPeer() = default;
  explicit TestPeer(contract::FileDescriptor socket) : octets_(std::move(socket)) {}
  int descriptor() const { return octets_.descriptor(); }
  contract::Endpoint own() const {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    ::getsockname(descriptor(), reinterpret_cast<sockaddr*>(&address), &length);
    return endpoint_of(address);
  }
  bool secure(const std::shared_ptr<const TlsContext>& context, bool is_server) {
    return octets_.secure(context, is_server);
  }
  Octets& octets() { return octets_; }
  // Sends what the socket takes at once.
  void send(std::string_view octets) {
    while (!octets.empty()) {
      const Octets::Result result = octets_.write(octets);
      if (result.outcome != Octets::Outcome::done) return;
      octets.remove_prefix(result.octets);
    }
  }
  // Reads what is there into `text`.
  void read() {
    char buffer[8192];
    for (;;) {
      const Octets::Result result = octets_.read(buffer);
      if (result.outcome == Octets::Outcome::blocked) return;
      if (result.outcome != Octets::Outcome::done) {
        is_over = true;
        return;
      }
      text.append(buffer, result.octets);
    }
  }
  void close() { octets_ = Octets(); }
  // Ends it with RST.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

  std::string text;
  bool is_over = false;

 private:
  Octets octets_;
};

// All stream threads, in turn on one.
class StreamThreads {
 public:
  StreamThreads(Shards& shards, contract::StreamCounters& counters, const Limits& limits) {
    for (unsigned i = 0; i < shards.count(); ++i) {
      all_.push_back(std::make_unique<Streams>(
          Streams::Parts{shards, counters, steer::Owners({{1, 2}, {3, 4}}, 1), limits, i}));
    }
  }
  Streams& of(unsigned shard) { return *all_[shard]; }
  void adopt(const std::shared_ptr<const Config>& config, contract::Instant now) {
    for (const auto& one : all_) one->adopt(config, now);
  }
  void poll_once(contract::Instant now, int wait_ms) {
    for (const auto& one : all_) one->poll_once(now, wait_ms);
  }
  uint32_t count() const {
    uint32_t sum = 0;
    for (const auto& one : all_) sum += one->count();
    return sum;
  }
  contract::Instant next_deadline() const {
    contract::Instant next;
    for (const auto& one : all_) {
      const contract::Instant other = one->next_deadline();
      if (other.is_set() && (!next.is_set() || other < next)) next = other;
    }
    return next;
  }

 private:
  std::vector<std::unique_ptr<Streams>> all_;
};

// Addresses of 127.0.0.0/8 that are this process's: with the same ones two that run beside each
// other would now and then find the same port free, and take each other's connections.
inline contract::IpAddress own_loopback(uint8_t last) {
  const auto process = static_cast<uint32_t>(::getpid());
  return contract::IpAddress::v4(127, static_cast<uint8_t>(1 + (process >> 8) % 250),
                                 static_cast<uint8_t>(process), last);
}

class StreamTest : public ::testing::Test {
 protected:
  static constexpr contract::TrunkId trunk{0};

  explicit StreamTest(contract::Transport transport = contract::Transport::tcp,
                      const contract::IpAddress& address = own_loopback(1))
      : loopback(address), transport_(transport), local_{loopback, free_port()} {
    std::signal(SIGPIPE, SIG_IGN);
  }
  void start(const Limits& limits = {}, uint64_t lane_octets = Lanes::usual_octets) {
    streams_.reset();
    shards_ = std::make_unique<Shards>(1, threads_, lane_octets);
    streams_ = std::make_unique<StreamThreads>(*shards_, counters_, limits);
    adopt();
  }
  // On an address that is not this process's own: another one may take the port that was free.
  void start_where_it_can() {
    for (uint64_t failed = 0; failed < 100; ++failed) {
      start();
      if (counted(contract::StreamCounter::listen_failed) == failed) return;
      local_.port = free_port();
    }
  }
  // By what `policy`, `keepalive_s` and `files` say now.
  void adopt() {
    auto all = std::make_shared<Sections>();
    build_trunks(*all);
    all->secrets = secrets_of(files);
    all->snapshot.generation = generation_;
    all->snapshot.trunks = reinterpret_cast<const contract::TrunkSection*>(all->trunks.data());
    all->snapshot.secrets = reinterpret_cast<const contract::SecretSection*>(all->secrets.data());
    const std::shared_ptr<const contract::Snapshot> snapshot(all, &all->snapshot);
    const std::shared_ptr<const Config> config = make_config(snapshot);
    problems_ = config->problems;
    streams_->adopt(config, now_);
  }

  // Turns of the loop until it is so; false when it never comes to be.
  bool until(const std::function<bool()>& is_so) {
    for (unsigned i = 0; i < 5000; ++i) {
      if (is_so()) return true;
      streams_->poll_once(now_, 1);
      take();
    }
    return false;
  }
  // Turns of the loop until there are so many and the first is due that much later. What a peer
  // sent takes its time, on loopback, too: the clock may not go on before it has come.
  bool until_due_in(int64_t milliseconds, uint32_t count = 1) {
    const contract::Instant due = now_ + contract::Duration::milliseconds(milliseconds);
    return until([&] { return streams_->count() == count && streams_->next_deadline() == due; });
  }
  // A few turns in which nothing should happen.
  void settle() {
    for (unsigned i = 0; i < 5; ++i) streams_->poll_once(now_, 1);
    take();
  }
  void take() {
    for (unsigned shard = 0; is_worker_awake_ && shard < shards_->count(); ++shard) {
      MessageRing& ring = shards_->lanes(shard).of(0).to_worker;
      for (;;) {
        const MessageRing::Message message = ring.front();
        if (message.head == nullptr) break;
        got_.push_back({*message.head, std::string(message.octets)});
        ring.pop();
      }
    }
  }
  TestPeer connect() { return connect(loopback); }
  TestPeer connect(const contract::IpAddress& from) {
    const SocketAddress own = socket_address_of({from, 0});
    contract::FileDescriptor socket(::socket(own.family, SOCK_STREAM | SOCK_NONBLOCK, 0));
    EXPECT_EQ(::bind(socket.get(), own.get(), own.length), 0);
    const SocketAddress to = socket_address_of(local_);
    static_cast<void>(::connect(socket.get(), to.get(), to.length));
    pollfd wait{socket.get(), POLLOUT, 0};
    EXPECT_EQ(::poll(&wait, 1, 5000), 1);
    return TestPeer(std::move(socket));
  }
  // Where a peer waits for our connections.
  contract::FileDescriptor listen(uint16_t& port) {
    SocketAddress own = socket_address_of({loopback, 0});
    contract::FileDescriptor socket(::socket(own.family, SOCK_STREAM | SOCK_NONBLOCK, 0));
    EXPECT_EQ(::bind(socket.get(), own.get(), own.length), 0);
    EXPECT_EQ(::listen(socket.get(), 16), 0);
    EXPECT_EQ(::getsockname(socket.get(), own.get(), &own.length), 0);
    port = endpoint_of(own.storage).port;
    return socket;
  }
  std::optional<TestPeer> accept(const contract::FileDescriptor& listener) {
    std::optional<TestPeer> peer;
    until([&] {
      contract::FileDescriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK));
      if (socket.is_open()) peer.emplace(std::move(socket));
      return peer.has_value();
    });
    return peer;
  }
  // What a worker sends: over `stream`, or to that port of the peer.
  void send(const std::string& message, transaction::StreamId stream, uint16_t port) {
    MessageHead head;
    head.trunk = trunk;
    head.path = {.local = local_,
                 .remote = {loopback, port},
                 .realm = contract::RealmId{0},
                 .transport = transport_,
                 .stream = stream};
    Lanes& lanes = shards_->lanes_to(head.path.remote.address);
    ASSERT_TRUE(lanes.of(0).to_streams.push(head, message));
    lanes.wake();
  }
  uint64_t counted(contract::StreamCounter counter) const { return counters_.get(counter); }
  void advance(int64_t milliseconds) {
    now_ = now_ + contract::Duration::milliseconds(milliseconds);
  }

  const contract::IpAddress loopback;
  contract::IpAddress known_ = loopback;  // where the trunk's peer is
  contract::Transport transport_;
  contract::Endpoint local_;
  contract::Instant now_{1'000'000'000'000};
  contract::CallPolicy policy;
  uint32_t keepalive_s = 0;
  uint64_t generation_ = 1;
  ProfileFiles files;
  bool has_trunk_ = true;
  bool is_worker_awake_ = true;
  std::vector<Got> got_;
  std::vector<std::string> problems_;
  contract::StreamCounters counters_{};
  unsigned threads_ = threads_wanted();
  std::unique_ptr<Shards> shards_;
  std::unique_ptr<StreamThreads> streams_;

 private:
  struct Sections {
    std::vector<std::byte> trunks;
    std::vector<std::byte> secrets;
    contract::Snapshot snapshot;
  };
  static unsigned threads_wanted() {
    const char* text = std::getenv("DEMARC_STREAM_THREADS");
    return text == nullptr ? 1u : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
  }
  uint16_t free_port() const {
    SocketAddress own = socket_address_of({loopback, 0});
    contract::FileDescriptor socket(::socket(own.family, SOCK_STREAM, 0));
    EXPECT_EQ(::bind(socket.get(), own.get(), own.length), 0);
    EXPECT_EQ(::getsockname(socket.get(), own.get(), &own.length), 0);
    return endpoint_of(own.storage).port;
  }
  void build_trunks(Sections& all) {
    contract::SectionBuilder<contract::TrunkSection> builder(contract::SectionKind::trunks, 1);
    contract::TrunkConfig row;
    row.name = builder.text("peer");
    row.realm = has_trunk_ ? contract::RealmId{0} : contract::RealmId::none;
    row.transport = transport_;
    row.tls = contract::TlsProfileId{0};
    row.keepalive_s = keepalive_s;
    row.policy = policy;
    std::vector<contract::SourceConfig> sources(has_trunk_ ? 1 : 0);
    for (contract::SourceConfig& source : sources) {
      source.local = local_;
      source.transport = transport_;
      source.remote = known_;
      source.trunk = trunk;
    }
    const contract::StreamListener listener{local_, transport_, 0, contract::RealmId{0}};
    builder.section().trunks = builder.array<contract::TrunkConfig>(std::span(&row, 1));
    builder.section().sources = builder.array<contract::SourceConfig>(sources);
    builder.section().stream_listeners =
        builder.array<contract::StreamListener>(std::span(&listener, 1));
    all.trunks = builder.finish();
  }
};

}  // namespace demarc::stream
