// Courier: carries requests outside of calls to the workers of the attached dataplane and brings
// back what became of each: exactly once, also when the dataplane is gone meanwhile. And REGISTERs
// of peers the other way, with the answers to them. Used by the
// thread of Upkeep alone, which is the one producer and consumer of those rings.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "controlplane/link/attachment.h"
#include "controlplane/registrar/registrar.h"
#include "dataplane/contract/outside.h"

namespace demarc::upkeep {

class Courier {
 public:
  struct Letter {
    contract::TrunkId trunk = contract::TrunkId::none;
    contract::OutsideMethod method = contract::OutsideMethod::options;
    contract::Endpoint target;
    uint32_t cseq = 1;
    uint32_t wait_ms = 0;
    std::string_view uri;
    std::string_view call_id;
    std::string_view fields;
  };
  // nullptr: it was not sent, or nobody can say.
  using Answer = std::function<void(const contract::OutsideEvent*)>;

  // The dataplane to talk to from now on; what another one was asked counts as not sent.
  void attach(std::shared_ptr<link::Attachment> attachment);
  // False when it could not be handed over; `answer` is not called then.
  [[nodiscard]] bool send(const Letter& letter, Answer answer, uint64_t now_ms);
  // A REGISTER of a peer, as it came.
  using Incoming = std::function<void(const contract::OutsideEvent&)>;
  // Calls the answers that are there, and those that will not come any more.
  void collect(uint64_t now_ms, const Incoming& incoming = {});
  // What a REGISTER gets. False when it could not be handed over: its worker gives up by itself.
  [[nodiscard]] bool answer(const registrar::Answer& answer);

  const std::shared_ptr<link::Attachment>& attachment() const { return attachment_; }
  size_t open() const { return open_.size(); }

 private:
  struct Open {
    Answer answer;
    uint64_t until_ms = 0;
  };
  std::shared_ptr<link::Attachment> attachment_;
  std::map<uint64_t, Open> open_;
  uint64_t next_id_ = 1;
};

}  // namespace demarc::upkeep
