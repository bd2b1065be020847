#include "sip-parser/sdp/dtls.h"

namespace demarc::sdp {
namespace {

struct Hash {
  std::string_view name;
  uint8_t octets;
};
constexpr std::array<Hash, static_cast<size_t>(HashFunction::count)> hashes = {{
    {"", 0},
    {"md2", 16},
    {"md5", 16},
    {"sha-1", 20},
    {"sha-224", 28},
    {"sha-256", 32},
    {"sha-384", 48},
    {"sha-512", 64},
}};
constexpr std::array<std::string_view, static_cast<size_t>(Setup::count)> setups = {
    "", "active", "passive", "actpass", "holdconn"};
constexpr std::array<std::string_view, static_cast<size_t>(ConnectionUse::count)> uses = {
    "", "new", "existing"};

// By its index in a table of names; 0 when there is none like it.
template <size_t count>
size_t find(std::string_view name, const std::array<std::string_view, count>& names) {
  for (size_t i = 1; i < count; ++i) {
    if (ascii::iequals(name, names[i])) return i;
  }
  return 0;
}

uint8_t hex_value(char c) {
  return static_cast<uint8_t>(ascii::is_digit(c) ? c - '0' : ascii::to_lower(c) - 'a' + 10);
}

bool read_pairs(std::string_view text, Fingerprint& fingerprint) {
  for (;;) {
    if (text.size() < 2 || !ascii::is_hex(text[0]) || !ascii::is_hex(text[1])) return false;
    if (fingerprint.octet_count == max_hash_octets) return false;
    fingerprint.octets[fingerprint.octet_count++] =
        static_cast<uint8_t>(hex_value(text[0]) << 4 | hex_value(text[1]));
    if (text.size() == 2) return true;
    if (text[2] != ':') return false;
    text.remove_prefix(3);
  }
}

}  // namespace

HashFunction hash_function(std::string_view text) {
  for (size_t i = 1; i < hashes.size(); ++i) {
    if (ascii::iequals(text, hashes[i].name)) return static_cast<HashFunction>(i);
  }
  return HashFunction::other;
}

std::string_view spelling(HashFunction function) {
  const auto index = static_cast<size_t>(function);
  return index < hashes.size() ? hashes[index].name : std::string_view{};
}

uint8_t hash_octets(HashFunction function) {
  const auto index = static_cast<size_t>(function);
  return index < hashes.size() ? hashes[index].octets : uint8_t{0};
}

Result<Fingerprint, ValueError> parse_fingerprint(Span value, std::string_view body) {
  std::string_view rest = text(value, body);
  const std::string_view function = take_word(rest);
  const std::string_view pairs = take_word(rest);
  if (!is_token(function) || !take_word(rest).empty()) return Fail{ValueError::bad_syntax};
  Fingerprint fingerprint;
  fingerprint.function = hash_function(function);
  fingerprint.function_text = span_of(function, body);
  if (!read_pairs(pairs, fingerprint)) return Fail{ValueError::bad_syntax};
  const uint8_t needed = hash_octets(fingerprint.function);
  if (needed != 0 && fingerprint.octet_count != needed) return Fail{ValueError::out_of_range};
  return fingerprint;
}

Result<Setup, ValueError> parse_setup(Span value, std::string_view body) {
  std::string_view rest = text(value, body);
  const auto setup = static_cast<Setup>(find(take_word(rest), setups));
  if (setup == Setup::none || !take_word(rest).empty()) return Fail{ValueError::bad_syntax};
  return setup;
}

std::string_view spelling(Setup setup) {
  const auto index = static_cast<size_t>(setup);
  return index < setups.size() ? setups[index] : std::string_view{};
}

Result<ConnectionUse, ValueError> parse_connection_use(Span value, std::string_view body) {
  std::string_view rest = text(value, body);
  const auto use = static_cast<ConnectionUse>(find(take_word(rest), uses));
  if (use == ConnectionUse::none || !take_word(rest).empty()) return Fail{ValueError::bad_syntax};
  return use;
}

std::string_view spelling(ConnectionUse use) {
  const auto index = static_cast<size_t>(use);
  return index < uses.size() ? uses[index] : std::string_view{};
}

}  // namespace demarc::sdp
