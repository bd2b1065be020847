// One field's value: from text to the type that its descriptor names, or the reason why not.
// Used by tree.cc for what stands in the file and for defaults.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controlplane/config/model.h"
#include "dataplane/contract/fields.h"

namespace demarc::config {

using Value =
    std::variant<bool, int64_t, std::string, contract::IpAddress, PortRange, std::vector<Prefix>,
                 std::vector<int64_t>, std::vector<std::string>, std::vector<Peer>>;

// Why a value was refused; caught by tree.cc, which knows the position.
struct ValueError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Checks the range. Throws ValueError.
int64_t integer_value(const contract::Field& field, int64_t number);
// For every type that is written as text; a list of one where the type is a list. Throws
// ValueError.
Value text_value(const contract::Field& field, std::string_view text);
// "192.0.2.1", "192.0.2.0/28", "2001:db8::/32". Throws ValueError.
Prefix parse_prefix(std::string_view text);
// Of a field that is not in the file.
Value default_value(const contract::Field& field);

bool is_list(contract::FieldType type);
Value empty_list(const contract::Field& field);
// Puts the elements of `more` behind those of `list`; both are lists of one type.
void append(Value& list, Value more);

// "an integer", "an IP address": what a field wants, for messages.
std::string_view wanted(contract::FieldType type);
// What a list wants for each element.
std::string_view wanted_element(contract::FieldType type);

}  // namespace demarc::config
