#include "dataplane/lcore/quiescence.h"

#include <rte_rcu_qsbr.h>

#include <cstdlib>

#include "sip-parser/base/check.h"

namespace demarc::lcore {

Quiescence::~Quiescence() {
  std::free(state_);
}

bool Quiescence::start(unsigned workers) {
  const size_t octets = rte_rcu_qsbr_get_memsize(workers);
  state_ = static_cast<rte_rcu_qsbr*>(std::aligned_alloc(64, (octets + 63) / 64 * 64));
  return state_ != nullptr && rte_rcu_qsbr_init(state_, workers) == 0;
}

void Quiescence::join(contract::WorkerIndex worker) {
  DEMARC_CHECK(rte_rcu_qsbr_thread_register(state_, worker) == 0);
  rte_rcu_qsbr_thread_online(state_, worker);
}

void Quiescence::report(contract::WorkerIndex worker) {
  rte_rcu_qsbr_quiescent(state_, worker);
}

void Quiescence::leave(contract::WorkerIndex worker) {
  rte_rcu_qsbr_thread_offline(state_, worker);
  DEMARC_CHECK(rte_rcu_qsbr_thread_unregister(state_, worker) == 0);
}

uint64_t Quiescence::begin() {
  return rte_rcu_qsbr_start(state_);
}

bool Quiescence::has_passed(uint64_t token) {
  return rte_rcu_qsbr_check(state_, token, false) == 1;
}

}  // namespace demarc::lcore
