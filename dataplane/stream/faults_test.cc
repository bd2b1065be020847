// What a worker is told when no TLS connection to its peer could be made: one outcome for each
// thing that can be wrong with that peer.
#include "dataplane/stream/stream_harness.h"
#include "tests/support/certificates.h"

namespace demarc::stream {
namespace {

using contract::StreamCounter;
using contract::StreamFault;
using support::Identity;
using transaction::StreamId;

class Faults : public StreamTest {
 protected:
  Faults() : StreamTest(contract::Transport::tls) {
    set(files, own_);
    files.peer_names = {"sip.example.com"};
    set(peer_files_, peer_);
  }
  void set(ProfileFiles& to, const Identity& identity) const {
    to.certificate = identity.certificate_pem();
    to.key = identity.key_pem();
    to.authorities = ca_.certificate_pem();
  }
  // Of a request to a peer that is a TLS server with `peer_files_`.
  StreamFault fault() {
    start();
    uint16_t port = 0;
    const contract::FileDescriptor listener = listen(port);
    send(invite, StreamId::none, port);
    std::optional<TestPeer> peer = accept(listener);
    const std::shared_ptr<const TlsContext> context = context_of(peer_files_);
    if (!peer || !peer->secure(context, true)) return StreamFault::none;
    bool is_closed = false;
    EXPECT_TRUE(until([&] {
      if (!is_closed && peer->octets().handshake() == Octets::Outcome::failed) {
        peer->close();
        is_closed = true;
      }
      return !got_.empty();
    }));
    return told();
  }
  StreamFault told() const {
    if (got_.empty() || got_[0].head.kind != MessageHead::Kind::undelivered) {
      return StreamFault::none;
    }
    EXPECT_EQ(got_[0].octets, "z9hG4bKi");
    EXPECT_EQ(got_[0].head.method, sip::Method::invite);
    return got_[0].head.fault;
  }

  const Identity ca_ = support::make_identity({.common_name = "ca"});
  const Identity other_ca_ = support::make_identity({.common_name = "other"});
  const Identity own_ = support::make_identity({.names = "DNS:sbc.example.com", .serial = 2}, &ca_);
  const Identity peer_ =
      support::make_identity({.names = "DNS:sip.example.com", .serial = 3}, &ca_);
  ProfileFiles peer_files_;
};

TEST_F(Faults, ACertificateWithAnotherName) {
  set(peer_files_, support::make_identity({.names = "DNS:sip.example.org"}, &ca_));
  EXPECT_EQ(fault(), StreamFault::wrong_name);
  EXPECT_EQ(counted(StreamCounter::wrong_name), 1u);
}

TEST_F(Faults, ACertificateOfAnotherAuthority) {
  set(peer_files_, support::make_identity({.names = "DNS:sip.example.com"}, &other_ca_));
  EXPECT_EQ(fault(), StreamFault::untrusted);
}

TEST_F(Faults, ACertificateThatHasExpired) {
  set(peer_files_, support::make_identity(
                       {.names = "DNS:sip.example.com", .begins_days = -9, .ends_days = -1}, &ca_));
  EXPECT_EQ(fault(), StreamFault::expired);
}

TEST_F(Faults, ACertificateThatWasRevoked) {
  files.revoked = support::make_crl_pem(ca_, 3);
  EXPECT_EQ(fault(), StreamFault::revoked);
}

TEST_F(Faults, VersionsThatHaveNothingInCommon) {
  files.oldest = contract::TlsVersion::tls_1_3;
  peer_files_.newest = contract::TlsVersion::tls_1_2;
  EXPECT_EQ(fault(), StreamFault::handshake);
}

// In TLS 1.3 we are done with the handshake before it says so.
TEST_F(Faults, APeerThatDoesNotWantOurCertificate) {
  peer_files_.authorities = other_ca_.certificate_pem();
  EXPECT_EQ(fault(), StreamFault::handshake);
}

// Its reset comes before its alert was read, and is seen in writing.
TEST_F(Faults, APeerThatDoesNotWantOurCertificateWhileMoreIsSent) {
  start();
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  send(invite, StreamId::none, port);
  std::optional<TestPeer> peer = accept(listener);
  const std::shared_ptr<const TlsContext> context = context_of(peer_files_);
  ASSERT_TRUE(peer && peer->secure(context, true));
  ASSERT_TRUE(until([&] {
    static_cast<void>(peer->octets().handshake());
    return counted(StreamCounter::secured) == 1;
  }));
  peer->reset();
  send(invite, StreamId::none, port);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  EXPECT_EQ(told(), StreamFault::handshake);
}

TEST_F(Faults, APeerThatDoesNotWantOurCertificateInTls12) {
  peer_files_.newest = contract::TlsVersion::tls_1_2;
  peer_files_.authorities = other_ca_.certificate_pem();
  EXPECT_EQ(fault(), StreamFault::handshake);
}

TEST_F(Faults, WhatSpeaksNoTls) {
  start();
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  send(invite, StreamId::none, port);
  std::optional<TestPeer> peer = accept(listener);
  ASSERT_TRUE(peer);
  peer->send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  EXPECT_EQ(told(), StreamFault::handshake);
}

TEST_F(Faults, AHandshakeThatTakesTooLong) {
  start();
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  send(invite, StreamId::none, port);
  std::optional<TestPeer> peer = accept(listener);
  ASSERT_TRUE(peer);
  ASSERT_TRUE(until_due_in(8000));
  advance(8000);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  EXPECT_EQ(told(), StreamFault::handshake);
}

// What was there and broke is a lost request, and nothing that speaks against the peer's TLS.
TEST_F(Faults, AConnectionThatBreaksLaterIsNone) {
  start();
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  send(options, StreamId::none, port);
  std::optional<TestPeer> peer = accept(listener);
  ASSERT_TRUE(peer);
  const std::shared_ptr<const TlsContext> context = context_of(peer_files_);
  ASSERT_TRUE(peer->secure(context, true));
  ASSERT_TRUE(until([&] {
    static_cast<void>(peer->octets().handshake());
    peer->read();
    return peer->text == options;
  }));
  peer->send(trying);
  ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  got_.clear();
  send(invite, StreamId::none, port);
  ASSERT_TRUE(until([&] {
    peer->read();
    return peer->text == options + invite;
  }));
  peer->reset();
  ASSERT_TRUE(until([&] { return got_.size() == 2; }));
  EXPECT_EQ(got_[0].head.fault, StreamFault::none);
  EXPECT_EQ(got_[1].head.fault, StreamFault::none);
}

}  // namespace
}  // namespace demarc::stream
