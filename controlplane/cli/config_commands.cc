#include "controlplane/cli/config_commands.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "controlplane/cli/client.h"
#include "controlplane/cli/format.h"
#include "controlplane/cli/query.h"
#include "controlplane/cli/table.h"
#include "controlplane/config/load.h"
#include "sip-parser/base/ascii.h"

namespace demarc::cli {
namespace {

using json = nlohmann::json;

constexpr uint32_t longest_confirm_s = 86'400;

struct Refused {
  ExitCode code;
  std::string text;
};

ExitCode code_of(unsigned status) {
  if (status == 422) return exit_config_invalid;
  return status == 409 || status == 412 ? exit_conflict : exit_failed;
}

// "routes.toml:3:8: message" for each mistake, else what the problem says.
std::string refusal_text(const std::string& body) {
  const json problem = json::parse(body, nullptr, false);
  if (!problem.is_object() || !problem.contains("errors")) return "demarc: " + problem_text(body);
  std::string text;
  for (const json& error : problem["errors"]) {
    text += text.empty() ? "" : "\n";
    text += error.value("file", "") + ":" + std::to_string(error.value("line", 0)) + ":" +
            std::to_string(error.value("column", 0)) + ": " + error.value("message", "");
  }
  return text;
}

std::string ask_for(const CommandLine& line, const std::string& method, const std::string& target,
                    const std::string& body) {
  const Answer answer = ask(line.socket_path, {method, target, body});
  if (answer.status != 200) throw Refused{code_of(answer.status), refusal_text(answer.body)};
  return answer.body;
}

// The file with all that it includes, so that the service need not read where the caller can.
std::string bundle_of(const CommandLine& line, const Streams& streams) {
  const config::Loaded loaded = config::load_file(line.file);
  if (loaded.files.empty()) {
    throw Refused{exit_config_invalid, config::texts_of(loaded, line.file).front()};
  }
  for (const std::string& text : config::texts_of(loaded, line.file)) streams.err << text << '\n';
  if (!loaded.is_good) throw Refused{exit_config_invalid, ""};
  const std::filesystem::path directory = std::filesystem::path(line.file).parent_path();
  json files = json::array();
  for (const config::File& file : loaded.files) {
    const std::filesystem::path path(file.path);
    const bool is_beside = path.is_relative() || !directory.empty();
    const std::string name = is_beside && !directory.empty()
                                 ? path.lexically_relative(directory).string()
                                 : path.string();
    files.push_back({{"path", name}, {"text", file.text}});
  }
  return json({{"files", files}}).dump();
}

std::string value_text(const json& value) {
  return value.is_null() ? "" : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string joined(const json& texts) {
  std::string all;
  for (const json& text : texts) {
    all += (all.empty() ? "" : ", ") + text.get<std::string>();
  }
  return all;
}

std::string confirm_text(const json& confirm) {
  if (!confirm.is_object()) return {};
  return "taken back to revision " + std::to_string(confirm.at("back_to").get<uint64_t>()) +
         " in " + std::to_string(confirm.at("seconds_left").get<uint64_t>()) +
         " s unless confirmed: demarc confirm\n";
}

// A list of those, or "none".
std::string touched_text(const std::string& what, const json& names) {
  const std::string all = joined(names);
  return what + " touched: " + (all.empty() ? "none" : all) + "\n";
}

std::string changes_text(const json& body) {
  std::string text;
  for (const json& path : body.at("changed_files")) {
    text += "~ " + path.get<std::string>() + " holds something else\n";
  }
  if (body.at("changes").empty()) return text.empty() ? "no difference\n" : text;
  for (const json& change : body.at("changes")) {
    const std::string kind = change.at("change");
    text += (kind == "added"     ? "+ "
             : kind == "removed" ? "- "
                                 : "~ ") +
            change.at("path").get<std::string>();
    if (kind == "changed") {
      text += ": " + value_text(change.at("before")) + " -> " + value_text(change.at("after"));
    }
    text += change.at("needs") == "restart" ? "   (needs a restart of the dataplane)\n" : "\n";
  }
  const json& touches = body.at("touches");
  text += touched_text("registrations", touches.at("registrations"));
  text += touched_text("bindings", touches.at("bindings"));
  text += touched_text("calls", touches.at("calls"));
  const uint64_t more = touches.at("call_count").get<uint64_t>() - touches.at("calls").size();
  if (more != 0) text += "and " + std::to_string(more) + " more\n";
  const json& misfit = body.at("misfit");
  if (misfit.is_string()) text += "apply would refuse it: " + misfit.get<std::string>() + "\n";
  return text;
}

std::string apply(const CommandLine& line, const Streams& streams) {
  std::string target = "/api/v1/config?comment=" + escaped(line.comment);
  if (!line.confirm.empty()) {
    const uint32_t seconds = seconds_of(line.confirm);
    if (seconds == 0)
      throw Refused{exit_usage, "demarc: --confirm takes 1s to 24h, like 90s or 5m"};
    target += "&confirm=" + std::to_string(seconds);
  }
  const std::string answer = ask_for(line, "PUT", target, bundle_of(line, streams));
  if (line.is_json) return answer;
  const json body = json::parse(answer);
  return changes_text(body) + "revision " + std::to_string(body.at("revision").get<uint64_t>()) +
         " is in force\n" + confirm_text(body.at("confirm"));
}

std::string revisions(const CommandLine& line) {
  const std::string answer = ask_for(line, "GET", "/api/v1/config/revisions", "");
  if (line.is_json) return answer;
  const json body = json::parse(answer);
  Table table(
      {{"revision", true}, {"in force"}, {"at"}, {"who"}, {"how"}, {"changes", true}, {"comment"}});
  for (const json& row : body.at("revisions")) {
    table.add({std::to_string(row.at("revision").get<uint64_t>()),
               row.at("in_force").get<bool>() ? "yes" : "", row.at("at").get<std::string>(),
               row.at("who").get<std::string>(), row.at("how").get<std::string>(),
               std::to_string(row.at("changes").get<uint64_t>()),
               row.at("comment").get<std::string>()});
  }
  return table.text(false) + confirm_text(body.at("confirm"));
}

std::string roll_back(const CommandLine& line) {
  const std::string end = line.revision.empty() ? "" : "/" + escaped(line.revision);
  const std::string answer = ask_for(line, "POST", "/api/v1/config/rollback" + end, "");
  if (line.is_json) return answer;
  const json body = json::parse(answer);
  std::string text = changes_text(body);
  for (const json& path : body.at("others_by_now")) {
    text += "warning: " + path.get<std::string>() + " is not what it was then\n";
  }
  return text + "revision " + std::to_string(body.at("revision").get<uint64_t>()) +
         " is in force\n";
}

// What would change for each call, two lines a call.
std::string replay_text(const json& body) {
  const auto number = [&body](const char* name) {
    return std::to_string(body.at(name).get<uint64_t>());
  };
  std::string text;
  for (const json& one : body.at("changes")) {
    const auto word = [&one](const char* name) { return one.at(name).get<std::string>(); };
    text += word("started") + " " + word("from") + ": " + word("calling") + " to " +
            word("called") + "\n  - " + word("before") + "\n  + " + word("after") + "\n";
  }
  text += number("changed") + " of " + number("calls") + " calls would go elsewhere\n";
  if (body.at("left_out") != 0) text += number("left_out") + " older calls were left out\n";
  if (body.at("misses_headers") == true) {
    text +=
        "warning: there are routes by header fields, which records have not: calls that took "
        "them may be told wrongly\n";
  }
  return text;
}

std::string trace(const CommandLine& line, const Streams& streams) {
  const std::string answer = ask_for(
      line, "POST", "/api/v1/config/trace-route?" + trace_query(line), bundle_of(line, streams));
  return line.is_json ? answer : text_of_trace(answer);
}

ExitCode replay(const CommandLine& line, const Streams& streams) {
  const uint32_t since_s = seconds_of(line.since);
  if (since_s == 0) throw Refused{exit_usage, "demarc: --since takes 1s to 24h, like 90s or 1h"};
  const std::string answer =
      ask_for(line, "POST", "/api/v1/config/replay-routes?since=" + std::to_string(since_s),
              bundle_of(line, streams));
  const json body = json::parse(answer);
  streams.out << (line.is_json ? answer : replay_text(body));
  return body.at("changed") == 0 ? exit_ok : exit_changed;
}

std::string text_of(const CommandLine& line, const Streams& streams) {
  if (line.verb == "apply") return apply(line, streams);
  if (line.verb == "rollback") return roll_back(line);
  if (line.verb == "revisions") return revisions(line);
  if (line.verb == "trace-route") return trace(line, streams);
  if (line.verb == "config") {
    const std::string query = line.is_json ? "" : "?format=toml";
    const std::string end = line.revision.empty() ? "" : "/revisions/" + escaped(line.revision);
    return ask_for(line, "GET", "/api/v1/config" + end + query, "");
  }
  if (line.verb == "confirm") {
    const std::string answer = ask_for(line, "POST", "/api/v1/config/confirm", "");
    const json body = json::parse(answer);
    return line.is_json ? answer
                        : "revision " + std::to_string(body.at("revision").get<uint64_t>()) +
                              " is confirmed\n";
  }
  const std::string answer = ask_for(line, "POST", "/api/v1/config/diff", bundle_of(line, streams));
  return line.is_json ? answer : changes_text(json::parse(answer));
}

}  // namespace

bool is_config_verb(const std::string& verb) {
  return verb == "diff" || verb == "apply" || verb == "confirm" || verb == "rollback" ||
         verb == "revisions" || verb == "config" || verb == "replay-routes";
}

ExitCode run_config_command(const CommandLine& line, const Streams& streams) {
  try {
    if (line.verb == "replay-routes") return replay(line, streams);
    streams.out << text_of(line, streams);
    return exit_ok;
  } catch (const Refused& refused) {
    if (!refused.text.empty()) streams.err << refused.text << '\n';
    return refused.code;
  }
}

uint32_t seconds_of(const std::string& text) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string unit = text.substr(digits);
  const uint32_t factor = unit.empty() || unit == "s" ? 1
                          : unit == "m"               ? 60
                          : unit == "h"               ? 3600
                                                      : 0;
  uint64_t number = 0;
  if (!ascii::parse_decimal(std::string_view(text).substr(0, digits), longest_confirm_s, number)) {
    return 0;
  }
  const uint64_t seconds = number * factor;
  return seconds <= longest_confirm_s ? static_cast<uint32_t>(seconds) : 0;
}

}  // namespace demarc::cli
