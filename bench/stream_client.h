// StreamClient: what peers do to a TLS server on the loopback: handshakes, whole or resumed,
// connections that stay, and attackers that send an octet now and then. Used by stream_bench.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace demarc::bench {

class StreamClient {
 public:
  explicit StreamClient(uint16_t port);
  ~StreamClient();
  StreamClient(const StreamClient&) = delete;
  StreamClient& operator=(const StreamClient&) = delete;

  // Whether somebody listens by now; tries for some seconds.
  bool is_served() const;

  // One connection, each from the next of some addresses: made, its two tickets awaited, ended in
  // order. With `resumes` it offers the session of the one before. The ns from connect to the end
  // of the handshake; 0 when it failed.
  uint64_t shake_hands(bool resumes);
  // A connection from an address that is one of many; after the handshake nothing more is kept of
  // TLS here. Its descriptor, or -1.
  int hold(unsigned number);

 private:
  int connect_from(unsigned network, unsigned host) const;
  bool await_tickets(SSL* connection);

  uint16_t port_;
  SSL_CTX* context_;
  SSL_SESSION* session_ = nullptr;
  unsigned tickets_ = 0;
  unsigned handshakes_ = 0;

  friend int take_session(SSL* connection, SSL_SESSION* session);
};

// Keeps `count` connections open, each of which sends one octet of a TLS record in ten seconds, and
// opens another where the server has ended one. Writes one octet to `ready` when all are there;
// never returns. In a process of its own.
void attack_slowly(uint16_t port, unsigned count, int ready);

}  // namespace demarc::bench
