// The tables of names: configuration fields and counters.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "dataplane/contract/address.h"
#include "dataplane/contract/counters.h"
#include "dataplane/contract/directory.h"
#include "dataplane/contract/field_class.h"
#include "dataplane/contract/fields.h"
#include "dataplane/contract/fixed_text.h"
#include "sip-parser/base/ascii.h"

namespace demarc::contract {
namespace {

std::string name_of(const Field& field) {
  std::string name(field.block);
  name += '.';
  return name.append(field.name);
}

TEST(Fields, AreNamedOnceAndFoundByTheirNames) {
  std::set<std::string> names;
  for (const Field& field : fields()) {
    EXPECT_TRUE(names.insert(name_of(field)).second) << name_of(field);
    EXPECT_EQ(find_field(field.block, field.name), &field);
  }
  EXPECT_EQ(find_field("trunk", "nothing"), nullptr);
  EXPECT_EQ(find_field("nothing", "port"), nullptr);
}

TEST(Fields, DefaultsOfNumbersAreWithinTheirRanges) {
  for (const Field& field : fields()) {
    if (field.type != FieldType::integer) continue;
    SCOPED_TRACE(name_of(field));
    uint64_t value = 0;
    ASSERT_TRUE(ascii::parse_decimal(field.default_text, INT64_MAX, value));
    EXPECT_GE(static_cast<int64_t>(value), field.minimum);
    EXPECT_LE(static_cast<int64_t>(value), field.maximum);
    EXPECT_LT(field.minimum, field.maximum);
  }
}

TEST(Fields, DefaultsOfChoicesAreAmongThem) {
  for (const Field& field : fields()) {
    if (field.type != FieldType::choice) continue;
    std::set<std::string_view> choices;
    for (std::string_view rest = field.choices; !rest.empty();) {
      const size_t end = std::min(rest.find('|'), rest.size());
      choices.insert(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    EXPECT_TRUE(choices.contains(field.default_text)) << name_of(field);
  }
}

TEST(Fields, RequiredOnesHaveNoDefaultAndAllAreDocumented) {
  for (const Field& field : fields()) {
    SCOPED_TRACE(name_of(field));
    if (field.is_required) {
      EXPECT_EQ(field.default_text, "");
    }
    ASSERT_FALSE(field.doc.empty());
    EXPECT_EQ(field.doc.back(), '.');
    EXPECT_LE(field.maximum, int64_t{UINT32_MAX});
    if (field.type == FieldType::name || field.type == FieldType::names) {
      EXPECT_TRUE(field.choices == "port" || field.choices == "realm" || field.choices == "trunk" ||
                  field.choices == "tls" || field.choices == "costs" ||
                  field.choices == "prefixes");
    }
  }
}

TEST(Fields, DefaultsOfIntegerListsAreWithinTheirRanges) {
  unsigned checked = 0;
  for (const Field& field : fields()) {
    if (field.type != FieldType::integers) continue;
    for (std::string_view rest = field.default_text; !rest.empty(); ++checked) {
      const size_t end = std::min(rest.find(','), rest.size());
      uint64_t value = 0;
      ASSERT_TRUE(ascii::parse_decimal(ascii::trim(rest.substr(0, end)), INT64_MAX, value));
      EXPECT_GE(static_cast<int64_t>(value), field.minimum);
      EXPECT_LE(static_cast<int64_t>(value), field.maximum);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  EXPECT_EQ(checked, 3u);
}

TEST(FieldClass, TellsOursFromThoseOfPolicyAndTheRest) {
  for (const std::string_view name :
       {"Via", "via", "CONTACT", "Call-ID", "WWW-Authenticate", "To"}) {
    EXPECT_EQ(field_class(name), FieldClass::ours) << name;
  }
  for (const std::string_view name : {"P-Asserted-Identity", "privacy", "History-Info"}) {
    EXPECT_EQ(field_class(name), FieldClass::policy) << name;
  }
  for (const std::string_view name : {"", "X-Via", "Vi", "Viaa", "Subject", "User-Agent"}) {
    EXPECT_EQ(field_class(name), FieldClass::free) << name;
  }
}

TEST(FieldClass, ANameStandsForItselfOrForABeginning) {
  EXPECT_TRUE(is_named_by("X-Side", "x-side"));
  EXPECT_FALSE(is_named_by("X-Side", "X-Sides"));
  EXPECT_TRUE(is_named_by("x-*", "X-Side"));
  EXPECT_TRUE(is_named_by("X-*", "X-"));
  EXPECT_FALSE(is_named_by("X-*", "X"));
  EXPECT_TRUE(is_named_by("*", ""));
  EXPECT_TRUE(is_named_by("*", "Subject"));
}

TEST(Counters, NamesAreUniqueAndSayWhatTheyMean) {
  std::set<std::string_view> names;
  for (unsigned i = 0; i < worker_counter_count; ++i) {
    const CounterText text = text_of(static_cast<WorkerCounter>(i));
    EXPECT_TRUE(names.insert(text.name).second) << text.name;
    EXPECT_FALSE(text.help.empty());
  }
  names.clear();
  for (unsigned i = 0; i < trunk_counter_count; ++i) {
    const CounterText text = text_of(static_cast<TrunkCounter>(i));
    EXPECT_TRUE(names.insert(text.name).second) << text.name;
    EXPECT_FALSE(text.help.empty());
  }
}

TEST(Counters, NamesStandForTheirEnumerators) {
  EXPECT_EQ(text_of(WorkerCounter::frames_in).name, "frames_in");
  EXPECT_EQ(text_of(WorkerCounter::event_ring_full).name, "event_ring_full");
  EXPECT_EQ(text_of(TrunkCounter::attempts_in).name, "attempts_in");
  EXPECT_EQ(text_of(TrunkCounter::rtp_drop_tx_full).name, "rtp_drop_tx_full");
}

TEST(CountersDeathTest, ThereIsNoTextBeyondTheLast) {
  EXPECT_DEATH(static_cast<void>(text_of(WorkerCounter::count)), "check failed");
  EXPECT_DEATH(static_cast<void>(text_of(TrunkCounter::count)), "check failed");
}

TEST(Counters, AddWithoutDisturbingTheirNeighbours) {
  TrunkCounters counters{};
  counters.add(TrunkCounter::sip_in);
  counters.add(TrunkCounter::sip_in, 4);
  EXPECT_EQ(counters.get(TrunkCounter::sip_in), 5u);
  EXPECT_EQ(counters.get(TrunkCounter::sip_out), 0u);
  EXPECT_EQ(counters.get(TrunkCounter::live), 0u);
}

TEST(FixedTexts, ShareTheirRoomAndCutWhatIsLeftOver) {
  FixedTexts<3, 8> texts;
  texts.put(0, "abcdef", 4);
  texts.put(1, "");
  texts.put(2, "ghijkl");
  EXPECT_EQ(texts.view(0), "abcd");
  EXPECT_EQ(texts.view(1), "");
  EXPECT_EQ(texts.view(2), "ghij");
}

TEST(FixedTexts, OfADamagedRowAreWithinIt) {
  FixedTexts<2, 8> texts;
  texts.ends[0] = 200;
  texts.ends[1] = 100;
  EXPECT_EQ(texts.view(0).size(), 8u);
  EXPECT_EQ(texts.view(1), "");
  texts.ends[0] = 6;
  texts.ends[1] = 3;
  EXPECT_EQ(texts.view(1), "");
}

TEST(DirectoryRow, HasTheWholeCallIdOfACallerWithUsualNumbers) {
  DirectoryRow row;
  const std::string call_id(100, 'c');
  row.put(RowText::call_id_out, std::string(30, 'o'));
  row.put(RowText::calling, "+442079460018");
  row.put(RowText::called, "+12025550143");
  row.put(RowText::call_id_in, call_id);
  EXPECT_EQ(row.text(RowText::call_id_out), std::string(30, 'o'));
  EXPECT_EQ(row.text(RowText::calling), "+442079460018");
  EXPECT_EQ(row.text(RowText::called), "+12025550143");
  EXPECT_EQ(row.text(RowText::call_id_in), call_id);
}

TEST(FixedText, CutsAndSaysSo) {
  FixedText<4> text("abcd");
  EXPECT_EQ(text.view(), "abcd");
  EXPECT_FALSE(text.is_cut);
  text.assign("abcde");
  EXPECT_EQ(text.view(), "abcd");
  EXPECT_TRUE(text.is_cut);
  text.assign("");
  EXPECT_EQ(text.view(), "");
  EXPECT_FALSE(text.is_cut);
}

}  // namespace
}  // namespace demarc::contract
