// Ids of realms, trunks, targets and limits, stable by name: one that stays in the configuration
// keeps its number, and the number of one that left is given to another only when nothing in the
// dataplane means the one who left (vacated.h).
//
// Kept in STATE/ids.json, so that a restart of the control plane keeps them too. Not thread-safe:
// the owner locks.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::trunks {

// Numbers of one kind.
class IdSpace {
 public:
  // The number of `name`, new if need be: the lowest that is free.
  uint32_t take(const std::string& name);
  // The first of as many consecutive numbers as `names`; new ones are the lowest that are free.
  uint32_t take_run(std::span<const std::string> names);
  // Only `names` keep their numbers; the others' become free. For a dataplane that knows none yet.
  void keep_only(std::span<const std::string> names);
  void restore(const std::string& name, uint32_t id);
  // The number of `name`, which has one, becomes free.
  void release(const std::string& name);

  // One past the highest number in use.
  uint32_t end() const { return static_cast<uint32_t>(names_.size()); }
  // Empty when the number is nobody's.
  std::string_view name_of(uint32_t id) const;
  const std::map<std::string, uint32_t>& all() const { return by_name_; }
  friend bool operator==(const IdSpace&, const IdSpace&) = default;

 private:
  std::map<std::string, uint32_t> by_name_;
  std::vector<std::string> names_;  // by number; empty: free
};

// The rows of a trunk's peers are consecutive, so a list that grew or shrank takes a run of its
// own: "acme" for one peer, "acme/3:0" to "acme/3:2" for three. No trunk's name holds a '/'.
std::vector<std::string> target_names(const std::string& trunk, size_t peers);

struct IdMap {
  IdSpace realms;
  IdSpace trunks;
  IdSpace targets;  // by target_names()
  IdSpace limits;   // by limit_name() of limits.h
  friend bool operator==(const IdMap&, const IdMap&) = default;

  // An empty map when there is no file or it can not be understood (`complaint` says so then).
  static IdMap load(const std::string& path, std::string& complaint);
  // Throws runtime::FileError.
  void save(const std::string& path) const;
};

}  // namespace demarc::trunks
