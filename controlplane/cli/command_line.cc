#include "controlplane/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <array>
#include <sstream>
#include <string_view>

#include "controlplane/config/schema.h"
#include "controlplane/runtime/suggest.h"

namespace demarc::cli {
namespace {

struct Verb {
  const char* name;
  const char* help;
};
constexpr std::array<Verb, 26> verbs = {{
    {"status", "Is it ready, and what is in force"},
    {"calls", "Calls in progress"},
    {"audio", "Why a call has no audio, by direction"},
    {"hangup", "End a call: its peers get BYE, CANCEL or a refusal"},
    {"workers", "Workers with the delay that the relay adds"},
    {"trunks", "Trunks with their health and live calls"},
    {"dns", "Names of peers, their addresses and what DNS last said"},
    {"registrations", "Our registrations: state, next action, last answer"},
    {"bindings", "Peers that registered with us: where calls to them go, and how long"},
    {"register", "register refresh TRUNK: registers once more, now"},
    {"counters", "What was counted, by workers and by trunk"},
    {"events", "What changed: targets, registrations, certificates, limits; --follow goes on"},
    {"metrics", "All metrics, as Prometheus reads them"},
    {"check", "Check a configuration file; needs no running service"},
    {"diff", "What applying a file would change, field by field"},
    {"apply", "Make a file the configuration; --confirm 5m takes it back by itself"},
    {"confirm", "Keep what was applied with --confirm"},
    {"rollback", "Back to a revision, or to the one before"},
    {"revisions", "Which configurations were in force: who, when, how"},
    {"config", "The configuration in force, or a revision; credentials are masked"},
    {"trace-route", "Where a call would go and why, with the configuration in force or a file's"},
    {"replay-routes", "Which calls of the past a file would send elsewhere; exits with 6 if any"},
    {"explain", "explain [BLOCK[.FIELD]]: what the configuration's fields mean"},
    {"schema", "The JSON Schema of the configuration's JSON form"},
    {"reference", "The reference page of the configuration, metrics or events, in Markdown"},
    {"completion", "completion bash: what a shell completes verbs and fields with"},
}};

// The first word that is no option nor an option's value.
std::string_view first_word(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "-o" || word == "--output" || word == "--socket" || word == "--confirm" ||
        word == "--comment") {
      ++i;
    } else if (!word.starts_with('-')) {
      return word;
    }
  }
  return {};
}

// CLI11 says no more than that a subcommand is required.
std::string wrong_verb(std::string_view word) {
  std::vector<std::string_view> known;
  for (const Verb& verb : verbs) known.emplace_back(verb.name);
  if (std::find(known.begin(), known.end(), word) != known.end()) return {};
  if (word.empty()) return "a verb is missing; demarc --help lists them\n";
  return "there is no verb \"" + std::string(word) + "\"" + runtime::did_you_mean(word, known) +
         "\n";
}

}  // namespace

std::string bash_completion() {
  std::string names;
  for (const Verb& verb : verbs) names += (names.empty() ? "" : " ") + std::string(verb.name);
  return "# demarc completion bash > /etc/bash_completion.d/demarc\n"
         "_demarc() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} verb='' i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case ${COMP_WORDS[i]} in\n"
         "      -o | --output | --socket) ((i++)) ;;\n"
         "      -*) ;;\n"
         "      *) verb=${COMP_WORDS[i]}; break ;;\n"
         "    esac\n"
         "  done\n"
         "  case ${COMP_WORDS[COMP_CWORD - 1]} in\n"
         "    -o | --output) mapfile -t COMPREPLY < <(compgen -W 'table json' -- \"$word\"); "
         "return ;;\n"
         "  esac\n"
         "  case $verb in\n"
         "    '') mapfile -t COMPREPLY < <(compgen -W '" +
         names +
         " --help --output --socket --version' -- \"$word\") ;;\n"
         "    explain) mapfile -t COMPREPLY < <(compgen -W '" +
         config::field_names() +
         "' -- \"$word\") ;;\n"
         "    audio | hangup) mapfile -t COMPREPLY < <(compgen -W \"$(demarc calls -o json "
         "2> /dev/null |\n"
         "      sed -n 's/^ *\"id\": \"\\([0-9-]*\\)\",*$/\\1/p')\" -- \"$word\") ;;\n"
         "    register) mapfile -t COMPREPLY < <(compgen -W 'refresh' -- \"$word\") ;;\n"
         "    reference) mapfile -t COMPREPLY < <(compgen -W 'configuration metrics events' -- "
         "\"$word\") ;;\n"
         "    completion) mapfile -t COMPREPLY < <(compgen -W 'bash' -- \"$word\") ;;\n"
         "    *) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
         "  esac\n"
         "}\n"
         "complete -F _demarc demarc\n";
}

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  line.socket_path = "/run/demarc/api.sock";
  std::string output = "table";
  CLI::App app(
      "demarc: looks at a running session border controller, and changes its configuration",
      "demarc");
  app.set_version_flag("--version", DEMARC_VERSION);
  app.add_option("-o,--output", output, "table or json")->check(CLI::IsMember({"table", "json"}));
  app.add_option("--socket", line.socket_path, "the API's socket")
      ->envname("DEMARC_SOCKET")
      ->capture_default_str();
  app.require_subcommand(1);
  app.fallthrough();
  for (const Verb& verb : verbs) {
    CLI::App* command = app.add_subcommand(verb.name, verb.help);
    const std::string_view name = verb.name;
    if (name == "apply") {
      command->add_option("--confirm", line.confirm, "time to confirm in: 90s, 5m, 1h");
      command->add_option("--comment", line.comment, "why, for the list of revisions");
    }
    if (name == "rollback" || name == "config") {
      command->add_option("REVISION", line.revision, "a number of demarc revisions");
    }
    if (name == "check" || name == "diff" || name == "apply") {
      command->add_option("FILE", line.file, "the configuration file")->required();
    }
    if (name == "trace-route") {
      command->add_option("--from", line.trunk, "the trunk whose peer calls")->required();
      command->add_option("--called", line.called, "the called number")->required();
      command->add_option("--calling", line.calling, "the calling number");
      command
          ->add_option("--header", line.headers, "a header field of the INVITE, \"X-Site: berlin\"")
          ->allow_extra_args(false);
      command->add_option("--config", line.file, "a configuration file, not what is in force");
    }
    if (name == "replay-routes") {
      line.since = "1h";
      command->add_option("--since", line.since, "how far back: 90s, 5m, 1h")
          ->capture_default_str();
      command->add_option("--config", line.file, "the configuration file to try")->required();
    }
    if (name == "events") {
      command->add_flag("--follow", line.is_followed, "also those to come");
    }
    if (name == "audio" || name == "hangup") {
      command->add_option("CALL", line.call, "the call, as demarc calls names it")->required();
    }
    if (name == "explain") {
      command->add_option("FIELD", line.field, "a block, or a field as BLOCK.FIELD");
    }
    if (name == "reference") {
      line.page = "configuration";
      command->add_option("PAGE", line.page, "configuration, metrics or events")
          ->check(CLI::IsMember({"configuration", "metrics", "events"}))
          ->capture_default_str();
    }
    if (name == "completion") {
      command->add_option("SHELL", line.shell, "bash")->required()->check(CLI::IsMember({"bash"}));
    }
    if (name == "register") {
      command->require_subcommand(1);
      command->add_subcommand("refresh", "Registers once more, now")
          ->add_option("TRUNK", line.trunk, "the trunk whose registration it is")
          ->required();
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const bool is_answer = app.exit(error, out, err) == 0;  // --help, --version
    line.exit_code = is_answer ? exit_ok : exit_usage;
    const std::string verb_message = is_answer ? "" : wrong_verb(first_word(argc, argv));
    line.message = !verb_message.empty() ? verb_message : out.str() + err.str();
    return line;
  }
  line.verb = app.get_subcommands().front()->get_name();
  line.is_json = output == "json";
  return line;
}

}  // namespace demarc::cli
