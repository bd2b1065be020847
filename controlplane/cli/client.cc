#include "controlplane/cli/client.h"

#include <sys/un.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>

namespace demarc::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Protocol = asio::local::stream_protocol;

constexpr uint64_t longest_body = 256u << 20;
constexpr int patience_s = 30;  // a change waits for registrations that it takes away

}  // namespace

Answer ask(const std::string& socket_path, const Question& question) {
  if (socket_path.size() >= sizeof(sockaddr_un::sun_path)) {
    throw Unreachable("the socket path " + socket_path + " is too long");
  }
  asio::io_context context;
  beast::basic_stream<Protocol> stream(context);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(longest_body);
  http::request<http::string_body> request(http::string_to_verb(question.method), question.target,
                                           11);
  request.set(http::field::host, "localhost");
  if (!question.body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = question.body;
  request.prepare_payload();
  request.keep_alive(false);
  beast::error_code result;
  // Timeouts work for what is asynchronous only, so the three steps are chained and run to the end.
  stream.expires_after(std::chrono::seconds(patience_s));
  stream.async_connect(Protocol::endpoint(socket_path), [&](beast::error_code connected) {
    if (connected) return void(result = connected);
    http::async_write(stream, request, [&](beast::error_code written, size_t) {
      if (written) return void(result = written);
      http::async_read(stream, buffer, parser,
                       [&](beast::error_code read, size_t) { result = read; });
    });
  });
  context.run();
  if (result) throw Unreachable(socket_path + ": " + result.message());
  return {parser.get().result_int(), std::move(parser.get().body())};
}

Answer get(const std::string& socket_path, const std::string& target) {
  return ask(socket_path, {"GET", target, ""});
}

Answer post(const std::string& socket_path, const std::string& target) {
  return ask(socket_path, {"POST", target, ""});
}

}  // namespace demarc::cli
