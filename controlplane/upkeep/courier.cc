#include "controlplane/upkeep/courier.h"

#include <utility>

namespace demarc::upkeep {
namespace {

// Longer than a worker takes, beyond the request's own time.
constexpr uint64_t grace_ms = 5'000;

}  // namespace

void Courier::attach(std::shared_ptr<link::Attachment> attachment) {
  if (attachment == attachment_) return;
  attachment_ = std::move(attachment);
  for (auto& [id, open] : std::exchange(open_, {})) open.answer(nullptr);
  // Ids that answer somebody before us mean nothing here.
  next_id_ = (next_id_ / 1'000'000 + 1) * 1'000'000;
}

bool Courier::send(const Letter& letter, Answer answer, uint64_t now_ms) {
  if (attachment_ == nullptr || !attachment_->is_open()) return false;
  const contract::Region& region = attachment_->region();
  contract::OutsideRequest request;
  request.request_id = next_id_;
  request.trunk = letter.trunk;
  request.method = letter.method;
  request.target = letter.target;
  request.cseq = letter.cseq;
  request.wait_ms = letter.wait_ms;
  const bool fits = request.put(request.uri_length, letter.uri) &&
                    request.put(request.call_id_length, letter.call_id) &&
                    request.put(request.fields_length, letter.fields);
  if (!fits) return false;
  const auto worker =
      static_cast<contract::WorkerIndex>(contract::index_of(letter.trunk) % region.workers());
  contract::OutsideRequestRing ring = region.outside_requests(worker);
  if (!ring.is_valid() || !ring.push(request)) return false;
  open_[next_id_] = {std::move(answer), now_ms + letter.wait_ms + grace_ms};
  ++next_id_;
  return true;
}

bool Courier::answer(const registrar::Answer& answer) {
  if (attachment_ == nullptr || !attachment_->is_open()) return false;
  const contract::Region& region = attachment_->region();
  if (answer.worker >= region.workers()) return false;
  contract::OutsideRequest request;
  request.method = contract::OutsideMethod::answer;
  request.request_id = answer.request_id;
  request.status_code = answer.status_code;
  if (!request.put(request.fields_length, answer.fields)) {
    request.status_code = 500;
    request.fields_length = 0;
  }
  contract::OutsideRequestRing ring =
      region.outside_requests(static_cast<contract::WorkerIndex>(answer.worker));
  return ring.is_valid() && ring.push(request);
}

void Courier::collect(uint64_t now_ms, const Incoming& incoming) {
  if (attachment_ != nullptr) {
    const contract::Region& region = attachment_->region();
    for (unsigned worker = 0; worker < region.workers(); ++worker) {
      contract::OutsideEventRing ring =
          region.outside_events(static_cast<contract::WorkerIndex>(worker));
      contract::OutsideEvent event;
      while (ring.is_valid() && ring.pop(event)) {
        if (event.kind == contract::OutsideEvent::Kind::request) {
          // Whose ring it came by is known here, whatever it says.
          event.worker = static_cast<uint16_t>(worker);
          if (incoming) incoming(event);
          continue;
        }
        const auto found = open_.find(event.request_id);
        if (found == open_.end()) continue;
        const Answer answer = std::move(found->second.answer);
        open_.erase(found);
        answer(event.kind == contract::OutsideEvent::Kind::refused ? nullptr : &event);
      }
    }
  }
  std::map<uint64_t, Open> late;
  for (auto row = open_.begin(); row != open_.end();) {
    const auto next = std::next(row);
    if (row->second.until_ms <= now_ms) late.insert(open_.extract(row));
    row = next;
  }
  for (auto& [id, open] : late) open.answer(nullptr);
}

}  // namespace demarc::upkeep
