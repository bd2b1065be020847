// RecentCopies: which requests were answered without any state a moment ago, so that what is done
// once for each is not done for its copies. The last ones only: where a table is full there may be
// any number.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace demarc::call {

class RecentCopies {
 public:
  // `hash` is of what a request has in common with its copies. False when it is here already.
  bool add(uint64_t hash) {
    if (std::find(hashes_.begin(), hashes_.end(), hash) != hashes_.end()) return false;
    hashes_[next_] = hash;
    next_ = (next_ + 1) % hashes_.size();
    return true;
  }

 private:
  std::array<uint64_t, 64> hashes_ = {};
  size_t next_ = 0;
};

}  // namespace demarc::call
