// The messages of RFC 4475 and those shaped after published advisories, with the outcomes of their
// index.tsv, where ../shared/data is at hand. Without it these tests say so and pass.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sip-parser/framer_harness.h"
#include "sip-parser/outcome.h"
#include "sip-parser/sdp/sdp.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/shared_data.h"
#include "tests/torture/corpus.h"
#include "tests/torture/sanity.h"

namespace demarc::torture {
namespace {

using Action = sip::Outcome::Action;

// The octets of a datagram, the outcome, and what its SDP earns on top of it.
struct Judged {
  std::string outcome;  // "accept", "drop", "400", and "488" for a body that is no SDP
  std::string defect;
};

std::string word_of(const sip::Outcome& outcome) {
  if (outcome.action == Action::serve) return "accept";
  return outcome.action == Action::drop ? "drop" : std::to_string(outcome.status_code);
}

bool has_bad_sdp(const sip::Message& message, std::string_view octets) {
  if (value(message, octets, sip::HeaderName::content_type) != "application/sdp") return false;
  sdp::Description description;
  return !sdp::parse(text(message.body, octets), description).has_value();
}

Judged judge(std::string_view octets, const sip::Capabilities& element) {
  const support::GuardedBuffer buffer(octets, sip::padding_octets, '\r');
  static sip::Message message;
  const auto parsed = sip::parse(buffer.view(), message);
  const sip::Outcome outcome =
      sip::outcome_of(parsed, message, buffer.view(), sip::Delivery::datagram, element);
  std::string word = word_of(outcome);
  if (outcome.action == Action::serve && has_bad_sdp(message, buffer.view())) word = "488";
  return {word, std::string(spelling(outcome.defect))};
}

// "400 close", "accept", ...; empty while the message is not complete.
std::string judge_stream(std::string_view octets, const sip::Capabilities& element) {
  static sip::Message message;
  for (const sip::Found& frame : sip::frames_of(octets)) {
    if (frame.kind != sip::Frame::Kind::message && frame.kind != sip::Frame::Kind::failed) continue;
    const support::GuardedBuffer buffer(octets.substr(frame.offset, frame.length),
                                        sip::padding_octets, '\r');
    const auto parsed = sip::parse(buffer.view(), message);
    const sip::Outcome outcome =
        frame.kind == sip::Frame::Kind::failed
            ? sip::outcome_of(frame.error, message, buffer.view(), element)
            : sip::outcome_of(parsed, message, buffer.view(), sip::Delivery::stream, element);
    return word_of(outcome) + (outcome.closes_connection ? " close" : "");
  }
  return {};
}

// Which of our elements a file is for, and what it has to say where the index leaves a choice or
// speaks of more than a parser (a policy, a loop, a penalty).
struct Special {
  const char* file;
  const char* outcome;
  const sip::Capabilities* element;
};
constexpr Special specials[] = {
    {"bext01.dat", "420", &user_agent},
    {"badbranch.dat", "400", &user_agent},
    {"baddate.dat", "accept", &user_agent},
    {"bcast.dat", "drop", &user_agent},
    {"bigcode.dat", "drop", &user_agent},
    {"clerr.dat", "400", &user_agent},
    {"dblreq.dat", "accept", &user_agent},
    {"esc02.dat", "501", &user_agent},
    {"intmeth.dat", "501", &user_agent},
    {"mcl01.dat", "400", &user_agent},
    {"mpart01.dat", "accept", &user_agent},
    {"ncl.dat", "400", &user_agent},
    {"regaut01.dat", "401", &registrar},
    {"scalarlg.dat", "drop", &user_agent},
    {"scalar02.dat", "400", &user_agent},
    {"test.dat", "drop", &user_agent},
    {"unksm2.dat", "400", &user_agent},
    {"zeromf.dat", "accept", &user_agent},
    {"zeromf.dat", "483", &proxy},
    // Advisories.
    {"authorization-empty-params.sip", "401", &registrar},
    {"authorization-long-nc.sip", "401", &registrar},
    {"bare-cr-in-header.sip", "400", &user_agent},
    {"bare-lf-in-header.sip", "400", &user_agent},
    {"crlf-inject-escaped.sip", "400", &user_agent},
    {"cseq-method-4000.sip", "400", &user_agent},
    {"deep-paren-comment.sip", "accept", &user_agent},
    {"from-tag-300.sip", "accept", &user_agent},
    {"header-name-trailing-space.sip", "accept", &user_agent},
    {"loop-self-via.sip", "accept", &user_agent},
    {"multipart-bad-boundary-lf.sip", "drop", &user_agent},
    {"nul-in-from.sip", "400", &user_agent},
    {"route-to-internal.sip", "accept", &user_agent},
    {"scanner-friendly-scanner.sip", "accept", &user_agent},
    {"sdp-c-internal.sip", "accept", &user_agent},
    {"sdp-c-line-512.sip", "488", &user_agent},
    {"sdp-fmt-2pow32.sip", "488", &user_agent},
    {"sdp-fmtp-nul.sip", "488", &user_agent},
    {"sdp-media-type-300.sip", "488", &user_agent},
    {"subscribe-50-accept.sip", "405", &user_agent},
    {"tcp-crlf-keepalive.sip", "accept", &user_agent},
    {"tcp-two-in-one.sip", "accept", &user_agent},
    {"uri-params-2000.sip", "513", &user_agent},
    {"via-255-branches.sip", "400", &user_agent},
};

// The rows of an index: its file and the column of that name.
std::vector<std::pair<std::string, std::string>> rows_of(const std::filesystem::path& index,
                                                         const std::string& wanted) {
  std::vector<std::pair<std::string, std::string>> rows;
  std::ifstream file(index);
  size_t column = 0;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells;
    for (size_t begin = 0; begin <= line.size();) {
      const size_t end = std::min(line.find('\t', begin), line.size());
      cells.push_back(line.substr(begin, end - begin));
      begin = end + 1;
    }
    if (rows.empty() && column == 0) {
      while (column < cells.size() && cells[column] != wanted) ++column;
    } else if (column < cells.size()) {
      rows.emplace_back(cells[0], cells[column]);
    }
  }
  return rows;
}

// What the index says in its first word: "accept", "400", "416"; empty when it leaves a choice.
std::string word_of(const std::string& cell) {
  const std::string word = cell.substr(0, cell.find_first_of(" ;(,"));
  if (word == "200") return "accept";  // by whoever serves it
  if (word == "discard") return "drop";
  const bool is_status = word.find_first_not_of("0123456789") == std::string::npos;
  return word == "accept" || is_status ? word : "";
}

void expect_rows(const std::string& folder, const std::string& column) {
  const std::vector<support::SharedFile> files = support::shared_messages(folder);
  if (files.empty()) return;
  const auto rows =
      rows_of(std::filesystem::path(files[0].path).parent_path() / "index.tsv", column);
  EXPECT_EQ(rows.size(), files.size());
  for (const support::SharedFile& file : files) {
    const std::string name = std::filesystem::path(file.path).filename();
    bool is_special = false;
    for (const Special& special : specials) {
      if (name != special.file) continue;
      is_special = true;
      const Judged judged = judge(file.octets, *special.element);
      EXPECT_EQ(judged.outcome, special.outcome) << name << ": " << judged.defect;
    }
    for (const auto& [row, cell] : rows) {
      if (row != name || is_special) continue;
      const Judged judged = judge(file.octets, user_agent);
      EXPECT_EQ(judged.outcome, word_of(cell)) << name << ": " << judged.defect;
    }
  }
}

TEST(SharedData, Rfc4475HasItsOutcomes) {
  expect_rows("rfc4475", "expected_demarc_strict");
}

TEST(SharedData, AdvisoriesHaveTheirOutcomes) {
  expect_rows("sipmsg/advisories", "expected");
}

// What the datagram earns, but for what only a stream can say.
TEST(SharedData, HasItsOutcomesOnAStreamCutAtEveryOctet) {
  const std::set<std::string> waiting = {"clerr.dat", "baddn.dat"};
  // What is wrong with the framing ends the connection.
  const std::set<std::string> closing = {"ncl.dat",
                                         "mcl01.dat",
                                         "inv2543.dat",
                                         "cl-2pow32.sip",
                                         "cl-2pow64.sip",
                                         "cl-empty.sip",
                                         "cl-hex.sip",
                                         "cl-list.sip",
                                         "cl-neg0.sip",
                                         "cl-plus.sip",
                                         "cl-space.sip",
                                         "nul-in-from.sip",
                                         "bare-cr-in-header.sip",
                                         "bare-lf-in-header.sip",
                                         "cl-and-l-differ.sip"};
  for (const char* folder : {"rfc4475", "sipmsg/advisories"}) {
    for (const support::SharedFile& file : support::shared_messages(folder)) {
      const std::string name = std::filesystem::path(file.path).filename();
      const std::string& octets = file.octets;
      const std::vector<sip::Found> frames = sip::frames_of(octets);
      const size_t step = octets.size() > 5000 ? 37 : 1;
      for (size_t cut = 1; cut < octets.size(); cut += step) {
        ASSERT_EQ(sip::frames_of_pieces(octets, {cut}, true), frames) << name << " at " << cut;
      }
      const std::string on_stream = judge_stream(octets, user_agent);
      if (waiting.count(name) != 0) {
        EXPECT_EQ(on_stream, "") << name;
        continue;
      }
      std::string datagram = judge(octets, user_agent).outcome;
      if (datagram == "488") datagram = "accept";  // the framer does not look into bodies
      // Without a Content-Length nobody knows where it ends.
      if (name == "inv2543.dat") datagram = "400 close";
      EXPECT_TRUE(on_stream == datagram || on_stream == datagram + " close")
          << name << ": " << on_stream << ", not " << datagram;
      EXPECT_TRUE(closing.count(name) == 0 || on_stream.ends_with(" close")) << name;
    }
  }
}

TEST(SharedData, IsReadSanelyWhereverItIsCutOff) {
  for (const char* folder : {"rfc4475", "sipmsg/advisories"}) {
    for (const support::SharedFile& file : support::shared_messages(folder)) {
      const size_t step = file.octets.size() > 5000 ? 61 : 1;
      for (size_t size = 0; size <= file.octets.size(); size += step) {
        const std::string_view start = std::string_view(file.octets).substr(0, size);
        const char* insanity = find_insanity(start, user_agent);
        ASSERT_EQ(insanity, nullptr) << file.path << ": " << insanity << " at " << size;
      }
    }
  }
}

}  // namespace
}  // namespace demarc::torture
