#include "dataplane/lcore/sip_path.h"

#include "dataplane/media/table.h"

namespace demarc::lcore {

using contract::Instant;
using contract::WorkerCounter;
using contract::WorkerIndex;

void SipPath::accept(wire::Packet packet) {
  const WorkerIndex owner = owners_.of_datagram(packet.payload(), parts_.worker);
  if (owner == parts_.worker) return keep(std::move(packet));
  const bool is_taken = parts_.handoff.push({parts_.worker, owner}, packet);
  parts_.counters.add(is_taken ? WorkerCounter::frames_handed_off
                               : WorkerCounter::handoff_ring_full);
}

void SipPath::keep(wire::Packet packet) {
  if (tail_ - head_ == max_backlog) {
    return parts_.counters.add(WorkerCounter::sip_backlog_full);
  }
  backlog_[tail_++ % max_backlog] = std::move(packet);
}

void SipPath::serve(Instant now) {
  for (unsigned i = 0; i < datagrams_per_loop && has_backlog(); ++i) {
    const wire::Packet packet = std::move(backlog_[head_++ % max_backlog]);
    const wire::Frame& frame = packet.frame();
    // The address may have left the configuration while the packet waited.
    const LocalAddress* local = parts_.local_map.find(frame.local.address);
    if (local == nullptr) {
      parts_.counters.add(WorkerCounter::udp_no_listener);
      continue;
    }
    const transaction::Path path{
        .local = frame.local, .remote = frame.remote, .realm = local->realm};
    parts_.engine.on_datagram(packet.payload(), path, now);
    send_outbox(now);
  }
}

void SipPath::send_outbox(Instant now) {
  for (unsigned round = 0; round < max_rounds; ++round) {
    if (parts_.engine.outbox().sends().empty()) return;
    for (const transaction::Send& one : parts_.engine.outbox().sends()) send(one, now);
    parts_.engine.clear_outbox();
    if (!streams_.tell_lost(now)) return;
  }
}

bool SipPath::serve_streams(Instant now) {
  for (unsigned i = 0; i < StreamPath::messages_per_loop; ++i) {
    if (!streams_.serve_one(now)) return i != 0;
    send_outbox(now);
  }
  return true;
}

void SipPath::send(const transaction::Send& send, Instant now) {
  if (send.path.is_reliable()) return streams_.send(send, parts_.engine.octets(send.datagram));
  const LocalAddress* local = parts_.local_map.find(send.path.local.address);
  if (local == nullptr) return parts_.counters.add(WorkerCounter::neighbour_unresolved);
  const std::string_view octets = parts_.engine.octets(send.datagram);
  const wire::Datagram datagram{
      .local = send.path.local,
      .remote = send.path.remote,
      .dscp = local->signalling_dscp,
      .payload = {reinterpret_cast<const uint8_t*>(octets.data()), octets.size()}};
  // A datagram that wire drops is counted there and lost like one on the way; a timer sends again.
  (void)parts_.wire.send(local->segment, datagram, now);
}

}  // namespace demarc::lcore
