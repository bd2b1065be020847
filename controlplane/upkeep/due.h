// Due: who is to be looked at when, of thousands that mostly wait: a turn of Upkeep costs what is
// due in it and nothing for the others. Used by the thread of Upkeep, under its lock.
//
// A row has a member `due_ms`, 0 while it stands in no queue, and must outlive its place here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

namespace demarc::upkeep {

template <class Row>
class Due {
 public:
  // It is due then, or before where it was already. 0: never.
  void add(Row& row, uint64_t at_ms) {
    if (at_ms == 0 || (row.due_ms != 0 && row.due_ms <= at_ms)) return;
    row.due_ms = at_ms;
    places_.push({at_ms, &row});
  }

  // One that is due, which stands here no more; nullptr: none is left.
  Row* take(uint64_t now_ms) {
    while (!places_.empty() && places_.top().first <= now_ms) {
      const auto [at_ms, row] = places_.top();
      places_.pop();
      // Else it was put earlier after this, and has been taken by that place.
      if (row->due_ms != at_ms) continue;
      row->due_ms = 0;
      return row;
    }
    return nullptr;
  }

  // Before rows end. Those that stay are to be added again, with a `due_ms` of 0.
  void clear() { places_ = {}; }
  size_t size() const { return places_.size(); }

 private:
  using Place = std::pair<uint64_t, Row*>;
  std::priority_queue<Place, std::vector<Place>, std::greater<>> places_;
};

}  // namespace demarc::upkeep
