#include "controlplane/cli/event_commands.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>
#include <thread>

#include "controlplane/cli/client.h"
#include "controlplane/cli/format.h"
#include "controlplane/cli/table.h"

namespace demarc::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr auto between_looks = std::chrono::seconds(1);

std::string line_of(const json& event) {
  std::string line;
  for (const char* field : {"time", "level", "kind", "subject", "text"}) {
    line += (line.empty() ? "" : "  ") + shown(event.at(field).get<std::string>());
  }
  return line;
}

// Prints a page and moves `after` behind it; false when it was empty.
bool print_page(const std::string& body, bool is_json, uint64_t& after, std::ostream& out) {
  const json document = json::parse(body, nullptr, false);
  if (!document.is_object()) throw std::runtime_error("the service did not answer with JSON");
  const uint64_t lost = document.at("lost").get<uint64_t>();
  if (lost != 0 && !is_json) out << "(" << lost << " events before these are not kept any more)\n";
  const json& events = document.at("events");
  for (const json& event : events) {
    out << (is_json ? event.dump(-1, ' ', false, json::error_handler_t::replace) : line_of(event))
        << '\n';
  }
  after = document.at("last").get<uint64_t>();
  return !events.empty();
}

}  // namespace

void print_events(const EventReader& reader, bool is_json, std::ostream& out) {
  uint64_t after = 0;
  for (bool has_answered = false;; has_answered = true) {
    try {
      while (print_page(reader.fetch(after), is_json, after, out)) {
      }
    } catch (const Unreachable&) {
      if (!has_answered) throw;
    }
    out.flush();
    if (!reader.pause()) return;
  }
}

void run_events(const CommandLine& line, std::ostream& out) {
  const EventReader reader = {[&line](uint64_t after) {
                                const std::string target =
                                    "/api/v1/events?limit=1000&after=" + std::to_string(after);
                                const Answer answer = get(line.socket_path, target);
                                if (answer.status != 200)
                                  throw std::runtime_error(problem_text(answer.body));
                                return answer.body;
                              },
                              [&line] {
                                if (line.is_followed) std::this_thread::sleep_for(between_looks);
                                return line.is_followed;
                              }};
  print_events(reader, line.is_json, out);
}

}  // namespace demarc::cli
