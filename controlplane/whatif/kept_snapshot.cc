#include "controlplane/whatif/kept_snapshot.h"

namespace demarc::whatif {

Trace KeptSnapshot::trace(const std::shared_ptr<const config::Config>& config,
                          const Question& question) {
  const std::lock_guard guard(mutex_);
  // A load makes another object, and this one is held, so no other has its address.
  if (!snapshot_ || config_ != config) {
    snapshot_.reset();
    config_ = config;
    snapshot_.emplace(*config_);
    ++compiled_;
  }
  return snapshot_->trace(question);
}

unsigned KeptSnapshot::compiled() const {
  const std::lock_guard guard(mutex_);
  return compiled_;
}

}  // namespace demarc::whatif
