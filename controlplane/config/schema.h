// The fields of a configuration described for others: a JSON Schema of the JSON form, and the page
// docs/configuration.md. Both are made of contract::fields() alone.
#pragma once

#include <string>
#include <string_view>

namespace demarc::config {

// JSON Schema 2020-12. Units and what a change needs stand in x-unit and x-change.
std::string json_schema();

// Markdown.
std::string reference_page();

// What a block ("trunk") or a field ("trunk.peer") means, for a terminal; of "" all blocks. Throws
// std::invalid_argument, with the nearest name, when there is none.
std::string explain(std::string_view path);

// "port port.device port.twin ...", for completion.
std::string field_names();

}  // namespace demarc::config
