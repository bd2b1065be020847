#include "controlplane/rest/server.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <thread>

#include "controlplane/runtime/log.h"
#include "controlplane/runtime/process.h"
#include "sip-parser/base/ascii.h"

namespace demarc::rest {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Protocol = asio::local::stream_protocol;
using Stream = beast::basic_stream<Protocol>;

constexpr uint32_t longest_header = 16u << 10;
constexpr uint64_t longest_body = 32u << 20;  // a configuration, twice escaped
// Of a user without rights: enough to be told so, too little to fill memory with.
constexpr uint64_t longest_refused_body = 1u << 10;

struct Shared {
  ServerOptions options;
  Server::Handler handler;
  unsigned connections = 0;
};

// One connection; keeps itself alive by the handlers that it waits for.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Protocol::socket socket, Shared& shared)
      : stream_(std::move(socket)), shared_(shared) {
    ++shared_.connections;
    runtime::UnixUser user{};
    is_allowed_ = runtime::user_of_socket(stream_.socket().native_handle(), user) &&
                  runtime::may_use_api(user);
    if (is_allowed_) user_ = runtime::name_of(user);
  }
  ~Connection() { --shared_.connections; }

  void read() {
    parser_.emplace();
    parser_->header_limit(longest_header);
    parser_->body_limit(is_allowed_ ? longest_body : longest_refused_body);
    expire();
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](beast::error_code error, size_t) { self->have_read(error); });
  }

 private:
  static Response forbidden() { return problem(403, "this user may not use the API", ""); }

  void expire() { stream_.expires_after(std::chrono::seconds(shared_.options.idle_seconds)); }

  void have_read(beast::error_code error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return write(problem(431, "the header is too long", ""), 11, true);
    }
    if (error == http::error::body_limit) {
      return write(is_allowed_ ? problem(413, "the body is too long", "") : forbidden(), 11, true);
    }
    if (error.category() == http::make_error_code(http::error::bad_target).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message) {
      return write(problem(400, "this is no HTTP request: " + error.message(), ""), 11, true);
    }
    if (error) return;
    auto& message = parser_->get();
    Request request;
    request.method = std::string(message.method_string());
    request.body = std::move(message.body());
    const beast::string_view content_type = message[http::field::content_type];
    for (const char c : content_type.substr(0, content_type.find(';'))) {
      if (c != ' ') request.content_type += ascii::to_lower(c);
    }
    request.if_match = std::string(message[http::field::if_match]);
    request.user = user_;
    const beast::string_view target = message.target();
    const bool must_close = !message.keep_alive();
    if (!is_allowed_) return write(forbidden(), message.version(), true);
    if (!parse_target({target.data(), target.size()}, request)) {
      return write(problem(400, "the path can not be decoded", ""), message.version(), must_close);
    }
    Response response = shared_.handler(request);
    write(std::move(response), message.version(), must_close, request.method == "HEAD");
  }

  void write(Response response, unsigned version, bool must_close, bool is_head = false) {
    answer_.emplace(static_cast<http::status>(response.status), version);
    answer_->set(http::field::content_type, response.content_type);
    answer_->set(http::field::cache_control, "no-store");
    for (const auto& [name, value] : response.header_fields) answer_->set(name, value);
    answer_->keep_alive(!must_close);
    const size_t octets = response.body.size();
    if (!is_head) answer_->body() = std::move(response.body);
    answer_->content_length(octets);
    expire();
    serializer_.emplace(*answer_);
    const auto done = [self = shared_from_this(), must_close](beast::error_code error, size_t) {
      if (error) return;
      if (!must_close) return self->read();
      beast::error_code ignored;
      self->stream_.socket().shutdown(Protocol::socket::shutdown_send, ignored);
    };
    if (is_head) {
      http::async_write_header(stream_, *serializer_, done);
    } else {
      http::async_write(stream_, *serializer_, done);
    }
  }

  Stream stream_;
  Shared& shared_;
  beast::flat_buffer buffer_{longest_header + longest_body};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> answer_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  bool is_allowed_ = false;
  std::string user_;
};

}  // namespace

struct Server::Implementation {
  explicit Implementation(ServerOptions options, Handler handler)
      : shared{std::move(options), std::move(handler), 0}, acceptor(context), pause(context) {
    const std::string& path = shared.options.socket_path;
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
      throw std::runtime_error("the socket path " + path + " is too long");
    }
    ::unlink(path.c_str());
    beast::error_code error;
    acceptor.open(Protocol(), error);
    // The file never exists with more rights than it ends with.
    const mode_t before = ::umask(0117);
    if (!error) acceptor.bind(Protocol::endpoint(path), error);
    ::umask(before);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) throw std::runtime_error("can not listen at " + path + ": " + error.message());
  }

  void accept() {
    acceptor.async_accept([this](beast::error_code error, Protocol::socket socket) {
      if (error == asio::error::operation_aborted) return;
      // Out of descriptors: the connection still waits there, so that trying at once would spin.
      if (error) return accept_later();
      // Beyond the limit the newest is refused; those that are served go on.
      if (shared.connections < shared.options.most_connections) {
        std::make_shared<Connection>(std::move(socket), shared)->read();
      }
      accept();
    });
  }

  void accept_later() {
    pause.expires_after(std::chrono::milliseconds(100));
    pause.async_wait([this](beast::error_code error) {
      if (!error) accept();
    });
  }

  // Before the context: connections that it still holds count themselves out here.
  Shared shared;
  asio::io_context context{1};
  Protocol::acceptor acceptor;
  asio::steady_timer pause;
  std::thread thread;
};

Server::Server(ServerOptions options, Handler handler)
    : implementation_(std::make_unique<Implementation>(std::move(options), std::move(handler))) {}

Server::~Server() {
  stop();
}

void Server::start() {
  implementation_->accept();
  implementation_->thread = std::thread([this] { implementation_->context.run(); });
}

void Server::stop() {
  implementation_->context.stop();
  if (!implementation_->thread.joinable()) return;
  implementation_->thread.join();
  ::unlink(implementation_->shared.options.socket_path.c_str());
}

}  // namespace demarc::rest
