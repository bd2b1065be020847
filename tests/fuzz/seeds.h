// Our own seed corpus, made by code: whole messages from tests/support, field values, URIs, session
// descriptions, and what sits on a limit, which no fuzzer finds by itself.
//
// Read by replay_main.cc, and written into folders for libFuzzer by seeds_main.cc. It allocates.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace demarc::fuzz {

// What an input is; each target says in meson.build which of these it takes.
inline constexpr std::string_view seed_kinds[] = {
    "calls_media", "config",    "digest",  "dns",    "dtmf",     "edit",
    "message",     "multipart", "packets", "routes", "rtp",      "sdp",
    "sdp_value",   "srtp",      "stream",  "uri",    "uri_pair", "value"};

// Empty for an unknown kind.
std::vector<std::string> seeds_of(std::string_view kind);

// Of the media fuzzers (seeds_media.cc).
std::vector<std::string> calls_media_seeds();
std::vector<std::string> dtmf_seeds();
std::vector<std::string> packets_seeds();
std::vector<std::string> rtp_seeds();
std::vector<std::string> srtp_seeds();

}  // namespace demarc::fuzz
