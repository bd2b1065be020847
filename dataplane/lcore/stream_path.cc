#include "dataplane/lcore/stream_path.h"

#include <algorithm>

#include "sip-parser/peek.h"

namespace demarc::lcore {

using contract::Instant;
using contract::WorkerCounter;
using stream::MessageHead;
using stream::MessageRing;

bool StreamPath::serve_one(Instant now) {
  if (parts_.lanes == nullptr) return false;
  MessageRing& ring = parts_.lanes->of(parts_.worker).to_worker;
  const MessageRing::Message message = ring.front();
  if (message.head == nullptr) return false;
  switch (message.head->kind) {
    case MessageHead::Kind::message:
      parts_.engine.on_datagram(message.octets, message.head->path, now);
      break;
    case MessageHead::Kind::broken:
      parts_.engine.on_broken(message.octets, message.head->status_code, message.head->path, now);
      break;
    case MessageHead::Kind::undelivered:
      parts_.engine.on_undelivered(message.head->method, message.octets, now);
      break;
  }
  ring.pop();
  return true;
}

void StreamPath::send(const transaction::Send& send, std::string_view message) {
  if (parts_.lanes != nullptr) {
    MessageHead head;
    head.trunk = send.trunk;
    head.path = send.path;
    if (parts_.lanes->of(parts_.worker).to_streams.push(head, message)) {
      return parts_.lanes->wake();
    }
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
