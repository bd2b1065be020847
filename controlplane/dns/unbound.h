// Unbound: questions to DNS servers by libunbound, answered later. Its own thread inside does the
// waiting; this class is used by one thread, which polls fd(). The only user of <unbound.h>.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "controlplane/dns/cache.h"

struct ub_ctx;
struct ub_result;

namespace demarc::dns {

class Unbound {
 public:
  // `servers` are addresses, with "@PORT" behind where that is not 53; empty: those of
  // /etc/resolv.conf. Throws std::runtime_error.
  explicit Unbound(const std::vector<std::string>& servers);
  Unbound(const Unbound&) = delete;
  Unbound& operator=(const Unbound&) = delete;
  ~Unbound();  // what was not answered is forgotten

  int fd() const;
  // False when the question can not be asked at all.
  bool ask(const Key& key);
  // What was answered since.
  std::vector<std::pair<Key, Outcome>> take_answers();

 private:
  struct Question;
  static void on_answer(void* question, int error, ub_result* result);

  ub_ctx* context_;
  std::vector<std::pair<Key, Outcome>> answered_;
  std::vector<Question*> open_;
};

}  // namespace demarc::dns
