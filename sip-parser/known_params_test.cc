#include "sip-parser/known_params.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

constexpr KnownParam known[] = {{"flag", ParamForm::flag},     {"token", ParamForm::token},
                                {"quoted", ParamForm::quoted}, {"any", ParamForm::any},
                                {"free", ParamForm::free},     {"plain", ParamForm::plain}};

Result<std::array<Param, 6>, ValueError> read(Span params, std::string_view datagram) {
  return read_known_params(params, datagram, known);
}

TEST(KnownParams, FindsThemInAnyOrderAndCase) {
  const std::string_view params = ";ANY=[::1];x;Token=1;free;quoted=\"a b\";x;flag";
  const auto found = support::parse_guarded(read, params);
  ASSERT_TRUE(found);
  EXPECT_TRUE(is_present((*found)[0]));
  EXPECT_EQ(text((*found)[1].value, params), "1");
  EXPECT_EQ(text((*found)[2].value, params), "a b");
  EXPECT_EQ(text((*found)[3].value, params), "[::1]");
  EXPECT_TRUE(is_present((*found)[4]));
}

TEST(KnownParams, LeavesTheAbsentEmpty) {
  const auto found = support::parse_guarded(read, "");
  ASSERT_TRUE(found);
  for (const Param& param : *found) EXPECT_FALSE(is_present(param));
}

TEST(KnownParams, RefusesAnotherForm) {
  support::expect_refused(read, {";flag=1", ";token", ";token=\"1\"", ";token=[::1]", ";quoted",
                                 ";quoted=1", ";any", ";plain", ";plain=\"a\""});
  support::expect_accepted(
      read, {";plain=a/b@c", ";any=1", ";any=\"1\"", ";free=1", ";free=\"\"", ";free"});
}

TEST(KnownParams, RefusesASecondOne) {
  support::expect_refused(read, {";flag;flag", ";token=1;Token=1", ";free;free=1"});
}

TEST(KnownParams, PassesOnWhyTheWalkFailed) {
  support::expect_refused(read, {";", "x", ";token=1;"});
  std::string many;
  for (unsigned i = 0; i < max_params; ++i) many += ";x";
  EXPECT_TRUE(support::parse_guarded(read, many));
  support::expect_refused(read, {many + ";x"}, ValueError::too_many);
}

}  // namespace
}  // namespace demarc::sip
