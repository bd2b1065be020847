#include "controlplane/runtime/suggest.h"

#include <algorithm>
#include <vector>

namespace demarc::runtime {

unsigned edit_distance(std::string_view a, std::string_view b) {
  const size_t columns = b.size() + 1;
  std::vector<unsigned> cells((a.size() + 1) * columns);
  const auto cell = [&](size_t i, size_t j) -> unsigned& { return cells[i * columns + j]; };
  for (size_t i = 0; i <= a.size(); ++i) cell(i, 0) = static_cast<unsigned>(i);
  for (size_t j = 0; j <= b.size(); ++j) cell(0, j) = static_cast<unsigned>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const unsigned change = a[i - 1] == b[j - 1] ? 0 : 1;
      cell(i, j) = std::min({cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cell(i, j) = std::min(cell(i, j), cell(i - 2, j - 2) + 1);
      }
    }
  }
  return cell(a.size(), b.size());
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  constexpr size_t longest = 64;  // nobody meant a word of ours by more
  if (word.size() > longest) return {};
  std::string_view best;
  // A third of the word may be wrong, but never all of it.
  unsigned best_distance = static_cast<unsigned>(word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    const unsigned distance = edit_distance(word, candidate);
    if (distance <= best_distance && distance < candidate.size()) {
      if (best.empty() || distance < best_distance) best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const std::string_view found = nearest(word, known);
  return found.empty() ? std::string() : ", did you mean \"" + std::string(found) + "\"?";
}

}  // namespace demarc::runtime
