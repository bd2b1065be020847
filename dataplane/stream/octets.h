// Octets: one socket of TCP, with or without TLS on it, read and written without waiting. Owns the
// socket. The stream thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "dataplane/contract/channel.h"
#include "dataplane/contract/stream_fault.h"
#include "dataplane/stream/tls_context.h"

namespace demarc::stream {

class Octets {
 public:
  enum class Outcome : uint8_t {
    done,     // `octets` were read or written, or the handshake is over
    blocked,  // the socket has to become readable or writable first
    closed,   // the peer has ended it in order
    failed,   // broken off
  };
  struct Result {
    Outcome outcome = Outcome::blocked;
    size_t octets = 0;
  };

  Octets() = default;
  explicit Octets(contract::FileDescriptor socket) : socket_(std::move(socket)) {}
  Octets(Octets&&) = default;
  Octets& operator=(Octets&& other) noexcept;
  ~Octets();

  int descriptor() const { return socket_.get(); }
  // TLS from here on; false without memory.
  [[nodiscard]] bool secure(std::shared_ptr<const TlsContext> context, bool is_server);
  bool is_secured() const { return connection_ != nullptr; }
  // Goes on with the handshake. `failed` also when the peer's certificate is refused: is_wrong_name
  // tells that one apart.
  Outcome handshake();
  bool is_wrong_name() const { return is_wrong_name_; }
  // After a handshake that failed: why.
  contract::StreamFault fault() const;
  bool was_resumed() const;
  // After the handshake: whether the peer's certificate would do by that profile, too. True where
  // nothing changed of what it is judged by, and without TLS.
  bool is_trusted_by(const TlsContext& context) const;
  Result read(std::span<char> into);
  Result write(std::string_view octets);
  // TLS keeps octets that the socket does not show.
  bool has_buffered() const;
  // Whether the last `blocked` waits for the socket to become writable.
  bool waits_for_room() const { return waits_for_room_; }
  // Says goodbye, as far as that goes at once; nothing can be written any more.
  void shut();

 private:
  struct Free {
    void operator()(ssl_st* connection) const;
  };
  Outcome outcome_of(int result);

  contract::FileDescriptor socket_;
  std::shared_ptr<const TlsContext> context_;
  std::unique_ptr<ssl_st, Free> connection_;
  bool waits_for_room_ = false;
  bool is_wrong_name_ = false;
  bool is_broken_ = false;
};

}  // namespace demarc::stream
