#include "dataplane/lcore/worker.h"

#include "dataplane/steer/owner.h"

namespace demarc::lcore {

using contract::DataplaneState;
using contract::Instant;
using contract::WorkerCounter;

Worker::Worker(const Shared& shared, const engine::Limits& limits, std::span<std::byte> memory,
               const engine::Engine::Secrets& secrets, Instant now)
    : shared_(shared),
      worker_(limits.worker),
      row_(shared.region.worker(limits.worker)),
      arena_(memory),
      engine_(limits, arena_, shared.region, secrets, now),
      wire_(shared.wiring, limits.worker, row_.counters),
      media_path_({engine_, wire_, shared.handoff, local_map_, row_.counters, limits.worker}),
      sip_path_({engine_, wire_, shared.handoff, local_map_, row_.counters, limits.worker,
                 shared.streams},
                steer::Owners(secrets.names, limits.workers)),
      last_loop_(now) {
  if (shared.post != nullptr) engine_.connect(*shared.post);
}

bool Worker::poll_once(Instant now) {
  has_found_work_ = false;
  follow_snapshot(now);
  follow_state();
  engine_.on_commands(now);

  relay_media(now);

  take_post(now);
  sip_path_.serve(now);
  if (sip_path_.serve_streams(now)) has_found_work_ = true;
  const Instant due = engine_.next_due();
  if (due.is_set() && due <= now) {
    has_found_work_ = true;
    engine_.on_timers(now);
  }
  sip_path_.send_outbox(now);
  wire_.flush(now);
  media_path_.follow_routes();

  const bool is_busy = has_found_work_ || wire_.was_busy() || sip_path_.has_backlog();
  report(now, is_busy);
  return is_busy;
}

void Worker::follow_snapshot(Instant now) {
  const contract::Snapshot* current = shared_.snapshot.load();
  if (current == snapshot_) return;
  local_map_.rebuild(*current);
  engine_.adopt(*current, now);
  snapshot_ = current;
  row_.generation.store(current->generation, std::memory_order_release);
}

// The main thread says by the region's state when no new calls are wanted any more.
void Worker::follow_state() {
  if (is_draining_) return;
  const DataplaneState state = shared_.region.header().state.load(std::memory_order_relaxed);
  if (state != DataplaneState::draining && state != DataplaneState::ending) return;
  engine_.drain();
  is_draining_ = true;
}

// What the port had, the media of it out again. All of a turn's packets count as having taken as
// long as the turn, which is the longest that any of them did.
void Worker::relay_media(Instant now) {
  const uint64_t begin = CycleClock::read();
  receive(now);
  take_handed_off(now);
  media_path_.relay(now);
  wire_.flush(now);
  const unsigned sent = media_path_.take_sent();
  if (sent != 0 && cycles_.is_known()) row_.relay_delay.add(cycles_.ns_since(begin), sent);
}

void Worker::receive(Instant now) {
  for (wire::Packet& packet : wire_.receive(now)) sort(packet, now);
}

void Worker::take_handed_off(Instant now) {
  const unsigned taken = shared_.handoff.pop(worker_, handed_off_);
  if (taken != 0) has_found_work_ = true;
  for (unsigned i = 0; i < taken; ++i) {
    // The packet's receiver has asked the same map; only a new snapshot in between differs.
    const wire::Frame& frame = handed_off_[i].frame();
    const LocalAddress* local = local_map_.find(frame.local.address);
    if (local != nullptr && local_map_.is_listener(*local, frame.local.port)) {
      sip_path_.accept_handed_off(std::move(handed_off_[i]));
    } else if (local != nullptr && local->is_media_port(frame.local.port)) {
      media_path_.accept(std::move(handed_off_[i]), now);
    } else {
      count(WorkerCounter::udp_no_listener);
      handed_off_[i].reset();
    }
  }
}

// One at a time, since each may want messages sent.
void Worker::take_post(Instant now) {
  for (unsigned i = 0; i < max_post && engine_.take_post(now); ++i) {
    has_found_work_ = true;
    sip_path_.send_outbox(now);
  }
}

// What nobody wants is freed by the next receive().
void Worker::sort(wire::Packet& packet, Instant now) {
  const wire::Frame& frame = packet.frame();
  const LocalAddress* local = local_map_.find(frame.local.address);
  if (local == nullptr) return count(WorkerCounter::udp_no_listener);
  if (local_map_.is_listener(*local, frame.local.port)) {
    sip_path_.accept(std::move(packet));
  } else if (local->is_media_port(frame.local.port)) {
    media_path_.accept(std::move(packet), now);
  } else {
    count(WorkerCounter::udp_no_listener);
  }
}

void Worker::report(Instant now, bool was_busy) {
  const auto add = [](std::atomic<uint64_t>& value, uint64_t amount) {
    value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  };
  add(row_.loops, 1);
  // The time since the last loop's begin is that loop's; a sleep comes after loops without work.
  if (was_busy_) add(row_.busy_ns, static_cast<uint64_t>((now - last_loop_).ns));
  was_busy_ = was_busy;
  last_loop_ = now;
  shared_.quiescence.report(worker_);
  if (now < next_report_) return;
  next_report_ = now + report_interval;
  row_.live_calls.store(engine_.live_calls(), std::memory_order_relaxed);
  row_.live_transactions.store(engine_.live_transactions(), std::memory_order_relaxed);
  row_.free_datagrams.store(engine_.free_datagrams(), std::memory_order_relaxed);
  const media::Table& media = engine_.media();
  row_.free_tone_detectors.store(media.free_tone_detectors(), std::memory_order_relaxed);
  row_.free_repacketizers.store(media.free_repacketizers(), std::memory_order_relaxed);
  const uint64_t allocated = allocations_.take();
  if (allocated != 0) count(WorkerCounter::allocated_octets, allocated);
}

void Worker::count(WorkerCounter counter, uint64_t amount) {
  row_.counters.add(counter, amount);
}

}  // namespace demarc::lcore
