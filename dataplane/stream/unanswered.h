// Unanswered: the requests of ours on one connection of which no answer came yet. When it breaks,
// their workers are told at once instead of by timer B or F. Of a Connection; the stream thread
// only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/contract/ids.h"
#include "dataplane/contract/time.h"
#include "sip-parser/method.h"
#include "sip-parser/peek.h"

namespace demarc::stream {

class Unanswered {
 public:
  struct Request {
    std::string branch;  // of its top Via
    sip::Method method = sip::Method::other;
    contract::WorkerIndex worker = 0;  // whose it is
    contract::Instant since;
  };
  // How many are known, and for how long: after that the transaction's timer has decided.
  struct Limits {
    uint32_t count = 0;
    contract::Duration age;
  };

  // A message of ours goes out; what is no request, and ACK, has no answer to wait for.
  void note(contract::WorkerIndex worker, std::string_view message, const Limits& limits,
            contract::Instant now) {
    const auto peek = sip::peek(message);
    if (!peek || !peek->is_request || peek->method == sip::Method::ack) return;
    std::erase_if(requests_, [&](const Request& one) { return now - one.since > limits.age; });
    // The oldest is forgotten first: its timer is the nearest.
    if (requests_.size() == limits.count) requests_.erase(requests_.begin());
    requests_.push_back(
        {std::string(text(peek->top_via_branch, message)), peek->method, worker, now});
  }
  // A message came. A response, whatever it says, means that its request got there.
  void forget_answered(std::string_view message) {
    if (requests_.empty()) return;
    const auto peek = sip::peek(message);
    if (!peek || peek->is_request) return;
    const std::string_view branch = text(peek->top_via_branch, message);
    std::erase_if(requests_, [&](const Request& one) { return one.branch == branch; });
  }
  // The connection is over: what was lost with it.
  std::vector<Request> take() {
    std::vector<Request> all;
    all.swap(requests_);
    return all;
  }
  bool is_empty() const { return requests_.empty(); }

 private:
  std::vector<Request> requests_;  // the oldest first
};

}  // namespace demarc::stream
