// TLS on connections: who is let in, whom we connect to, and certificates that change meanwhile.
#include <openssl/ssl.h>

#include "dataplane/stream/stream_harness.h"
#include "tests/support/certificates.h"

namespace demarc::stream {
namespace {

using contract::StreamCounter;
using contract::TlsVerify;
using contract::TlsVersion;
using support::Identity;
using transaction::StreamId;

class Tls : public StreamTest {
 protected:
  Tls() : StreamTest(contract::Transport::tls) {
    set(files, own_);
    set(peer_files_, peer_);
  }
  void set(ProfileFiles& to, const Identity& identity) const {
    to.certificate = identity.certificate_pem();
    to.key = identity.key_pem();
    to.authorities = ca_.certificate_pem();
  }
  TestPeer client() {
    TestPeer peer = connect();
    context_ = context_of(peer_files_);
    EXPECT_NE(context_, nullptr);
    EXPECT_TRUE(peer.secure(context_, false));
    return peer;
  }
  // Both sides go on until the peer's is over.
  bool shake(TestPeer& peer) {
    Octets::Outcome outcome = Octets::Outcome::blocked;
    until([&] {
      outcome = peer.octets().handshake();
      return outcome != Octets::Outcome::blocked;
    });
    return outcome == Octets::Outcome::done;
  }
  // Whether a message of a peer with these files gets through.
  bool is_let_in() {
    TestPeer peer = client();
    const uint64_t refused = refusals();
    const size_t before = got_.size();
    if (shake(peer)) peer.send(options);
    until([&] { return got_.size() > before || refusals() > refused; });
    return got_.size() > before;
  }
  uint64_t refusals() const {
    return counted(StreamCounter::handshake_failed) + counted(StreamCounter::wrong_name);
  }

  const Identity ca_ = support::make_identity({.common_name = "ca"});
  const Identity other_ca_ = support::make_identity({.common_name = "other"});
  const Identity own_ = support::make_identity({.names = "DNS:sbc.example.com", .serial = 2}, &ca_);
  const Identity peer_ =
      support::make_identity({.names = "DNS:sip.example.com", .serial = 3}, &ca_);
  ProfileFiles peer_files_;
  std::shared_ptr<const TlsContext> context_;
};

TEST_F(Tls, BringsMessagesBothWays) {
  start();
  TestPeer peer = client();
  ASSERT_TRUE(shake(peer));
  peer.send(options);
  ASSERT_TRUE(until([&] { return !got_.empty(); }));
  EXPECT_EQ(got_[0].octets, options);
  EXPECT_EQ(got_[0].head.path.transport, contract::Transport::tls);
  send("answer", got_[0].head.path.stream, 1);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.text == "answer";
  }));
  EXPECT_EQ(counted(StreamCounter::secured), 1u);
  peer.close();
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
}

TEST_F(Tls, ConnectsToAPeerAndShowsItsName) {
  files.peer_names = {"sip.example.com"};
  files.server_name = "sip.example.com";
  start();
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  send(options, StreamId::none, port);
  std::optional<TestPeer> peer = accept(listener);
  ASSERT_TRUE(peer);
  const auto context = context_of(peer_files_);
  ASSERT_TRUE(peer->secure(context, true));
  ASSERT_TRUE(shake(*peer));
  ASSERT_TRUE(until([&] {
    peer->read();
    return peer->text == options;
  }));
}

TEST_F(Tls, TellsTheWorkerWhenThePeersNameIsWrong) {
  files.peer_names = {"sip2.example.com"};
  start();
  uint16_t port = 0;
  const contract::FileDescriptor listener = listen(port);
  send(options, StreamId::none, port);
  std::optional<TestPeer> peer = accept(listener);
  ASSERT_TRUE(peer);
  const auto context = context_of(peer_files_);
  ASSERT_TRUE(peer->secure(context, true));
  ASSERT_TRUE(until([&] {
    static_cast<void>(peer->octets().handshake());
    return !got_.empty();
  }));
  EXPECT_EQ(got_[0].head.kind, MessageHead::Kind::undelivered);
  EXPECT_EQ(counted(StreamCounter::wrong_name), 1u);
}

TEST_F(Tls, LetsInWhoShowsAGoodCertificate) {
  start();
  EXPECT_TRUE(is_let_in());
  files.peer_names = {"sip.example.com", "sip2.example.com"};
  adopt();
  EXPECT_TRUE(is_let_in());
}

TEST_F(Tls, RefusesCertificates) {
  files.peer_names = {"sip.example.com"};
  files.revoked = support::make_crl_pem(ca_, 77);
  start();
  EXPECT_TRUE(is_let_in());
  struct Case {
    const char* what;
    Identity identity;
  };
  const Case cases[] = {
      {"expired", support::make_identity(
                      {.names = "DNS:sip.example.com", .begins_days = -10, .ends_days = -2}, &ca_)},
      {"not yet valid",
       support::make_identity({.names = "DNS:sip.example.com", .begins_days = 5}, &ca_)},
      {"wrong name", support::make_identity({.names = "DNS:sip.example.org"}, &ca_)},
      {"no name", support::make_identity({.common_name = "x"}, &ca_)},
      {"wrong authority", support::make_identity({.names = "DNS:sip.example.com"}, &other_ca_)},
      {"revoked", support::make_identity({.names = "DNS:sip.example.com", .serial = 77}, &ca_)},
      {"wildcard", support::make_identity({.names = "DNS:*.example.com"}, &ca_)},
  };
  for (const Case& one : cases) {
    peer_files_.certificate = one.identity.certificate_pem();
    peer_files_.key = one.identity.key_pem();
    EXPECT_FALSE(is_let_in()) << one.what;
  }
  EXPECT_EQ(streams_->count(), 0u);
}

TEST_F(Tls, NamesAreTakenAsRfc5922Says) {
  struct Case {
    std::string common_name;
    std::string names;
    bool is_taken;
  };
  const Case cases[] = {
      {"x", "URI:sip:sip.example.com", true},
      {"x", "URI:sip:SIP.Example.COM,DNS:other.example.com", true},
      {"x", "URI:sip:other.example.com,DNS:sip.example.com", false},  // DNS only without a SIP URI
      {"x", "URI:sip:user@sip.example.com", false},
      {"x", "URI:https://sip.example.com,DNS:sip.example.com", true},
      {"sip.example.com", "DNS:other.example.com", false},
      {"sip.example.com", "", true},
      {"x", "DNS:*.example.com", true},
      {"x", "DNS:*.com", false},
      {"x", "DNS:s*.example.com", false},
  };
  files.peer_names = {"sip.example.com"};
  files.takes_wildcards = true;
  const auto context = context_of(files);
  for (const Case& one : cases) {
    const Identity identity =
        support::make_identity({.common_name = one.common_name, .names = one.names}, &ca_);
    EXPECT_EQ(context->has_peer_name(identity.certificate.get()), one.is_taken)
        << one.common_name << " " << one.names;
  }
}

TEST_F(Tls, WildcardsStandForOneLabel) {
  EXPECT_TRUE(is_name_of("*.example.com", "sip.example.com", true));
  EXPECT_FALSE(is_name_of("*.example.com", "sip.example.com", false));
  EXPECT_FALSE(is_name_of("*.example.com", "a.sip.example.com", true));
  EXPECT_FALSE(is_name_of("*.example.com", "example.com", true));
  EXPECT_FALSE(is_name_of("*.example.com", ".example.com", true));
  EXPECT_TRUE(is_name_of("A.example.com", "a.EXAMPLE.com", false));
}

TEST_F(Tls, AsksForNoMoreThanItsProfileSays) {
  struct Case {
    TlsVerify verify;
    bool without_certificate;
    bool with_wrong_one;
  };
  const Identity wrong = support::make_identity({}, &other_ca_);
  start();
  for (const Case& one :
       {Case{TlsVerify::required, false, false}, Case{TlsVerify::optional, true, false},
        Case{TlsVerify::off, true, true}}) {
    files.verify = one.verify;
    adopt();
    // A client without a certificate.
    TestPeer bare = connect();
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()),
                                                              SSL_CTX_free);
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
    SSL_set_fd(ssl.get(), bare.descriptor());
    SSL_set_connect_state(ssl.get());
    const size_t before = got_.size();
    const uint64_t refused = refusals();
    bool is_sent = false;
    until([&] {
      if (SSL_do_handshake(ssl.get()) == 1 && !is_sent) {
        is_sent = SSL_write(ssl.get(), options.data(), static_cast<int>(options.size())) > 0;
      }
      return got_.size() > before || refusals() > refused;
    });
    EXPECT_EQ(got_.size() > before, one.without_certificate);
    peer_files_.certificate = wrong.certificate_pem();
    peer_files_.key = wrong.key_pem();
    EXPECT_EQ(is_let_in(), one.with_wrong_one);
  }
}

TEST_F(Tls, VersionsAndCiphersAreThoseOfTheProfile) {
  files.newest = TlsVersion::tls_1_2;
  files.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
  start();
  peer_files_.oldest = TlsVersion::tls_1_3;
  EXPECT_FALSE(is_let_in());
  peer_files_.oldest = TlsVersion::tls_1_2;
  peer_files_.newest = TlsVersion::tls_1_2;
  peer_files_.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
  EXPECT_FALSE(is_let_in());
  peer_files_.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
  EXPECT_TRUE(is_let_in());
}

TEST_F(Tls, ANewCertificateEndsNoConnection) {
  start();
  TestPeer old = client();
  ASSERT_TRUE(shake(old));
  old.send(options);
  ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  set(files, support::make_identity({.names = "DNS:sbc.example.com", .serial = 99}, &ca_));
  adopt();
  old.send(options);
  ASSERT_TRUE(until([&] { return got_.size() == 2; }));
  // The next one is shown the new certificate.
  const std::string wanted = files.certificate;
  TestPeer next = connect();
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()),
                                                            SSL_CTX_free);
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), next.descriptor());
  SSL_set_connect_state(ssl.get());
  ASSERT_TRUE(until([&] {
    static_cast<void>(SSL_do_handshake(ssl.get()));
    return SSL_get0_peer_certificate(ssl.get()) != nullptr;
  }));
  X509* shown = SSL_get0_peer_certificate(ssl.get());
  EXPECT_EQ(ASN1_INTEGER_get(X509_get0_serialNumber(shown)), 99);
}

TEST_F(Tls, ARevokedPeerLosesItsIdleConnectionAtOnce) {
  start();
  TestPeer peer = client();
  ASSERT_TRUE(shake(peer));
  ASSERT_TRUE(until([&] { return counted(StreamCounter::secured) == 1; }));
  files.revoked = support::make_crl_pem(ca_, 3);
  adopt();
  EXPECT_EQ(counted(StreamCounter::distrusted), 1u);
  EXPECT_EQ(streams_->count(), 0u);
  EXPECT_FALSE(is_let_in());
}

TEST_F(Tls, ARevokedPeerMayEndWhatItHasBegunAndNothingElse) {
  start();
  TestPeer peer = client();
  ASSERT_TRUE(shake(peer));
  peer.send(options);
  ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  files.revoked = support::make_crl_pem(ca_, 3);
  adopt();
  EXPECT_EQ(streams_->count(), 1u);
  send("answer", got_[0].head.path.stream, 1);
  ASSERT_TRUE(until([&] {
    peer.read();
    return peer.text == "answer";
  }));
  std::string bye = options;
  for (size_t at; (at = bye.find("OPTIONS")) != std::string::npos;) bye.replace(at, 7, "BYE");
  peer.send(options);
  peer.send(bye);
  ASSERT_TRUE(until([&] { return got_.size() == 2; }));
  EXPECT_EQ(got_[1].octets, bye);
  advance(32'001);
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
}

TEST_F(Tls, ANewAuthorityOrNameJudgesConnectionsAgain) {
  start();
  TestPeer peer = client();
  ASSERT_TRUE(shake(peer));
  ASSERT_TRUE(until([&] { return counted(StreamCounter::secured) == 1; }));
  // More authorities, and lists that do not name it, change nothing.
  files.authorities = ca_.certificate_pem() + other_ca_.certificate_pem();
  files.revoked = support::make_crl_pem(ca_, 99) + support::make_crl_pem(other_ca_, 99);
  adopt();
  EXPECT_EQ(streams_->count(), 1u);
  files.peer_names = {"sip.example.org"};
  adopt();
  EXPECT_EQ(streams_->count(), 0u);
  EXPECT_EQ(counted(StreamCounter::distrusted), 1u);
}

TEST_F(Tls, TrustThatComesBackInTimeKeepsTheConnection) {
  start();
  TestPeer peer = client();
  ASSERT_TRUE(shake(peer));
  peer.send(options);
  ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  files.authorities = other_ca_.certificate_pem();
  adopt();
  files.authorities = ca_.certificate_pem();
  adopt();
  peer.send(options);
  ASSERT_TRUE(until([&] { return got_.size() == 2; }));
  EXPECT_EQ(counted(StreamCounter::distrusted), 1u);
}

TEST_F(Tls, SendsTheOcspResponseThatItWasGiven) {
  files.staple = "an OCSP response as it stands";
  files.verify = TlsVerify::off;
  start();
  TestPeer peer = connect();
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()),
                                                            SSL_CTX_free);
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), peer.descriptor());
  SSL_set_connect_state(ssl.get());
  SSL_set_tlsext_status_type(ssl.get(), TLSEXT_STATUSTYPE_ocsp);
  ASSERT_TRUE(until([&] { return SSL_do_handshake(ssl.get()) == 1; }));
  const unsigned char* octets = nullptr;
  const long length = SSL_get_tlsext_status_ocsp_resp(ssl.get(), &octets);
  ASSERT_GT(length, 0);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(octets), static_cast<size_t>(length)),
            files.staple);
}

// Two connections of one client that keeps what it is given; whether the second one resumed.
class TlsTickets : public Tls {
 protected:
  // Both sides until the client has heard an answer, and with it every ticket.
  void call(SSL_SESSION* session) {
    TestPeer peer = connect();
    SSL* ssl = SSL_new(client_.get());
    SSL_set_fd(ssl, peer.descriptor());
    SSL_set_connect_state(ssl);
    if (session != nullptr) SSL_set_session(ssl, session);
    ASSERT_TRUE(until([&] { return SSL_do_handshake(ssl) == 1; }));
    const size_t before = got_.size();
    ASSERT_GT(SSL_write(ssl, options.data(), static_cast<int>(options.size())), 0);
    ASSERT_TRUE(until([&] { return got_.size() > before; }));
    send("answer", got_.back().head.path.stream, 1);
    char buffer[64];
    ASSERT_TRUE(until([&] { return SSL_read(ssl, buffer, sizeof buffer) > 0; }));
    session_.reset(SSL_get1_session(ssl));
    SSL_shutdown(ssl);
    SSL_free(ssl);
  }
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };
  std::unique_ptr<SSL_CTX, Free> client_{SSL_CTX_new(TLS_method())};
  std::unique_ptr<SSL_SESSION, Free> session_;
};

TEST_F(TlsTickets, WhoShowsOneNeedsNoFullHandshake) {
  files.verify = TlsVerify::off;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const uint64_t before = counted(StreamCounter::resumed);
    SSL_CTX_set_min_proto_version(client_.get(), version);
    SSL_CTX_set_max_proto_version(client_.get(), version);
    start();
    call(nullptr);
    EXPECT_EQ(counted(StreamCounter::resumed), before);
    call(session_.get());
    EXPECT_EQ(counted(StreamCounter::resumed), before + 1) << version;
  }
}

TEST_F(TlsTickets, AreNotGivenWhereTheProfileSaysSo) {
  files.verify = TlsVerify::off;
  files.has_tickets = false;
  start();
  call(nullptr);
  call(session_.get());
  EXPECT_EQ(counted(StreamCounter::resumed), 0u);
  EXPECT_EQ(counted(StreamCounter::secured), 2u);
}

TEST_F(Tls, ASourceHasALimitedNumberOfHandshakesUnderWay) {
  Limits limits;
  limits.handshakes_of_one = 2;
  start(limits);
  TestPeer silent[] = {connect(), connect()};
  ASSERT_TRUE(until([&] { return streams_->count() == 2; }));
  TestPeer third = connect();
  ASSERT_TRUE(until([&] { return counted(StreamCounter::too_many_handshakes) == 1; }));
  EXPECT_EQ(streams_->count(), 2u);
  // One that comes to its end makes room, and is in nobody's way when it stays.
  silent[0].close();
  ASSERT_TRUE(until([&] { return streams_->count() == 1; }));
  TestPeer peer = client();
  ASSERT_TRUE(shake(peer));
  ASSERT_TRUE(until([&] { return counted(StreamCounter::secured) == 1; }));
  EXPECT_TRUE(is_let_in());
  EXPECT_EQ(counted(StreamCounter::too_many_handshakes), 1u);
}

TEST_F(Tls, AHandshakeHasItsTime) {
  start();
  TestPeer peer = connect();
  peer.send("\x16\x03\x01");
  ASSERT_TRUE(until_due_in(8000));
  advance(4000);
  peer.send("\x02");
  settle();
  advance(4000);
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(counted(StreamCounter::late), 1u);
}

TEST_F(Tls, WhatIsNoTlsIsClosed) {
  start();
  TestPeer peer = connect();
  peer.send(options);
  ASSERT_TRUE(until([&] { return counted(StreamCounter::handshake_failed) == 1; }));
  EXPECT_TRUE(got_.empty());
}

TEST_F(Tls, AProfileThatOpenSslRefusesServesNobody) {
  files.key = peer_.key_pem();
  start();
  ASSERT_EQ(problems_.size(), 1u);
  EXPECT_EQ(problems_[0].find("tls.main: certificate or key: "), 0u);
  EXPECT_EQ(problems_[0].find("PRIVATE"), std::string::npos);
  TestPeer peer = client();
  ASSERT_TRUE(until([&] { return counted(StreamCounter::handshake_failed) == 1; }));
}

TEST_F(Tls, AResetMidMessageLosesThatMessageOnly) {
  start();
  TestPeer peer = client();
  ASSERT_TRUE(shake(peer));
  peer.send(options + options.substr(0, 50));
  ASSERT_TRUE(until([&] { return got_.size() == 1; }));
  peer.reset();
  ASSERT_TRUE(until([&] { return streams_->count() == 0; }));
  EXPECT_EQ(got_.size(), 1u);
}

}  // namespace
}  // namespace demarc::stream
