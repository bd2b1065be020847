// What Secrecy reads and says in SDP, with and without libsrtp2.
#include "tests/system/probe/secrecy.h"

namespace demarc::probe {

namespace {

// The protocol of the audio line; empty without one.
std::string_view protocol_in(std::string_view body) {
  const size_t line = body.find("m=audio ");
  if (line == std::string_view::npos) return {};
  const size_t begin = body.find(' ', line + 8);
  if (begin == std::string_view::npos) return {};
  return body.substr(begin + 1, body.find(' ', begin + 1) - begin - 1);
}

}  // namespace

std::string key_in(std::string_view body, std::string_view suite) {
  for (size_t at = body.find("a=crypto:"); at != std::string_view::npos;
       at = body.find("a=crypto:", at + 1)) {
    const std::string_view line = body.substr(at, body.find('\r', at) - at);
    const size_t name = line.find(' ');
    const size_t method = line.find(" inline:");
    if (name == std::string_view::npos || method == std::string_view::npos || method <= name) {
      continue;
    }
    if (line.substr(name + 1, method - name - 1) != suite) continue;
    const std::string_view key = line.substr(method + 8);
    return std::string(key.substr(0, key.find_first_of("| ")));
  }
  return {};
}

// One line, whose tag answers an offer's only if that has one line as well: the box is told which
// suite to offer.
std::string Secrecy::key_line() const {
  if (options_.use == SrtpUse::off) return {};
  return "a=crypto:1 " + options_.suite + " inline:" + own_key_ + "\r\n";
}

bool Secrecy::take_offer(std::string_view body) {
  const bool is_secure = protocol_in(body).find("SAVP") != std::string_view::npos;
  answered_protocol_ = is_secure ? "RTP/SAVP" : "RTP/AVP";
  const std::string key = options_.use == SrtpUse::off ? "" : key_in(body, options_.suite);
  if (key.empty()) return !is_secure && options_.use != SrtpUse::required;
  return begin(key);
}

bool Secrecy::take_answer(std::string_view body) {
  const std::string key = key_in(body, options_.suite);
  if (key.empty()) return options_.use != SrtpUse::required;
  return options_.use != SrtpUse::off && begin(key);
}

}  // namespace demarc::probe
