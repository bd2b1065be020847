#include "controlplane/trunks/ids.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "controlplane/runtime/files.h"

namespace demarc::trunks {
namespace {

using nlohmann::json;

constexpr size_t longest_file = 64u << 20;
constexpr uint32_t highest_id = 0xfffe;

void restore_space(const json& document, const char* key, IdSpace& space) {
  std::set<uint32_t> taken;
  for (const auto& [name, id] : document.at(key).items()) {
    const uint32_t number = id.get<uint32_t>();
    if (name.empty() || number > highest_id || !taken.insert(number).second) {
      throw runtime::FileError("a name is empty, or a number stands twice or is too high");
    }
    space.restore(name, number);
  }
}

}  // namespace

uint32_t IdSpace::take(const std::string& name) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) return found->second;
  const auto free = std::find(names_.begin(), names_.end(), std::string());
  const uint32_t id = static_cast<uint32_t>(free - names_.begin());
  restore(name, id);
  return id;
}

uint32_t IdSpace::take_run(std::span<const std::string> names) {
  const auto is_kept = [&](uint32_t begin) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (name_of(begin + static_cast<uint32_t>(i)) != names[i]) return false;
    }
    return true;
  };
  const auto found = by_name_.find(names.front());
  if (found != by_name_.end() && is_kept(found->second)) return found->second;
  uint32_t first = 0;
  for (uint32_t id = 0; id < end() && id - first < names.size(); ++id) {
    if (!names_[id].empty()) first = id + 1;
  }
  for (size_t i = 0; i < names.size(); ++i) restore(names[i], first + static_cast<uint32_t>(i));
  return first;
}

void IdSpace::keep_only(std::span<const std::string> names) {
  const std::set<std::string> kept(names.begin(), names.end());
  const std::map<std::string, uint32_t> before = std::exchange(by_name_, {});
  names_.clear();
  for (const auto& [name, id] : before) {
    if (kept.contains(name)) restore(name, id);
  }
}

void IdSpace::restore(const std::string& name, uint32_t id) {
  by_name_[name] = id;
  if (id >= names_.size()) names_.resize(id + 1);
  names_[id] = name;
}

void IdSpace::release(const std::string& name) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return;
  names_[found->second].clear();
  by_name_.erase(found);
}

std::string_view IdSpace::name_of(uint32_t id) const {
  return id < names_.size() ? std::string_view(names_[id]) : std::string_view();
}

std::vector<std::string> target_names(const std::string& trunk, size_t peers) {
  if (peers == 1) return {trunk};
  std::vector<std::string> names;
  for (size_t i = 0; i < peers; ++i) {
    names.push_back(trunk + "/" + std::to_string(peers) + ":" + std::to_string(i));
  }
  return names;
}

IdMap IdMap::load(const std::string& path, std::string& complaint) {
  IdMap map;
  try {
    const std::optional<std::string> text = runtime::read_file(path, longest_file);
    if (!text) return map;
    const json document = json::parse(*text);
    restore_space(document, "realms", map.realms);
    restore_space(document, "trunks", map.trunks);
    restore_space(document, "targets", map.targets);
    // Files of releases without such limits have none.
    if (document.contains("limits")) restore_space(document, "limits", map.limits);
    return map;
  } catch (const std::exception& error) {  // of json or of the file
    complaint = path + " is not used: " + error.what();
  }
  return {};
}

void IdMap::save(const std::string& path) const {
  const json document = {{"realms", realms.all()},
                         {"trunks", trunks.all()},
                         {"targets", targets.all()},
                         {"limits", limits.all()}};
  runtime::replace_file(path, document.dump(2) + "\n");
}

}  // namespace demarc::trunks
