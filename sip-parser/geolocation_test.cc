#include "sip-parser/geolocation.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/number_cases.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

TEST(Geolocation, TellsValueFromReference) {
  const std::string_view value = "<CID:target123@atlanta.example>";
  const Result<Location, ValueError> location = support::parse_guarded(parse_geolocation, value);
  ASSERT_TRUE(location);
  EXPECT_TRUE(location->is_by_value);
  EXPECT_EQ(text(location->location.uri.whole, value), "CID:target123@atlanta.example");
  EXPECT_FALSE(
      support::parse_guarded(parse_geolocation, "<sips:3sdefrhy2jj7@lis.example>")->is_by_value);
  support::expect_refused(parse_geolocation, {"", "cid:a@b", "<cid:>", "<a:b>, <c:d>"});
}

TEST(GeolocationRouting, IsAllowedByYesOnly) {
  EXPECT_TRUE(support::parse_guarded(parse_geolocation_routing, "Yes")->is_allowed);
  EXPECT_FALSE(support::parse_guarded(parse_geolocation_routing, "no")->is_allowed);
  EXPECT_FALSE(support::parse_guarded(parse_geolocation_routing, "yes-sir;x")->is_allowed);
  support::expect_refused(parse_geolocation_routing, {"", "yes no", "yes,no", "\"yes\"", "yes;"});
}

TEST(GeolocationError, ReadsCodeAndText) {
  const std::string_view value = "201 ; code=\"Permission To Use Location\"";
  const Result<GeolocationError, ValueError> error =
      support::parse_guarded(parse_geolocation_error, value);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, 201);
  EXPECT_EQ(text(error->text, value), "Permission To Use Location");
  support::expect_refused(parse_geolocation_error,
                          {"", "x", "201;code", "201;code=x", "201,202", "201 202"});
}

TEST(GeolocationError, ChecksTheRangeOfItsCode) {
  support::expect_number_range(
      {0, max_geolocation_error}, [](const std::string& number) -> Result<uint16_t, ValueError> {
        const auto error = support::parse_guarded(parse_geolocation_error, number + ";x");
        if (!error) return Fail{error.error()};
        return error->code;
      });
}

}  // namespace
}  // namespace demarc::sip
