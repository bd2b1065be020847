#include "controlplane/cli/commands.h"

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "controlplane/cli/client.h"
#include "controlplane/cli/config_commands.h"
#include "controlplane/cli/event_commands.h"
#include "controlplane/cli/format.h"
#include "controlplane/cli/query.h"
#include "controlplane/config/load.h"
#include "controlplane/config/schema.h"
#include "controlplane/events/events.h"
#include "controlplane/metrics/catalog.h"
#include "controlplane/whatif/judge.h"
#include "controlplane/whatif/trace_route.h"

namespace demarc::cli {
namespace {

// As the API's check says it: mistakes and warnings with pointer, file, line and column.
std::string problems_json(const config::Loaded& loaded, const std::string& file) {
  nlohmann::ordered_json document = {{"file", file},
                                     {"good", loaded.is_good},
                                     {"errors", nlohmann::ordered_json::array()},
                                     {"warnings", nlohmann::ordered_json::array()}};
  for (const config::Problem& problem : loaded.problems) {
    const bool is_included = problem.at.file != 0 && problem.at.file < loaded.files.size();
    document[problem.is_warning ? "warnings" : "errors"].push_back(
        {{"pointer", problem.path},
         {"file", is_included ? loaded.files[problem.at.file].path : file},
         {"line", problem.at.line},
         {"column", problem.at.column},
         {"message", problem.message}});
  }
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

ExitCode check_file(const CommandLine& line, const Streams& streams) {
  config::Loaded loaded = config::load_file(line.file);
  whatif::judge(loaded);
  if (line.is_json) {
    streams.out << problems_json(loaded, line.file);
    return loaded.is_good ? exit_ok : exit_config_invalid;
  }
  for (const std::string& text : config::texts_of(loaded, line.file)) streams.err << text << '\n';
  if (!loaded.is_good) return exit_config_invalid;
  const config::Config& config = loaded.config;
  streams.out << line.file << ": good: " << config.ports.size() << " ports, "
              << config.realms.size() << " realms, " << config.trunks.size() << " trunks, "
              << config.routes.size() << " routes"
              << (config.tests.empty()
                      ? std::string()
                      : ", " + std::to_string(config.tests.size()) + " tests passed")
              << "\n";
  return exit_ok;
}

struct Failure {
  std::string text;
  ExitCode code = exit_failed;
};

std::string fetch(const CommandLine& line, const std::string& target) {
  const Answer answer = get(line.socket_path, target);
  if (answer.status != 200) throw Failure{problem_text(answer.body)};
  return answer.body;
}

// Every page of the listing.
std::string fetch_calls(const CommandLine& line) {
  std::vector<std::string> pages = {fetch(line, "/api/v1/calls?limit=1000")};
  for (std::string cursor = next_cursor(pages[0]); !cursor.empty();
       cursor = next_cursor(pages.back())) {
    pages.push_back(fetch(line, "/api/v1/calls?limit=1000&cursor=" + cursor));
  }
  return join_calls(pages);
}

std::string fetch_for(const CommandLine& line) {
  if (line.verb == "calls") return fetch_calls(line);
  if (line.verb == "metrics") return fetch(line, "/metrics");
  if (line.verb == "audio") return fetch(line, "/api/v1/calls/" + line.call);
  return fetch(line, "/api/v1/" + line.verb);
}

std::string trace_running(const CommandLine& line) {
  const std::string body = fetch(line, "/api/v1/trace-route?" + trace_query(line));
  return line.is_json ? body : text_of_trace(body);
}

// Where no service is there to ask: nothing is known of limits, health and registrations.
ExitCode trace_file(const CommandLine& line, const Streams& streams) {
  const config::Loaded loaded = config::load_file(line.file);
  const whatif::Question question{line.trunk, line.called, line.calling, line.headers};
  const whatif::Trace trace = whatif::Snapshot(loaded.config).trace(question);
  if (!trace.mistake.empty()) throw Failure{trace.mistake};
  streams.out << (line.is_json ? whatif::json_of(question, trace)
                               : whatif::text_of(question, trace));
  return exit_ok;
}

// A candidate beside the box that runs, if one does.
ExitCode trace_candidate(const CommandLine& line, const Streams& streams) {
  try {
    return run_config_command(line, streams);
  } catch (const Unreachable&) {
    return trace_file(line, streams);
  }
}

std::string refresh(const CommandLine& line) {
  const Answer answer =
      post(line.socket_path, "/api/v1/registrations/" + escaped(line.trunk) + "/refresh");
  if (answer.status != 200) throw Failure{problem_text(answer.body)};
  return line.is_json ? answer.body : "registering " + line.trunk + "\n";
}

std::string hang_up(const CommandLine& line) {
  const Answer answer =
      ask(line.socket_path, {"DELETE", "/api/v1/calls/" + escaped(line.call), ""});
  if (answer.status != 202) {
    throw Failure{problem_text(answer.body), answer.status == 409 ? exit_conflict : exit_failed};
  }
  return line.is_json ? answer.body : "hanging up " + line.call + "\n";
}

std::string text_for(const CommandLine& line, bool is_coloured) {
  if (line.verb == "register") return refresh(line);
  if (line.verb == "hangup") return hang_up(line);
  if (line.verb == "trace-route") return trace_running(line);
  const std::string body = fetch_for(line);
  if (line.is_json || line.verb == "metrics") return body;
  if (line.verb == "status") return format_status(body, is_coloured);
  if (line.verb == "trunks") return format_trunks(body, is_coloured);
  if (line.verb == "dns") return format_dns(body, is_coloured);
  if (line.verb == "registrations") return format_registrations(body, is_coloured);
  if (line.verb == "bindings") return format_bindings(body, is_coloured);
  if (line.verb == "calls") return format_calls(body, is_coloured);
  if (line.verb == "audio") return format_audio(body, is_coloured);
  if (line.verb == "workers") return format_workers(body, is_coloured);
  return format_counters(body, is_coloured);
}

// Of verbs that need no service; "" of the others. Throws std::invalid_argument.
std::string text_offline(const CommandLine& line) {
  if (line.verb == "schema") return config::json_schema();
  if (line.verb == "reference") {
    if (line.page == "metrics") return metrics::reference_page();
    return line.page == "events" ? events::reference_page() : config::reference_page();
  }
  if (line.verb == "explain") return config::explain(line.field);
  if (line.verb == "completion") return bash_completion();
  return {};
}

}  // namespace

ExitCode run_command(const CommandLine& line, const Streams& streams) {
  if (line.verb.empty()) {
    (line.exit_code == exit_ok ? streams.out : streams.err) << line.message;
    return line.exit_code;
  }
  if (line.verb == "check") return check_file(line, streams);
  try {
    if (const std::string text = text_offline(line); !text.empty()) {
      streams.out << text;
      return exit_ok;
    }
    if (is_config_verb(line.verb)) return run_config_command(line, streams);
    if (line.verb == "trace-route" && !line.file.empty()) return trace_candidate(line, streams);
    if (line.verb == "events") {
      run_events(line, streams.out);
    } else {
      streams.out << text_for(line, streams.is_coloured);
    }
    return exit_ok;
  } catch (const Unreachable& error) {
    streams.err << "demarc: the control plane does not answer at " << error.what()
                << "\nIs demarc-controlplane running? Another socket: --socket PATH or "
                   "DEMARC_SOCKET. It may need root or the service's group.\n";
    return exit_unreachable;
  } catch (const Failure& failure) {
    streams.err << "demarc: " << failure.text << '\n';
    return failure.code;
  } catch (const std::exception& error) {
    streams.err << "demarc: " << error.what() << '\n';
  }
  return exit_failed;
}

}  // namespace demarc::cli
