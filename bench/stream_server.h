// StreamServer: a stream thread with one TLS listener on the loopback, as the product has it and
// with its limits, in a process of its own, so that its time and memory can be told from its
// clients'. Beside it `openssl s_server` with the same certificate and key. Used by stream_bench.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace demarc::bench {

// A process that ends with this object.
class Child {
 public:
  // Runs `body` in a fork of this process, until it is killed.
  explicit Child(const std::function<void()>& body);
  // Runs a program; its input never ends and its output is dropped.
  explicit Child(const std::vector<std::string>& command);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  // What its threads have run, in ns.
  uint64_t cpu_ns() const;
  // What it holds of the machine's memory, in octets, without what the kernel holds for its
  // sockets.
  uint64_t resident_octets() const;

 private:
  pid_t pid_ = -1;
  int input_ = -1;
};

// Files in a folder that the caller removes; a certificate of P-256 that signed itself.
struct ServerFiles {
  std::string certificate_path;
  std::string key_path;
  std::string certificate;
  std::string key;
};
ServerFiles make_files(const std::string& folder);

// Serves at 127.0.0.1 with so many stream threads and never returns. Any address of 127.0.0.0/8 is
// a peer of the one trunk.
void serve_streams(const ServerFiles& files, uint16_t port, unsigned threads = 1);
// The same at that port, of OpenSSL's own making.
std::vector<std::string> openssl_server(const ServerFiles& files, uint16_t port);

}  // namespace demarc::bench
