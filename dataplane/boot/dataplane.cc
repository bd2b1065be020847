#include "dataplane/boot/dataplane.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>

#include "dataplane/boot/log.h"
#include "dataplane/lcore/clock.h"

namespace demarc::boot {

using contract::Duration;
using contract::FileDescriptor;
using contract::Instant;
using contract::WorkerIndex;

namespace {

constexpr int idle_wait_ms = 200;
constexpr int short_wait_ms = 1;
constexpr Duration clock_interval = Duration::seconds(1);
// At the end, who reads the rings gets this long for what is in them.
constexpr Duration readers_grace = Duration::seconds(3);

}  // namespace

int Dataplane::run() {
  log("waiting for the control plane");
  while (drain_.phase() != Drain::Phase::over && !has_platform_failed_) {
    wait();
    const Instant now = lcore::read_clock();
    serve_signals(now);
    serve_session(now);
    serve_publication(now);
    serve_visitors(now);
    step_drain(now);
    keep_clock(now);
  }
  finish();
  return has_platform_failed_ ? exit_platform_failed : exit_ok;
}

void Dataplane::wait() {
  std::array<pollfd, Visitors::max_visitors + 3> entries{};
  unsigned count = 0;
  entries[count++] = {signals_.get(), POLLIN, 0};
  const bool is_waiting = services_.publication.is_in_progress();
  if (session_ && !is_waiting) entries[count++] = {session_->descriptor(), POLLIN, 0};
  count += visitors_.add_to_poll(std::span(entries).subspan(count));
  const bool is_soon = is_waiting || drain_.phase() != Drain::Phase::not_begun;
  (void)::poll(entries.data(), count, is_soon ? short_wait_ms : idle_wait_ms);
}

void Dataplane::serve_signals(Instant now) {
  signalfd_siginfo signal;
  while (::read(signals_.get(), &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
    const auto* platform = services_.loader.platform();
    const Duration drain_time =
        Duration::seconds(platform == nullptr ? 0 : int64_t{platform->drain_seconds});
    drain_.request(services_.platform.region(), drain_time, now);
  }
}

void Dataplane::serve_session(Instant now) {
  if (!session_) return;
  if (!services_.publication.is_in_progress()) session_->receive(now);
  has_platform_failed_ = session_->has_platform_failed();
  if (session_->is_closed()) session_.reset();
}

void Dataplane::serve_publication(Instant now) {
  Publication& publication = services_.publication;
  if (!publication.is_in_progress()) return;
  const uint64_t generation = publication.generation();
  const bool has_adopted = services_.platform.has_adopted(generation);
  if (!publication.step(has_adopted, services_.platform.quiescence(), services_.loader, now)) {
    return;
  }
  if (session_) session_->on_published(generation);
}

void Dataplane::serve_visitors(Instant now) {
  visitors_.accept(now);
  Visitors::Introduced introduced = visitors_.take_introduced(now);
  if (!introduced.channel.is_open()) return;
  wire::Explanation why;
  if (!ControlSession::accepts(introduced.hello, why)) {
    return ControlSession::refuse(introduced.channel, services_, why);
  }
  if (session_) {
    why.set("another control plane is attached; end it first");
    return ControlSession::refuse(introduced.channel, services_, why);
  }
  session_.emplace(std::move(introduced.channel), services_);
}

void Dataplane::step_drain(Instant now) {
  // The control plane stays attached to the end: it reads the records of the calls that end now.
  drain_.step(services_.platform.region(), now);
}

void Dataplane::keep_clock(Instant now) {
  if (now < next_clock_ || !services_.platform.is_running()) return;
  next_clock_ = now + clock_interval;
  services_.platform.region().header().wall_offset_ns.store(lcore::read_wall_offset_ns(),
                                                            std::memory_order_relaxed);
  if (has_refused_routes_ || services_.platform.wiring().refused_routes() == 0) return;
  has_refused_routes_ = true;
  log("the kernel has more than %u routes on the TAP twins: the rest is not used",
      wire::FibTable::max_routes);
}

// The last records are taken by whoever reads the rings; what is left then is copied to the spool,
// not moved, because a control plane that is only slow may still be reading.
void Dataplane::finish() {
  if (!services_.platform.is_running()) return;
  wait_for_readers();
  services_.platform.stop_workers();
  if (services_.spooler) {
    services_.spooler->stop();
    services_.spooler->copy_all();
  }
  session_.reset();
  services_.spooler.reset();
  services_.platform.stop();
  log("ended");
}

void Dataplane::wait_for_readers() {
  const Instant deadline = lcore::read_clock() + readers_grace;
  while (has_waiting_records() && lcore::read_clock() < deadline) {
    ::usleep(short_wait_ms * 1000);
  }
}

bool Dataplane::has_waiting_records() {
  contract::Region& region = services_.platform.region();
  for (unsigned i = 0; i < region.workers(); ++i) {
    if (region.records(static_cast<WorkerIndex>(i)).size() != 0) return true;
  }
  return false;
}

}  // namespace demarc::boot
