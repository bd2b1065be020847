// Quiescence: when every worker has been through its loop since something was taken out of use, so
// that it may be freed (RCU by rte_rcu_qsbr). The loader asks, workers report once per loop.
#pragma once

#include <cstdint>

#include "dataplane/contract/ids.h"

struct rte_rcu_qsbr;

namespace demarc::lcore {

class Quiescence {
 public:
  Quiescence() = default;
  Quiescence(const Quiescence&) = delete;
  Quiescence& operator=(const Quiescence&) = delete;
  ~Quiescence();

  // The main thread, before workers start. False when memory is exhausted.
  [[nodiscard]] bool start(unsigned workers);

  // A worker's thread: before its first loop, after each loop, after its last.
  void join(contract::WorkerIndex worker);
  void report(contract::WorkerIndex worker);
  void leave(contract::WorkerIndex worker);

  // The loader: everything taken out of use before begin() may be freed once has_passed(token).
  uint64_t begin();
  bool has_passed(uint64_t token);

 private:
  rte_rcu_qsbr* state_ = nullptr;
};

}  // namespace demarc::lcore
