#include "controlplane/config/cause_rule.h"

#include <algorithm>

#include "controlplane/config/value.h"
#include "sip-parser/base/ascii.h"

namespace demarc::config {
namespace {

constexpr std::string_view arrow = "->";
constexpr std::string_view protocol = "Q.850/";
constexpr uint64_t highest_cause = 127;  // seven bits, ITU-T Q.850

// Takes the first word off `text`.
std::string_view take_word(std::string_view& text) {
  text = ascii::trim(text);
  const std::string_view word = text.substr(0, std::min(text.find_first_of(" \t"), text.size()));
  text.remove_prefix(word.size());
  return word;
}

uint16_t failure_of(std::string_view word) {
  uint64_t status = 0;
  if (!ascii::parse_decimal(word, 699, status) || status < 400) {
    throw ValueError("\"" + std::string(word) + "\" is not a status code from 400 to 699");
  }
  return static_cast<uint16_t>(status);
}

}  // namespace

contract::CauseRule parse_cause_rule(std::string_view text) {
  const size_t at = text.find(arrow);
  if (at == std::string_view::npos) {
    throw ValueError("\"" + std::string(text) + "\" is not a rule such as \"486 Q.850/34 -> 503\"");
  }
  contract::CauseRule rule;
  rule.becomes = failure_of(ascii::trim(text.substr(at + arrow.size())));
  std::string_view rest = text.substr(0, at);
  std::string_view word = take_word(rest);
  if (!word.empty() && ascii::is_digit(word.front())) {
    rule.status_code = failure_of(word);
    word = take_word(rest);
  }
  uint64_t cause = 0;
  const bool has_cause = ascii::iequals(word.substr(0, protocol.size()), protocol);
  if (has_cause && ascii::parse_decimal(word.substr(protocol.size()), highest_cause, cause) &&
      cause != 0) {
    rule.cause = static_cast<uint16_t>(cause);
    word = take_word(rest);
  }
  if (!word.empty()) {
    throw ValueError("\"" + std::string(word) + "\" is not a cause, Q.850/1 to Q.850/127");
  }
  if (rule.status_code == 0 && rule.cause == 0) {
    throw ValueError("a rule needs a status code, a cause or both before \"->\"");
  }
  return rule;
}

std::string text_of(const contract::CauseRule& rule) {
  std::string text;
  if (rule.status_code != 0) text += std::to_string(rule.status_code) + " ";
  if (rule.cause != 0) text += std::string(protocol) + std::to_string(rule.cause) + " ";
  return text + "-> " + std::to_string(rule.becomes);
}

}  // namespace demarc::config
