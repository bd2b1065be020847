// KeptIds: the ids in use and the ids of a configuration that is only being tried, with their file.
//
// A configuration that is refused must not use numbers up: its ids are forgotten again. Owned by
// the service, which locks.
#pragma once

#include <string>

#include "controlplane/trunks/ids.h"

namespace demarc::trunks {

class KeptIds {
 public:
  // Reads the file; one that can not be used is logged and replaced later.
  explicit KeptIds(std::string path);

  const IdMap& ids() const { return tried_; }
  // For compile(). Either save() and settle(true), or settle(false) must follow.
  IdMap& tried() { return tried_; }
  // Makes the tried ids durable: before a dataplane may use them. A failure is logged, and the next
  // call tries again.
  void save();
  // The tried ids are in use from now on, or forgotten, also in the file.
  void settle(bool is_in_use);

 private:
  const std::string path_;
  IdMap in_use_;
  IdMap tried_;
  IdMap saved_;  // what the file holds
};

}  // namespace demarc::trunks
