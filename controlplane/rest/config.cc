// The configuration: what is in force, what a candidate would change, revisions.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "controlplane/change/changes.h"
#include "controlplane/config/json_form.h"
#include "controlplane/config/schema.h"
#include "controlplane/config/secrets.h"
#include "controlplane/rest/handlers.h"
#include "controlplane/rest/json_text.h"
#include "controlplane/runtime/wall_clock.h"
#include "controlplane/trunks/touched.h"
#include "controlplane/whatif/replay.h"
#include "sip-parser/base/ascii.h"

namespace demarc::rest {
namespace {

using change::Candidate;
using change::Outcome;
using change::Verdict;
using json = nlohmann::ordered_json;

constexpr size_t most_errors = 1'000;  // of one answer; the rest is only counted
constexpr uint64_t ns_per_s = 1'000'000'000;
constexpr uint64_t longest_replay_s = 31 * 86'400;
constexpr std::string_view replay_end = "/replay-routes";
constexpr std::string_view trace_end = "/trace-route";

// What of a request can not be understood; its text goes to the client.
struct BadRequest {
  unsigned status;
  std::string detail;
};

uint64_t number_of(std::string_view text, uint64_t most, std::string_view what) {
  uint64_t number = 0;
  if (!ascii::parse_decimal(text, most, number)) {
    throw BadRequest{400, std::string(what) + " must be a number up to " + std::to_string(most)};
  }
  return number;
}

std::string query_of(const Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

Candidate bundle_of(const json& files) {
  Candidate candidate;
  if (!files.is_array() || files.empty() || files.size() > config::max_included_files + 1) {
    throw BadRequest{400, "files must be an array of 1 to 257"};
  }
  for (const json& file : files) {
    if (!file.is_object() || !file.contains("path") || !file["path"].is_string() ||
        !file.contains("text") || !file["text"].is_string()) {
      throw BadRequest{400, "each of files must be {\"path\": \"...\", \"text\": \"...\"}"};
    }
    candidate.files.push_back({file["path"].get<std::string>(), file["text"].get<std::string>()});
  }
  return candidate;
}

// A body is TOML, the JSON form, or {"files": [{"path", "text"}, ...]}.
Candidate candidate_of(const Request& request) {
  if (request.body.empty()) throw BadRequest{400, "the body must hold a configuration"};
  if (request.content_type == "application/toml" || request.content_type == "text/plain") {
    return {{{"", request.body}}};
  }
  if (request.content_type != "application/json") {
    throw BadRequest{415, "the body must be application/json or application/toml"};
  }
  const json body = json::parse(request.body, nullptr, false);
  if (body.is_object() && body.contains("files")) return bundle_of(body["files"]);
  try {
    return {{{"", config::toml_of_json(request.body)}}};
  } catch (const config::JsonError& error) {
    throw BadRequest{400, std::string("the body is no configuration: ") + error.what()};
  }
}

change::Wish wish_of(const Request& request) {
  change::Wish wish;
  wish.who = request.user;
  wish.comment = query_of(request, "comment");
  if (const std::string text = query_of(request, "confirm"); !text.empty()) {
    wish.confirm_s =
        static_cast<uint32_t>(number_of(text, change::max_confirm_s, "confirm, in seconds,"));
  }
  if (std::string_view tag = request.if_match; !tag.empty() && tag != "*") {
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"')
      tag = tag.substr(1, tag.size() - 2);
    wish.if_revision = number_of(tag, INT64_MAX, "If-Match");
  }
  return wish;
}

json parsed_or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json::parse(text, nullptr, false);
}

json json_of(const config::Difference& one) {
  return {{"change", config::spelling(one.kind)},
          {"path", one.path},
          {"before", parsed_or_null(one.before)},
          {"after", parsed_or_null(one.after)},
          {"needs", config::spelling(one.needs)}};
}

json json_of(const std::optional<change::Pending>& pending) {
  if (!pending) return nullptr;
  const uint64_t now = runtime::now_unix_ns();
  const uint64_t left = pending->until_unix_ns > now ? pending->until_unix_ns - now : 0;
  return {{"revision", pending->revision},
          {"back_to", pending->back_to},
          {"until", time_or_null(pending->until_unix_ns)},
          {"seconds_left", (left + ns_per_s - 1) / ns_per_s}};
}

json problems_of(const config::Loaded& loaded, const std::string& file, bool are_warnings) {
  json all = json::array();
  for (const config::Problem& problem : loaded.problems) {
    if (problem.is_warning != are_warnings || all.size() == most_errors) continue;
    const bool is_included = problem.at.file != 0 && problem.at.file < loaded.files.size();
    all.push_back({{"pointer", problem.path},
                   {"file", is_included ? loaded.files[problem.at.file].path : file},
                   {"line", problem.at.line},
                   {"column", problem.at.column},
                   {"message", problem.message}});
  }
  return all;
}

Response tagged(Response response, uint64_t revision) {
  response.header_fields["ETag"] = "\"" + std::to_string(revision) + "\"";
  return response;
}

Response refused(const Outcome& outcome, const Request& request) {
  switch (outcome.verdict) {
    case Verdict::unfit:
    case Verdict::conflict:
      return problem(409, outcome.detail, request.path);
    case Verdict::stale:
      return tagged(problem(412, outcome.detail, request.path), outcome.revision);
    case Verdict::unknown:
      return problem(404, outcome.detail, request.path);
    default:
      return problem(503, outcome.detail, request.path);
  }
}

// Calls in progress keep most of what they began with (decision D143), so few changes touch any.
json touches_of(const Outcome& outcome, const Sources& sources) {
  const config::Config& before = outcome.before->config;
  const config::Config& after = outcome.loaded->config;
  const NamedCalls calls = calls_of(trunks::calls_touched(before, after), sources);
  return {{"registrations", upkeep::registrations_touched(before, after)},
          {"bindings", registrar::bindings_touched(before, after, sources.bindings())},
          {"calls", calls.ids},
          {"call_count", calls.count}};
}

// What a change does, or would do.
Response response_of(const Outcome& outcome, const Request& request, const Sources& sources) {
  if (outcome.verdict == Verdict::invalid) {
    const json errors = problems_of(*outcome.loaded, sources.config().file, false);
    Response response = problem(
        422, "the configuration has " + std::to_string(errors.size()) + " mistakes", request.path);
    json body = json::parse(response.body);
    body["errors"] = errors;
    response.body = json_response(body).body;
    return response;
  }
  if (outcome.verdict != Verdict::good) return refused(outcome, request);
  json changes = json::array();
  json restarts = json::array();
  for (const config::Difference& one : outcome.differences) {
    changes.push_back(json_of(one));
    if (one.needs == contract::Change::restart) restarts.push_back(one.path);
  }
  json body = {{"revision", outcome.revision}, {"changes", changes}, {"needs_restart", restarts}};
  if (outcome.loaded != nullptr) {
    body["touches"] = touches_of(outcome, sources);
    body["warnings"] = problems_of(*outcome.loaded, sources.config().file, true);
  }
  body["misfit"] = outcome.misfit.empty() ? json(nullptr) : json(outcome.misfit);
  body["changed_files"] = outcome.changed_files;
  body["others_by_now"] = outcome.others_by_now;
  body["confirm"] = json_of(outcome.pending);
  return tagged(json_response(body), outcome.revision);
}

Response files_response(const std::vector<config::File>& files, const Request& request) {
  if (query_of(request, "format") == "toml") {
    Response response;
    response.content_type = "application/toml";
    response.body = files.front().text;
    return response;
  }
  json all = json::array();
  for (const config::File& file : files) all.push_back({{"path", file.path}, {"text", file.text}});
  return json_response({{"files", all}});
}

Response get_running(const Request& request, const Sources& sources) {
  const change::Running running = sources.changes->running();
  const std::string format = query_of(request, "format");
  if (format == "toml" || format == "files") {
    return tagged(
        files_response(config::masked(running.loaded->files, *running.loaded->tree), request),
        running.revision);
  }
  if (!format.empty() && format != "json") throw BadRequest{400, "format is json, toml or files"};
  const auto extent =
      query_of(request, "all") == "true" ? config::Extent::all : config::Extent::written;
  Response response;
  response.body = config::json_of(*running.loaded->tree, extent) + "\n";
  return tagged(std::move(response), running.revision);
}

json row_of(const change::Revision& revision, uint64_t in_force) {
  return {{"revision", revision.number},
          {"at", time_or_null(revision.at_unix_ns)},
          {"who", revision.who},
          {"how", revision.how},
          {"comment", revision.comment},
          {"changes", revision.differences},
          {"in_force", revision.number == in_force}};
}

Response get_revisions(const Request&, const Sources& sources) {
  const change::Running running = sources.changes->running();
  json rows = json::array();
  for (const change::Revision& revision : sources.changes->revisions()) {
    rows.push_back(row_of(revision, running.revision));
  }
  return json_response({{"revisions", rows}, {"confirm", json_of(running.pending)}});
}

Response get_revision(const Request& request, const Sources& sources, std::string_view number) {
  const auto revision = sources.changes->revision(number_of(number, INT64_MAX, "a revision"));
  if (!revision) return problem(404, "there is no such revision", request.path);
  return files_response(revision->files, request);
}

Response schema_response() {
  Response response;
  response.content_type = "application/schema+json";
  response.body = config::json_schema();
  return response;
}

// The calls of the past `since`, in seconds, under the configuration in force and the candidate.
Response replay_routes(const Candidate& candidate, const Request& request, const Sources& sources) {
  const uint64_t since_s =
      number_of(query_of(request, "since"), longest_replay_s, "since, in seconds,");
  const Outcome outcome = sources.changes->compare(candidate);
  if (outcome.verdict != Verdict::good) return response_of(outcome, request, sources);
  const uint64_t now_s = runtime::now_unix_ns() / ns_per_s;
  const records::History history = records::read_history(
      sources.records_directory, now_s - std::min(now_s, since_s), whatif::max_replayed_calls);
  Response response;
  response.body = whatif::json_of(whatif::replay(whatif::Snapshot(outcome.before->config),
                                                 whatif::Snapshot(outcome.loaded->config), history,
                                                 bound_of(sources)));
  return tagged(std::move(response), outcome.revision);
}

// Where a call would go under the candidate. Its tests are not run: what fails one is asked about.
Response trace_route(const Candidate& candidate, const Request& request, const Sources& sources) {
  const Outcome outcome = sources.changes->look_at(candidate);
  if (outcome.verdict != Verdict::good) return response_of(outcome, request, sources);
  const whatif::Snapshot snapshot(outcome.loaded->config);
  return tagged(answer_trace(request, sources,
                             [&](const ConfigState&, const whatif::Question& question) {
                               return snapshot.trace(question);
                             }),
                outcome.revision);
}

Response dispatch(const Request& request, const Sources& sources) {
  const std::string_view rest = std::string_view(request.path).substr(config_path.size());
  change::Changes& changes = *sources.changes;
  if (rest.empty() && request.method != "PUT") return get_running(request, sources);
  if (rest == "/schema") return schema_response();
  if (rest == "/revisions") return get_revisions(request, sources);
  if (rest.starts_with("/revisions/")) return get_revision(request, sources, rest.substr(11));
  if (rest == "/confirm") return response_of(changes.confirm(), request, sources);
  if (rest.starts_with("/rollback")) {
    const uint64_t number =
        rest.size() <= 10 ? 0 : number_of(rest.substr(10), INT64_MAX, "a revision");
    return response_of(changes.roll_back(number, wish_of(request)), request, sources);
  }
  const Candidate candidate = candidate_of(request);
  if (rest == replay_end) return replay_routes(candidate, request, sources);
  if (rest == trace_end) return trace_route(candidate, request, sources);
  const bool is_dry = !rest.empty() || query_of(request, "dry_run") == "true";
  return response_of(
      is_dry ? changes.compare(candidate) : changes.apply(candidate, wish_of(request)), request,
      sources);
}

}  // namespace

std::string_view config_methods(std::string_view path) {
  if (!path.starts_with(config_path)) return {};
  const std::string_view rest = path.substr(config_path.size());
  if (rest.empty()) return "GET, HEAD, PUT";
  if (rest == "/schema" || rest == "/revisions" || rest.starts_with("/revisions/")) {
    return "GET, HEAD";
  }
  const bool is_action = rest == replay_end || rest == trace_end || rest == "/check" ||
                         rest == "/diff" || rest == "/confirm" || rest == "/rollback" ||
                         rest.starts_with("/rollback/");
  return is_action ? "POST" : "";
}

Response respond_config(const Request& request, const Sources& sources) {
  try {
    return dispatch(request, sources);
  } catch (const BadRequest& bad) {
    return problem(bad.status, bad.detail, request.path);
  } catch (const change::StoreError& error) {
    return problem(503, error.what(), request.path);
  }
}

}  // namespace demarc::rest
