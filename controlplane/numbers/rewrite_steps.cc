#include "controlplane/numbers/rewrite_steps.h"

#include <algorithm>

#include "dataplane/number/digit_key.h"
#include "sip-parser/base/ascii.h"

namespace demarc::numbers {
namespace {

using contract::CaptureSpan;
using contract::RewriteStep;

class Steps {
 public:
  explicit Steps(const Shape& shape) : shape_(shape) {}

  // False when it may make no number.
  bool add(std::string_view replacement) {
    while (!replacement.empty()) {
      const char c = replacement[0];
      replacement.remove_prefix(1);
      if (c != '$') {
        if (!add(c)) return false;
        continue;
      }
      // "$$" makes a dollar sign, which is of no number.
      if (replacement.empty() || !ascii::is_digit(replacement[0])) return false;
      const auto group = static_cast<size_t>(replacement[0] - '0');
      replacement.remove_prefix(1);
      if (group < shape_.captures.size() && !add(shape_.captures[group])) return false;
    }
    // What stands behind the match goes on.
    const uint8_t end = shape_.captures[0].end;
    const bool ends_there = end == contract::from_end || shape_.shortest == shape_.longest;
    return ends_there || add(CaptureSpan{end, contract::from_end});
  }

  // Empty when there would be too many, or no digit for certain.
  std::vector<RewriteStep> take() const {
    const bool is_number = least_digits_ != 0 && steps_.size() <= contract::max_rewrite_steps;
    return is_number ? steps_ : std::vector<RewriteStep>{};
  }

 private:
  bool add(char c) {
    if (number::symbol_of(c) == contract::digit_symbols) return false;
    if (c == '+' && !is_first_) return false;
    is_first_ = false;
    if (c != '+') ++least_digits_;
    if (steps_.empty() || keeps(steps_.back()) ||
        steps_.back().text_length == RewriteStep::max_text) {
      steps_.emplace_back();
    }
    steps_.back().text[steps_.back().text_length++] = c;
    return true;
  }

  bool add(CaptureSpan kept) {
    if (kept.begin == kept.end) return true;
    const bool may_have_plus = may_begin_number(kept.begin) && may_have_plus_;
    // A plus is at the number's front only, where it came from and where it goes.
    if (may_have_plus && !is_first_) return false;
    is_first_ = false;
    const int least = place(kept.end) - place(kept.begin) - (may_have_plus ? 1 : 0);
    least_digits_ += static_cast<unsigned>(std::max(least, 0));
    if (steps_.empty()) steps_.emplace_back();
    RewriteStep& last = steps_.back();
    if (!keeps(last)) {
      last.kept = kept;
    } else if (last.kept.end == kept.begin) {
      last.kept.end = kept.end;
    } else {
      steps_.emplace_back().kept = kept;
    }
    return true;
  }

  static bool keeps(const RewriteStep& step) { return step.kept.begin != step.kept.end; }

  // In the shortest number.
  int place(uint8_t at) const {
    const int distance = at & ~contract::from_end;
    return (at & contract::from_end) == 0 ? distance : shape_.shortest - distance;
  }
  bool may_begin_number(uint8_t at) const { return place(at) <= 0; }

  static bool may_have_plus(const Shape& shape) {
    return std::any_of(shape.prefixes.begin(), shape.prefixes.end(),
                       [&shape](const std::string& prefix) {
                         return prefix.empty() ? !shape.wants_digits : prefix[0] == '+';
                       });
  }

  const Shape& shape_;
  const bool may_have_plus_ = may_have_plus(shape_);
  bool is_first_ = true;
  unsigned least_digits_ = 0;
  std::vector<RewriteStep> steps_;
};

}  // namespace

std::vector<RewriteStep> steps_of(const Shape& shape, std::string_view replacement) {
  Steps steps(shape);
  return steps.add(replacement) ? steps.take() : std::vector<RewriteStep>{};
}

}  // namespace demarc::numbers
