#include "controlplane/numbers/databases.h"

#include <hs/hs.h>

#include <cstdlib>
#include <string_view>

namespace demarc::numbers {

// FNV-1a, over lengths, too, so that no two lists run into each other.
uint64_t key_of(const std::vector<std::string>& patterns) {
  uint64_t key = 0xcbf29ce484222325;
  const auto add = [&key](uint8_t octet) { key = (key ^ octet) * 0x100000001b3; };
  for (const std::string& pattern : patterns) {
    for (const char c : pattern) add(static_cast<uint8_t>(c));
    add(0);
  }
  return key;
}

namespace {

constexpr unsigned exact_flags = HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;
constexpr unsigned loose_flags = exact_flags | HS_FLAG_PREFILTER;

// The flags with which Hyperscan takes one pattern; nothing to be found by them when 0.
unsigned flags_of(const std::string& pattern) {
  for (const unsigned flags : {exact_flags, loose_flags}) {
    hs_expr_info_t* info = nullptr;
    hs_compile_error_t* error = nullptr;
    const hs_error_t result = hs_expression_info(pattern.c_str(), flags, &info, &error);
    std::free(info);
    if (error != nullptr) hs_free_compile_error(error);
    if (result == HS_SUCCESS) return flags;
  }
  return 0;
}

std::vector<uint8_t> serialised(const hs_database_t* database) {
  char* octets = nullptr;
  size_t length = 0;
  if (hs_serialize_database(database, &octets, &length) != HS_SUCCESS) return {};
  std::vector<uint8_t> made(octets, octets + length);
  std::free(octets);
  return made;
}

}  // namespace

std::shared_ptr<const Databases::Database> Databases::of(const std::vector<std::string>& patterns) {
  Kept& kept = kept_[patterns];
  kept.is_used = true;
  if (kept.database != nullptr) return kept.database;
  ++compiled_count_;
  auto made = std::make_shared<Database>();
  made->key = key_of(patterns);
  made->is_left_out.resize(patterns.size());
  std::vector<const char*> expressions;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  const auto add = [&](unsigned id, unsigned how) {
    expressions.push_back(patterns[id].c_str());
    flags.push_back(how);
    ids.push_back(id);
  };
  for (unsigned id = 0; id < patterns.size(); ++id) {
    const unsigned how = flags_of(patterns[id]);
    made->is_left_out[id] = how == 0;
    if (how != 0) add(id, how);
  }
  // One that looked possible may still be too large: it is left out, and the rest tried again.
  while (!expressions.empty()) {
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    const hs_error_t result = hs_compile_multi(expressions.data(), flags.data(), ids.data(),
                                               static_cast<unsigned>(expressions.size()),
                                               HS_MODE_BLOCK, nullptr, &database, &error);
    const int culprit = error == nullptr ? -1 : error->expression;
    if (error != nullptr) hs_free_compile_error(error);
    if (result == HS_SUCCESS) {
      made->octets = serialised(database);
      hs_free_database(database);
      break;
    }
    if (culprit < 0) break;
    made->is_left_out[ids[static_cast<size_t>(culprit)]] = true;
    expressions.erase(expressions.begin() + culprit);
    flags.erase(flags.begin() + culprit);
    ids.erase(ids.begin() + culprit);
  }
  if (made->octets.empty()) made->is_left_out.assign(patterns.size(), true);
  kept.database = std::move(made);
  return kept.database;
}

void Databases::forget_unused() {
  for (auto entry = kept_.begin(); entry != kept_.end();) {
    if (!entry->second.is_used) {
      entry = kept_.erase(entry);
    } else {
      entry->second.is_used = false;
      ++entry;
    }
  }
}

}  // namespace demarc::numbers
