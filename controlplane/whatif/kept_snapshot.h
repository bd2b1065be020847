// KeptSnapshot: what-if on the configuration in force, compiled at the first question and kept
// until another one is asked about. Used by the API; any thread, one question at a time.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "controlplane/whatif/trace_route.h"

namespace demarc::whatif {

class KeptSnapshot {
 public:
  // Throws std::runtime_error when `config` can not be compiled; it is not nullptr.
  Trace trace(const std::shared_ptr<const config::Config>& config, const Question& question);
  // How often one was compiled.
  unsigned compiled() const;

 private:
  mutable std::mutex mutex_;  // guards what follows, and the scratch memory of patterns
  std::shared_ptr<const config::Config> config_;
  std::optional<Snapshot> snapshot_;
  unsigned compiled_ = 0;
};

}  // namespace demarc::whatif
