// Dataplane: the main thread's loop: control plane, signals, clock, and the end.
//
//   wait -> signals -> session -> publication -> visitors -> drain -> clock -> ...
#pragma once

#include <optional>

#include "dataplane/boot/control_session.h"
#include "dataplane/boot/drain.h"
#include "dataplane/boot/services.h"
#include "dataplane/boot/visitors.h"

namespace demarc::boot {

// What the program ends with.
inline constexpr int exit_ok = 0;
inline constexpr int exit_bad_environment = 1;
inline constexpr int exit_platform_failed = 2;

class Dataplane {
 public:
  Dataplane(Services& services, contract::FileDescriptor listener, contract::FileDescriptor signals)
      : services_(services), visitors_(std::move(listener)), signals_(std::move(signals)) {}

  // Returns the exit code when it is all over.
  int run();

 private:
  void wait();
  void serve_signals(contract::Instant now);
  void serve_visitors(contract::Instant now);
  void serve_session(contract::Instant now);
  void serve_publication(contract::Instant now);
  void step_drain(contract::Instant now);
  void keep_clock(contract::Instant now);
  void finish();
  void wait_for_readers();
  bool has_waiting_records();

  Services& services_;
  Visitors visitors_;
  contract::FileDescriptor signals_;
  std::optional<ControlSession> session_;
  Drain drain_;
  contract::Instant next_clock_;
  bool has_platform_failed_ = false;
  bool has_refused_routes_ = false;  // told once
};

}  // namespace demarc::boot
