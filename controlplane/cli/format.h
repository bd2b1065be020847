// The API's JSON as tables. Takes and gives text, so that it is tested without a service.
#pragma once

#include <span>
#include <string>

namespace demarc::cli {

// Each throws std::runtime_error when `body` is not what the API gives.
std::string format_status(const std::string& body, bool is_coloured);
// Of trace-route: the words of the answer, as they are.
std::string text_of_trace(const std::string& body);
std::string format_dns(const std::string& body, bool is_coloured);
std::string format_registrations(const std::string& body, bool is_coloured);
std::string format_bindings(const std::string& body, bool is_coloured);
std::string format_trunks(const std::string& body, bool is_coloured);
std::string format_calls(const std::string& body, bool is_coloured);
// One call: a column per direction, and below each what it means.
std::string format_audio(const std::string& body, bool is_coloured);
std::string format_workers(const std::string& body, bool is_coloured);
std::string format_counters(const std::string& body, bool is_coloured);

// Pages of /api/v1/calls become one.
std::string next_cursor(const std::string& body);  // empty at the end
std::string join_calls(std::span<const std::string> pages);

// What a problem+json answer says.
std::string problem_text(const std::string& body);

}  // namespace demarc::cli
