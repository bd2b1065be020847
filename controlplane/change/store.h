// Store: the revisions of the configuration, in STATE/revisions.db: who, when, how, and the files
// themselves without their credentials. SQLite stays in store.cc.
//
// A database that is damaged is set aside and a new one begun. One that can not be opened for
// another reason (held, no descriptor, a full disk) stays as it is, and this one lives in memory.
// Not thread-safe: Changes owns it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "controlplane/config/file.h"
#include "controlplane/config/named_files.h"

namespace demarc::change {

struct Revision {
  uint64_t number = 0;  // from 1; never given twice by one database
  uint64_t at_unix_ns = 0;
  std::string who;  // a user of this machine, or "signal", "start", "timer"
  std::string how;  // "apply", "reload", "start", "rollback to 3", "not confirmed"
  std::string comment;
  uint32_t differences = 0;                   // from the one before
  std::vector<config::File> files = {};       // without credentials; empty in lists
  std::vector<config::NamedFile> named = {};  // as they were then; empty in lists
};

// A change that is taken back unless it is confirmed.
struct Pending {
  uint64_t revision = 0;
  uint64_t back_to = 0;
  uint64_t until_unix_ns = 0;
};

inline constexpr unsigned kept_revisions = 200;

struct StoreError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Store {
 public:
  // Never throws for the state of the file.
  // Revisions beyond the newest `kept` are forgotten.
  explicit Store(const std::string& path, unsigned kept = kept_revisions);
  ~Store();

  // False: it lives in memory, and what the file holds is not seen here.
  bool is_lasting() const;

  // The revision's number. With it, in one transaction: its files are being written to disk, and
  // `pending`, if any. Throws StoreError, like the rest.
  uint64_t add(const Revision& revision, const std::optional<Pending>& pending);
  // As if it had not been added: what waited for its confirmation before does so again.
  void take_back(uint64_t number, const std::optional<Pending>& before);
  // The files of the newest revision are on disk now.
  void have_written();
  void have_settled();  // confirmed, or taken back

  // Newest first, without files.
  std::vector<Revision> list() const;
  std::optional<Revision> find(uint64_t number) const;
  std::optional<Revision> newest() const;
  std::optional<Pending> pending() const;
  // 0: none. The revision whose files may be on disk in part only.
  uint64_t being_written() const;
  // Of all revisions, for the vault.
  std::vector<std::string> texts() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace demarc::change
