#include "sip-parser/date.h"

#include <algorithm>

#include "sip-parser/base/ascii.h"

namespace demarc::sip {
namespace {

// Three letters each.
constexpr std::string_view weekdays = "MonTueWedThuFriSatSun";
constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
// The form of a date: '0' is a digit, 'a' a letter of a name, all else stands for itself.
constexpr std::string_view form = "aaa, 00 aaa 0000 00:00:00 GMT";
static_assert(form.size() == date_octets);

constexpr int64_t seconds_per_day = 86400;

struct Civil {
  int64_t year;
  int64_t month;  // 1..12
  int64_t day;    // 1..31
};

// Days since 1970-01-01 in the Gregorian calendar, which is taken to have always been. Years begin
// in March, so that a leap day comes last, and are counted in eras of 400, which repeat.
constexpr int64_t days_of(Civil date) {
  const int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

constexpr Civil civil_of(int64_t days) {
  const int64_t shifted = days + 719468;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const int64_t day_of_era = shifted - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted_month + 2) / 5 + 1};
}
static_assert(days_of({1970, 1, 1}) == 0);
static_assert(days_of({0, 1, 1}) * seconds_per_day == min_date_s);
static_assert((days_of({9999, 12, 31}) + 1) * seconds_per_day - 1 == max_date_s);

int64_t days_in_month(int64_t year, int64_t month) {
  if (month != 2) return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
}

bool has_form(std::string_view text) {
  if (text.size() != form.size()) return false;
  for (size_t i = 0; i < form.size(); ++i) {
    const char c = text[i];
    const bool is_good = form[i] == '0'   ? ascii::is_digit(c)
                         : form[i] == 'a' ? ascii::is_alpha(c)
                                          : c == form[i];
    if (!is_good) return false;
  }
  return true;
}

// Which of the three-letter names it is; -1 for none.
int64_t index_of(std::string_view name, std::string_view names) {
  for (size_t i = 0; i < names.size(); i += 3) {
    if (names.substr(i, 3) == name) return static_cast<int64_t>(i / 3);
  }
  return -1;
}

int64_t number_at(std::string_view text, size_t position, size_t length) {
  int64_t value = 0;
  for (const char c : text.substr(position, length)) value = value * 10 + (c - '0');
  return value;
}

void put_number(int64_t value, std::span<char> out) {
  for (size_t i = out.size(); i > 0; --i, value /= 10) {
    out[i - 1] = static_cast<char>('0' + value % 10);
  }
}

}  // namespace

Result<int64_t, ValueError> parse_date(Span value, std::string_view datagram) {
  const std::string_view date = text(value, datagram);
  if (!has_form(date)) return Fail{ValueError::bad_syntax};
  const int64_t month = index_of(date.substr(8, 3), months) + 1;
  if (index_of(date.substr(0, 3), weekdays) < 0 || month == 0) return Fail{ValueError::bad_syntax};

  const int64_t year = number_at(date, 12, 4);
  const int64_t day = number_at(date, 5, 2);
  const int64_t hour = number_at(date, 17, 2);
  const int64_t minute = number_at(date, 20, 2);
  const int64_t second = number_at(date, 23, 2);
  if (day < 1 || day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 59) {
    return Fail{ValueError::out_of_range};
  }
  return days_of({year, month, day}) * seconds_per_day + hour * 3600 + minute * 60 + second;
}

bool write_date(int64_t seconds, std::span<char, date_octets> out) {
  if (seconds < min_date_s || seconds > max_date_s) return false;
  const int64_t second_of_day = ((seconds % seconds_per_day) + seconds_per_day) % seconds_per_day;
  const int64_t days = (seconds - second_of_day) / seconds_per_day;
  const Civil date = civil_of(days);
  // 1970-01-01 was a Thursday, three days behind Monday.
  const size_t weekday = static_cast<size_t>(((days + 3) % 7 + 7) % 7);
  std::copy(form.begin(), form.end(), out.begin());
  std::copy_n(weekdays.data() + weekday * 3, 3, out.begin());
  put_number(date.day, out.subspan(5, 2));
  std::copy_n(months.data() + (date.month - 1) * 3, 3, out.begin() + 8);
  put_number(date.year, out.subspan(12, 4));
  put_number(second_of_day / 3600, out.subspan(17, 2));
  put_number(second_of_day / 60 % 60, out.subspan(20, 2));
  put_number(second_of_day % 60, out.subspan(23, 2));
  return true;
}

}  // namespace demarc::sip
