#include "dataplane/number/number.h"

#include <cstring>

#include "dataplane/number/digit_key.h"
#include "dataplane/number/short_copy.h"
#include "sip-parser/tel.h"

namespace demarc::number {
namespace {

constexpr std::string_view extension_name = ";ext=";
constexpr std::string_view context_name = ";phone-context=";

// Appends one parameter, if it fits.
void append(std::array<char, contract::max_number_length>& octets, uint8_t& length,
            std::string_view name, std::string_view value) {
  if (value.empty() || length + name.size() + value.size() > octets.size()) return;
  std::memcpy(octets.data() + length, name.data(), name.size());
  std::memcpy(octets.data() + length + name.size(), value.data(), value.size());
  length = static_cast<uint8_t>(length + name.size() + value.size());
}

// Where the parameter of that name stands, with its name; empty when it is not there.
std::string_view find_parameter(const Number& number, std::string_view name) {
  if (number.length == number.digit_length) return {};
  const std::string_view all = number.parameters();
  const size_t at = all.find(name);
  if (at == std::string_view::npos) return {};
  return all.substr(at, std::min(all.find(';', at + 1), all.size()) - at);
}

void drop(Number& number, std::string_view name) {
  const std::string_view found = find_parameter(number, name);
  if (found.empty()) return;
  char* const begin = number.octets.data() + (found.data() - number.octets.data());
  const char* const end = number.octets.data() + number.length;
  std::memmove(begin, found.data() + found.size(),
               static_cast<size_t>(end - found.data()) - found.size());
  number.length = static_cast<uint8_t>(number.length - found.size());
}

// The digits of a parameter's value without separators.
std::string_view digits_of(std::string_view value, std::array<char, 32>& buffer) {
  const auto length = sip::telephone_number(value, buffer.data(), uint16_t{32});
  return {buffer.data(), length};
}

}  // namespace

bool Number::assign(std::string_view digits, std::string_view parameters) {
  length = digit_length = 0;
  if (digits.size() + parameters.size() > octets.size()) return false;
  // Either may lie in this number's own octets.
  std::array<char, contract::max_number_length> made;
  std::memcpy(made.data(), digits.data(), digits.size());
  if (!parameters.empty()) {
    std::memcpy(made.data() + digits.size(), parameters.data(), parameters.size());
  }
  std::memcpy(octets.data(), made.data(), digits.size() + parameters.size());
  digit_length = static_cast<uint8_t>(digits.size());
  length = static_cast<uint8_t>(digits.size() + parameters.size());
  return true;
}

bool read_number(const sip::Uri& uri, std::string_view datagram, Number& number) {
  number.length = number.digit_length = 0;
  const Span subscriber = uri.scheme == sip::UriScheme::tel
                              ? sip::make_span(uri.user.offset, uri.whole.end())
                              : uri.user;
  const std::string_view whole = text(subscriber, datagram);
  const std::string_view dialled = whole.substr(0, whole.find(';'));
  const uint16_t count =
      sip::telephone_number(dialled, number.octets.data(), contract::max_number_length);
  if (count == 0) return false;
  number.length = number.digit_length = static_cast<uint8_t>(count);
  if (dialled.size() == whole.size()) return true;
  const auto telephone = sip::parse_telephone(subscriber, datagram);
  if (!telephone) return true;
  std::array<char, 32> buffer;
  append(number.octets, number.length, extension_name,
         digits_of(text(telephone->ext, datagram), buffer));
  const std::string_view context = text(telephone->phone_context, datagram);
  append(number.octets, number.length, context_name,
         context.starts_with('+') ? digits_of(context, buffer) : context);
  return true;
}

bool read_text(std::string_view text, Number& number) {
  if (is_plain_number(text)) {
    copy_short(number.octets.data(), text.data(), text.size());
    number.length = number.digit_length = static_cast<uint8_t>(text.size());
    return true;
  }
  number.length = number.digit_length = 0;
  const size_t end = std::min(text.find(';'), text.size());
  const uint16_t count =
      sip::telephone_number(text.substr(0, end), number.octets.data(), contract::max_number_length);
  if (count == 0 || count + (text.size() - end) > number.octets.size()) return false;
  std::memcpy(number.octets.data() + count, text.data() + end, text.size() - end);
  number.digit_length = static_cast<uint8_t>(count);
  number.length = static_cast<uint8_t>(count + (text.size() - end));
  return true;
}

void drop_extension(Number& number) {
  drop(number, extension_name);
}

void drop_context(Number& number) {
  drop(number, context_name);
}

void drop_private_context(Number& number) {
  const std::string_view found = find_parameter(number, context_name);
  if (!found.empty() && !found.substr(context_name.size()).starts_with('+')) drop_context(number);
}

void drop_parameters(Number& number) {
  number.length = number.digit_length;
}

}  // namespace demarc::number
