// Thousands of seeded mutations of each message of the corpus: octets and lines changed, doubled,
// moved and taken away. Whatever comes out, all readers agree on it and no rule of sanity.h breaks.
// A failure names its message and round, which repeat it.
#include <gtest/gtest.h>

#include <string>

#include "tests/torture/corpus.h"
#include "tests/torture/sanity.h"

namespace demarc::torture {
namespace {

constexpr unsigned rounds = 2000;  // of each message
constexpr unsigned rounds_of_long = 100;
constexpr size_t long_octets = 2500;
constexpr size_t max_octets = 20000;  // what doubling may lead to

// splitmix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  size_t below(size_t limit) { return static_cast<size_t>(next() % limit); }

 private:
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

// Octets on which a grammar turns.
constexpr std::string_view turning_octets{"\0\r\n\t :;,<>\"\\@%=?/[]()*'-.0az\x7f\x80\xff", 31};
constexpr const char* pieces[] = {"\r\n",
                                  "\r\n ",
                                  "\r\n\r\n",
                                  "Content-Length: 5\r\n",
                                  "l: 0\r\n",
                                  "Via: x\r\n",
                                  "i: x\r\n",
                                  "To: \"\r\n",
                                  "4294967296",
                                  "99999999999999999999",
                                  "%00",
                                  "%0d%0a",
                                  "[::1]",
                                  ";tag=x",
                                  ", SIP/2.0/UDP a",
                                  "SIP/2.0",
                                  "\"",
                                  "ACK"};

void mutate_line(std::string& text, Random& random) {
  const size_t begin = text.rfind('\n', random.below(text.size())) + 1;  // npos + 1 is 0
  const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
  if (begin >= end) return;
  const std::string line = text.substr(begin, end - begin);
  switch (random.below(3)) {
    case 0:
      text.insert(begin, line);
      break;
    case 1:
      text.erase(begin, line.size());
      break;
    default:
      text.erase(begin, line.size());
      text.insert(random.below(text.size() + 1), line);
  }
}

void mutate_octets(std::string& text, Random& random) {
  const size_t at = random.below(text.size());
  const size_t length = 1 + random.below(random.below(8) == 0 ? 64 : 4);
  switch (random.below(6)) {
    case 0:
      text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
      break;
    case 1:
      text[at] = turning_octets[random.below(turning_octets.size())];
      break;
    case 2:
      text.insert(at, 1, turning_octets[random.below(turning_octets.size())]);
      break;
    case 3:
      text.erase(at, length);
      break;
    case 4:
      text.insert(at, text.substr(at, length));
      break;
    default:
      text.insert(at, pieces[random.below(std::size(pieces))]);
  }
}

std::string mutated(std::string text, Random& random) {
  for (size_t left = 1 + random.below(4); left > 0 && !text.empty(); --left) {
    if (random.below(4) == 0) {
      mutate_line(text, random);
    } else {
      mutate_octets(text, random);
    }
  }
  return text.substr(0, max_octets);
}

class Mutation : public testing::TestWithParam<Case> {};

TEST_P(Mutation, IsReadSanely) {
  const Case& one = GetParam();
  const std::string text = expand(one.text);
  const unsigned count = text.size() < long_octets ? rounds : rounds_of_long;
  for (unsigned round = 0; round < count; ++round) {
    Random random(round);
    const std::string octets = mutated(text, random);
    const char* insanity = find_insanity(octets, *one.element);
    ASSERT_EQ(insanity, nullptr) << insanity << " in round " << round << ":\n" << octets;
  }
}

TEST_P(Mutation, IsFramedAlikeWhereverItIsCut) {
  const Case& one = GetParam();
  const std::string text = expand(one.text);
  const unsigned count = text.size() < long_octets ? rounds / 3 : rounds_of_long;
  for (unsigned round = 0; round < count; ++round) {
    Random random(round);
    const std::string octets = mutated(text, random);
    if (octets.empty()) continue;
    const size_t cut = random.below(octets.size());
    const char* insanity = find_stream_insanity(octets, cut);
    ASSERT_EQ(insanity, nullptr) << insanity << " in round " << round << ", cut at " << cut << ":\n"
                                 << octets;
  }
}

std::string name_of(const testing::TestParamInfo<Case>& one) {
  return one.param.name;
}

INSTANTIATE_TEST_SUITE_P(Rfc4475Valid, Mutation, testing::ValuesIn(rfc4475_valid), name_of);
INSTANTIATE_TEST_SUITE_P(Rfc4475Invalid, Mutation, testing::ValuesIn(rfc4475_invalid), name_of);
INSTANTIATE_TEST_SUITE_P(Rfc4475BeyondSyntax, Mutation, testing::ValuesIn(rfc4475_beyond_syntax),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Rfc5118, Mutation, testing::ValuesIn(rfc5118), name_of);
INSTANTIATE_TEST_SUITE_P(BugClass, Mutation, testing::ValuesIn(bug_classes), name_of);

}  // namespace
}  // namespace demarc::torture
