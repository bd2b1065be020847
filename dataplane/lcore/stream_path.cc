#include "dataplane/lcore/stream_path.h"

#include <algorithm>

#include "sip-parser/peek.h"

namespace demarc::lcore {

using contract::Instant;
using contract::WorkerCounter;
using stream::MessageHead;
using stream::MessageRing;

// The threads in turn, so that none is kept waiting by another's peers; nullptr: all are empty.
MessageRing* StreamPath::next_ring() {
  const unsigned count = parts_.shards == nullptr ? 0 : parts_.shards->count();
  for (unsigned tried = 0; tried < count; ++tried) {
    next_shard_ = next_shard_ + 1 < count ? next_shard_ + 1 : 0;
    MessageRing& ring = parts_.shards->lanes(next_shard_).of(parts_.worker).to_worker;
    if (ring.front().head != nullptr) return &ring;
  }
  return nullptr;
}

bool StreamPath::serve_one(Instant now) {
  MessageRing* ring = next_ring();
  if (ring == nullptr) return false;
  const MessageRing::Message message = ring->front();
  switch (message.head->kind) {
    case MessageHead::Kind::message:
      parts_.engine.on_datagram(message.octets, message.head->path, now);
      break;
    case MessageHead::Kind::broken:
      parts_.engine.on_broken(message.octets, message.head->status_code, message.head->path, now);
      break;
    case MessageHead::Kind::undelivered:
      parts_.engine.on_undelivered(message.head->method, message.octets, now, message.head->fault);
      break;
  }
  ring->pop();
  return true;
}

void StreamPath::send(const transaction::Send& send, std::string_view message) {
  if (parts_.shards != nullptr) {
    MessageHead head;
    head.trunk = send.trunk;
    head.path = send.path;
    stream::Lanes& lanes = parts_.shards->lanes_to(send.path.remote.address);
    if (lanes.of(parts_.worker).to_streams.push(head, message)) return lanes.wake();
  }
  parts_.counters.add(WorkerCounter::stream_ring_full);
  remember(message);
}

void StreamPath::remember(std::string_view message) {
  const auto peek = sip::peek(message);
  if (!peek || !peek->is_request || peek->method == sip::Method::ack) return;
  const std::string_view branch = text(peek->top_via_branch, message);
  // Beyond that timer B or F decides, as over UDP.
  if (lost_count_ == max_lost || branch.size() > Lost{}.branch.size()) return;
  Lost& lost = lost_[lost_count_++];
  lost.method = peek->method;
  lost.length = static_cast<uint8_t>(branch.size());
  std::copy(branch.begin(), branch.end(), lost.branch.begin());
}

bool StreamPath::tell_lost(Instant now) {
  const unsigned count = lost_count_;
  lost_count_ = 0;
  // What this makes is in the outbox and not sent yet, so none is remembered meanwhile.
  for (unsigned i = 0; i < count; ++i) {
    const Lost& lost = lost_[i];
    parts_.engine.on_undelivered(lost.method, {lost.branch.data(), lost.length}, now);
  }
  return count != 0;
}

}  // namespace demarc::lcore
