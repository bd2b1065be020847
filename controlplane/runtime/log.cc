#include "controlplane/runtime/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace demarc::runtime {
namespace {

struct Loggers {
  std::mutex mutex;
  spdlog::sink_ptr sink;
  spdlog::level::level_enum level = spdlog::level::info;
  std::map<std::string, std::shared_ptr<spdlog::logger>, std::less<>> by_module;
};

Loggers& loggers() {
  static Loggers all;
  return all;
}

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::shared_ptr<spdlog::logger> logger_of(std::string_view module) {
  Loggers& all = loggers();
  const std::lock_guard guard(all.mutex);
  if (all.sink == nullptr) return nullptr;
  auto found = all.by_module.find(module);
  if (found == all.by_module.end()) {
    auto logger = std::make_shared<spdlog::logger>(std::string(module), all.sink);
    logger->set_level(all.level);
    logger->flush_on(spdlog::level::debug);
    found = all.by_module.emplace(std::string(module), std::move(logger)).first;
  }
  return found->second;
}

std::array<std::atomic<uint64_t>, static_cast<size_t>(Level::error) + 1> counts;

// A line break or quote in a message would forge a second line or field.
std::string quoted(std::string_view message) {
  std::string text;
  text.reserve(message.size());
  for (const char c : message) {
    if (c == '"' || c == '\\') text += '\\';
    text += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return text;
}

}  // namespace

void start_logging(Level level) {
  Loggers& all = loggers();
  const std::lock_guard guard(all.mutex);
  all.sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  all.sink->set_pattern("time=%Y-%m-%dT%H:%M:%S.%e%z level=%l module=%n msg=\"%v\"");
  all.level = level_of(level);
  all.by_module.clear();
}

void log(Level level, std::string_view module, std::string_view message) {
  counts.at(static_cast<size_t>(level)).fetch_add(1, std::memory_order_relaxed);
  const std::shared_ptr<spdlog::logger> logger = logger_of(module);
  if (logger != nullptr) logger->log(level_of(level), spdlog::string_view_t(quoted(message)));
}

uint64_t logged(Level level) {
  return counts.at(static_cast<size_t>(level)).load(std::memory_order_relaxed);
}

}  // namespace demarc::runtime
