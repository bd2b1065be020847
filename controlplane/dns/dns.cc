#include "controlplane/dns/dns.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "controlplane/dns/unbound.h"
#include "controlplane/runtime/log.h"

namespace demarc::dns {
namespace {

constexpr uint64_t longest_wait_ms = 1000;

uint64_t clock_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

std::string text_of(const std::vector<Choice>& choices) {
  std::string text;
  for (const Choice& choice : choices) {
    text += (text.empty() ? "" : " ") + std::string(contract::print(choice.endpoint).view());
  }
  return text.empty() ? "nothing" : text;
}

// The one of these servers, or nullptr with the reason.
std::unique_ptr<Unbound> open_unbound(const std::vector<std::string>& servers, std::string& error) {
  try {
    auto unbound = std::make_unique<Unbound>(servers);
    error.clear();
    return unbound;
  } catch (const std::exception& failure) {
    error = failure.what();
    runtime::log(runtime::Level::error, "dns", error);
    return nullptr;
  }
}

}  // namespace

Dns::Dns(std::function<void()> changed, std::string state_file)
    : changed_(std::move(changed)), kept_(std::move(state_file)) {}

Dns::~Dns() {
  stop();
}

void Dns::start() {
  thread_ = std::thread([this] { run(); });
}

void Dns::stop() {
  {
    const std::lock_guard guard(mutex_);
    is_stopping_ = true;
  }
  wakeup_.wake();
  if (thread_.joinable()) thread_.join();
}

void Dns::configure(std::vector<Host> hosts, std::vector<std::string> servers) {
  const std::lock_guard guard(mutex_);
  std::map<Host, HostState> wanted;
  for (Host& host : hosts) {
    const auto known = hosts_.find(host);
    wanted[host] =
        known != hosts_.end() ? known->second : HostState{host, false, false, kept_.of(host)};
  }
  hosts_ = std::move(wanted);
  servers_ = std::move(servers);
  is_new_ = true;
  wakeup_.wake();
}

std::vector<Choice> Dns::choices(const Host& host) const {
  const std::lock_guard guard(mutex_);
  const auto found = hosts_.find(host);
  return found == hosts_.end() ? std::vector<Choice>() : found->second.choices;
}

State Dns::state() const {
  const std::lock_guard guard(mutex_);
  State state;
  state.servers = servers_;
  state.error = error_;
  for (const auto& [host, row] : hosts_) state.hosts.push_back(row);
  state.questions = cache_.rows(clock_ms());
  return state;
}

void Dns::run() {
  std::unique_ptr<Unbound> unbound;
  std::vector<std::string> servers;
  for (bool is_first = true;; is_first = false) {
    bool is_changed = false;
    uint64_t wait_ms = longest_wait_ms;
    {
      const std::lock_guard guard(mutex_);
      if (is_stopping_) return;
      const uint64_t now_ms = clock_ms();
      if (is_first || (is_new_ && servers != servers_) || unbound == nullptr) {
        servers = servers_;
        cache_.ask_again(now_ms);  // what the one before was asked is lost with it
        unbound = open_unbound(servers, error_);
      }
      bool has_news = std::exchange(is_new_, false);
      if (unbound != nullptr) {
        for (auto& [key, outcome] : unbound->take_answers()) {
          has_news = cache_.store(key, std::move(outcome), now_ms) || has_news;
        }
      }
      is_changed = has_news && walk_all(now_ms);
      if (unbound != nullptr) ask_due(*unbound, now_ms);
      wait_ms = std::min(wait_ms, cache_.next_due_ms(now_ms) - now_ms);
    }
    if (is_changed) changed_();
    runtime::wait_for(unbound == nullptr ? -1 : unbound->fd(), wakeup_,
                      static_cast<int>(std::max<uint64_t>(wait_ms, 10)));
    wakeup_.clear();
  }
}

// True when the choices of some host became others.
bool Dns::walk_all(uint64_t now_ms) {
  bool is_changed = false;
  for (auto& [host, state] : hosts_) {
    // Until nothing is open: a question may be answered already for another host.
    Walked walked = walk(host, [&](const Key& key) { return cache_.lookup(key, now_ms); });
    state.has_failed = walked.has_failed;
    if (!walked.is_complete) continue;
    state.is_complete = true;
    if (walked.choices == state.choices) continue;
    if (walked.choices.empty()) {
      runtime::log(runtime::Level::warning, "dns",
                   host.name + " leads to no address; what was known stays");
      continue;
    }
    runtime::log(runtime::Level::info, "dns", host.name + " is " + text_of(walked.choices));
    state.choices = std::move(walked.choices);
    kept_.note(host, state.choices);
    is_changed = true;
  }
  if (is_changed) kept_.save();
  return is_changed;
}

void Dns::ask_due(Unbound& unbound, uint64_t now_ms) {
  // What hosts need stays known as used, whether or not anything changed.
  for (auto& [host, state] : hosts_) {
    static_cast<void>(walk(host, [&](const Key& key) { return cache_.lookup(key, now_ms); }));
  }
  for (const Key& key : cache_.take_due(now_ms)) {
    if (unbound.ask(key)) continue;
    Outcome outcome;
    outcome.error = "the question can not be asked";
    static_cast<void>(cache_.store(key, std::move(outcome), now_ms));
  }
}

}  // namespace demarc::dns
