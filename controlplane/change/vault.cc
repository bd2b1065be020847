#include "controlplane/change/vault.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "controlplane/config/secrets.h"
#include "controlplane/runtime/files.h"
#include "controlplane/runtime/log.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::change {
namespace {

using json = nlohmann::json;

constexpr size_t longest_vault = 64u << 20;
constexpr std::string_view token_begin = "\"@credential:";
constexpr size_t id_length = 32;

// Not to be guessed, so that no configuration can name another's credential.
std::string new_id() {
  std::random_device device;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id;
  while (id.size() < id_length) {
    uint32_t bits = device();
    for (int i = 0; i < 8; ++i, bits >>= 4) id += digits[bits & 15];
  }
  return id;
}

// The id of the token that begins at `at`; empty when there is none.
std::string_view id_at(std::string_view text, size_t at) {
  const size_t begin = at + token_begin.size();
  if (begin + id_length >= text.size() || text[begin + id_length] != '"') return {};
  return text.substr(begin, id_length);
}

}  // namespace

Vault::Vault(std::string path) : path_(std::move(path)) {
  try {
    const auto text = runtime::read_file(path_, longest_vault);
    if (!text) return;
    const json document = json::parse(*text);
    for (const auto& [id, literal] : document.items()) {
      literals_[id] = literal.get<std::string>();
      ids_[literals_[id]] = id;
    }
  } catch (const std::exception& error) {
    literals_.clear();
    ids_.clear();
    const std::string aside = path_ + ".broken-" + std::to_string(runtime::now_unix_ns());
    static_cast<void>(std::rename(path_.c_str(), aside.c_str()));
    // What the parser says of the text may quote it.
    runtime::log(runtime::Level::error, "change",
                 path_ + " can not be used and is now " + aside +
                     ": older revisions are without their credentials");
  }
}

std::vector<config::File> Vault::without_secrets(const std::vector<config::File>& files,
                                                 const config::Tree& tree) {
  std::vector<config::File> kept;
  for (size_t i = 0; i < files.size(); ++i) {
    const auto take = [this](const config::SecretPlace&, std::string_view literal) {
      return token_of(literal);
    };
    const auto index = static_cast<uint16_t>(i);
    kept.push_back({files[i].path, config::replace_secrets(files[i], index, tree, take)});
  }
  if (!is_saved_) save();
  return kept;
}

bool Vault::put_back(std::vector<config::File>& files) const {
  bool is_whole = true;
  for (config::File& file : files) {
    std::string text;
    size_t copied = 0;
    size_t at = 0;
    while ((at = file.text.find(token_begin, at)) != std::string::npos) {
      const std::string_view id = id_at(file.text, at);
      const auto found = literals_.find(std::string(id));
      is_whole = is_whole && (id.empty() || found != literals_.end());
      if (found == literals_.end()) {
        at += token_begin.size();
        continue;
      }
      text.append(file.text, copied, at - copied).append(found->second);
      copied = at = at + token_begin.size() + id_length + 1;
    }
    file.text = text.append(file.text, copied);
  }
  return is_whole;
}

void Vault::keep_only(const std::vector<std::string>& texts) {
  std::set<std::string, std::less<>> used;
  for (const std::string& text : texts) {
    for (size_t at = 0; (at = text.find(token_begin, at)) != std::string::npos; ++at) {
      used.emplace(id_at(text, at));
    }
  }
  const size_t before = literals_.size();
  std::erase_if(literals_, [&used](const auto& row) { return !used.contains(row.first); });
  std::erase_if(ids_, [&used](const auto& row) { return !used.contains(row.second); });
  if (literals_.size() == before) return;
  try {
    save();
  } catch (const runtime::FileError& error) {
    runtime::log(runtime::Level::error, "change", error.what());
  }
}

std::string Vault::token_of(std::string_view literal) {
  const auto known = ids_.find(std::string(literal));
  std::string id = known == ids_.end() ? new_id() : known->second;
  if (known == ids_.end()) {
    literals_[id] = std::string(literal);
    ids_[std::string(literal)] = id;
    is_saved_ = false;
  }
  return std::string(token_begin) + id + "\"";
}

void Vault::save() {
  is_saved_ = false;
  runtime::replace_file(path_, json(literals_).dump(1) + "\n");
  is_saved_ = true;
}

}  // namespace demarc::change
