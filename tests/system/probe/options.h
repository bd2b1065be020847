// What the command line of the probe says; filled by main, read by everybody.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/system/probe/address.h"
#include "tests/system/probe/codec.h"
#include "tests/system/probe/secrecy.h"
#include "tests/system/probe/stream.h"

namespace demarc::probe {

struct Options {
  bool is_caller = false;
  Address bind;  // SIP; media uses the same host
  Address to;    // callers: where INVITEs go
  NatMap nat;
  // What SDP says instead of `bind`'s host: the probe is then behind a NAT that nobody told it of.
  std::optional<Address> claimed;
  uint64_t calls = 1;
  double rate = 10;  // calls a second
  Time duration = 2 * seconds;
  Time packet_time = 20 * milliseconds;  // between packets; what they hold stays 20 ms of audio
  std::optional<Time> cancel_after;
  std::optional<Time> answer_after = 200 * milliseconds;  // nothing: never
  int refuse_with = 0;  // called: this status code instead of an answer
  bool is_bye_from_uas = false;
  bool rings_with_sdp = false;
  Codecs codecs;
  SrtpUse srtp = SrtpUse::off;
  std::string srtp_suite = "AES_CM_128_HMAC_SHA1_80";
  bool lies_about_key = false;   // sends with another key than it says
  std::string prefix = "+4420";  // the number called is this and seven digits of call number
  uint32_t first_number = 7'000'000;
  uint16_t media_port = 20'000;
  uint64_t expect = 0;         // called: exit after so many calls have ended; 0 is at SIGTERM
  bool is_controlled = false;  // "place N", "end" and "quit" on standard input
  bool shows_progress = false;
  bool is_strict = false;
};

}  // namespace demarc::probe
