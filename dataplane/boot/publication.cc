#include "dataplane/boot/publication.h"

#include "dataplane/boot/log.h"
#include "sip-parser/base/check.h"

namespace demarc::boot {
namespace {

// Workers adopt within a turn of their loop; one that has not after this long is stuck.
constexpr contract::Duration late = contract::Duration::seconds(2);

}  // namespace

void Publication::begin(uint64_t generation, contract::Instant now) {
  DEMARC_CHECK(!awaited_);
  awaited_ = Awaited{.generation = generation, .since = now, .token = std::nullopt};
}

// A worker that has adopted the new snapshot may still be in the turn in which it did; the old one
// is freed when each has finished one more.
bool Publication::step(bool has_adopted, lcore::Quiescence& quiescence, Loader& loader,
                       contract::Instant now) {
  if (!awaited_) return false;
  if (!awaited_->is_reported_late && now - awaited_->since > late) {
    awaited_->is_reported_late = true;
    log("generation %llu is not in force on every worker after %lld ms",
        static_cast<unsigned long long>(awaited_->generation),
        static_cast<long long>(late.ns / 1'000'000));
  }
  if (!awaited_->token) {
    if (!has_adopted) return false;
    awaited_->token = quiescence.begin();
  }
  if (!quiescence.has_passed(*awaited_->token)) return false;
  loader.retire();
  log("generation %llu is in force", static_cast<unsigned long long>(awaited_->generation));
  awaited_.reset();
  return true;
}

}  // namespace demarc::boot
