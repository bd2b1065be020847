// Store: the bindings on disk, in STATE/bindings.db, so that a restart of this process forgets
// nobody. SQLite stays in store.cc.
//
// A database that is damaged is set aside and a new one begun; one that can not be had is done
// without: who registers comes again. Not thread-safe: Registrar owns it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "controlplane/registrar/bindings.h"

namespace demarc::registrar {

class Store {
 public:
  // "" lives in memory. Never throws for the state of the file.
  explicit Store(const std::string& path);
  ~Store();

  // All that have not ended by `unix_ms`, their expiry by a clock that says `now_ms` then. A row
  // that can not be read is left out.
  std::vector<Binding> load(uint64_t unix_ms, uint64_t now_ms);
  // In one transaction. False, and logged, when it could not be written.
  bool save(const Bindings::Changes& changes, uint64_t unix_ms, uint64_t now_ms);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace demarc::registrar
