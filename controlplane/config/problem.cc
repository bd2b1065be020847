#include "controlplane/config/problem.h"

#include <algorithm>

namespace demarc::config {

bool Problems::has_errors() const {
  return std::any_of(all_.begin(), all_.end(), [](const Problem& p) { return !p.is_warning; });
}

std::vector<Problem> Problems::sorted() const {
  std::vector<Problem> in_order = all_;
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](const Problem& a, const Problem& b) { return a.at < b.at; });
  return in_order;
}

std::string text_of(const Problem& problem, std::string_view file) {
  std::string text(file);
  if (problem.at.line != 0) {
    text += ":" + std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column);
  }
  return text + ": " + (problem.is_warning ? "warning: " : "") + problem.message;
}

}  // namespace demarc::config
