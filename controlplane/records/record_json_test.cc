#include "controlplane/records/record_json.h"

#include "controlplane/records/records_harness.h"

namespace demarc::records {
namespace {

TEST(RecordJson, HoldsTheCall) {
  CallRecord record = make_record(3, 1, 0xabcdef);
  record.media[0].packets_in = record.media[0].rtp_expected = 10;
  record.media[0].jitter_us = 1500;
  record.totals[1].streams = 2;
  record.totals[1].packets_in = 12;
  record.totals[1].worst = {.media_index = 1, .is_set = true, .is_silent = true};
  record.media[0].local = {contract::IpAddress::v4(10, 0, 0, 1), 20000};
  const std::string text = json_line(record);
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const json line = json::parse(text);
  EXPECT_EQ(line["schema"], 1);
  EXPECT_EQ(line["boot_id"], "0000000000abcdef");
  EXPECT_EQ(line["worker"], 1);
  EXPECT_EQ(line["sequence"], 3);
  EXPECT_EQ(line["from"], "acme");
  EXPECT_TRUE(line["to"].is_null());
  EXPECT_EQ(line["end"], "released_by_called");
  EXPECT_EQ(line["status"], 200);
  EXPECT_EQ(line["started"], "2024-05-01T09:30:00.000Z");
  EXPECT_EQ(line["answered"], "2024-05-01T09:30:02.500Z");
  EXPECT_TRUE(line["ringing"].is_null());
  EXPECT_EQ(line["talk_seconds"], 61.25);
  EXPECT_EQ(line["media"][0]["packets_in"], 10);
  EXPECT_EQ(line["media"][0]["jitter_ms"], 1.5);
  EXPECT_EQ(line["totals"][1]["m_lines"], 2);
  EXPECT_EQ(line["totals"][1]["packets_in"], 12);
  EXPECT_EQ(line["totals"][1]["worst"]["m_line"], 1);
  EXPECT_TRUE(line["media"][0]["quality"]["mos_cq"].is_null());
  EXPECT_TRUE(line["media"][0].contains("why"));
  EXPECT_EQ(line["media"][0]["local"], "10.0.0.1:20000");
  EXPECT_TRUE(line["media"][1]["remote"].is_null());
  EXPECT_TRUE(line["attempts"].empty());
  EXPECT_FALSE(line.contains("cut"));
}

TEST(RecordJson, SaysWhereRouteAndRulesStand) {
  CallRecord record = make_record(1);
  record.revision = 7;
  record.route = 1;
  record.routes[1].line = 12;
  record.routes[1].file = 1;
  record.called_in_line = 4;
  record.calling_out_line = 9;
  record.rules_out_file = 2;
  const auto names = [](uint64_t revision, uint16_t file) -> std::string {
    if (revision != 7 || file > 1) return {};
    return file == 0 ? "demarc.toml" : "routes.toml";
  };
  const json places = json::parse(json_line(record, names))["places"];
  EXPECT_EQ(places["route"], "routes.toml:12");
  EXPECT_EQ(places["called_in"], "demarc.toml:4");
  EXPECT_TRUE(places["calling_in"].is_null()) << "no rule did";
  EXPECT_TRUE(places["calling_out"].is_null()) << "the file is not known";
  EXPECT_TRUE(json::parse(json_line(record))["places"]["route"].is_null());
}

TEST(RecordJson, ListsTheTargetsThatWereTried) {
  CallRecord record = make_record(1);
  record.attempt_count = 9;  // more than are kept
  record.attempts[0] = {{contract::IpAddress::v4(192, 0, 2, 1), 5060},
                        contract::TrunkId{4},
                        503,
                        34,
                        0,
                        contract::AttemptEnd::refused};
  record.attempts[1] = {{contract::IpAddress::v4(192, 0, 2, 2), 5070},
                        contract::TrunkId{5},
                        0,
                        0,
                        10,
                        contract::AttemptEnd::no_progress,
                        0,
                        1200};
  record.routes[0].name.assign("main");
  record.routes[1].name.assign("backup");
  record.routes[1].line = 13;
  record.attempts[1].route = 1;
  record.attempts[2].end = static_cast<contract::AttemptEnd>(77);  // of a damaged file
  record.attempts[2].route = 200;
  const json line = json::parse(json_line(record));
  EXPECT_EQ(line["attempt_count"], 9);
  EXPECT_EQ(line["attempts_left_out"], 9 - contract::max_attempts);
  EXPECT_EQ(line["attempts"][0]["end"], "refused");
  EXPECT_EQ(line["attempts"][1]["end"], "no_progress");
  EXPECT_EQ(line["attempts"][2]["end"], "unknown");
  ASSERT_EQ(line["attempts"].size(), contract::max_attempts);
  EXPECT_EQ(line["attempts"][0]["route"], "main");
  EXPECT_EQ(line["attempts"][1]["route"], "backup") << "which stood in";
  EXPECT_EQ(line["attempts"][1]["route_line"], 13);
  EXPECT_EQ(line["attempts"][2]["route_line"], 0);
  EXPECT_EQ(line["attempts"][0]["target"], "192.0.2.1:5060");
  EXPECT_EQ(line["attempts"][0]["status"], 503);
  EXPECT_EQ(line["attempts"][0]["cause"], 34);
  EXPECT_EQ(line["attempts"][1]["trunk_id"], 5);
  EXPECT_TRUE(line["attempts"][1]["status"].is_null());
  EXPECT_EQ(line["attempts"][1]["after_ms"], 10);
  EXPECT_TRUE(line["attempts"][0]["ringing_ms"].is_null());
  EXPECT_EQ(line["attempts"][1]["ringing_ms"], 1200);
}

TEST(RecordJson, SaysWhoReferredToWhom) {
  CallRecord record = make_record(1);
  EXPECT_TRUE(json::parse(json_line(record))["transfer"].is_null());
  record.transfer = contract::TransferPart::referred;
  record.referred_by.assign("2001");
  record.referred_to.assign("+4930");
  EXPECT_TRUE(json::parse(json_line(record))["transfer"]["status"].is_null());
  record.transfer_status = 486;
  const json transfer = json::parse(json_line(record))["transfer"];
  EXPECT_EQ(transfer["part"], "referred");
  EXPECT_EQ(transfer["status"], 486);
  EXPECT_EQ(transfer["referred_by"], "2001");
  EXPECT_EQ(transfer["referred_to"], "+4930");
  record.transfer = static_cast<contract::TransferPart>(77);
  EXPECT_EQ(json::parse(json_line(record))["transfer"]["part"], "unknown");
}

TEST(RecordJson, SpellsEveryEnd) {
  const auto spelled = [](contract::CallEnd end) {
    CallRecord record = make_record(1);
    record.end = end;
    return json::parse(json_line(record))["end"].get<std::string>();
  };
  EXPECT_EQ(spelled(contract::CallEnd::refused), "refused");
  EXPECT_EQ(spelled(contract::CallEnd::cancelled), "cancelled");
  EXPECT_EQ(spelled(contract::CallEnd::released_by_us), "released_by_us");
  EXPECT_EQ(spelled(contract::CallEnd::lost_peer), "lost_peer");
  EXPECT_EQ(spelled(contract::CallEnd::media_silent), "media_silent");
  EXPECT_EQ(spelled(contract::CallEnd::session_expired), "session_expired");
  EXPECT_EQ(spelled(contract::CallEnd::transferred), "transferred");
  EXPECT_EQ(spelled(contract::CallEnd::caller_silent), "caller_silent");
  EXPECT_EQ(spelled(contract::CallEnd::called_silent), "called_silent");
}

TEST(RecordJson, SurvivesWhatPeersAndDisksMayHold) {
  CallRecord record = make_record(1);
  record.calling.assign("\xff\xfe\"\n");
  record.called.assign(std::string(100, 'x'));
  record.call_id_in.length = 255;  // more than there is room for
  record.end = static_cast<contract::CallEnd>(200);
  record.from = contract::TrunkId::none;
  const std::string text = json_line(record);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const json line = json::parse(text);
  EXPECT_EQ(line["cut"], json::array({"called"}));
  EXPECT_EQ(line["end"], "unknown");
  EXPECT_TRUE(line["from"].is_null());
}

TEST(RecordJson, FindsTheKeyOfItsOwnLinesOnly) {
  RecordKey key;
  ASSERT_TRUE(key_of_line(json_line(make_record(9, 2, UINT64_MAX)), key));
  EXPECT_EQ(key.boot_id, UINT64_MAX);
  EXPECT_EQ(key.worker, 2u);
  EXPECT_EQ(key.sequence, 9u);
  for (const char* bad : {"", "{", "[]", "{\"boot_id\":\"7\",\"worker\":0,\"sequence\":1}",
                          "{\"boot_id\":7,\"worker\":0,\"sequence\":1}",
                          "{\"boot_id\":\"000000000000000g\",\"worker\":0,\"sequence\":1}",
                          "{\"boot_id\":\"0000000000000007\",\"worker\":-1,\"sequence\":1}",
                          "{\"boot_id\":\"0000000000000007\",\"worker\":0}"}) {
    EXPECT_FALSE(key_of_line(bad, key)) << bad;
  }
}

}  // namespace
}  // namespace demarc::records
