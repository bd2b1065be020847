// Bindings: who is registered with us, moved by table.h. No thread, no clock, no file: time in
// milliseconds of a clock that only grows is an argument. Owned by Registrar.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "controlplane/registrar/table.h"
#include "dataplane/contract/address.h"
#include "dataplane/contract/transport.h"

namespace demarc::registrar {

inline constexpr uint64_t in_force_patience_ms = 6'000;  // less than a worker waits for an answer
inline constexpr uint64_t lingering_ms = 4 * 3'600'000;  // of a binding that is over

struct Binding {
  std::string trunk;
  std::string user;
  std::string contact;        // URI
  contract::Endpoint target;  // where calls go
  contract::Endpoint source;  // where its REGISTER came from
  std::string host;           // of Contact, for Request-URIs
  uint16_t port = 0;
  std::string path;  // Route of calls
  uint16_t q = 1000;
  std::string call_id;
  uint32_t cseq = 0;
  std::string user_agent;
  uint32_t interval_s = 0;
  uint64_t expires_ms = 0;
  State state = State::absent;
  uint64_t timer_ms = 0;

  bool is_live() const { return state == State::coming || state == State::bound; }
  bool is_at(const contract::Endpoint& endpoint) const {
    return target == endpoint || source == endpoint;
  }
};

class Bindings {
 public:
  // The live one of this contact; nullptr: none.
  const Binding* find(const std::string& trunk, const std::string& user,
                      const std::string& contact) const;
  // Live ones of an account, or of a trunk where `user` is empty, the earliest first.
  std::vector<Binding> of(const std::string& trunk, const std::string& user = {}) const;
  const std::vector<Binding>& all() const { return rows_; }

  // What a REGISTER asks for; takes the place of the same contact, if there is one.
  void accept(Binding binding, uint64_t now_ms);
  // As it was before a restart: in force, since the dataplane has it or gets it first.
  void restore(Binding binding, uint64_t now_ms);
  void remove(const std::string& trunk, const std::string& user, const std::string& contact,
              uint64_t now_ms);
  // What version() said when the sections that the dataplane has taken were made.
  void in_force(uint64_t version, uint64_t now_ms);
  void tick(uint64_t now_ms);
  // Forgets those that are over of trunks without calls.
  void forget(const std::function<bool(const std::string& trunk)>& has_calls, uint64_t now_ms);

  // Counts up with each change that the dataplane is to know.
  uint64_t version() const { return version_; }
  // What is to be written to disk since the last call of it, in order.
  struct Change {
    Binding binding;
    bool is_gone = false;
  };
  using Changes = std::vector<Change>;
  Changes take_changes();

 private:
  size_t index_of(const std::string& trunk, const std::string& user,
                  const std::string& contact) const;
  void apply(Binding& binding, Event event, uint64_t now_ms);
  void drop_absent();

  std::vector<Binding> rows_;
  std::vector<uint64_t> published_;  // by row: the version that has it
  uint64_t version_ = 1;
  Changes changes_;
};

}  // namespace demarc::registrar
