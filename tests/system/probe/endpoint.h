// One end of the lab: the SIP socket, every call of this process and the loop that drives them.
// Called by main; one thread, one epoll.

#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/system/probe/call.h"
#include "tests/system/probe/options.h"
#include "tests/system/probe/summary.h"

namespace demarc::probe {

class Endpoint {
 public:
  explicit Endpoint(const Options& options);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // False with a reason on standard error when a socket cannot be had.
  bool open();
  // Until everything is done or SIGTERM or SIGINT comes; returns what was counted.
  const Summary& run();

 private:
  void watch(int fd, uint64_t tag);
  void read_sip(Time now);
  void read_commands(Time now);
  void command(const std::string& line, Time now);
  void on_sip(const SipText& message, const Address& from, Time now);
  void on_new_invite(const SipText& invite, const Address& from, Time now);
  void place_due(Time now);
  // Null, counted as failed, when no media sockets are to be had.
  Call* make_call(uint32_t number, bool is_caller);
  void tick(Time now);
  bool is_done() const;
  void show_progress(Time now);

  Options options_;
  Summary summary_;
  Shared shared_;
  int epoll_fd_ = -1;
  int signal_fd_ = -1;
  // All calls of the run: an ended one still answers a repeated BYE and acknowledges a repeated
  // final response. The index is the epoll tag.
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<Call*> live_;
  std::unordered_map<std::string, Call*> by_call_id_;
  uint64_t to_place_ = 0;
  uint32_t next_number_ = 0;
  uint32_t next_port_ = 0;
  Time next_place_ = 0;
  Time next_progress_ = 0;
  std::string last_progress_;
  std::string command_text_;
  bool is_stopped_ = false;
  bool is_quitting_ = false;
};

}  // namespace demarc::probe
