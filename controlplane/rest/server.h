// The HTTP server of the API: a Unix socket, one thread, bounded in connections, sizes and times.
// Beast and Asio stay in server.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "controlplane/rest/request.h"

namespace demarc::rest {

struct ServerOptions {
  std::string socket_path;
  unsigned most_connections = 64;
  unsigned idle_seconds = 30;  // between and within requests
};

class Server {
 public:
  using Handler = std::function<Response(const Request&)>;

  // Listens at once, mode 0660; an old socket file is replaced. Throws std::runtime_error.
  Server(ServerOptions options, Handler handler);
  ~Server();

  void start();
  // Ends every connection, joins the thread, removes the socket file.
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace demarc::rest
