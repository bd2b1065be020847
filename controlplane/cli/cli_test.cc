#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "controlplane/cli/client.h"
#include "controlplane/cli/commands.h"
#include "controlplane/cli/config_commands.h"
#include "controlplane/cli/event_commands.h"
#include "controlplane/cli/query.h"

namespace demarc::cli {
namespace {

CommandLine parse(std::vector<const char*> words) {
  words.insert(words.begin(), "demarc");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

TEST(CommandLine, ReadsVerbsAndOptionsInAnyOrder) {
  const CommandLine line = parse({"status", "-o", "json", "--socket", "/x"});
  EXPECT_EQ(line.verb, "status");
  EXPECT_TRUE(line.is_json);
  EXPECT_EQ(line.socket_path, "/x");
  EXPECT_EQ(parse({"--socket", "/y", "calls"}).socket_path, "/y");
  EXPECT_EQ(parse({"trunks"}).socket_path, "/run/demarc/api.sock");
  EXPECT_EQ(parse({"check", "f.toml"}).file, "f.toml");
}

TEST(CommandLine, TakesTheSocketFromTheEnvironment) {
  ::setenv("DEMARC_SOCKET", "/from/environment", 1);
  EXPECT_EQ(parse({"status"}).socket_path, "/from/environment");
  EXPECT_EQ(parse({"status", "--socket", "/z"}).socket_path, "/z");
  ::unsetenv("DEMARC_SOCKET");
}

TEST(CommandLine, WrongVerbsAreAnsweredWithTheNearest) {
  const CommandLine line = parse({"trunk"});
  EXPECT_EQ(line.verb, "");
  EXPECT_EQ(line.exit_code, exit_usage);
  EXPECT_EQ(line.message, "there is no verb \"trunk\", did you mean \"trunks\"?\n");
  EXPECT_EQ(parse({"-o", "json", "xyzzy"}).message, "there is no verb \"xyzzy\"\n");
  EXPECT_NE(parse({}).message.find("a verb is missing"), std::string::npos);
}

TEST(CommandLine, WrongOptionsAreUsageErrors) {
  EXPECT_EQ(parse({"status", "-o", "yaml"}).exit_code, exit_usage);
  EXPECT_EQ(parse({"status", "--nope"}).exit_code, exit_usage);
  EXPECT_EQ(parse({"check"}).exit_code, exit_usage);
  EXPECT_EQ(parse({"status", "calls"}).exit_code, exit_usage);
  const CommandLine help = parse({"--help"});
  EXPECT_EQ(help.exit_code, exit_ok);
  EXPECT_NE(help.message.find("counters"), std::string::npos);
  EXPECT_NE(parse({"--version"}).message, "");
}

std::string output_of(std::vector<const char*> words, ExitCode wanted) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_command(parse(std::move(words)), {out, err}), wanted);
  return wanted == exit_ok ? out.str() : err.str();
}

TEST(Explain, ShowsBlocksFieldsAndTheNearestName) {
  EXPECT_NE(output_of({"explain"}, exit_ok).find("[trunk.NAME]: "), std::string::npos);
  EXPECT_NE(output_of({"explain", "route"}, exit_ok).find("  strip: integer"), std::string::npos);
  EXPECT_EQ(output_of({"explain", "trunk.t1_ms"}, exit_ok),
            "  t1_ms: integer, ms, 1 to 60000, default 500, live\n      Timer T1 of RFC 3261.\n");
  EXPECT_NE(output_of({"explain", "trunk.t3_ms"}, exit_failed).find("did you mean"),
            std::string::npos);
  EXPECT_NE(output_of({"explain", "trnk"}, exit_failed).find("\"trunk\""), std::string::npos);
}

TEST(Explain, SchemaReferenceAndCompletionNeedNoService) {
  EXPECT_EQ(output_of({"schema"}, exit_ok).front(), '{');
  EXPECT_EQ(output_of({"reference"}, exit_ok).substr(0, 15), "# Configuration");
  EXPECT_EQ(output_of({"reference", "metrics"}, exit_ok).substr(0, 9), "# Metrics");
  EXPECT_EQ(output_of({"reference", "events"}, exit_ok).substr(0, 8), "# Events");
  EXPECT_EQ(parse({"reference", "calls"}).exit_code, exit_usage);
  const std::string completion = output_of({"completion", "bash"}, exit_ok);
  EXPECT_NE(completion.find("trunk.max_calls"), std::string::npos);
  EXPECT_NE(completion.find("complete -F _demarc demarc"), std::string::npos);
  EXPECT_NE(completion.find(" hangup "), std::string::npos);
  EXPECT_EQ(parse({"completion", "fish"}).exit_code, exit_usage);
}

TEST(ConfigVerbs, ReadTheirOptions) {
  const CommandLine line = parse({"apply", "--confirm", "5m", "f.toml", "--comment", "why"});
  EXPECT_EQ(line.verb + line.file + line.confirm + line.comment, "applyf.toml5mwhy");
  EXPECT_EQ(parse({"rollback", "7"}).revision, "7");
  EXPECT_EQ(parse({"rollback"}).exit_code, exit_ok);
  EXPECT_EQ(parse({"diff"}).exit_code, exit_usage);
  EXPECT_EQ(parse({"apply", "f", "--nope"}).exit_code, exit_usage);
}

TEST(RouteVerbs, ReadTheirOptions) {
  const CommandLine trace = parse({"trace-route", "--from", "pbx", "--called", "+44", "--header",
                                   "X-Site: a", "--header", "Subject: b"});
  EXPECT_EQ(trace.exit_code, exit_ok);
  EXPECT_EQ(trace.headers, (std::vector<std::string>{"X-Site: a", "Subject: b"}));
  const CommandLine replay = parse({"replay-routes", "--config", "f.toml"});
  EXPECT_EQ(replay.verb + replay.file + replay.since, "replay-routesf.toml1h");
  EXPECT_EQ(parse({"replay-routes", "--since", "5m", "--config", "f"}).since, "5m");
  EXPECT_EQ(parse({"replay-routes", "--since", "5m"}).exit_code, exit_usage);
}

TEST(ConfigVerbs, TimesHaveUnitsAndALimit) {
  EXPECT_EQ(seconds_of("90"), 90u);
  EXPECT_EQ(seconds_of("90s"), 90u);
  EXPECT_EQ(seconds_of("5m"), 300u);
  EXPECT_EQ(seconds_of("24h"), 86'400u);
  for (const char* bad : {"", "m", "0m", "5d", "25h", "-1s", "1.5m", "99999999999999999999"}) {
    EXPECT_EQ(seconds_of(bad), 0u) << bad;
  }
}

TEST(ConfigVerbs, AnInvalidFileIsNotEvenSent) {
  EXPECT_NE(output_of({"apply", "/nonexistent.toml"}, exit_config_invalid).find("no such file"),
            std::string::npos);
  EXPECT_NE(output_of({"--socket", "/nonexistent", "revisions"}, exit_unreachable), "");
}

// What the API answers, by the sequence number that it is asked for.
std::string page(uint64_t after, uint64_t newest) {
  if (after >= newest) {
    return R"({"events":[],"lost":0,"last":)" + std::to_string(newest) + "}";
  }
  const std::string number = std::to_string(after + 1);
  return R"({"events":[{"sequence":)" + number + R"(,"time":"T)" + number +
         R"(","level":"info","kind":"target_up","subject":"acme","text":"a\u001bb"}],"lost":)" +
         (after == 0 ? "2" : "0") + R"(,"last":)" + number + "}";
}

TEST(Events, ReadsAllPagesAndThenWhatComes) {
  uint64_t newest = 2;
  unsigned looks = 0;
  const EventReader reader = {[&](uint64_t after) { return page(after, newest); },
                              [&] {
                                ++newest;
                                return ++looks < 2;
                              }};
  std::ostringstream out;
  print_events(reader, false, out);
  EXPECT_EQ(out.str(),
            "(2 events before these are not kept any more)\n"
            "T1  info  target_up  acme  a?b\n"
            "T2  info  target_up  acme  a?b\n"
            "T3  info  target_up  acme  a?b\n");
}

TEST(Events, AreOneJsonObjectALine) {
  const EventReader reader = {[](uint64_t after) { return page(after, 2); }, [] { return false; }};
  std::ostringstream out;
  print_events(reader, true, out);
  const std::string text = out.str();
  EXPECT_TRUE(text.starts_with(R"({"sequence":1,"time":"T1",)")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(Events, AControlPlaneThatGoesAwayIsWaitedFor) {
  unsigned looks = 0;
  const EventReader reader = {[&](uint64_t after) {
                                if (looks == 1) throw Unreachable("gone");
                                return page(after, looks + 1);
                              },
                              [&] { return ++looks < 3; }};
  std::ostringstream out;
  print_events(reader, false, out);
  EXPECT_NE(out.str().find("T3"), std::string::npos) << out.str();
}

TEST(Events, WithoutOneAtTheBeginningThereIsNothingToWaitFor) {
  const EventReader reader = {[](uint64_t) -> std::string { throw Unreachable("gone"); },
                              [] { return true; }};
  std::ostringstream out;
  EXPECT_THROW(print_events(reader, false, out), Unreachable);
}

TEST(Events, FollowIsAnOption) {
  EXPECT_TRUE(parse({"events", "--follow"}).is_followed);
  EXPECT_FALSE(parse({"events"}).is_followed);
}

TEST(CommandLine, RefreshNamesATrunk) {
  const CommandLine line = parse({"register", "refresh", "acme"});
  EXPECT_EQ(line.verb, "register");
  EXPECT_EQ(line.trunk, "acme");
  EXPECT_EQ(parse({"register"}).exit_code, exit_usage);
  EXPECT_EQ(parse({"register", "refresh"}).exit_code, exit_usage);
}

TEST(CommandLine, AudioAndHangupNeedACall) {
  EXPECT_EQ(parse({"audio", "0-17"}).call, "0-17");
  EXPECT_EQ(parse({"audio"}).exit_code, exit_usage);
  EXPECT_EQ(parse({"hangup", "0-17"}).call, "0-17");
  EXPECT_EQ(parse({"hangup"}).exit_code, exit_usage);
}

struct Outcome {
  ExitCode code;
  std::string out;
  std::string err;
};
Outcome run(const CommandLine& line) {
  std::ostringstream out;
  std::ostringstream err;
  const ExitCode code = run_command(line, {out, err, false});
  return {code, out.str(), err.str()};
}

TEST(Commands, AnUnreachableServiceHasItsOwnCodeAndAHint) {
  CommandLine line = parse({"status", "--socket", "/nonexistent/api.sock"});
  const Outcome result = run(line);
  EXPECT_EQ(result.code, exit_unreachable);
  EXPECT_NE(result.err.find("Is demarc-controlplane running?"), std::string::npos);
  EXPECT_EQ(result.out, "");
  line.socket_path = "/" + std::string(200, 'x');
  EXPECT_EQ(run(line).code, exit_unreachable);
}

TEST(Commands, CheckNeedsNoServiceAndListsEveryMistake) {
  std::string directory = std::filesystem::temp_directory_path() / "demarc-cli-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string path = directory + "/f.toml";
  std::ofstream(path) << "[port.wan]\ndevice = \"a\"\n";
  const Outcome good = run(parse({"check", path.c_str()}));
  EXPECT_EQ(good.code, exit_ok);
  EXPECT_EQ(good.out, path + ": good: 1 ports, 0 realms, 0 trunks, 0 routes\n");
  std::ofstream(path) << "[port.wan]\ndevice = 1\nx = 1\n";
  const Outcome bad = run(parse({"check", path.c_str()}));
  EXPECT_EQ(bad.code, exit_config_invalid);
  EXPECT_NE(bad.err.find(path + ":2:10: "), std::string::npos);
  EXPECT_NE(bad.err.find(path + ":3:1: "), std::string::npos);
  const Outcome form = run(parse({"-o", "json", "check", path.c_str()}));
  EXPECT_EQ(form.code, exit_config_invalid);
  EXPECT_EQ(form.err, "");
  EXPECT_NE(form.out.find("\"good\": false"), std::string::npos);
  EXPECT_NE(form.out.find("\"pointer\": \"/port/wan/device\""), std::string::npos);
  EXPECT_NE(form.out.find("\"line\": 2"), std::string::npos);
  std::filesystem::remove_all(directory);
}

// Answers one request with this body.
class OneAnswer {
 public:
  OneAnswer(const std::string& path, const std::string& body, const std::string& status = "200 OK")
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    thread_ = std::thread([this, body, status] {
      const int fd = ::accept(listener_, nullptr, nullptr);
      char request[4096];
      EXPECT_GT(::read(fd, request, sizeof request), 0);
      const std::string answer =
          "HTTP/1.1 " + status +
          "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
          body;
      EXPECT_EQ(::write(fd, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
      ::close(fd);
    });
  }
  ~OneAnswer() {
    thread_.join();
    ::close(listener_);
  }

 private:
  const int listener_;
  std::thread thread_;
};

TEST(Commands, ACallThatCanNotBeHungUpNowIsAConflict) {
  const std::string socket = testing::TempDir() + "hangup-" + std::to_string(::getpid());
  const OneAnswer service(socket, "{}", "409 Conflict");
  EXPECT_EQ(run(parse({"hangup", "--socket", socket.c_str(), "0-17"})).code, exit_conflict);
  std::filesystem::remove(socket);
}

// No file says who is registered and what is full: the service is asked, where there is one.
TEST(Commands, ATraceOfAFileIsPutToTheService) {
  std::string directory = std::filesystem::temp_directory_path() / "demarc-cli-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string file = directory + "/f.toml";
  const std::string socket = directory + "/api.sock";
  std::ofstream(file) << "[port.wan]\ndevice = \"a\"\n[realm.r]\nport = \"wan\"\n"
                         "address = \"198.51.100.10\"\n[trunk.branch]\nrealm = \"r\"\n"
                         "registrar = true\nsources = \"192.0.2.0/24\"\n"
                         "[user.phone]\ntrunk = \"branch\"\npassword = \"secret12\"\n"
                         "[[route]]\nfrom = \"branch\"\nto = \"branch\"\n";
  const CommandLine line = parse({"trace-route", "--socket", socket.c_str(), "--config",
                                  file.c_str(), "--from", "branch", "--called", "7"});
  EXPECT_NE(run(line).out.find("who is registered with branch is not known"), std::string::npos)
      << run(line).err;
  const OneAnswer service(socket, R"({"text":"from branch:\n1. branch at 192.0.2.9:5062\n"})");
  EXPECT_EQ(run(line).out, "from branch:\n1. branch at 192.0.2.9:5062\n");
  std::filesystem::remove_all(directory);
}

TEST(Commands, WhatAsksForARouteIsEscaped) {
  CommandLine line;
  line.trunk = "pbx-1";
  line.called = "+44 20";
  line.headers = {"X-A: 1", "B: 2"};
  EXPECT_EQ(trace_query(line),
            "from=pbx-1&called=%2B44%2020&calling=&header=X-A%3A%201%0AB%3A%202");
}

TEST(Commands, UsageGoesToTheRightStream) {
  EXPECT_NE(run(parse({"--help"})).out, "");
  EXPECT_NE(run(parse({"nope"})).err, "");
}

}  // namespace
}  // namespace demarc::cli
