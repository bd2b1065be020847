// RuleSets: number rules, tables and patterns on their way into the routes section. Rule lists of
// one content become one set, however many trunks have them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/numbers/databases.h"
#include "controlplane/numbers/digit_trie.h"
#include "controlplane/numbers/rule_text.h"
#include "controlplane/numbers/table_file.h"
#include "dataplane/contract/section_builder.h"

namespace demarc::numbers {

class RuleSets {
 public:
  using Builder = contract::SectionBuilder<contract::RouteSection>;
  // Both must outlive this object.
  RuleSets(Builder& builder, Databases& databases) : builder_(builder), databases_(databases) {}

  // Tables come before the rules that name them.
  void add_table(const std::string& name, const std::vector<TableRow>& rows);
  // The set of these good rules; no_row when there are none.
  uint32_t add(const std::vector<Rule>& rules);
  // Patterns of another user, by rank; they are good. no_row when there are none.
  struct Ranked {
    std::string pattern;
    uint32_t rank = 0;
  };
  uint32_t add_patterns(const std::vector<Ranked>& patterns);
  // The same of patterns that are asked for one by one: nothing chooses among them.
  uint32_t add_single_patterns(const std::vector<Ranked>& patterns);
  DigitTries& tries() { return tries_; }
  // Everything but the rows of trunks, once all is added.
  void finish(contract::NumberRows& rows);

 private:
  // Of one set, while its rules are gone through.
  struct Parts {
    std::vector<contract::NumberRule> rows;
    std::vector<DigitTries::Item> items;
    std::vector<Ranked> patterns;
    std::vector<Ranked> stemmed;
    std::map<std::string, unsigned, std::less<>> per_stem;  // patterns that begin with it
    std::vector<uint32_t> tables;
  };
  contract::NumberRule row_of(const Rule& rule, Parts& parts);
  void add_pattern(const Rule& rule, Parts& parts, contract::NumberRule& row);
  uint32_t add_set(const std::vector<Ranked>& patterns, const Databases::Database& database);

  Builder& builder_;
  Databases& databases_;
  DigitTries tries_;
  std::vector<contract::NumberRuleSet> sets_;
  std::map<std::vector<Rule>, uint32_t> known_;
  std::vector<contract::NumberTable> tables_;
  std::map<std::string, uint32_t, std::less<>> table_ids_;
  std::vector<contract::Text> values_;
  std::vector<contract::PatternSet> pattern_sets_;
};

}  // namespace demarc::numbers
