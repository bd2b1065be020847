#include "controlplane/config/routing_tests.h"

#include <algorithm>
#include <chrono>

#include "controlplane/config/bound_value.h"
#include "controlplane/config/reference.h"
#include "sip-parser/base/ascii.h"

namespace demarc::config {
namespace {

class DateTimeText {
 public:
  explicit DateTimeText(std::string_view text) : whole_(text), rest_(text) {}

  [[noreturn]] void refuse() const {
    throw ValueError("\"" + std::string(whole_) +
                     "\" is not a time such as \"2026-11-30T10:00:00+01:00\"");
  }
  unsigned digits(size_t count, unsigned maximum) {
    uint64_t value = 0;
    if (rest_.size() < count) refuse();
    if (!ascii::parse_decimal(rest_.substr(0, count), maximum, value)) refuse();
    rest_.remove_prefix(count);
    return static_cast<unsigned>(value);
  }
  bool takes(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip(char wanted) {
    if (!takes(wanted)) refuse();
  }
  void end() const {
    if (!rest_.empty()) refuse();
  }

 private:
  std::string_view whole_;
  std::string_view rest_;
};

class TestChecker {
 public:
  TestChecker(const Config& config, const Gaps& gaps, Problems& problems)
      : config_(config), gaps_(gaps), problems_(problems) {
    has_hours_ = std::any_of(config.routes.begin(), config.routes.end(),
                             [](const Route& route) { return !route.hours.empty(); });
  }

  void check(const RoutingTest& test) {
    const Origin& origin = test.origin;
    refers({"from", "trunk", origin.of("from")}, test.from, config_.trunks, gaps_, problems_);
    refers({"trunk", "trunk", origin.of("trunk")}, test.trunk, config_.trunks, gaps_, problems_);
    check_route(test);
    if (has_hours_ && test.at_unix_s == 0 && !origin.refused.contains("at")) {
      problems_.error(origin.block,
                      "field \"at\" is missing: there are routes with hours, so what is expected "
                      "would hang on the time of the check");
    }
    const bool has_way =
        !test.trunk.empty() || !test.route.empty() || !test.number.empty() || !test.caller.empty();
    if (test.is_refused && has_way) {
      problems_.error(origin.of("refused"),
                      "refused: a call that is refused has no trunk, route, number or caller");
    }
    const bool is_whole = origin.refused.empty() && !gaps_.has_lost_fields;
    if (!test.is_refused && !has_way && is_whole) {
      problems_.error(origin.block,
                      "nothing is expected: trunk, route, number, caller or refused say what");
    }
  }

 private:
  void check_route(const RoutingTest& test) {
    if (test.route.empty() || gaps_.has_lost_blocks) return;
    std::vector<std::string_view> known;
    for (const Route& route : config_.routes) {
      if (route.name == test.route) return;
      if (!route.name.empty()) known.push_back(route.name);
    }
    problems_.error(test.origin.of("route"), "route: no [[route]] has the name \"" + test.route +
                                                 "\"" + runtime::did_you_mean(test.route, known));
  }

  const Config& config_;
  const Gaps& gaps_;
  Problems& problems_;
  bool has_hours_ = false;
};

}  // namespace

uint64_t parse_date_time(std::string_view written) {
  using namespace std::chrono;
  DateTimeText text(written);
  const year year_of{static_cast<int>(text.digits(4, 9999))};
  text.skip('-');
  const month month_of{text.digits(2, 12)};
  text.skip('-');
  const year_month_day date{year_of, month_of, day{text.digits(2, 31)}};
  if (!date.ok() || year_of < year{1970}) text.refuse();
  text.skip('T');
  int64_t time_s = text.digits(2, 23) * 3600;
  text.skip(':');
  time_s += text.digits(2, 59) * 60;
  text.skip(':');
  time_s += text.digits(2, 59);
  if (!text.takes('Z')) {
    const int64_t sign = text.takes('-') ? -1 : 1;
    if (sign == 1) text.skip('+');
    const int64_t hours = text.digits(2, 23);
    text.skip(':');
    time_s -= sign * (hours * 3600 + text.digits(2, 59) * 60);
  }
  text.end();
  const int64_t unix_s = sys_days(date).time_since_epoch().count() * int64_t{86400} + time_s;
  if (unix_s <= 0) text.refuse();
  return static_cast<uint64_t>(unix_s);
}

RoutingTest bind_routing_test(const Block& block, Problems& problems) {
  RoutingTest test;
  test.name = block.name;
  test.from = string(block, "from");
  test.called = string(block, "called");
  test.calling = string(block, "calling");
  test.headers = block.get<std::vector<std::string>>("headers");
  test.trunk = string(block, "trunk");
  test.route = string(block, "route");
  test.number = string(block, "number");
  test.caller = string(block, "caller");
  test.is_refused = block.get<bool>("refused");
  test.origin = block.origin;
  if (const std::string& at = string(block, "at"); !at.empty()) {
    try {
      test.at_unix_s = parse_date_time(at);
    } catch (const ValueError& mistake) {
      problems.error(block.origin.of("at"), std::string("at: ") + mistake.what());
      test.origin.refused.insert("at");
    }
  }
  return test;
}

void check_routing_tests(const Config& config, const Gaps& gaps, Problems& problems) {
  TestChecker checker(config, gaps, problems);
  for (const RoutingTest& test : config.tests) checker.check(test);
}

}  // namespace demarc::config
