// Records of DNS answers from any octets, and the walk over whatever servers said: every record is
// read or counted, every address can be sent to, and the walk ends within its limits.

#include "controlplane/dns/walk.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using dns::Answer;
using dns::RecordType;

constexpr RecordType types[] = {RecordType::a, RecordType::aaaa, RecordType::srv,
                                RecordType::naptr};
constexpr unsigned longest_record = 80;
constexpr unsigned most_answers = 8;
constexpr size_t most_questions = 400;  // 16 NAPTR of 16 SRV each, and what stands around them
constexpr size_t longest_name = 255;

void check_name(std::string_view name) {
  DEMARC_CHECK(name.size() <= longest_name);
  for (const char c : name) DEMARC_CHECK(c < 'A' || c > 'Z');
  DEMARC_CHECK(name.empty() || name.back() != '.');
}

void check_answer(const Answer& answer, size_t given) {
  const size_t read = answer.addresses.size() + answer.services.size() + answer.pointers.size();
  DEMARC_CHECK(read + answer.malformed == std::min<size_t>(given, dns::max_records));
  for (const contract::IpAddress& address : answer.addresses) DEMARC_CHECK(address.is_unicast());
  for (const dns::Srv& service : answer.services) check_name(service.target);
  for (const dns::Naptr& pointer : answer.pointers) check_name(pointer.replacement);
}

// One answer of a server: how many records, and each with its length before it.
Answer read_one(Script& script) {
  const RecordType type = types[script.below(4)];
  std::vector<std::string_view> records;
  for (unsigned left = script.below(dns::max_records + 4); left > 0 && !script.is_done(); --left) {
    records.push_back(script.piece(longest_record));
  }
  const Answer answer = dns::read_answer(type, records);
  check_answer(answer, records.size());
  return answer;
}

void check_walk(const dns::Walked& walked) {
  DEMARC_CHECK(walked.choices.size() <= dns::max_choices);
  DEMARC_CHECK(walked.asked.size() <= most_questions);
  for (size_t i = 0; i < walked.choices.size(); ++i) {
    DEMARC_CHECK(walked.choices[i].endpoint.port != 0);
    DEMARC_CHECK(walked.choices[i].endpoint.address.is_unicast());
    DEMARC_CHECK(i == 0 || walked.choices[i - 1].priority <= walked.choices[i].priority);
  }
}

}  // namespace
}  // namespace demarc::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace demarc;
  fuzz::Script script(fuzz::view_of(data, size));
  dns::Host host;
  host.name = "sip.provider.example";
  host.service = static_cast<dns::Service>(script.below(3));
  host.is_v4 = script.below(2) == 0;
  host.port = static_cast<uint16_t>(script.below(4) == 0 ? 5070 : 0);
  std::vector<dns::Answer> answers;
  while (!script.is_done() && answers.size() < fuzz::most_answers) {
    answers.push_back(fuzz::read_one(script));
  }
  // Servers answer in turn, whatever they are asked, and now and then not at all.
  size_t turn = 0;
  const auto lookup = [&](const dns::Key& key) -> dns::Lookup {
    fuzz::check_name(key.name);
    ++turn;
    if (answers.empty()) return {dns::Known::absent, nullptr};
    if (turn % 7 == 0) return {dns::Known::failed, nullptr};
    return {dns::Known::present, &answers[turn % answers.size()]};
  };
  fuzz::check_walk(dns::walk(host, lookup));
  return 0;
}
