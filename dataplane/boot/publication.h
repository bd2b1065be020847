// Publication: from the store of a new snapshot until every worker has left the one before.
//
// Main thread only. It belongs to the program, not to the control plane's session: when that one
// goes away in between, the workers still run with what its publication replaced, so nothing may be
// published or freed before this one is through.
#pragma once

#include <optional>

#include "dataplane/boot/loader.h"
#include "dataplane/contract/time.h"
#include "dataplane/lcore/quiescence.h"

namespace demarc::boot {

class Publication {
 public:
  bool is_in_progress() const { return awaited_.has_value(); }
  // What the workers were given last, and are to adopt. 0 when none is in progress.
  uint64_t generation() const { return awaited_ ? awaited_->generation : 0; }

  // After Loader::publish(); none may be in progress.
  void begin(uint64_t generation, contract::Instant now);
  // Looks whether it is through: true once, when the snapshot before has been retired.
  // `has_adopted`: every worker runs with generation().
  [[nodiscard]] bool step(bool has_adopted, lcore::Quiescence& quiescence, Loader& loader,
                          contract::Instant now);

 private:
  struct Awaited {
    uint64_t generation;
    contract::Instant since;
    std::optional<uint64_t> token;  // of quiescence, once all have adopted
    bool is_reported_late = false;
  };
  std::optional<Awaited> awaited_;
};

}  // namespace demarc::boot
