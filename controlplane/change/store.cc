#include "controlplane/change/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "controlplane/runtime/log.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::change {
namespace {

using SQLite::Database;
using SQLite::Statement;
using json = nlohmann::json;

constexpr const char* tables =
    "CREATE TABLE IF NOT EXISTS revisions (number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at INTEGER NOT NULL, who TEXT NOT NULL, how TEXT NOT NULL, comment TEXT NOT NULL,"
    " differences INTEGER NOT NULL, files TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS pending (revision INTEGER NOT NULL, back_to INTEGER NOT NULL,"
    " until INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS writing (revision INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS named (revision INTEGER NOT NULL, path TEXT NOT NULL,"
    " digest TEXT NOT NULL);";
constexpr const char* columns = "number, at, who, how, comment, differences";
constexpr int busy_ms = 2'000;
constexpr const char* in_memory = ":memory:";

// What is there can be read and is no database of ours.
struct WrongShape : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A table of another shape is no database of ours.
void check_shape(Database& database) {
  try {
    Statement probe(database, std::string("SELECT files, ") + columns + " FROM revisions LIMIT 1");
    const Statement pending(database, "SELECT revision, back_to, until FROM pending");
    const Statement writing(database, "SELECT revision FROM writing");
    const Statement named(database, "SELECT revision, path, digest FROM named");
    if (!probe.executeStep() || json::parse(probe.getColumn(0).getString()).is_array()) return;
  } catch (const SQLite::Exception& error) {
    if (error.getErrorCode() != SQLITE_ERROR) throw;
    throw WrongShape(error.what());
  } catch (const json::exception&) {
  }
  throw WrongShape("a revision can not be read");
}

std::unique_ptr<Database> opened(const std::string& path) {
  auto database =
      std::make_unique<Database>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_ms);
  Statement check(*database, "PRAGMA quick_check(1)");
  if (!check.executeStep() || check.getColumn(0).getString() != "ok") {
    throw WrongShape("the check of its integrity failed");
  }
  database->exec("PRAGMA synchronous=FULL");
  database->exec(tables);
  check_shape(*database);
  return database;
}

// Whether the file itself is at fault. What another holds, a full disk or a want of descriptors
// passes, and the revisions are there again at the next start.
bool is_broken(const std::exception& error) {
  if (dynamic_cast<const WrongShape*>(&error) != nullptr) return true;
  const auto* said = dynamic_cast<const SQLite::Exception*>(&error);
  if (said == nullptr) return false;
  return said->getErrorCode() == SQLITE_CORRUPT || said->getErrorCode() == SQLITE_NOTADB;
}

// With what a transaction left beside it: a journal belongs to its database and to no other.
void set_aside(const std::string& path, const char* why) {
  const std::string aside = path + ".broken-" + std::to_string(runtime::now_unix_ns());
  for (const char* end : {"", "-journal", "-wal", "-shm"}) {
    static_cast<void>(std::rename((path + end).c_str(), (aside + end).c_str()));
  }
  runtime::log(
      runtime::Level::error, "change",
      path + " can not be used (" + why + ") and is now " + aside + ": revisions begin anew");
}

std::unique_ptr<Database> opened_somehow(const std::string& path) {
  const mode_t before = ::umask(0077);
  std::unique_ptr<Database> database;
  for (int attempt = 0; attempt < 2 && database == nullptr; ++attempt) {
    try {
      database = opened(path);
    } catch (const std::exception& error) {
      if (attempt == 0 && is_broken(error)) {
        set_aside(path, error.what());
        continue;
      }
      runtime::log(runtime::Level::error, "change",
                   path + " can not be used now (" + error.what() +
                       ") and stays as it is: new revisions are kept until this process ends");
      break;
    }
  }
  ::umask(before);
  return database == nullptr ? opened(in_memory) : std::move(database);
}

uint64_t number_of(Statement& row, int column) {
  return static_cast<uint64_t>(row.getColumn(column).getInt64());
}

int64_t as_integer(uint64_t value) {
  return static_cast<int64_t>(value);
}

Revision revision_of(Statement& row) {
  Revision revision;
  revision.number = number_of(row, 0);
  revision.at_unix_ns = number_of(row, 1);
  revision.who = row.getColumn(2).getString();
  revision.how = row.getColumn(3).getString();
  revision.comment = row.getColumn(4).getString();
  revision.differences = row.getColumn(5).getUInt();
  return revision;
}

void insert_named(Database& database, uint64_t number,
                  const std::vector<config::NamedFile>& files) {
  for (const config::NamedFile& file : files) {
    Statement row(database, "INSERT INTO named VALUES (?, ?, ?)");
    row.bind(1, as_integer(number));
    row.bind(2, file.path);
    row.bind(3, file.digest);
    row.exec();
  }
}

std::vector<config::NamedFile> named_of(Database& database, uint64_t number) {
  std::vector<config::NamedFile> files;
  Statement query(database, "SELECT path, digest FROM named WHERE revision = ? ORDER BY rowid");
  query.bind(1, as_integer(number));
  while (query.executeStep()) {
    files.push_back({query.getColumn(0).getString(), query.getColumn(1).getString()});
  }
  return files;
}

void insert_pending(Database& database, const Pending& pending) {
  Statement row(database, "INSERT INTO pending VALUES (?, ?, ?)");
  row.bind(1, as_integer(pending.revision));
  row.bind(2, as_integer(pending.back_to));
  row.bind(3, as_integer(pending.until_unix_ns));
  row.exec();
}

std::string text_of(const std::vector<config::File>& files) {
  json all = json::array();
  for (const config::File& file : files) all.push_back({{"path", file.path}, {"text", file.text}});
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<config::File> files_of(const std::string& text) {
  std::vector<config::File> files;
  for (const json& file : json::parse(text)) {
    files.push_back({file.at("path").get<std::string>(), file.at("text").get<std::string>()});
  }
  return files;
}

// What SQLite and JSON throw becomes one thing.
template <class Work>
auto guarded(const Work& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    throw StoreError(std::string("the revisions can not be used: ") + error.what());
  }
}

}  // namespace

struct Store::Implementation {
  Implementation(const std::string& path, unsigned most)
      : database(opened_somehow(path)), kept(most) {}

  std::optional<Revision> first(const std::string& condition, uint64_t number) {
    return guarded([&]() -> std::optional<Revision> {
      Statement query(*database,
                      std::string("SELECT ") + columns + ", files FROM revisions " + condition);
      if (number != 0) query.bind(1, as_integer(number));
      if (!query.executeStep()) return std::nullopt;
      Revision revision = revision_of(query);
      revision.files = files_of(query.getColumn(6).getString());
      revision.named = named_of(*database, revision.number);
      return revision;
    });
  }

  void forget_old(uint64_t number) {
    if (number <= kept) return;
    for (const char* text :
         {"DELETE FROM revisions WHERE number <= ?", "DELETE FROM named WHERE revision <= ?"}) {
      Statement forget(*database, text);
      forget.bind(1, as_integer(number - kept));
      forget.exec();
    }
  }

  std::unique_ptr<Database> database;
  const unsigned kept;
};

Store::Store(const std::string& path, unsigned kept)
    : implementation_(std::make_unique<Implementation>(path, kept)) {}
Store::~Store() = default;

bool Store::is_lasting() const {
  return implementation_->database->getFilename() != in_memory;
}

uint64_t Store::add(const Revision& revision, const std::optional<Pending>& pending) {
  Database& database = *implementation_->database;
  return guarded([&] {
    SQLite::Transaction transaction(database);
    Statement insert(database,
                     "INSERT INTO revisions (at, who, how, comment, differences, files)"
                     " VALUES (?, ?, ?, ?, ?, ?)");
    insert.bind(1, as_integer(revision.at_unix_ns));
    insert.bind(2, revision.who);
    insert.bind(3, revision.how);
    insert.bind(4, revision.comment);
    insert.bind(5, revision.differences);
    insert.bind(6, text_of(revision.files));
    insert.exec();
    const auto number = static_cast<uint64_t>(database.getLastInsertRowid());
    insert_named(database, number, revision.named);
    database.exec("DELETE FROM pending; DELETE FROM writing");
    Statement writing(database, "INSERT INTO writing VALUES (?)");
    writing.bind(1, as_integer(number));
    writing.exec();
    if (pending) insert_pending(database, {number, pending->back_to, pending->until_unix_ns});
    implementation_->forget_old(number);
    transaction.commit();
    return number;
  });
}

void Store::take_back(uint64_t number, const std::optional<Pending>& before) {
  Database& database = *implementation_->database;
  guarded([&] {
    SQLite::Transaction transaction(database);
    for (const char* text :
         {"DELETE FROM revisions WHERE number = ?", "DELETE FROM named WHERE revision = ?"}) {
      Statement forget(database, text);
      forget.bind(1, as_integer(number));
      forget.exec();
    }
    database.exec("DELETE FROM pending; DELETE FROM writing");
    if (before) insert_pending(database, *before);
    transaction.commit();
  });
}

void Store::have_written() {
  guarded([&] { implementation_->database->exec("DELETE FROM writing"); });
}

void Store::have_settled() {
  guarded([&] { implementation_->database->exec("DELETE FROM pending"); });
}

std::vector<Revision> Store::list() const {
  return guarded([&] {
    std::vector<Revision> all;
    Statement query(*implementation_->database,
                    std::string("SELECT ") + columns + " FROM revisions ORDER BY number DESC");
    while (query.executeStep()) all.push_back(revision_of(query));
    return all;
  });
}

std::optional<Revision> Store::find(uint64_t number) const {
  if (number == 0 || number > INT64_MAX) return std::nullopt;
  return implementation_->first("WHERE number = ?", number);
}

std::optional<Revision> Store::newest() const {
  return implementation_->first("ORDER BY number DESC LIMIT 1", 0);
}

std::optional<Pending> Store::pending() const {
  return guarded([&]() -> std::optional<Pending> {
    Statement query(*implementation_->database, "SELECT revision, back_to, until FROM pending");
    if (!query.executeStep()) return std::nullopt;
    return Pending{number_of(query, 0), number_of(query, 1), number_of(query, 2)};
  });
}

uint64_t Store::being_written() const {
  return guarded([&]() -> uint64_t {
    Statement query(*implementation_->database, "SELECT revision FROM writing");
    return query.executeStep() ? number_of(query, 0) : 0;
  });
}

std::vector<std::string> Store::texts() const {
  return guarded([&] {
    std::vector<std::string> all;
    Statement query(*implementation_->database, "SELECT files FROM revisions");
    while (query.executeStep()) {
      for (config::File& file : files_of(query.getColumn(0).getString())) {
        all.push_back(std::move(file.text));
      }
    }
    return all;
  });
}

}  // namespace demarc::change
