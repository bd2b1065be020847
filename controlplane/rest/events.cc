#include <charconv>
#include <nlohmann/json.hpp>

#include "controlplane/rest/handlers.h"
#include "controlplane/rest/json_text.h"

namespace demarc::rest {
namespace {

using json = nlohmann::ordered_json;

constexpr uint64_t default_limit = 100;
constexpr uint64_t highest_limit = 1000;

// False when it is there and no number.
bool number_of(const Request& request, std::string_view name, uint64_t& value) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return true;
  const std::string& text = found->second;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && at == end;
}

std::string_view spelling(runtime::Level level) {
  constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
  return names[static_cast<size_t>(level)];
}

json event_json(const events::Event& event) {
  const events::KindText text = events::text_of(event.kind);
  return {{"sequence", event.sequence},    {"time", time_or_null(event.unix_ns)},
          {"level", spelling(text.level)}, {"kind", text.name},
          {"subject", event.subject},      {"text", event.text}};
}

}  // namespace

// `last` is what to ask for next: of the last event here, or of the newest when there is none.
Response get_events(const Request& request, const Sources& sources) {
  uint64_t after = 0;
  uint64_t limit = default_limit;
  if (!number_of(request, "after", after) || !number_of(request, "limit", limit) || limit == 0 ||
      limit > highest_limit) {
    return problem(400, "after is a sequence number, limit is 1 to 1000", request.path);
  }
  const events::Events::Page page = sources.events->after(after, limit);
  json rows = json::array();
  for (const events::Event& event : page.events) rows.push_back(event_json(event));
  const uint64_t last = page.events.empty() ? page.last : page.events.back().sequence;
  return json_response({{"events", rows}, {"last", last}, {"lost", page.lost}});
}

}  // namespace demarc::rest
