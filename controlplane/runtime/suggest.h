// "Did you mean": the nearest of some known words. Used for configuration fields and CLI verbs.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace demarc::runtime {

// Insertions, deletions, substitutions and swaps of neighbours between two words.
unsigned edit_distance(std::string_view a, std::string_view b);

// The nearest of `known` when it is near enough to be meant; empty otherwise.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

// ", did you mean \"x\"?" or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace demarc::runtime
