// Dns: the addresses of every peer that is configured by name, kept current by a thread of its own.
// Nothing waits for it: whoever asks gets what is known, and is told when that changes.
//
// Every public function may be called by any thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "controlplane/dns/cache.h"
#include "controlplane/dns/kept_choices.h"
#include "controlplane/dns/walk.h"
#include "controlplane/runtime/wakeup.h"

namespace demarc::dns {

struct HostState {
  Host host;
  bool is_complete = false;     // every question that matters was answered once
  bool has_failed = false;      // some of them not at the last time
  std::vector<Choice> choices;  // what is in use
};

struct State {
  std::vector<std::string> servers;  // empty: the system's
  std::vector<HostState> hosts;
  std::vector<CacheRow> questions;
  std::string error;  // why nothing can be asked; empty: all is well
};

class Dns {
 public:
  // `changed` is called on the thread of this class after choices() of some host became another.
  // `state_file` keeps the last ones for a start without a server; empty: none.
  explicit Dns(std::function<void()> changed, std::string state_file = {});
  ~Dns();

  void start();
  void stop();
  // Which hosts, and whom to ask. What is known of hosts that stay is kept.
  void configure(std::vector<Host> hosts, std::vector<std::string> servers);
  // Empty while nothing is known. Addresses that were known stay when a host leads nowhere.
  std::vector<Choice> choices(const Host& host) const;
  State state() const;

 private:
  void run();
  bool walk_all(uint64_t now_ms);
  void ask_due(class Unbound& unbound, uint64_t now_ms);

  const std::function<void()> changed_;
  runtime::Wakeup wakeup_;
  std::thread thread_;

  mutable std::mutex mutex_;  // guards what follows
  bool is_stopping_ = false;
  bool is_new_ = true;  // hosts or servers changed
  std::vector<std::string> servers_;
  std::map<Host, HostState> hosts_;
  Cache cache_;
  KeptChoices kept_;
  std::string error_;
};

}  // namespace demarc::dns
