// A snapshot with the rule sets of one test, checked and ready to run. Included by tests only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "controlplane/numbers/rule_sets.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/number/display_name.h"
#include "dataplane/number/pattern_store.h"
#include "dataplane/number/rewrite.h"

namespace demarc::numbers {

inline std::vector<Rule> rules_of(const std::vector<std::string>& texts) {
  std::vector<Rule> rules;
  for (const std::string& text : texts) rules.push_back(parse_rule(text));
  return rules;
}

inline std::vector<Rule> name_rules_of(const std::vector<std::string>& texts) {
  std::vector<Rule> rules;
  for (const std::string& text : texts) rules.push_back(parse_name_rule(text));
  return rules;
}

class RulesHarness {
 public:
  RulesHarness() : builder_(contract::SectionKind::routes, 1), sets(builder_, databases) {}

  // After the sets were added.
  void publish() {
    sets.finish(builder_.section().numbers);
    blob_ = builder_.finish();
    ASSERT_EQ(contract::check_section(blob_, {}), contract::SectionError::none);
    snapshot.routes = reinterpret_cast<const contract::RouteSection*>(blob_.data());
    store = number::PatternStore::build(*snapshot.routes, 2, nullptr);
    ASSERT_NE(store, nullptr);
    snapshot.patterns = &store->patterns();
  }

  // The number as the rules leave it; "-" when no rule matched, "!" when it can not be used.
  std::string apply(uint32_t set, const std::string& text) {
    number::Number number;
    if (!number::read_text(text, number)) return "no number";
    const number::Rewrite done = number::rewrite(snapshot, 1, set, number);
    last_rule = done.rule;
    if (done.result == number::RewriteResult::unmatched) return "-";
    if (done.result == number::RewriteResult::unusable) return "!";
    return done.hides_caller ? "anonymous" : std::string(number.view());
  }

  // What rules about names make beside that user part; "-" when none matched.
  std::string name_beside(uint32_t set, const std::string& user) {
    number::DisplayName name;
    switch (number::display_name(snapshot, 1, set, user, name)) {
      case number::NameResult::unmatched:
        return "-";
      case number::NameResult::set:
        return std::string(name.view());
      case number::NameResult::kept:
        return "kept";
      case number::NameResult::removed:
        break;
    }
    return "removed";
  }

 private:
  contract::SectionBuilder<contract::RouteSection> builder_;
  std::vector<std::byte> blob_;

 public:
  Databases databases;
  RuleSets sets;
  contract::Snapshot snapshot;
  std::shared_ptr<const number::PatternStore> store;
  uint32_t last_rule = 0;
};

}  // namespace demarc::numbers
