#include "sip-parser/resource_priority.h"

#include <span>

#include "sip-parser/value_reader.h"
#include "sip-parser/words.h"

namespace demarc::sip {
namespace {

constexpr std::string_view words[] = {"dsn", "drsn", "q735", "ets", "wps", "esnet"};
static_assert(std::size(words) == static_cast<size_t>(PriorityNamespace::other));

// Most urgent first, RFC 4412 section 12.6.
constexpr std::string_view dsn_values[] = {"flash-override", "flash", "immediate", "priority",
                                           "routine"};
constexpr std::string_view drsn_values[] = {
    "flash-override-override", "flash-override", "flash", "immediate", "priority", "routine"};
constexpr std::string_view number_values[] = {"0", "1", "2", "3", "4"};
// RFC 7135 section 3 counts the other way.
constexpr std::string_view esnet_values[] = {"4", "3", "2", "1", "0"};

std::span<const std::string_view> values_of(PriorityNamespace name) {
  switch (name) {
    case PriorityNamespace::dsn:
      return dsn_values;
    case PriorityNamespace::drsn:
      return drsn_values;
    case PriorityNamespace::esnet:
      return esnet_values;
    case PriorityNamespace::other:
      return {};
    default:
      return number_values;
  }
}

}  // namespace

std::string_view spelling(PriorityNamespace name) {
  return word_of(name, words);
}

Result<ResourcePriority, ValueError> parse_resource_priority(Span element,
                                                             std::string_view datagram) {
  ValueReader reader(element, datagram);
  ResourcePriority result;
  result.namespace_text = reader.token_without_dot();
  const bool has_dot = reader.take_octet('.');
  result.priority_text = reader.token_without_dot();
  if (result.namespace_text.empty() || !has_dot || result.priority_text.empty() ||
      !reader.at_end()) {
    return Fail{ValueError::bad_syntax};
  }
  result.name = enum_of<PriorityNamespace>(text(result.namespace_text, datagram), words);
  const std::span<const std::string_view> values = values_of(result.name);
  for (size_t i = 0; i < values.size(); ++i) {
    if (ascii::iequals(text(result.priority_text, datagram), values[i])) {
      result.rank = static_cast<uint8_t>(i);
    }
  }
  return result;
}

}  // namespace demarc::sip
