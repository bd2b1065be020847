// What verbs print: tables, and the answers of the API in them.
#include "controlplane/cli/format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "controlplane/cli/table.h"

namespace demarc::cli {
namespace {

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
      "calls_in":)" +
          none + R"(,"calls_out":{"live":2,"limit":6,"headroom":4},
      "rate":{"per_second":2,"burst":1,"headroom":0},"rate_in":null,"rate_out":null,
      "bandwidth_kbps":)" +
          none + R"(}]})",
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
            "group all  calls to the peer              2      6     4\n"
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

TEST(Format, ShowsCallsAndJoinsPages) {
  const std::string call =
      R"({"id":"0-1","phase":"answered","from":"a","to":"b","calling":"1","called":"2","started":
      "2024-05-01T09:30:00.000Z","totals":[{"packets_in":1500,"rtp_lost":1},{"packets_in":2,
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
  const std::string text =
      format_audio(R"({"streams":[],"media":[)" + side + "," + side + "]}", false);
  EXPECT_NE(text.find("203.0.113.9:5000"), std::string::npos) << text;
  EXPECT_NE(text.find("dropped, wrong_source  1,700"), std::string::npos) << text;
  EXPECT_EQ(text.find("not_ready"), std::string::npos);
  EXPECT_TRUE(text.ends_with("came from elsewhere.\n"));
  const std::string media = R"("media":[)" + side + "," + side + "]}";
  const std::string both = format_audio(R"({"streams":[{"m_line":0,"kind":"audio",)" + media +
                                            R"(,{"m_line":1,"kind":"video",)" + media + "]}",
                                        false);
  EXPECT_TRUE(both.starts_with("m-line 0: audio\n")) << both;
  EXPECT_NE(both.find("\nm-line 1: video\n"), std::string::npos) << both;
}

TEST(Format, ShowsWorkers) {
  const std::string text = format_workers(
      R"({"workers":[{"worker":0,"live_calls":3,"relay_delay_us":{"packets":1000,"p50":8.5,
      "p99":20.0,"p99_99":null,"max":70.1}}]})",
      false);
  EXPECT_NE(text.find("8.5"), std::string::npos) << text;
  EXPECT_NE(text.find("1,000"), std::string::npos);
}

TEST(Format, RefusesWhatIsNotTheApis) {
  EXPECT_THROW(format_status("<html>", false), std::runtime_error);
  EXPECT_THROW(format_trunks("{}", false), std::exception);
  EXPECT_EQ(problem_text("{\"detail\":\"no dataplane\"}"), "no dataplane");
  EXPECT_EQ(problem_text("oops"), "oops");
}

}  // namespace
}  // namespace demarc::cli
