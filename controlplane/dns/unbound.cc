#include "controlplane/dns/unbound.h"

#include <unbound.h>

#include <algorithm>
#include <stdexcept>

namespace demarc::dns {
namespace {

constexpr int internet_class = 1;

void require(int error, const char* what) {
  if (error == 0) return;
  throw std::runtime_error(std::string("libunbound: ") + what + ": " + ub_strerror(error));
}

Outcome failure(std::string text) {
  Outcome outcome;
  outcome.error = std::move(text);
  return outcome;
}

Outcome outcome_of(RecordType type, const ub_result& result) {
  if (result.bogus != 0) return failure("the answer is not signed as it should be");
  Outcome outcome;
  outcome.ttl_ms = static_cast<uint64_t>(std::max(result.ttl, 0)) * 1000;
  constexpr int no_error = 0;
  constexpr int no_such_name = 3;
  if (result.havedata == 0) {
    if (result.rcode != no_error && result.rcode != no_such_name) {
      return failure("the servers answered with RCODE " + std::to_string(result.rcode));
    }
    outcome.kind = Outcome::Kind::absent;
    return outcome;
  }
  std::vector<std::string_view> rdata;
  for (unsigned i = 0; result.data[i] != nullptr && i < max_records; ++i) {
    rdata.emplace_back(result.data[i], static_cast<size_t>(std::max(result.len[i], 0)));
  }
  outcome.answer = read_answer(type, rdata);
  // Records of which none can be used say as much as none.
  outcome.kind = outcome.answer.empty() ? Outcome::Kind::absent : Outcome::Kind::present;
  return outcome;
}

}  // namespace

struct Unbound::Question {
  Unbound* owner;
  Key key;
};

Unbound::Unbound(const std::vector<std::string>& servers) : context_(ub_ctx_create()) {
  if (context_ == nullptr) throw std::runtime_error("libunbound: no memory");
  try {
    // A thread instead of a process.
    require(ub_ctx_async(context_, 1), "thread");
    // A server on this machine is a server.
    require(ub_ctx_set_option(context_, "do-not-query-localhost:", "no"), "localhost");
    // A server that was silent is asked again soon, since there may be no other.
    require(ub_ctx_set_option(context_, "infra-host-ttl:", "10"), "infra-host-ttl");
    if (servers.empty()) {
      require(ub_ctx_resolvconf(context_, nullptr), "/etc/resolv.conf");
    }
    for (const std::string& server : servers) {
      require(ub_ctx_set_fwd(context_, server.c_str()), server.c_str());
    }
    // Names that are kept for tests are names of somebody's own servers here. Behind the options:
    // libunbound takes none after this.
    for (const char* zone : {"test.", "invalid.", "10.in-addr.arpa."}) {
      static_cast<void>(ub_ctx_zone_remove(context_, zone));
    }
  } catch (...) {
    ub_ctx_delete(context_);
    throw;
  }
}

Unbound::~Unbound() {
  ub_ctx_delete(context_);
  for (Question* question : open_) delete question;
}

int Unbound::fd() const {
  return ub_fd(context_);
}

bool Unbound::ask(const Key& key) {
  auto* question = new Question{this, key};
  const int error = ub_resolve_async(context_, key.name.c_str(), static_cast<int>(key.type),
                                     internet_class, question, &Unbound::on_answer, nullptr);
  if (error != 0) {
    delete question;
    return false;
  }
  open_.push_back(question);
  return true;
}

void Unbound::on_answer(void* data, int error, ub_result* result) {
  auto* question = static_cast<Question*>(data);
  Unbound& owner = *question->owner;
  std::erase(owner.open_, question);
  Outcome outcome =
      error != 0 ? failure(ub_strerror(error)) : outcome_of(question->key.type, *result);
  ub_resolve_free(result);
  owner.answered_.emplace_back(std::move(question->key), std::move(outcome));
  delete question;
}

std::vector<std::pair<Key, Outcome>> Unbound::take_answers() {
  ub_process(context_);
  return std::exchange(answered_, {});
}

}  // namespace demarc::dns
