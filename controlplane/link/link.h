// Link: the control plane's end of the handshake (dataplane/contract/handshake.h).
//
// A thread of its own connects to the dataplane's socket for ever, sends the platform to one that
// waits for it, maps the region, publishes changed sections, and starts again when the socket
// closes. Every public function may be called by any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "controlplane/events/events.h"
#include "controlplane/link/attachment.h"
#include "controlplane/link/publication.h"
#include "controlplane/link/section_set.h"
#include "controlplane/runtime/wakeup.h"

namespace demarc::link {

struct Options {
  std::string socket_path;
  std::string state_directory;  // remembers what the running dataplane was started with
  int retry_ms = 200;
  int stand_back_ms = 30'000;
};

struct Status {
  bool is_attached = false;  // the region is mapped
  uint64_t boot_id = 0;
  uint64_t published_generation = 0;  // acknowledged by every worker
  std::vector<std::string> needs_restart;
  std::string last_error;  // of the connection or of the last publication; empty when all is well
  uint64_t restarts = 0;   // dataplanes after the first one
};

class Link {
 public:
  // Compiles the configuration in force for a dataplane; called on the link's thread.
  using Source = std::function<SectionSet(const DataplaneView&)>;

  // Told once after each Source call that a dataplane answered, on the link's thread: whether the
  // dataplane may use the ids of that set from now on.
  using Settle = std::function<void(bool is_in_use)>;

  // `events` must outlive this.
  Link(
      Options options, events::Events& events, Source source, Settle settle = [](bool) {});
  ~Link();

  void start();
  // The dataplane goes on by itself; returns when the socket is closed.
  void stop();
  // The configuration changed: compile, compare, send.
  void republish();
  // The record reader has made the offered spool durable and reads the rings from now on.
  void records_taken(const std::shared_ptr<Attachment>& attachment);

  // Records can not be written: closes the connection, so that the dataplane's spool takes them.
  // Connects again when come_back() or republish() is called, and by itself after a while, since a
  // dataplane that starts meanwhile needs its configuration more than we need records.
  void stand_back();
  void come_back();

  // nullptr while there is no dataplane.
  std::shared_ptr<Attachment> attachment() const;
  Status status() const;
  // What a set must fit into; nothing while there is no dataplane.
  std::optional<DataplaneView> view() const;
  // Nobody listens at the socket: a dataplane that was there has ended.
  bool is_dataplane_gone() const { return is_gone_.load(std::memory_order_acquire); }

 private:
  enum class Result : uint8_t { closed, done, refused };

  void run();
  void serve();
  bool greet();
  bool start_platform();
  bool publish_changes();
  bool is_fit(const SectionSet& set);
  Result publish_set(const SectionSet& set);
  Result send_set(const SectionSet& set);
  Result send_publish(uint64_t generation);
  void note_generations();
  Result send_section(contract::SectionKind kind, const Blob& blob, uint64_t generation);
  Result await(contract::MessageKind kind);
  bool take_messages();
  bool take_message(contract::Received received);
  bool take_region(const contract::Received& received);
  bool send_records_taken();
  bool wait();
  void detach();
  void fail(const std::string& error);
  void succeed();
  contract::SectionError check_set(const SectionSet& set) const;

  const Options options_;
  events::Events& events_;
  const Source source_;
  const Settle settle_;
  runtime::Wakeup wakeup_;
  std::thread thread_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<bool> is_gone_{false};
  std::atomic<bool> is_standing_back_{false};
  std::atomic<bool> is_dirty_{true};  // sections may have changed

  // Of the link's thread only.
  contract::FileDescriptor channel_;
  Publication publication_;
  DataplaneView view_;
  uint64_t boot_id_ = 0;
  uint64_t generation_ = 0;
  contract::HandshakeMessage answer_;  // the last message that answers one of ours
  bool has_answer_ = false;
  bool is_publish_refused_ = false;  // by the last send_set(), whose sections were all taken
  bool is_records_taken_sent_ = false;

  mutable std::mutex mutex_;  // guards what follows
  Status status_;
  uint64_t last_boot_id_ = 0;  // of the dataplane that was attached last; 0: none yet
  std::shared_ptr<Attachment> attachment_;
  std::optional<DataplaneView> shown_view_;
};

}  // namespace demarc::link
