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
#include "controlplane/cli/format.h"
#include "controlplane/cli/table.h"

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

TEST(Table, AlignsNumbersRightAndTextLeft) {
  Table table({{"trunk"}, {"live calls", true}, {"peer"}});
  table.add({"acme", "7", "a"});
  table.add({"a-longer-name", "1,234", ""});
  EXPECT_EQ(table.text(false),
            "trunk          live calls  peer\n"
            "acme                    7  a\n"
            "a-longer-name       1,234  -\n");
  EXPECT_EQ(table.text(true).substr(0, 4), "\033[1m");
}

TEST(Table, ATerminalGetsNoControlCharactersOfPeers) {
  Table table({{"calling"}});
  table.add({"\033[2Jx\n"});
  EXPECT_EQ(table.text(false), "calling\n?[2Jx?\n");
}

TEST(Table, CountsCharactersNotOctets) {
  Table table({{"a"}, {"b"}});
  table.add({"\xc3\xa9\xc3\xa9", "x"});
  table.add({"ee", "x"});
  EXPECT_EQ(table.text(false), "a   b\n\xc3\xa9\xc3\xa9  x\nee  x\n");
}

TEST(Grouped, SeparatesThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(12345678), "12,345,678");
}

TEST(Format, ShowsTrunks) {
  const std::string text = format_trunks(
      R"({"trunks":[{"name":"acme","realm":"outside","local":"1.2.3.4:5060","peer":"5.6.7.8:5060",
      "state":"draining","live_calls":null,"max_calls":1000,"limits":null,
      "targets":[{"health":"up"},{"health":"down"}]}],"groups":null})",
      false);
  EXPECT_EQ(
      text,
      "trunk  state     realm    local         peer          health   live calls  max calls\n"
      "acme   draining  outside  1.2.3.4:5060  5.6.7.8:5060  up down           -      1,000\n");
}

TEST(Format, ShowsWhatLimitsLeave) {
  const std::string none = R"({"live":0,"limit":null,"headroom":null})";
  const std::string text = format_trunks(
      R"({"trunks":[{"name":"acme","realm":"outside","local":"1.2.3.4:5060","peer":"5.6.7.8:5060",
      "state":"enabled","live_calls":3,"max_calls":null,"targets":[],"limits":{
      "calls":)" +
          none + R"(,"calls_in":{"live":1,"limit":4,"headroom":3},"calls_out":)" + none +
          R"(,"rate_in":null,"rate_out":{"per_second":10,"burst":5,"headroom":2},
      "bandwidth_kbps":{"live":240,"limit":1000,"headroom":760},"prefixes":[
      {"prefix":"+49","calls":{"live":2,"limit":5,"headroom":3},
       "rate":{"per_second":3,"burst":1,"headroom":1}},
      {"prefix":"","calls":{"live":0,"limit":9,"headroom":9},"rate":null}]}}],
      "groups":[{"name":"all","trunks":["acme"],"calls":{"live":3,"limit":1,"headroom":0},
      "rate":{"per_second":2,"burst":1,"headroom":0}}]})",
      false);
  EXPECT_EQ(text.substr(text.find("\n\n") + 2),
            "trunk      limit of                    live  limit  left\n"
            "acme       calls from the peer            1      4     3\n"
            "acme       calls to the peer a second     -     10     2\n"
            "acme       bandwidth, kbit/s            240  1,000   760\n"
            "acme       calls to +49                   2      5     3\n"
            "acme       calls to +49 a second          -      3     1\n"
            "acme       calls to other numbers         0      9     9\n"
            "group all  calls                          3      1     0\n"
            "group all  calls a second                 -      2     0\n");
}

TEST(Format, SaysWhatSpeaksAgainstATarget) {
  const std::string text = format_trunks(
      R"({"trunks":[{"name":"acme","realm":"outside","local":"1.2.3.4:5061","peer":"5.6.7.8:5061",
      "state":"enabled","live_calls":0,"max_calls":null,"limits":null,"targets":[
      {"address":"5.6.7.8:5061","health":"down","proof":{"reason":"certificate revoked"}},
      {"address":"5.6.7.9:5061","health":"up","proof":{"reason":null}},
      {"address":"5.6.7.10:5061","health":"unknown","proof":null}]}],"groups":null})",
      false);
  EXPECT_EQ(text.substr(text.rfind('\n', text.size() - 2) + 1),
            "acme 5.6.7.8:5061: certificate revoked\n");
}

TEST(Format, ShowsRegistrations) {
  const std::string text = format_registrations(
      R"({"registrations":[{"trunk":"acme","aor":"sip:u@x","state":"registered","expires_s":60,
      "next_action_s":50,"target":"192.0.2.1:5060","last_answer":"200 OK"}]})",
      false);
  EXPECT_EQ(text.substr(text.find('\n') + 1, 26), "acme   sip:u@x            ");
  EXPECT_NE(text.find("200 OK"), std::string::npos);
}

TEST(Format, ShowsBindings) {
  const std::string text = format_bindings(
      R"({"bindings":[{"trunk":"branch","user":"pbx7","contact":"sip:pbx7@192.0.2.9",
      "state":"bound","target":"192.0.2.9:5060","q":0.5,"expires_s":60,"path":null,
      "user_agent":"PBX"}]})",
      false);
  EXPECT_EQ(text.substr(text.find('\n') + 1, 20), "branch  pbx7  bound ");
  EXPECT_NE(text.find("sip:pbx7@192.0.2.9"), std::string::npos);
}

TEST(Format, ShowsDns) {
  const std::string text = format_dns(
      R"({"hosts":[{"name":"a.example","port":5070,"targets":[]}],
      "questions":[{"name":"a.example","type":"A","state":"present","stale":true,
      "ttl_left_s":0,"records":1,"last_error":"timeout"}]})",
      false);
  EXPECT_NE(text.find("a.example:5070"), std::string::npos);
  EXPECT_NE(text.find("stale"), std::string::npos);
}

TEST(CommandLine, RefreshNamesATrunk) {
  const CommandLine line = parse({"register", "refresh", "acme"});
  EXPECT_EQ(line.verb, "register");
  EXPECT_EQ(line.trunk, "acme");
  EXPECT_EQ(parse({"register"}).exit_code, exit_usage);
  EXPECT_EQ(parse({"register", "refresh"}).exit_code, exit_usage);
}

TEST(Format, ShowsCallsAndJoinsPages) {
  const std::string call =
      R"({"id":"0-1","phase":"answered","from":"a","to":"b","calling":"1","called":"2","started":
      "2024-05-01T09:30:00.000Z","media":[{"packets_in":1500,"rtp_lost":1},{"packets_in":2,
      "rtp_lost":2}]})";
  const std::string first = R"({"calls":[)" + call + R"(],"next_cursor":"5"})";
  const std::string second = R"({"calls":[)" + call + R"(],"next_cursor":null})";
  EXPECT_EQ(next_cursor(first), "5");
  EXPECT_EQ(next_cursor(second), "");
  const std::string joined = join_calls(std::vector{first, first, second});
  EXPECT_EQ(next_cursor(joined), "");
  const std::string text = format_calls(joined, false);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_NE(text.find("1,500"), std::string::npos);
}

TEST(Format, ShowsCountersThatAreNotZeroWithTheirPath) {
  const std::string text = format_counters(
      R"({"total":{"sip_in":5,"sip_out":0},"streams":{"wrong_name":2,"lost":0},"workers":[],
      "trunks":[{"name":"acme","id":3,"attempts_in":1,
      "rtp":{"packets_in":30,"drops":{"not_ready":4}}}]})",
      false);
  EXPECT_NE(text.find("all workers  sip_in"), std::string::npos);
  EXPECT_EQ(text.find("sip_out"), std::string::npos);
  EXPECT_NE(text.find("connections  wrong_name"), std::string::npos);
  EXPECT_NE(text.find("rtp.drops.not_ready"), std::string::npos);
  EXPECT_EQ(text.find(" id "), std::string::npos);
}

TEST(Format, ShowsStatusWithEachErrorOnALine) {
  const std::string text = format_status(
      R"({"ready":false,"version":"1","dataplane":{"attached":false},"calls":{"live":null},
      "config":{"revision":1,"needs_restart":[],"last_error":["f:1:1: a","f:2:1: b"]},
      "records":{"written":1000}})",
      false);
  EXPECT_NE(text.find("config needs_restart  none"), std::string::npos) << text;
  EXPECT_NE(text.find("config last_error     f:2:1: b"), std::string::npos) << text;
  EXPECT_NE(text.find("1,000"), std::string::npos);
}

TEST(Format, ShowsWhyACallHasNoAudio) {
  const std::string side =
      R"({"verdict":"wrong_source","direction":"sendrecv","remote":"10.0.0.9:4000",
      "source":"signalled","seen":null,"refused":"203.0.113.9:5000",
      "first_packet":null,"last_packet":null,"packets_in":1700,"packets_relayed":0,
      "drops":{"wrong_source":1700,"not_ready":0},
      "quality":{"codec":null,"loss":null,"round_trip_ms":null,"mos_lq":null,"mos_cq":null},
      "why":"1700 packets came from elsewhere."})";
  const std::string text = format_audio(R"({"media":[)" + side + "," + side + "]}", false);
  EXPECT_NE(text.find("203.0.113.9:5000"), std::string::npos) << text;
  EXPECT_NE(text.find("dropped, wrong_source  1,700"), std::string::npos) << text;
  EXPECT_EQ(text.find("not_ready"), std::string::npos);
  EXPECT_TRUE(text.ends_with("came from elsewhere.\n"));
}

TEST(Format, ShowsWorkers) {
  const std::string text = format_workers(
      R"({"workers":[{"worker":0,"live_calls":3,"relay_delay_us":{"packets":1000,"p50":8.5,
      "p99":20.0,"p99_99":null,"max":70.1}}]})",
      false);
  EXPECT_NE(text.find("8.5"), std::string::npos) << text;
  EXPECT_NE(text.find("1,000"), std::string::npos);
}

TEST(CommandLine, AudioAndHangupNeedACall) {
  EXPECT_EQ(parse({"audio", "0-17"}).call, "0-17");
  EXPECT_EQ(parse({"audio"}).exit_code, exit_usage);
  EXPECT_EQ(parse({"hangup", "0-17"}).call, "0-17");
  EXPECT_EQ(parse({"hangup"}).exit_code, exit_usage);
}

TEST(Format, RefusesWhatIsNotTheApis) {
  EXPECT_THROW(format_status("<html>", false), std::runtime_error);
  EXPECT_THROW(format_trunks("{}", false), std::exception);
  EXPECT_EQ(problem_text("{\"detail\":\"no dataplane\"}"), "no dataplane");
  EXPECT_EQ(problem_text("oops"), "oops");
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

// No file says who is registered; without a service nobody is.
TEST(Commands, ATraceOfAFileAsksWhoIsRegistered) {
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
  EXPECT_NE(run(line).out.find("no target is known"), std::string::npos) << run(line).err;
  const OneAnswer service(socket, R"({"bindings":[{"trunk":"branch","state":"bound",)"
                                  R"("target":"192.0.2.9:5062","priority":0},{"trunk":"branch",)"
                                  R"("state":"over","target":"192.0.2.8:5062","priority":0}]})");
  const std::string traced = run(line).out;
  EXPECT_NE(traced.find("192.0.2.9:5062"), std::string::npos) << traced;
  EXPECT_EQ(traced.find("192.0.2.8"), std::string::npos) << traced;
  std::filesystem::remove_all(directory);
}

TEST(Commands, UsageGoesToTheRightStream) {
  EXPECT_NE(run(parse({"--help"})).out, "");
  EXPECT_NE(run(parse({"nope"})).err, "");
}

}  // namespace
}  // namespace demarc::cli
