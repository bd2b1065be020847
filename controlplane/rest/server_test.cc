#include "controlplane/rest/server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "tests/support/temporary_directory.h"

namespace demarc::rest {
namespace {

TEST(ParseTarget, DecodesAndRefuses) {
  Request request;
  ASSERT_TRUE(parse_target("/a%20b?x=1&y=%2f&z", request));
  EXPECT_EQ(request.path, "/a b");
  EXPECT_EQ(request.query["x"], "1");
  EXPECT_EQ(request.query["y"], "/");
  EXPECT_EQ(request.query["z"], "");
  for (const char* bad : {"", "a", "*", "/%", "/%4", "/%zz", "/%00", "/?a=%"}) {
    EXPECT_FALSE(parse_target(bad, request)) << bad;
  }
}

// Octets in, octets out, over a real socket.
class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    path = directory.path("api.sock");
    server = std::make_unique<Server>(ServerOptions{path, 2, 30}, [](const Request& request) {
      Response response;
      response.body = request.method + " " + request.path;
      return response;
    });
    server->start();
  }
  int connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  static std::string read_all(int fd) {
    std::string all;
    char block[4096];
    for (ssize_t got; (got = ::read(fd, block, sizeof block)) > 0;) {
      all.append(block, static_cast<size_t>(got));
    }
    ::close(fd);
    return all;
  }
  std::string exchange(const std::string& octets) {
    const int fd = connect();
    EXPECT_EQ(::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
    return read_all(fd);
  }

  const support::TemporaryDirectory directory;
  std::string path;
  std::unique_ptr<Server> server;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  const std::string answer = exchange(
      "GET /one HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("HTTP/1.1 200 OK"), std::string::npos);
  EXPECT_NE(answer.find("GET /one"), std::string::npos);
  EXPECT_NE(answer.find("GET /two"), std::string::npos);
}

TEST_F(ServerTest, HeadHasALengthAndNoBody) {
  const std::string answer = exchange("HEAD /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 9"), std::string::npos);
  EXPECT_EQ(answer.find("HEAD /one"), std::string::npos);
}

TEST_F(ServerTest, TheSocketIsForOwnerAndGroupOnly) {
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0660u);
  server->stop();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ServerTest, RefusesWhatIsNoHttpOrTooLong) {
  EXPECT_NE(exchange("nonsense\r\n\r\n").find(" 400 "), std::string::npos);
  EXPECT_NE(exchange("GET /a HTTP/1.1\r\nX: " + std::string(20000, 'x')).find(" 431 "),
            std::string::npos);
  EXPECT_NE(exchange("POST /a HTTP/1.1\r\nContent-Length: 40000000\r\n\r\n").find(" 413 "),
            std::string::npos);
  EXPECT_NE(exchange("GET /%zz HTTP/1.1\r\nConnection: close\r\n\r\n").find(" 400 "),
            std::string::npos);
}

TEST_F(ServerTest, AUserWithoutRightsSendsNoBody) {
  if (::geteuid() != 0) return;  // only root can play another user
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  // As system calls these are for this thread alone; the server's stays what it is.
  constexpr unsigned same = ~0u;
  constexpr unsigned nobody = 65'534;
  ASSERT_EQ(::syscall(SYS_setresgid, same, nobody, same), 0);
  ASSERT_EQ(::syscall(SYS_setresuid, same, nobody, same), 0);
  const int small = connect();
  const int large = connect();
  ASSERT_EQ(::syscall(SYS_setresuid, same, 0, same), 0);
  ASSERT_EQ(::syscall(SYS_setresgid, same, 0, same), 0);
  const std::string begin = "PUT /a HTTP/1.1\r\nContent-Length: ";
  for (const auto& [fd, rest] : {std::pair(small, "1\r\n\r\nx"), {large, "4000000\r\n\r\n"}}) {
    const std::string octets = begin + rest;
    EXPECT_EQ(::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
    EXPECT_NE(read_all(fd).find(" 403 "), std::string::npos) << rest;
  }
}

TEST_F(ServerTest, RefusesConnectionsBeyondItsLimit) {
  const std::string request = "GET /one HTTP/1.1\r\nHost: x\r\n\r\n";
  int kept[2];
  for (int& fd : kept) {
    fd = connect();
    ASSERT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    char octet;
    ASSERT_EQ(::read(fd, &octet, 1), 1);  // it is being served
  }
  EXPECT_EQ(read_all(connect()), "");
  for (const int fd : kept) ::close(fd);
}

TEST_F(ServerTest, ServesAgainAfterItRanOutOfDescriptors) {
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const rlimit tight = {0, usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string request = "GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  // However often accepting has failed by now, the connection must be served.
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  EXPECT_NE(read_all(fd).find("GET /one"), std::string::npos);
}

TEST_F(ServerTest, StopsWithConnectionsOpen) {
  const int fd = connect();
  server->stop();
  server.reset();
  EXPECT_EQ(read_all(fd), "");
}

TEST(Server, SaysWhenItCanNotListen) {
  const Server::Handler handler = [](const Request&) { return Response(); };
  EXPECT_THROW(Server({"/nonexistent/api.sock"}, handler), std::runtime_error);
  EXPECT_THROW(Server({"/" + std::string(200, 'x')}, handler), std::runtime_error);
}

}  // namespace
}  // namespace demarc::rest
