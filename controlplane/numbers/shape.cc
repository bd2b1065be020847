#include "controlplane/numbers/shape.h"

#include <utility>

#include "dataplane/number/digit_trie.h"
#include "sip-parser/base/ascii.h"

namespace demarc::numbers {
namespace {

using contract::CaptureSpan;

constexpr unsigned any_count = contract::max_number_length;
constexpr uint32_t digits = 0x3ff;
constexpr uint32_t all_symbols = (1u << contract::digit_symbols) - 1;

// One symbol of a set, so many times in a row.
struct Element {
  uint32_t symbols = 0;
  unsigned least = 1;
  unsigned most = 1;
  bool is_fixed() const { return least == most; }
};

// A group of the pattern: the elements from `begin` to before `end`.
struct Group {
  size_t begin = 0;
  size_t end = 0;
};

// Whether `rest`, which stands in so many groups, may offer another beginning by a '|' outside of
// all of them. What is not understood may.
bool may_have_alternative(std::string_view rest, size_t depth) {
  constexpr std::string_view plain_escapes = "dDwWsS0123456789+*#.()[]{}|^$?-";
  if (rest.find("(?#") != std::string_view::npos || rest.find("(*") != std::string_view::npos) {
    return true;
  }
  bool is_class = false;
  for (size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '\\') {
      if (++i == rest.size() || plain_escapes.find(rest[i]) == std::string_view::npos) return true;
    } else if (is_class) {
      if (c == '[') return true;
      is_class = c != ']';
    } else if (c == '[') {
      is_class = true;
      if (i + 1 < rest.size() && (rest[i + 1] == ']' || rest[i + 1] == '^')) ++i;
      if (rest[i] == '^' && i + 1 < rest.size() && rest[i + 1] == ']') ++i;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      if (depth == 0) return true;
      --depth;
    } else if (c == '|' && depth == 0) {
      return true;
    }
  }
  return false;
}

class Reader {
 public:
  explicit Reader(std::string_view pattern) : rest_(pattern) {}

  bool read() {
    if (!take('^')) return false;
    while (!rest_.empty()) {
      if (rest_ == "$") {
        is_closed = true;
        return open_.empty();
      }
      if (!read_one()) return false;
    }
    return open_.empty();
  }

  // Takes what stands before the first thing that is not of our kind, or before the group that has
  // it; nothing when other beginnings are possible.
  void read_stem() {
    if (!take('^')) return;
    for (std::string_view before = rest_; !rest_.empty(); before = rest_) {
      if (read_one()) continue;
      rest_ = before;
      break;
    }
    if (!open_.empty()) elements.resize(groups[open_.front()].begin);
    if (may_have_alternative(rest_, open_.size())) elements.clear();
  }

  std::vector<Element> elements;
  std::vector<Group> groups;
  bool is_closed = false;  // by "$"

 private:
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool read_one() {
    if (rest_.starts_with("(?")) return false;
    if (rest_[0] == '(' && read_choice()) return true;
    if (take('(')) {
      open_.push_back(groups.size());
      groups.push_back({elements.size(), 0});
      return true;
    }
    if (take(')')) {
      if (open_.empty() || is_repeated()) return false;
      groups[open_.back()].end = elements.size();
      open_.pop_back();
      return true;
    }
    Element element;
    return read_symbols(element.symbols) && read_count(element) &&
           (elements.push_back(element), true);
  }

  // "(1|2|9)", which is "([129])".
  bool read_choice() {
    uint32_t symbols = 0;
    size_t at = 1;
    for (; at + 1 < rest_.size(); at += 2) {
      const unsigned symbol = number::symbol_of(rest_[at]);
      if (symbol > 9 || (rest_[at + 1] != '|' && rest_[at + 1] != ')')) return false;
      symbols |= 1u << symbol;
      if (rest_[at + 1] == ')') break;
    }
    if (at + 1 >= rest_.size()) return false;
    const std::string_view before = std::exchange(rest_, rest_.substr(at + 2));
    if (is_repeated()) {
      rest_ = before;
      return false;
    }
    groups.push_back({elements.size(), elements.size() + 1});
    elements.push_back({symbols});
    return true;
  }

  // Of a group that is repeated or optional the captures are another matter.
  bool is_repeated() const {
    return !rest_.empty() && std::string_view("*+?{").find(rest_[0]) != std::string_view::npos;
  }

  bool read_symbols(uint32_t& symbols) {
    const char c = rest_[0];
    rest_.remove_prefix(1);
    if (c == '\\') return read_escape(symbols);
    if (c == '[') return read_class(symbols);
    if (c == '.') {
      symbols = all_symbols;
      return true;
    }
    if (c == '*' || c == '+') return false;
    const unsigned symbol = number::symbol_of(c);
    symbols = 1u << symbol;
    return symbol != contract::digit_symbols;
  }

  bool read_escape(uint32_t& symbols) {
    if (rest_.empty()) return false;
    const char c = rest_[0];
    rest_.remove_prefix(1);
    if (c == 'd') {
      symbols = digits;
      return true;
    }
    symbols = 1u << number::symbol_of(c);
    return c == '+' || c == '*' || c == '#';
  }

  // "[2-9]", "[13]", "[^0]" of plain symbols.
  bool read_class(uint32_t& symbols) {
    const bool is_negated = take('^');
    if (is_negated && rest_.starts_with(']')) return false;  // a ']' of the class
    for (bool is_first = true; !take(']'); is_first = false) {
      if (rest_.empty() || (rest_[0] == '\\' && rest_.size() < 2)) return false;
      if (rest_[0] == '\\') rest_.remove_prefix(1);
      if (is_first && rest_[0] == ']') return false;
      const unsigned low = number::symbol_of(rest_[0]);
      rest_.remove_prefix(1);
      unsigned high = low;
      if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        high = number::symbol_of(rest_[1]);
        if (low > 9 || high > 9 || high < low) return false;
        rest_.remove_prefix(2);
      }
      if (high >= contract::digit_symbols) return false;
      for (unsigned symbol = low; symbol <= high; ++symbol) symbols |= 1u << symbol;
    }
    if (is_negated) symbols = all_symbols & ~symbols;
    return symbols != 0;
  }

  bool read_count(Element& element) {
    if (take('*')) {
      element.least = 0;
      element.most = any_count;
    } else if (take('+')) {
      element.most = any_count;
    } else if (take('?')) {
      element.least = 0;
    } else if (take('{')) {
      if (!read_braces(element)) return false;
    }
    // "*?" is lazy and "*+" possessive.
    return rest_.empty() || (rest_[0] != '?' && rest_[0] != '+' && rest_[0] != '*');
  }

  bool read_braces(Element& element) {
    const size_t end = rest_.find('}');
    if (end == std::string_view::npos) return false;
    const std::string_view inside = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    const size_t comma = std::min(inside.find(','), inside.size());
    uint64_t least = 0;
    if (!ascii::parse_decimal(inside.substr(0, comma), any_count, least)) return false;
    uint64_t most = least;
    if (comma + 1 == inside.size()) {
      most = any_count;
    } else if (comma != inside.size() &&
               !ascii::parse_decimal(inside.substr(comma + 1), any_count, most)) {
      return false;
    }
    element.least = static_cast<unsigned>(least);
    element.most = static_cast<unsigned>(most);
    return least <= most;
  }

  std::string_view rest_;
  std::vector<size_t> open_;
};

// How many elements at the end are counted digits, or counted anything.
size_t tail_of(const std::vector<Element>& elements, uint32_t& symbols) {
  size_t begin = elements.size();
  symbols = 0;
  while (begin != 0) {
    const uint32_t these = elements[begin - 1].symbols;
    if (these != digits && these != all_symbols) break;
    if (symbols != 0 && these != symbols) break;
    symbols = these;
    --begin;
  }
  return begin;
}

// Every prefix that the elements before the tail stand for; false when that is too many.
bool expand(const std::vector<Element>& elements, size_t end, std::vector<std::string>& prefixes) {
  constexpr std::string_view symbols = "0123456789*+#";
  prefixes = {""};
  for (size_t i = 0; i < end; ++i) {
    if (!elements[i].is_fixed()) return false;
    for (unsigned times = 0; times < elements[i].least; ++times) {
      std::vector<std::string> longer;
      for (const std::string& prefix : prefixes) {
        for (unsigned symbol = 0; symbol < contract::digit_symbols; ++symbol) {
          if ((elements[i].symbols >> symbol & 1) != 0) longer.push_back(prefix + symbols[symbol]);
        }
      }
      if (longer.size() > max_prefixes || longer.front().size() > any_count) return false;
      prefixes = std::move(longer);
    }
  }
  return true;
}

// Places are counted from the front as long as everything before them is of one length, else from
// the end.
bool place(const std::vector<Element>& elements, size_t at, uint8_t& out) {
  unsigned before = 0;
  unsigned after = 0;
  bool is_fixed = true;
  for (size_t i = 0; i < elements.size(); ++i) {
    if (i < at) {
      before += elements[i].least;
      is_fixed = is_fixed && elements[i].is_fixed();
    } else {
      after += elements[i].least;
    }
  }
  if (before > any_count || after > any_count) return false;
  out = static_cast<uint8_t>(is_fixed ? before : (after | contract::from_end));
  return true;
}

}  // namespace

std::optional<Shape> shape_of(std::string_view pattern) {
  Reader reader(pattern);
  if (!reader.read()) return std::nullopt;
  const std::vector<Element>& elements = reader.elements;
  unsigned variable = 0;
  unsigned least = 0;
  unsigned most = 0;
  for (const Element& element : elements) {
    variable += element.is_fixed() ? 0 : 1;
    least += element.least;
    most += element.most;
  }
  // Without "$" what comes behind is anybody's; how far a count would go is for a matcher to say.
  if (variable > 1 || (variable == 1 && !reader.is_closed) || least > any_count) {
    return std::nullopt;
  }
  Shape shape;
  uint32_t tail_symbols = 0;
  const size_t tail = tail_of(elements, tail_symbols);
  // A tail in front of something open would have to be looked at digit by digit.
  if (!reader.is_closed && tail != elements.size()) return std::nullopt;
  if (!expand(elements, tail, shape.prefixes)) return std::nullopt;
  shape.wants_digits = tail_symbols == digits;
  shape.shortest = static_cast<uint8_t>(least);
  shape.longest = static_cast<uint8_t>(reader.is_closed ? std::min(most, any_count) : any_count);
  reader.groups.insert(reader.groups.begin(), {0, elements.size()});
  for (const Group& group : reader.groups) {
    CaptureSpan span;
    if (!place(elements, group.begin, span.begin) || !place(elements, group.end, span.end)) {
      return std::nullopt;
    }
    shape.captures.push_back(span);
  }
  return shape;
}

std::vector<std::string> stems_of(std::string_view pattern) {
  Reader reader(pattern);
  reader.read_stem();
  const std::vector<Element>& elements = reader.elements;
  std::vector<std::string> stems;
  size_t end = 0;
  while (end < elements.size() && elements[end].is_fixed() && elements[end].symbols != digits &&
         elements[end].symbols != all_symbols) {
    ++end;
  }
  while (end != 0 && !expand(elements, end, stems)) --end;
  if (end == 0) stems.clear();
  return stems;
}

}  // namespace demarc::numbers
