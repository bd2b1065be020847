// Routes that ask for a header field of the INVITE or for the hour: taken, and not taken.
#include "tests/flow/ladder.h"

namespace demarc::flow {
namespace {

constexpr std::string_view taken = R"(
  pbx  -> INVITE sdp
  pbx  <- 100
  itsp <- INVITE sdp
  itsp -> 486
  itsp <- ACK
  pbx  <- 486
  pbx  -> ACK
)";
constexpr std::string_view not_taken = R"(
  pbx  -> INVITE sdp
  pbx  <- 100
  pbx  <- 404
  pbx  -> ACK
  quiet
)";

class Conditioned : public Ladder {
 protected:
  explicit Conditioned(const RouteOnlyFor& only_for) : Ladder(options(only_for)) {}
  void expect(std::string_view ladder, const std::string& lines = "") {
    pbx.extra_lines = lines;
    play(ladder);
    expect_clean(1);
  }

 private:
  static BoxOptions options(const RouteOnlyFor& only_for) {
    BoxOptions options;
    options.only_for = only_for;
    return options;
  }
};

struct ByHeader : Conditioned {
  ByHeader() : Conditioned({.field = "X-Site", .pattern = "^berlin"}) {}
};

TEST_F(ByHeader, IsTakenWithTheValue) {
  expect(taken, "X-Site: berlin-2\r\n");
}

TEST_F(ByHeader, IsTakenWhereOneOfSeveralHasTheValue) {
  expect(taken, "X-Site: paris\r\nx-site: berlin\r\n");
}

TEST_F(ByHeader, IsNotTakenWithAnotherValue) {
  expect(not_taken, "X-Site: paris\r\n");
}

TEST_F(ByHeader, IsNotTakenWithoutTheField) {
  expect(not_taken);
}

struct ByMissingHeader : Conditioned {
  ByMissingHeader() : Conditioned({.field = "X-Site", .is_negated = true}) {}
};

TEST_F(ByMissingHeader, IsTakenWithoutTheField) {
  expect(taken);
}

TEST_F(ByMissingHeader, IsNotTakenWithTheField) {
  expect(not_taken, "X-Site: berlin\r\n");
}

// The box begins on a Tuesday at 22:30.
constexpr uint16_t begin = 24 * 60 + 22 * 60 + 30;

struct ByHour : Conditioned {
  ByHour() : Conditioned({.hours = {{begin, begin + 1}}}) {}
};

TEST_F(ByHour, IsTakenWithinTheHoursAndNotBehindThem) {
  play(taken);
  wait_ms(60'000);
  play(not_taken);
  expect_clean(2);
}

struct ByLaterHour : Conditioned {
  ByLaterHour() : Conditioned({.hours = {{begin + 1, begin + 2}}}) {}
};

TEST_F(ByLaterHour, IsNotTakenBeforeTheHours) {
  play(not_taken);
  wait_ms(60'000);
  play(taken);
  expect_clean(2);
}

}  // namespace
}  // namespace demarc::flow
