// HTTP over a Unix socket, one request at a time. Beast stays in client.cc.
#pragma once

#include <stdexcept>
#include <string>

namespace demarc::cli {

// Nobody answers at the socket.
struct Unreachable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Answer {
  unsigned status = 0;
  std::string body;
};

struct Question {
  std::string method;  // "PUT"
  std::string target;
  std::string body;  // JSON, or empty
};

// Throw Unreachable.
Answer ask(const std::string& socket_path, const Question& question);
Answer get(const std::string& socket_path, const std::string& target);
Answer post(const std::string& socket_path, const std::string& target);

}  // namespace demarc::cli
