#include "dataplane/stream/octets.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <cerrno>

namespace demarc::stream {

void Octets::Free::operator()(SSL* connection) const {
  SSL_free(connection);
}

Octets::~Octets() = default;

Octets& Octets::operator=(Octets&& other) noexcept {
  // TLS goes before the socket that it is on.
  connection_ = std::move(other.connection_);
  context_ = std::move(other.context_);
  socket_ = std::move(other.socket_);
  waits_for_room_ = other.waits_for_room_;
  is_wrong_name_ = other.is_wrong_name_;
  is_broken_ = other.is_broken_;
  return *this;
}

bool Octets::secure(std::shared_ptr<const TlsContext> context, bool is_server) {
  context_ = std::move(context);
  connection_.reset(context_->connection(socket_.get(), is_server));
  return connection_ != nullptr;
}

Octets::Outcome Octets::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(connection_.get());
  if (result != 1) return outcome_of(result);
  if (context_->accepts_peer(connection_.get())) return Outcome::done;
  is_wrong_name_ = true;
  return Outcome::failed;
}

contract::StreamFault Octets::fault() const {
  if (is_wrong_name_) return contract::StreamFault::wrong_name;
  const bool is_judged =
      connection_ != nullptr && SSL_get_verify_mode(connection_.get()) != SSL_VERIFY_NONE;
  switch (is_judged ? SSL_get_verify_result(connection_.get()) : X509_V_OK) {
    case X509_V_OK:
      return contract::StreamFault::handshake;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return contract::StreamFault::expired;
    case X509_V_ERR_CERT_REVOKED:
      return contract::StreamFault::revoked;
    default:
      return contract::StreamFault::untrusted;
  }
}

bool Octets::was_resumed() const {
  return connection_ != nullptr && SSL_session_reused(connection_.get()) == 1;
}

bool Octets::is_trusted_by(const TlsContext& context) const {
  if (connection_ == nullptr || SSL_is_init_finished(connection_.get()) != 1) return true;
  return context.trusts_as(*context_) || context.still_accepts_peer(connection_.get());
}

Octets::Result Octets::read(std::span<char> into) {
  if (connection_ != nullptr) {
    ERR_clear_error();
    size_t octets = 0;
    const int result = SSL_read_ex(connection_.get(), into.data(), into.size(), &octets);
    if (result == 1) return {Outcome::done, octets};
    return {outcome_of(result)};
  }
  const ssize_t octets = ::recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT);
  if (octets > 0) return {Outcome::done, static_cast<size_t>(octets)};
  if (octets == 0) return {Outcome::closed};
  waits_for_room_ = false;
  const bool is_blocked = errno == EAGAIN || errno == EINTR;
  return {is_blocked ? Outcome::blocked : Outcome::failed};
}

Octets::Result Octets::write(std::string_view all) {
  if (connection_ != nullptr) {
    ERR_clear_error();
    size_t octets = 0;
    const int result = SSL_write_ex(connection_.get(), all.data(), all.size(), &octets);
    if (result == 1) return {Outcome::done, octets};
    return {outcome_of(result)};
  }
  const ssize_t octets = ::send(socket_.get(), all.data(), all.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (octets >= 0) return {Outcome::done, static_cast<size_t>(octets)};
  waits_for_room_ = true;
  const bool is_blocked = errno == EAGAIN || errno == EINTR;
  return {is_blocked ? Outcome::blocked : Outcome::failed};
}

bool Octets::has_buffered() const {
  return connection_ != nullptr && SSL_has_pending(connection_.get()) == 1;
}

void Octets::shut() {
  // After a failure OpenSSL must not be asked to say goodbye.
  const bool is_tls = connection_ != nullptr && !is_broken_;
  if (is_tls && SSL_is_init_finished(connection_.get()) == 1) {
    ERR_clear_error();
    static_cast<void>(SSL_shutdown(connection_.get()));
    ERR_clear_error();
  }
  static_cast<void>(::shutdown(socket_.get(), SHUT_WR));
}

Octets::Outcome Octets::outcome_of(int result) {
  waits_for_room_ = false;
  switch (SSL_get_error(connection_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Outcome::blocked;
    case SSL_ERROR_WANT_WRITE:
      waits_for_room_ = true;
      return Outcome::blocked;
    case SSL_ERROR_ZERO_RETURN:
      return Outcome::closed;
    default:
      is_broken_ = true;
      ERR_clear_error();
      return Outcome::failed;
  }
}

}  // namespace demarc::stream
