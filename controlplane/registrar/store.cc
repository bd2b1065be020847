#include "controlplane/registrar/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>

#include "controlplane/runtime/log.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::registrar {
namespace {

using SQLite::Database;
using SQLite::Statement;

constexpr const char* table =
    "CREATE TABLE IF NOT EXISTS bindings (trunk TEXT NOT NULL, user TEXT NOT NULL,"
    " contact TEXT NOT NULL, target TEXT NOT NULL, source TEXT NOT NULL, host TEXT NOT NULL,"
    " port INTEGER NOT NULL, path TEXT NOT NULL, q INTEGER NOT NULL, call_id TEXT NOT NULL,"
    " cseq INTEGER NOT NULL, agent TEXT NOT NULL, interval INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, PRIMARY KEY (trunk, user, contact))";
constexpr const char* columns =
    "trunk, user, contact, target, source, host, port, path, q, call_id, cseq, agent, interval,"
    " expires";
constexpr int busy_ms = 500;

std::unique_ptr<Database> opened(const std::string& path) {
  auto database =
      std::make_unique<Database>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_ms);
  database->exec(table);
  // A binding that a power cut takes is made anew by its owner.
  database->exec("PRAGMA synchronous=NORMAL");
  Statement probe(*database, std::string("SELECT ") + columns + " FROM bindings LIMIT 1");
  static_cast<void>(probe.executeStep());
  return database;
}

// Whether the file itself is at fault: damaged, or of another shape.
bool is_broken(const SQLite::Exception& error) {
  const int code = error.getErrorCode();
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR;
}

void set_aside(const std::string& path, const char* why) {
  const std::string aside = path + ".broken-" + std::to_string(runtime::now_unix_ns());
  for (const char* end : {"", "-journal", "-wal", "-shm"}) {
    static_cast<void>(std::rename((path + end).c_str(), (aside + end).c_str()));
  }
  runtime::log(runtime::Level::error, "registrar",
               path + " can not be used (" + why + ") and is now " + aside);
}

std::unique_ptr<Database> opened_somehow(const std::string& path) {
  if (path.empty()) return opened(":memory:");
  const mode_t before = ::umask(0077);
  std::unique_ptr<Database> database;
  for (int attempt = 0; attempt < 2 && database == nullptr; ++attempt) {
    try {
      database = opened(path);
    } catch (const SQLite::Exception& error) {
      if (attempt == 0 && is_broken(error)) {
        set_aside(path, error.what());
        continue;
      }
      runtime::log(runtime::Level::error, "registrar",
                   path + " can not be used (" + error.what() +
                       "): bindings are kept until this process ends");
      break;
    }
  }
  ::umask(before);
  return database == nullptr ? opened(":memory:") : std::move(database);
}

std::string text_of(const contract::Endpoint& endpoint) {
  return std::string(contract::print(endpoint).view());
}

// False when it is no binding.
bool read(Statement& row, Binding& binding) {
  binding.trunk = row.getColumn(0).getString();
  binding.user = row.getColumn(1).getString();
  binding.contact = row.getColumn(2).getString();
  const auto target = contract::parse_endpoint(row.getColumn(3).getString(), 0);
  const auto source = contract::parse_endpoint(row.getColumn(4).getString(), 0);
  binding.host = row.getColumn(5).getString();
  const int64_t port = row.getColumn(6).getInt64();
  binding.path = row.getColumn(7).getString();
  binding.q = static_cast<uint16_t>(row.getColumn(8).getUInt());
  binding.call_id = row.getColumn(9).getString();
  binding.cseq = row.getColumn(10).getUInt();
  binding.user_agent = row.getColumn(11).getString();
  binding.interval_s = row.getColumn(12).getUInt();
  if (!target || !source || target->port == 0 || source->port == 0) return false;
  if (port < 1 || port > 65535 || binding.host.empty()) return false;
  binding.target = *target;
  binding.source = *source;
  binding.port = static_cast<uint16_t>(port);
  return true;
}

void write(Database& database, const Binding& binding, uint64_t expires_unix_ms) {
  Statement insert(database, std::string("INSERT OR REPLACE INTO bindings (") + columns +
                                 ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, binding.trunk);
  insert.bind(2, binding.user);
  insert.bind(3, binding.contact);
  insert.bind(4, text_of(binding.target));
  insert.bind(5, text_of(binding.source));
  insert.bind(6, binding.host);
  insert.bind(7, static_cast<uint32_t>(binding.port));
  insert.bind(8, binding.path);
  insert.bind(9, static_cast<uint32_t>(binding.q));
  insert.bind(10, binding.call_id);
  insert.bind(11, binding.cseq);
  insert.bind(12, binding.user_agent);
  insert.bind(13, binding.interval_s);
  insert.bind(14, static_cast<int64_t>(expires_unix_ms));
  insert.exec();
}

void erase(Database& database, const Binding& binding) {
  Statement remove(database, "DELETE FROM bindings WHERE trunk = ? AND user = ? AND contact = ?");
  remove.bind(1, binding.trunk);
  remove.bind(2, binding.user);
  remove.bind(3, binding.contact);
  remove.exec();
}

}  // namespace

struct Store::Implementation {
  explicit Implementation(const std::string& path) : database(opened_somehow(path)) {}
  std::unique_ptr<Database> database;
};

Store::Store(const std::string& path) : implementation_(std::make_unique<Implementation>(path)) {}
Store::~Store() = default;

std::vector<Binding> Store::load(uint64_t unix_ms, uint64_t now_ms) {
  std::vector<Binding> found;
  try {
    Statement query(*implementation_->database,
                    std::string("SELECT ") + columns + " FROM bindings ORDER BY rowid");
    while (query.executeStep()) {
      Binding binding;
      const int64_t expires = query.getColumn(13).getInt64();
      if (!read(query, binding) || expires <= static_cast<int64_t>(unix_ms)) continue;
      // A clock that was set back does not make it last longer than it was granted.
      const uint64_t left_ms =
          std::min(static_cast<uint64_t>(expires) - unix_ms, uint64_t{binding.interval_s} * 1000);
      binding.expires_ms = now_ms + left_ms;
      found.push_back(std::move(binding));
    }
  } catch (const SQLite::Exception& error) {
    runtime::log(runtime::Level::error, "registrar",
                 std::string("bindings can not be read: ") + error.what());
  }
  return found;
}

bool Store::save(const Bindings::Changes& changes, uint64_t unix_ms, uint64_t now_ms) {
  if (changes.empty()) return true;
  try {
    Database& database = *implementation_->database;
    SQLite::Transaction transaction(database);
    for (const auto& [binding, is_gone] : changes) {
      const uint64_t left_ms = binding.expires_ms - std::min(binding.expires_ms, now_ms);
      if (is_gone) {
        erase(database, binding);
      } else {
        write(database, binding, unix_ms + left_ms);
      }
    }
    transaction.commit();
    return true;
  } catch (const SQLite::Exception& error) {
    runtime::log(runtime::Level::error, "registrar",
                 std::string("bindings can not be written: ") + error.what());
    return false;
  }
}

}  // namespace demarc::registrar
