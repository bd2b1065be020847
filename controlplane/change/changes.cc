#include "controlplane/change/changes.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "controlplane/change/written_files.h"
#include "controlplane/config/secrets.h"
#include "controlplane/runtime/files.h"
#include "controlplane/runtime/log.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::change {
namespace {

using config::File;
using runtime::Level;

constexpr std::string_view database_name = "/revisions.db";
constexpr std::string_view vault_name = "/credentials.json";
constexpr std::string_view not_confirmed = "not confirmed";  // how it came into force
constexpr uint64_t ns_per_s = 1'000'000'000;
constexpr uint64_t retry_ns = 60 * ns_per_s;

// Each "***" becomes the credential in force at that path. False when there is none.
bool unmask(const config::Loaded& candidate, const config::Loaded& running,
            std::vector<File>& files, std::vector<config::Problem>& problems) {
  std::map<std::string_view, std::string_view> known;
  for (const config::SecretPlace& place : running.tree->secrets) known[place.path] = place.value;
  files.clear();
  for (size_t i = 0; i < candidate.files.size(); ++i) {
    const auto put_back = [&](const config::SecretPlace& place, std::string_view literal) {
      if (place.value != config::mask) return std::string(literal);
      const auto found = known.find(place.path);
      if (found != known.end()) return config::toml_string(found->second);
      problems.push_back({place.begin, false,
                          "\"***\" stands for the credential in force, and there is none here",
                          place.path});
      return std::string(literal);
    };
    const auto index = static_cast<uint16_t>(i);
    files.push_back({candidate.files[i].path, config::replace_secrets(candidate.files[i], index,
                                                                      *candidate.tree, put_back)});
  }
  return problems.empty();
}

bool has_mask(const config::Loaded& loaded) {
  const auto& secrets = loaded.tree->secrets;
  return std::any_of(secrets.begin(), secrets.end(),
                     [](const config::SecretPlace& place) { return place.value == config::mask; });
}

// The newest revision that is older; 0 when there is none. Numbers have gaps where a change failed.
uint64_t number_before(const Store& store, uint64_t number) {
  for (const Revision& revision : store.list()) {
    if (revision.number < number) return revision.number;
  }
  return 0;
}

// With their credentials; nothing when it is not known what they were.
std::vector<File> files_of(const Store& store, const Vault& vault, const std::string& config_file,
                           uint64_t number) {
  std::optional<Revision> revision = store.find(number);
  if (!revision || !vault.put_back(revision->files)) return {};
  make_absolute(config_file, revision->files);
  return std::move(revision->files);
}

// Whether what was thrown is about the disk, which may do better later.
bool is_of_disk(const std::exception& error) {
  return dynamic_cast<const runtime::FileError*>(&error) != nullptr ||
         dynamic_cast<const StoreError*>(&error) != nullptr;
}

// What it says and what the files hold that it names.
bool is_in_force(const Outcome& outcome) {
  return outcome.loaded->files == outcome.before->files && outcome.changed_files.empty();
}

Outcome refusal(Verdict verdict, std::string detail, uint64_t revision) {
  Outcome outcome;
  outcome.verdict = verdict;
  outcome.detail = std::move(detail);
  outcome.revision = revision;
  return outcome;
}

}  // namespace

void Changes::recover(const Options& options, uint64_t now_unix_ns) {
  runtime::make_directory(options.state_directory);
  const runtime::FileLock lock(options.state_directory + "/lock");
  Store store(options.state_directory + std::string(database_name));
  const Vault vault(options.state_directory + std::string(vault_name));
  try {
    const std::optional<Pending> pending = store.pending();
    const bool is_over = pending && pending->until_unix_ns <= now_unix_ns;
    const uint64_t number = is_over ? pending->back_to : store.being_written();
    if (number == 0) return;
    std::optional<Revision> revision = store.find(number);
    if (!revision || !vault.put_back(revision->files)) {
      throw StoreError("revision " + std::to_string(number) + " is not here any more");
    }
    make_absolute(options.config_file, revision->files);
    const uint64_t before = is_over ? pending->revision : number_before(store, number);
    keep_edits(revision->files, files_of(store, vault, options.config_file, before), number);
    write_all(options.config_file, revision->files);
    store.have_written();
    if (is_over) store.have_settled();
    runtime::log(Level::warning, "change",
                 (is_over ? "the last change was not confirmed in time: back to revision "
                          : "a change was interrupted: the files are again those of revision ") +
                     std::to_string(number));
  } catch (const std::exception& error) {
    runtime::log(Level::error, "change", std::string("nothing was recovered: ") + error.what());
  }
}

Changes::Changes(Options options, config::Loaded loaded, Take take, Misfit misfit, Judge judge)
    : options_(std::move(options)),
      take_(std::move(take)),
      misfit_(std::move(misfit)),
      judge_(std::move(judge)),
      store_(options_.state_directory + std::string(database_name), options_.kept_revisions),
      vault_(options_.state_directory + std::string(vault_name)) {
  Outcome start;
  start.loaded = std::make_shared<const config::Loaded>(std::move(loaded));
  start.named = config::named_files(start.loaded->config);
  running_.revision = number_at_start(start);
  running_.loaded = start.loaded;
  running_.named = start.named;
  note_files();
  try {
    running_.pending = store_.pending();
  } catch (const StoreError& error) {
    runtime::log(Level::error, "change", error.what());
  }
  forget_credentials();
}

// Those that no revision has any more.
void Changes::forget_credentials() {
  // In memory, the revisions that the file holds are not seen and would lose theirs.
  if (!store_.is_lasting()) return;
  try {
    vault_.keep_only(store_.texts());
  } catch (const StoreError& error) {
    runtime::log(Level::error, "change", error.what());
  }
}

// That of the newest revision when the files are as it left them, else a new one.
uint64_t Changes::number_at_start(const Outcome& start) {
  try {
    std::optional<Revision> newest = store_.newest();
    if (newest && vault_.put_back(newest->files)) {
      make_absolute(options_.config_file, newest->files);
      const bool is_it = newest->files == start.loaded->files &&
                         config::changed_files(newest->named, start.named).empty();
      if (is_it) return newest->number;
    }
    Revision revision;
    revision.who = "start";
    revision.how = "start";
    return note(start, std::move(revision), std::nullopt);
  } catch (const std::exception& error) {
    runtime::log(Level::error, "change", std::string("this start is no revision: ") + error.what());
    return 0;
  }
}

uint64_t Changes::note(const Outcome& outcome, Revision revision,
                       const std::optional<Pending>& pending) {
  revision.at_unix_ns = runtime::now_unix_ns();
  revision.files = vault_.without_secrets(outcome.loaded->files, *outcome.loaded->tree);
  revision.named = outcome.named;
  make_relative(options_.config_file, revision.files);
  const uint64_t number = store_.add(revision, pending);
  if (number > options_.kept_revisions) forget_credentials();
  // Files that came from the disk are there.
  if (revision.how == "start" || revision.how == "reload") store_.have_written();
  return number;
}

Running Changes::running() const {
  const std::lock_guard guard(mutex_);
  return running_;
}

std::string Changes::file_name(uint64_t revision, uint16_t file) const {
  const std::lock_guard guard(mutex_);
  const auto names = file_names_.find(revision);
  if (names == file_names_.end() || file >= names->second.size()) return {};
  return names->second[file];
}

std::vector<Revision> Changes::revisions() const {
  const std::lock_guard changing(changing_);
  return store_.list();
}

std::optional<Revision> Changes::revision(uint64_t number) const {
  const std::lock_guard changing(changing_);
  std::optional<Revision> revision = store_.find(number);
  if (!revision) return std::nullopt;
  // The tokens stand where credentials did, so that they are found like them.
  const Candidate candidate{revision->files};
  const config::Loaded loaded = load(candidate);
  revision->files = config::masked(loaded.files, *loaded.tree);
  make_relative(options_.config_file, revision->files);
  return revision;
}

config::Loaded Changes::load(const Candidate& candidate) const {
  std::map<std::string, const std::string*> brought;
  for (size_t i = 1; i < candidate.files.size(); ++i) {
    const File& file = candidate.files[i];
    brought[config::path_beside(options_.config_file, file.path)] = &file.text;
  }
  const auto open = [&brought](const std::string& path) -> std::optional<std::string> {
    const auto found = brought.find(path);
    return found == brought.end() ? config::open_file(path) : *found->second;
  };
  return config::load({options_.config_file, candidate.files.front().text}, open);
}

Outcome Changes::judge(const Candidate& candidate, Tests tests) const {
  const Running now = running();
  Outcome outcome;
  outcome.revision = now.revision;
  outcome.before = now.loaded;
  outcome.pending = now.pending;
  config::Loaded loaded = load(candidate);
  if (has_mask(loaded)) {
    std::vector<File> files;
    std::vector<config::Problem> problems;
    const bool is_whole = unmask(loaded, *now.loaded, files, problems);
    loaded = load({files});
    loaded.is_good = loaded.is_good && is_whole;
    loaded.problems.insert(loaded.problems.end(), problems.begin(), problems.end());
  }
  judge_(loaded, tests == Tests::asked);
  outcome.verdict = loaded.is_good ? Verdict::good : Verdict::invalid;
  if (loaded.is_good) {
    outcome.differences = config::diff(*now.loaded->tree, *loaded.tree);
    outcome.named = config::named_files(loaded.config);
    outcome.changed_files = config::changed_files(now.named, outcome.named);
  }
  outcome.loaded = std::make_shared<const config::Loaded>(std::move(loaded));
  return outcome;
}

Outcome Changes::compare(const Candidate& candidate) const {
  Outcome outcome = judge(candidate, Tests::asked);
  if (outcome.verdict == Verdict::good) outcome.misfit = misfit_(outcome.loaded->config);
  return outcome;
}

Outcome Changes::apply(const Candidate& candidate, const Wish& wish) {
  const std::lock_guard changing(changing_);
  const Running now = running();
  if (wish.if_revision != 0 && wish.if_revision != now.revision) {
    return refusal(Verdict::stale, "revision " + std::to_string(now.revision) + " is in force",
                   now.revision);
  }
  if (now.pending) {
    return refusal(Verdict::conflict,
                   "revision " + std::to_string(now.pending->revision) +
                       " waits for its confirmation: confirm it or roll it back first",
                   now.revision);
  }
  Outcome outcome = judge(candidate, Tests::asked);
  if (outcome.verdict != Verdict::good) return outcome;
  for (const File& file : outcome.loaded->files) {
    if (!edit_of(file, now.loaded->files)) continue;
    return refusal(Verdict::conflict,
                   file.path + " was edited on disk and is not in force: reload first",
                   now.revision);
  }
  return put_in_force(std::move(outcome), wish, "apply");
}

// Revision first, then the files, then the service: a crash in between is finished at start.
Outcome Changes::put_in_force(Outcome outcome, const Wish& wish, const std::string& how) {
  if (outcome.verdict != Verdict::good) return outcome;
  if (wish.confirm_s != 0 && outcome.revision == 0) {
    return refusal(Verdict::conflict,
                   "what is in force is no revision (the log says why), so there is nothing to go "
                   "back to: apply without a time to confirm",
                   0);
  }
  if (std::string why = misfit_(outcome.loaded->config); !why.empty()) {
    if (how != not_confirmed) return refusal(Verdict::unfit, std::move(why), outcome.revision);
    // It may have cut its author off, which nothing heals; what does not fit a restart heals.
    runtime::log(Level::error, "change",
                 "what is taken back comes into force when the dataplane restarts: " + why);
  }
  if (is_in_force(outcome)) {
    take_(*outcome.loaded);
    adopt(outcome);
    return outcome;
  }
  Revision revision;
  revision.who = wish.who;
  revision.how = how;
  revision.comment = wish.comment.substr(0, longest_comment);
  revision.differences = static_cast<uint32_t>(outcome.differences.size());
  std::optional<Pending> pending;
  if (wish.confirm_s != 0) {
    const uint64_t confirm_s = std::min(wish.confirm_s, max_confirm_s);
    pending = Pending{0, outcome.revision, runtime::now_unix_ns() + confirm_s * ns_per_s};
  }
  uint64_t number = 0;
  try {
    number = note(outcome, revision, pending);
    write_all(options_.config_file, outcome.loaded->files);
    store_.have_written();
    take_(*outcome.loaded);
  } catch (const std::exception& error) {
    const std::string left = number == 0 ? "" : write(outcome.before->files);
    if (number != 0 && left.empty()) store_.take_back(number, outcome.pending);
    Outcome failed = refusal(Verdict::failed, error.what() + left, outcome.revision);
    failed.is_unwritten = is_of_disk(error);
    return failed;
  }
  outcome.revision = number;
  if (pending) pending->revision = number;
  outcome.pending = pending;
  adopt(outcome);
  runtime::log(Level::info, "change",
               "revision " + std::to_string(number) + " is in force: " + how + " by " + wish.who);
  return outcome;
}

// Puts the files back that a failed change wrote; what went wrong, or nothing.
std::string Changes::write(const std::vector<File>& files) const {
  try {
    write_all(options_.config_file, files);
    return {};
  } catch (const runtime::FileError& error) {
    return std::string("; and the files could not be put back: ") + error.what();
  }
}

void Changes::adopt(const Outcome& outcome) {
  const std::lock_guard guard(mutex_);
  running_ = {outcome.revision, outcome.loaded, outcome.pending, outcome.named};
  note_files();
}

// Calls go on with what they began with, so older ones are asked for as well.
void Changes::note_files() {
  file_names_[running_.revision] = running_.loaded->config.files;
  if (file_names_.size() > options_.kept_revisions) file_names_.erase(file_names_.begin());
}

Outcome Changes::confirm() {
  const std::lock_guard changing(changing_);
  const Running now = running();
  if (!now.pending) return refusal(Verdict::unknown, "no change waits for it", now.revision);
  try {
    store_.have_settled();
  } catch (const StoreError& error) {
    return refusal(Verdict::failed, error.what(), now.revision);
  }
  const std::lock_guard guard(mutex_);
  running_.pending.reset();
  runtime::log(Level::info, "change", "revision " + std::to_string(now.revision) + " is confirmed");
  return refusal(Verdict::good, "", now.revision);
}

Outcome Changes::roll_back(uint64_t number, const Wish& wish) {
  const std::lock_guard changing(changing_);
  const Running now = running();
  if (wish.if_revision != 0 && wish.if_revision != now.revision) {
    return refusal(Verdict::stale, "revision " + std::to_string(now.revision) + " is in force",
                   now.revision);
  }
  if (number == 0 && now.pending) number = now.pending->back_to;
  try {
    if (number == 0) number = number_before(store_, now.revision);
  } catch (const StoreError& error) {
    return refusal(Verdict::failed, error.what(), now.revision);
  }
  return restore(number, wish, "rollback to " + std::to_string(number));
}

Outcome Changes::restore(uint64_t number, const Wish& wish, const std::string& how) {
  const uint64_t in_force = running().revision;
  try {
    std::optional<Revision> revision = store_.find(number);
    if (!revision) {
      return refusal(Verdict::unknown, "there is no revision " + std::to_string(number), in_force);
    }
    if (!vault_.put_back(revision->files)) {
      return refusal(Verdict::failed, "its credentials are not here any more", in_force);
    }
    // What its tests find in tables by now must not keep anybody from going back.
    Outcome outcome = judge({revision->files}, Tests::left_out);
    if (outcome.verdict == Verdict::good) {
      outcome.others_by_now = config::changed_files(revision->named, outcome.named);
      for (const std::string& path : outcome.others_by_now) {
        runtime::log(Level::warning, "change",
                     path + " is not what it was in revision " + std::to_string(number));
      }
      keep_edits(outcome.loaded->files, outcome.before->files, in_force);
      // Where what it goes back to says and holds what is in force, nothing is left to take back.
      if (outcome.pending && outcome.pending->back_to == number && is_in_force(outcome)) {
        store_.have_settled();
        outcome.pending.reset();
      }
    }
    return put_in_force(std::move(outcome), wish, how);
  } catch (const std::exception& error) {
    Outcome failed = refusal(Verdict::failed, error.what(), in_force);
    failed.is_unwritten = is_of_disk(error);
    return failed;
  }
}

Outcome Changes::reload() {
  const std::lock_guard changing(changing_);
  const Running now = running();
  Outcome outcome;
  outcome.before = now.loaded;
  outcome.revision = now.revision;
  outcome.pending = now.pending;
  config::Loaded read = config::load_file(options_.config_file);
  judge_(read, true);
  const auto loaded = std::make_shared<const config::Loaded>(std::move(read));
  outcome.loaded = loaded;
  if (!loaded->is_good) {
    outcome.verdict = Verdict::invalid;
    return outcome;
  }
  if (std::string why = misfit_(loaded->config); !why.empty()) {
    return refusal(Verdict::unfit, std::move(why), now.revision);
  }
  outcome.differences = config::diff(*now.loaded->tree, *loaded->tree);
  outcome.named = config::named_files(loaded->config);
  outcome.changed_files = config::changed_files(now.named, outcome.named);
  if (!is_in_force(outcome)) {
    if (now.pending) {
      return refusal(Verdict::conflict,
                     "a change waits for its confirmation: the files on disk are read after it",
                     now.revision);
    }
    try {
      Revision revision;
      revision.who = "signal";
      revision.how = "reload";
      revision.differences = static_cast<uint32_t>(outcome.differences.size());
      outcome.revision = note(outcome, std::move(revision), std::nullopt);
    } catch (const std::exception& error) {
      runtime::log(Level::error, "change", std::string("this is no revision: ") + error.what());
    }
  }
  take_(*loaded);
  adopt(outcome);
  return outcome;
}

bool Changes::tick(uint64_t now_unix_ns) {
  const std::lock_guard changing(changing_);
  const Running now = running();
  if (!now.pending || now.pending->until_unix_ns > now_unix_ns) return false;
  if (next_try_unix_ns_ > now_unix_ns) return false;
  next_try_unix_ns_ = 0;
  const Outcome outcome =
      restore(now.pending->back_to, {"timer", "", 0, 0}, std::string(not_confirmed));
  if (outcome.verdict == Verdict::good) return true;
  const std::vector<std::string> problems =
      outcome.loaded == nullptr ? std::vector<std::string>()
                                : config::texts_of(*outcome.loaded, options_.config_file);
  for (const std::string& problem : problems) runtime::log(Level::error, "change", problem);
  if (outcome.is_unwritten) {
    // A full disk may have room again: who wants the change confirms it.
    next_try_unix_ns_ = now_unix_ns + retry_ns;
    runtime::log(Level::error, "change",
                 "revision " + std::to_string(now.pending->revision) +
                     " was not confirmed and can not be taken back now: " + outcome.detail);
    return false;
  }
  runtime::log(
      Level::error, "change",
      "revision " + std::to_string(now.pending->revision) +
          " was not confirmed and could not be taken back, so it stays: " + outcome.detail);
  try {
    store_.have_settled();
  } catch (const std::exception& error) {
    runtime::log(Level::error, "change", error.what());
  }
  const std::lock_guard guard(mutex_);
  running_.pending.reset();
  return false;
}

}  // namespace demarc::change
