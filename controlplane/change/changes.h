// Changes: how the configuration becomes another: checked, compared, applied, confirmed, taken
// back. The files on disk are the truth; each that came into force is a revision.
//
// Called by the threads of REST and main; one change at a time. The service is told of a new
// configuration by `take`, on the thread that made the change.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/change/store.h"
#include "controlplane/change/vault.h"
#include "controlplane/config/diff.h"
#include "controlplane/config/load.h"

namespace demarc::change {

struct Options {
  std::string config_file;  // an absolute path
  std::string state_directory;
  unsigned kept_revisions = change::kept_revisions;
};

// What somebody wants to be in force. The first file stands for the configuration itself, whatever
// its path says; the others' paths are relative to it. What they include and do not hold is read
// from disk. "***" stands for the credential in force.
struct Candidate {
  std::vector<config::File> files;
};

struct Wish {
  std::string who;
  std::string comment;
  uint32_t confirm_s = 0;    // taken back after so long unless confirmed; 0: stays
  uint64_t if_revision = 0;  // only if this is the revision in force; 0: whichever
};

inline constexpr uint32_t max_confirm_s = 86'400;
inline constexpr size_t longest_comment = 1'000;  // octets

enum class Verdict : uint8_t {
  good,
  invalid,   // `loaded` says what is wrong
  unfit,     // not without a restart of the dataplane: `detail` says for what
  conflict,  // with a change that waits, an edit on disk, or for want of a revision to go back to
  stale,     // the revision in force is another
  unknown,   // there is no such revision
  failed,    // `detail` says why
};

struct Outcome {
  Verdict verdict = Verdict::good;
  std::string detail;
  uint64_t revision = 0;  // in force now
  std::shared_ptr<const config::Loaded> before;
  std::shared_ptr<const config::Loaded> loaded;  // the candidate; nullptr where none was looked at
  std::vector<config::Difference> differences;
  std::optional<Pending> pending;
  std::string misfit;  // of a comparison: why applying it now would end with `unfit`
  std::vector<config::NamedFile> named;  // files that the candidate names, as they are
  // Files that it and what is in force name, and that hold something else by now.
  std::vector<std::string> changed_files;
  // Of a rollback: files that its revision names and that hold something else than they did then.
  std::vector<std::string> others_by_now;
  bool is_unwritten = false;  // failed: a file or the database could not be written
};

// What is in force.
struct Running {
  uint64_t revision = 0;  // 0: the revisions can not be used
  std::shared_ptr<const config::Loaded> loaded;
  std::optional<Pending> pending;
  std::vector<config::NamedFile> named;  // as they were when it came into force
};

class Changes {
 public:
  using Take = std::function<void(const config::Loaded&)>;
  // Why the running dataplane can not take it; empty: it can. Asked before anything is touched.
  using Misfit = std::function<std::string(const config::Config&)>;
  // Looks for further mistakes in what is good so far: what no dataplane has room for, and, where
  // they are asked, its routing tests.
  using Judge = std::function<void(config::Loaded&, bool asks_tests)>;

  // Before the configuration is loaded at start: finishes a change that a crash interrupted and
  // takes back one whose time is over. Throws runtime::FileError.
  static void recover(const Options& options, uint64_t now_unix_ns);

  // `loaded` is what the files on disk say now.
  Changes(
      Options options, config::Loaded loaded, Take take,
      Misfit misfit = [](const config::Config&) { return std::string(); },
      Judge judge = [](config::Loaded&, bool) {});

  Running running() const;
  // Of a revision that was in force since the start, by Position::file, as people know it; empty
  // when there is none. Waits for nothing.
  std::string file_name(uint64_t revision, uint16_t file) const;
  std::vector<Revision> revisions() const;  // newest first. Throws StoreError
  // With the mask for credentials; nothing when there is none. Throws StoreError.
  std::optional<Revision> revision(uint64_t number) const;

  // What applying it would do.
  Outcome compare(const Candidate& candidate) const;
  // The candidate alone, its routing tests not run: for questions about it.
  Outcome look_at(const Candidate& candidate) const { return judge(candidate, Tests::left_out); }
  Outcome apply(const Candidate& candidate, const Wish& wish);
  Outcome confirm();
  // To the newest revision before the one in force when `number` is 0.
  Outcome roll_back(uint64_t number, const Wish& wish);
  // SIGHUP: the files on disk.
  Outcome reload();
  // Takes a change back whose time is over; one that can not be written now is tried again each
  // minute. Called about once a second. True when a change was taken back.
  bool tick(uint64_t now_unix_ns);

 private:
  enum class Tests : uint8_t { asked, left_out };
  Outcome judge(const Candidate& candidate, Tests tests) const;
  Outcome put_in_force(Outcome outcome, const Wish& wish, const std::string& how);
  Outcome restore(uint64_t number, const Wish& wish, const std::string& how);
  std::string write(const std::vector<config::File>& files) const;
  void adopt(const Outcome& outcome);
  void note_files();
  uint64_t note(const Outcome& outcome, Revision revision, const std::optional<Pending>& pending);
  void forget_credentials();
  uint64_t number_at_start(const Outcome& start);
  config::Loaded load(const Candidate& candidate) const;

  const Options options_;
  const Take take_;
  const Misfit misfit_;
  const Judge judge_;
  mutable std::mutex changing_;  // one change at a time; guards store, vault and next_try
  mutable Store store_;
  Vault vault_;
  uint64_t next_try_unix_ns_ = 0;  // to take back what could not be written
  mutable std::mutex mutex_;       // guards what follows
  Running running_;
  std::map<uint64_t, std::vector<std::string>> file_names_;  // by revision
};

}  // namespace demarc::change
