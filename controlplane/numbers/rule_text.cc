#define PCRE2_CODE_UNIT_WIDTH 8
#include "controlplane/numbers/rule_text.h"

#include <pcre2.h>

#include <algorithm>
#include <memory>

#include "sip-parser/base/ascii.h"
#include "sip-parser/field_checks.h"

namespace demarc::numbers {
namespace {

constexpr std::string_view arrow = " -> ";
constexpr std::string_view prefix_word = "prefix ";
constexpr std::string_view table_word = "table ";
constexpr std::string_view anonymous_word = "anonymous";

using Code = std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)>;

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

Code compile(std::string_view pattern) {
  if (pattern.empty()) throw RuleError("the pattern is empty");
  if (pattern.size() > contract::max_pattern_length) {
    throw RuleError("the pattern is longer than " + std::to_string(contract::max_pattern_length) +
                    " characters");
  }
  // Hyperscan would read such a pattern up to its NUL only, and PCRE2 all of it.
  if (std::ranges::any_of(pattern, is_control)) {
    throw RuleError("the pattern has a control character in it, which no number has");
  }
  int error = 0;
  PCRE2_SIZE at = 0;
  Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), 0, &error,
                          &at, nullptr),
            &pcre2_code_free);
  if (code != nullptr && pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE) == 0) {
    size_t octets = 0;
    pcre2_pattern_info(code.get(), PCRE2_INFO_JITSIZE, &octets);
    if (octets != 0) return code;
  }
  // A worker never interprets one: that would allocate.
  if (code != nullptr) {
    throw RuleError("pattern " + in_quotes(pattern) + " can not be compiled to machine code");
  }
  PCRE2_UCHAR message[128];
  pcre2_get_error_message(error, message, sizeof message);
  throw RuleError("pattern " + in_quotes(pattern) + ", character " + std::to_string(at + 1) + ": " +
                  reinterpret_cast<const char*>(message));
}

unsigned groups_of(const pcre2_code* code) {
  uint32_t groups = 0;
  pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
  if (groups > contract::max_captures) {
    throw RuleError("the pattern has " + std::to_string(groups) + " groups, the limit is " +
                    std::to_string(contract::max_captures));
  }
  return groups;
}

// A group of that name or number, as a digit.
char group_of(const pcre2_code* code, const std::string& name, unsigned groups) {
  uint64_t number = 0;
  if (!ascii::parse_decimal(name, UINT32_MAX, number)) {
    const int found =
        pcre2_substring_number_from_name(code, reinterpret_cast<PCRE2_SPTR>(name.c_str()));
    if (found < 0) throw RuleError("the pattern has no group " + in_quotes(name));
    number = static_cast<uint64_t>(found);
  }
  if (number > groups) {
    throw RuleError("the replacement names $" + std::to_string(number) + ", the pattern has " +
                    std::to_string(groups) + " groups");
  }
  return static_cast<char>('0' + number);
}

// The name of the group that `$` at `at` refers to; `at` goes behind it.
std::string take_name(std::string_view written, size_t& at) {
  if (written[at] == '{') {
    const size_t end = written.find('}', at);
    if (end == std::string_view::npos) throw RuleError("\"${\" without \"}\" in the replacement");
    const std::string name(written.substr(at + 1, end - at - 1));
    at = end + 1;
    return name;
  }
  // Of $12 both digits are the name, as .NET has it; ${1}2 is the other reading.
  const size_t begin = at;
  while (at < written.size() && ascii::is_digit(written[at])) ++at;
  return std::string(written.substr(begin, at - begin));
}

std::string normalised(std::string_view written, const pcre2_code* code, unsigned groups) {
  std::string made;
  for (size_t at = 0; at < written.size();) {
    if (written[at] != '$') {
      made += written[at++];
      continue;
    }
    if (++at == written.size()) throw RuleError("the replacement ends in \"$\"");
    if (written[at] == '$') {
      made += "$$";
      ++at;
    } else if (written[at] == '&') {
      made += "$0";
      ++at;
    } else if (ascii::is_digit(written[at]) || written[at] == '{') {
      made += '$';
      made += group_of(code, take_name(written, at), groups);
    } else {
      throw RuleError("\"$" + std::string(1, written[at]) + "\" means nothing in a replacement");
    }
  }
  return made;
}

// What the replacement says itself must be able to stand in a number.
void check_literals(std::string_view replacement) {
  const size_t parameters = std::min(replacement.find(';'), replacement.size());
  for (size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] == '$') {
      ++i;
      continue;
    }
    const char c = replacement[i];
    const bool is_digit = ascii::is_digit(c) || c == '*' || c == '#' || c == '+';
    const bool is_parameter =
        i >= parameters && (ascii::is_alphanum(c) || c == ';' || c == '=' || c == '-' || c == '.');
    if (is_digit || is_parameter) continue;
    throw RuleError("the replacement " + in_quotes(replacement) + " has " +
                    in_quotes(std::string(1, c)) + " in it, which no number has");
  }
}

void check_dialled(std::string_view text) {
  if (text.find_first_not_of("0123456789*#+") == std::string_view::npos) return;
  throw RuleError(in_quotes(text) + " may hold digits, '*', '#' and '+' only");
}

// "44 -> 0", either side may be empty.
Rule prefix_rule(std::string_view text) {
  const std::string padded = " " + std::string(text) + " ";
  const size_t at = padded.find(arrow);
  if (at == std::string::npos) {
    throw RuleError(in_quotes(text) + " is not a prefix rule such as \"prefix +44 -> 0\"");
  }
  const std::string_view view = padded;
  const std::string_view before = ascii::trim(view.substr(0, at));
  const std::string_view after = ascii::trim(view.substr(at + arrow.size()));
  check_dialled(before);
  check_dialled(after);
  Rule rule;
  rule.pattern = "^" + escaped(before);
  rule.replacement = after;
  return rule;
}

// A rule's two sides. The name may have an arrow in it, so its quote is looked for.
struct Sides {
  std::string_view pattern;
  std::string_view name;
};

Sides sides_of(std::string_view text) {
  size_t at = text.rfind(arrow);
  if (text.ends_with('"')) {
    const auto is_quoted = [&] {
      return ascii::trim(text.substr(at + arrow.size())).front() == '"';
    };
    at = text.find(arrow);
    while (at != std::string_view::npos && !is_quoted()) at = text.find(arrow, at + 1);
  }
  if (at == std::string_view::npos) {
    throw RuleError(in_quotes(text) + " is not a rule such as '^\\+44(\\d+)$ -> \"Desk $1\"', " +
                    "\"prefix +44 -> keep\" or \"table NAME\"");
  }
  return {ascii::trim(text.substr(0, at)), ascii::trim(text.substr(at + arrow.size()))};
}

// "keep", "remove" or a name in quotes.
void take_action(std::string_view written, const pcre2_code* code, Rule& rule) {
  if (written == "keep") {
    rule.name_action = contract::NameAction::keep;
    return;
  }
  if (written == "remove") {
    rule.name_action = contract::NameAction::remove;
    return;
  }
  if (written.size() < 2 || !written.starts_with('"') || !written.ends_with('"')) {
    throw RuleError(in_quotes(written) + " is neither keep nor remove nor a name in quotes");
  }
  written = written.substr(1, written.size() - 2);
  const std::string mistake = mistake_of_name(written);
  if (!mistake.empty()) throw RuleError(mistake);
  rule.replacement = normalised(written, code, groups_of(code));
}

}  // namespace

std::string mistake_of_name(std::string_view name) {
  if (name.empty()) return "the name is empty";
  if (name.size() > contract::max_name_length) {
    return "a name of more than " + std::to_string(contract::max_name_length) + " octets";
  }
  const Span whole = {0, static_cast<uint16_t>(name.size())};
  if (!std::ranges::any_of(name, is_control) && sip::check_text(whole, name)) return "";
  return "a name that has a control character in it, or is not UTF-8";
}

std::string escaped(std::string_view text) {
  std::string made;
  for (const char c : text) {
    if (!ascii::is_alphanum(c)) made += '\\';
    made += c;
  }
  return made;
}

unsigned check_pattern(std::string_view pattern) {
  const Code code = compile(pattern);
  return groups_of(code.get());
}

Rule parse_rule(std::string_view text) {
  text = ascii::trim(text);
  Rule rule;
  if (text.starts_with(table_word)) {
    rule.table = ascii::trim(text.substr(table_word.size()));
    return rule;
  }
  if (text.starts_with(prefix_word)) return prefix_rule(text.substr(prefix_word.size() - 1));
  // The last one, since a pattern may have an arrow in it and a replacement can not.
  const std::string padded = std::string(text) + " ";
  const size_t at = padded.rfind(arrow);
  if (at == std::string::npos) {
    throw RuleError(in_quotes(text) + " is not a rule such as \"^\\+(1\\d{10})$ -> $1\", " +
                    "\"prefix +44 -> 0\" or \"table NAME\"");
  }
  rule.pattern = ascii::trim(text.substr(0, at));
  const std::string_view after = ascii::trim(std::string_view(padded).substr(at + arrow.size()));
  const Code code = compile(rule.pattern);
  const unsigned groups = groups_of(code.get());
  rule.hides_caller = after == anonymous_word;
  if (!rule.hides_caller) rule.replacement = normalised(after, code.get(), groups);
  check_literals(rule.replacement);
  rule.sees_parameters = rule.pattern.find(';') != std::string::npos;
  return rule;
}

Rule parse_name_rule(std::string_view text) {
  text = ascii::trim(text);
  Rule rule;
  rule.is_about_names = true;
  if (text.starts_with(table_word)) {
    rule.table = ascii::trim(text.substr(table_word.size()));
    return rule;
  }
  const Sides sides = sides_of(text);
  rule.pattern = sides.pattern;
  if (text.starts_with(prefix_word)) {
    const std::string_view prefix = ascii::trim(sides.pattern.substr(prefix_word.size() - 1));
    check_dialled(prefix);
    rule.pattern = "^" + escaped(prefix);
  }
  const Code code = compile(rule.pattern);
  groups_of(code.get());
  take_action(sides.name, code.get(), rule);
  return rule;
}

bool is_caller_id(std::string_view text) {
  const auto take = [&text] {
    if (text.empty() || text[0] < '1' || text[0] > '9') return false;
    while (!text.empty() && ascii::is_digit(text[0])) text.remove_prefix(1);
    return true;
  };
  if (text.starts_with('+')) text.remove_prefix(1);
  if (!take()) return false;
  constexpr std::string_view extension = ";ext=";
  if (!text.starts_with(extension)) return text.empty();
  text.remove_prefix(extension.size());
  return take() && text.empty();
}

}  // namespace demarc::numbers
