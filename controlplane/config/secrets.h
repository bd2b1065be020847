// Credentials in the text of a configuration: found by their place, and replaced there. So a text
// can be shown or kept without them, and be put together again octet by octet.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "controlplane/config/file.h"
#include "controlplane/config/tree.h"

namespace demarc::config {

// What answers show instead of a credential; in a candidate it stands for the one in force.
inline constexpr std::string_view mask = "***";

// What is to stand where `literal` does, a TOML string with its quotes.
using Replace = std::function<std::string(const SecretPlace& place, std::string_view literal)>;

// The text of files[index] of what `tree` was read from. Throws std::runtime_error when a place
// holds no string, which would be our mistake.
std::string replace_secrets(const File& file, uint16_t index, const Tree& tree,
                            const Replace& replace);

// The files with every credential shown as the mask.
std::vector<File> masked(const std::vector<File>& files, const Tree& tree);

// `text` as a TOML basic string with its quotes.
std::string toml_string(std::string_view text);
// Whether it can be a key without quotes.
bool is_bare_key(std::string_view text);

}  // namespace demarc::config
