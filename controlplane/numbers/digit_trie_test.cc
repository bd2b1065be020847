#include "controlplane/numbers/digit_trie.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dataplane/number/digit_trie.h"
#include "tests/support/seed.h"

namespace demarc::numbers {
namespace {

using contract::DigitEntry;
using contract::no_row;
using Items = std::vector<DigitTries::Item>;

// Tries as a worker reads them.
struct Tries {
  uint32_t add(const Items& items) { return made.add(items); }
  number::Trie view() const { return {made.nodes(), made.entries()}; }
  unsigned count(uint16_t mark) const {
    return static_cast<unsigned>(std::count_if(
        made.nodes().begin(), made.nodes().end(),
        [mark](const contract::DigitNode& node) { return (node.marks & mark) != 0; }));
  }
  DigitTries made;
};

DigitTries::Item item(const std::string& path, uint32_t rank) {
  DigitEntry entry;
  entry.rank = rank;
  entry.longest = static_cast<uint8_t>(contract::max_number_length);
  return {path, entry};
}

bool fits(const DigitTries::Item& item, const std::string& digits) {
  const DigitEntry& entry = item.entry;
  if (!digits.starts_with(item.path)) return false;
  if (digits.size() < entry.shortest || digits.size() > entry.longest) return false;
  return entry.wants_digits == 0 ||
         digits.find_first_not_of("0123456789", item.path.size()) == std::string::npos;
}

struct Found {
  uint32_t first = no_row;
  uint32_t longest = no_row;
  unsigned length = 0;
  friend bool operator==(const Found&, const Found&) = default;
};

Found find_by_hand(const Items& items, const std::string& digits) {
  Found found;
  for (const DigitTries::Item& item : items) {
    if (!fits(item, digits)) continue;
    found.first = std::min(found.first, item.entry.rank);
    const auto length = static_cast<unsigned>(item.path.size());
    const bool is_longer = found.longest == no_row || length > found.length;
    if (!is_longer && (length < found.length || item.entry.rank > found.longest)) continue;
    found.longest = item.entry.rank;
    found.length = length;
  }
  return found;
}

Found find(const Tries& tries, uint32_t root, const std::string& digits) {
  Found found;
  found.first = number::first_match(tries.view(), root, digits);
  found.longest = number::longest_match(tries.view(), root, digits, found.length);
  return found;
}

// All numbers of three digits behind a beginning, but for so many of them.
void add_dense(const std::string& before, unsigned left_out, Items& items) {
  for (unsigned i = left_out; i < 1000; ++i) {
    const std::string number = std::to_string(1000 + i);
    items.push_back(item(before + number.substr(1), static_cast<uint32_t>(items.size())));
  }
}

TEST(DigitTries, TakeThreeDigitsAtOnceWherePrefixesAreDense) {
  Items items;
  add_dense("+1425", 700, items);
  Tries tries;
  const uint32_t root = tries.add(items);
  EXPECT_EQ(tries.count(contract::node_is_wide), 1u);
  EXPECT_EQ(tries.made.nodes().size(), 1u + contract::wide_children);
  EXPECT_EQ(find(tries, root, "+14257009"), (Found{0, 0, 8}));
  EXPECT_EQ(find(tries, root, "+1425999"), (Found{299, 299, 8}));
  for (const char* stranger : {"+1425699", "+142599", "+14257*0", "+1425", "+1426700", ""}) {
    EXPECT_EQ(find(tries, root, stranger), Found{}) << stranger;
  }
}

TEST(DigitTries, GoDigitByDigitWhereAPrefixEndsBetween) {
  for (const char* between : {"+14257", "+142570", "+1425*00"}) {
    Items items;
    add_dense("+1425", 0, items);
    items.push_back(item(between, 5000));
    Tries tries;
    const uint32_t root = tries.add(items);
    EXPECT_EQ(tries.count(contract::node_is_wide), 0u) << between;
    EXPECT_EQ(find(tries, root, between).longest, 5000u) << between;
    EXPECT_EQ(find(tries, root, "+1425700").longest, 700u) << between;
  }
}

TEST(DigitTries, KeepFewPrefixesNarrow) {
  Items items;
  add_dense("44", 800, items);
  Tries tries;
  tries.add(items);
  EXPECT_EQ(tries.count(contract::node_is_wide), 0u);
}

// Prefixes of a few beginnings, so that they share and extend one another.
class Draw {
 public:
  explicit Draw(unsigned seed) : engine_(seed) {}
  unsigned below(unsigned count) { return static_cast<unsigned>(engine_() % count); }
  std::string digits(unsigned most) { return (below(2) == 0 ? "+" : "") + inner(most); }
  std::string inner(unsigned most) {
    std::string made;
    for (unsigned left = below(most + 1); left != 0; --left) made += "0001123456789*#"[below(15)];
    return made;
  }
  Items items() {
    Items made;
    for (unsigned left = below(3); left != 0; --left) add_dense(digits(5), below(900), made);
    for (unsigned left = below(300); left != 0; --left) {
      std::string path = digits(10);
      if (!made.empty() && below(2) == 0) path = made[below(size(made))].path + inner(2);
      made.push_back(item(path.substr(0, contract::max_number_length), size(made)));
      DigitEntry& entry = made.back().entry;
      if (below(3) == 0) entry.shortest = static_cast<uint8_t>(path.size() + below(4));
      if (below(3) == 0) entry.longest = static_cast<uint8_t>(path.size() + below(8));
      if (below(3) == 0) entry.wants_digits = 1;
    }
    return made;
  }
  // One that begins as one of them, or anyhow.
  std::string number(const Items& items) {
    std::string made = items.empty() || below(8) == 0 ? "" : items[below(size(items))].path;
    if (below(4) == 0 && !made.empty()) made.pop_back();
    made += inner(below(4) == 0 ? 50 : 6);
    if (below(8) == 0) made += "x;";
    return made.substr(0, contract::max_number_length + 1);
  }

 private:
  static unsigned size(const Items& items) { return static_cast<unsigned>(items.size()); }
  std::mt19937 engine_;
};

TEST(DigitTries, FindWhatAPlainListHas) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  Draw draw(seed);
  unsigned wide = 0;
  unsigned shared = 0;
  for (unsigned round = 0; round < 60; ++round) {
    Tries tries;
    tries.add({item("9", 1)});  // the second root is not the first node
    const Items items = draw.items();
    const uint32_t root = tries.add(items);
    for (unsigned i = 0; i < 200; ++i) {
      const std::string digits = draw.number(items);
      ASSERT_EQ(find(tries, root, digits), find_by_hand(items, digits)) << digits;
    }
    wide += tries.count(contract::node_is_wide);
    shared += tries.count(contract::node_has_entries);
  }
  EXPECT_GT(wide, 10u);
  EXPECT_GT(shared, 100u);
}

}  // namespace
}  // namespace demarc::numbers
