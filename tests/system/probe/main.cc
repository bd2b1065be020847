// media_probe: plays one end of many calls, with numbered audio that the other end checks.
// One process per namespace: `media_probe uas ...` answers, `media_probe uac ...` calls.

#include <getopt.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/system/probe/endpoint.h"

namespace {

using demarc::probe::Address;
using demarc::probe::Options;
using demarc::probe::Time;

constexpr char usage[] =
    "media_probe uac --bind IP:PORT --to IP:PORT [options]\n"
    "media_probe uas --bind IP:PORT [options]\n"
    "  --calls N --rate N --duration SECONDS   what a uac places\n"
    "  --packet-time US   between packets of audio, 20000 where nothing is said\n"
    "  --control          a uac reads 'place N', 'end', 'quit' from standard input instead\n"
    "  --cancel-after MS  a uac cancels\n"
    "  --answer-after MS | --no-answer | --refuse CODE | --busy    how a uas behaves\n"
    "  --ring-with-sdp    a uas puts SDP into its 180\n"
    "  --codec pcma|pcmu --peer-codec pcma|pcmu   what it sends, what its peer sends it\n"
    "  --srtp off|optional|required --suite NAME   as SDP has it; --lie-about-key sends with "
    "another\n"
    "  --bye-from uac|uas who hangs up (tell both)\n"
    "  --expect N         a uas exits after N calls\n"
    "  --prefix TEXT --first N   numbers called: TEXT and seven digits from N on\n"
    "  --media-port N --nat PUBLIC=PRIVATE --progress --strict\n"
    "  --claim HOST       SDP names this address; audio still comes from the bound one\n";

enum Key : int {
  bind_key = 256,
  to_key,
  calls_key,
  rate_key,
  duration_key,
  packet_time_key,
  control_key,
  cancel_key,
  answer_key,
  no_answer_key,
  refuse_key,
  busy_key,
  ring_key,
  bye_key,
  expect_key,
  prefix_key,
  first_key,
  media_port_key,
  nat_key,
  claim_key,
  progress_key,
  strict_key,
  srtp_key,
  suite_key,
  lie_key,
  codec_key,
  peer_codec_key,
};

constexpr option long_options[] = {
    {"bind", required_argument, nullptr, bind_key},
    {"to", required_argument, nullptr, to_key},
    {"calls", required_argument, nullptr, calls_key},
    {"rate", required_argument, nullptr, rate_key},
    {"duration", required_argument, nullptr, duration_key},
    {"packet-time", required_argument, nullptr, packet_time_key},
    {"control", no_argument, nullptr, control_key},
    {"cancel-after", required_argument, nullptr, cancel_key},
    {"answer-after", required_argument, nullptr, answer_key},
    {"no-answer", no_argument, nullptr, no_answer_key},
    {"refuse", required_argument, nullptr, refuse_key},
    {"busy", no_argument, nullptr, busy_key},
    {"ring-with-sdp", no_argument, nullptr, ring_key},
    {"bye-from", required_argument, nullptr, bye_key},
    {"expect", required_argument, nullptr, expect_key},
    {"prefix", required_argument, nullptr, prefix_key},
    {"first", required_argument, nullptr, first_key},
    {"media-port", required_argument, nullptr, media_port_key},
    {"nat", required_argument, nullptr, nat_key},
    {"claim", required_argument, nullptr, claim_key},
    {"progress", no_argument, nullptr, progress_key},
    {"strict", no_argument, nullptr, strict_key},
    {"srtp", required_argument, nullptr, srtp_key},
    {"suite", required_argument, nullptr, suite_key},
    {"lie-about-key", no_argument, nullptr, lie_key},
    {"codec", required_argument, nullptr, codec_key},
    {"peer-codec", required_argument, nullptr, peer_codec_key},
    {nullptr, 0, nullptr, 0},
};

[[noreturn]] void refuse_usage() {
  std::fputs(usage, stderr);
  std::exit(2);
}

Address address_or_die(const char* text) {
  const auto address = demarc::probe::parse_address(text, 5060);
  if (!address) refuse_usage();
  return *address;
}

demarc::probe::Codec codec_or_die(const char* text) {
  const auto codec = demarc::probe::codec_of(text);
  if (!codec) refuse_usage();
  return *codec;
}

Time milliseconds_of(const char* text) {
  return static_cast<Time>(std::atoll(text)) * demarc::probe::milliseconds;
}

demarc::probe::SrtpUse srtp_use_of(std::string_view text) {
  using demarc::probe::SrtpUse;
  if (text == "off") return SrtpUse::off;
  if (text == "optional") return SrtpUse::optional;
  if (text == "required") return SrtpUse::required;
  refuse_usage();
}

void apply_number(int key, const char* value, Options& options) {
  const auto number = static_cast<uint64_t>(std::atoll(value));
  if (key == calls_key) options.calls = number;
  if (key == expect_key) options.expect = number;
  if (key == first_key) options.first_number = static_cast<uint32_t>(number);
  if (key == media_port_key) options.media_port = static_cast<uint16_t>(number);
  if (key == refuse_key) options.refuse_with = static_cast<int>(number);
  if (key == packet_time_key) options.packet_time = number * (demarc::probe::milliseconds / 1000);
  if (key == rate_key) options.rate = std::atof(value);
  if (key == duration_key) {
    options.duration = static_cast<Time>(std::atof(value) * 1e9);
  }
}

void apply(int key, const char* value, Options& options) {
  const std::string_view text = value == nullptr ? "" : value;
  switch (key) {
    case bind_key:
      options.bind = address_or_die(value);
      break;
    case to_key:
      options.to = address_or_die(value);
      break;
    case control_key:
      options.is_controlled = true;
      break;
    case cancel_key:
      options.cancel_after = milliseconds_of(value);
      break;
    case answer_key:
      options.answer_after = milliseconds_of(value);
      break;
    case no_answer_key:
      options.answer_after.reset();
      break;
    case busy_key:
      options.refuse_with = 486;
      break;
    case ring_key:
      options.rings_with_sdp = true;
      break;
    case bye_key:
      options.is_bye_from_uas = text == "uas";
      break;
    case prefix_key:
      options.prefix = text;
      break;
    case progress_key:
      options.shows_progress = true;
      break;
    case strict_key:
      options.is_strict = true;
      break;
    case srtp_key:
      options.srtp = srtp_use_of(text);
      break;
    case suite_key:
      options.srtp_suite = text;
      break;
    case codec_key:
      options.codecs.own = codec_or_die(value);
      break;
    case peer_codec_key:
      options.codecs.peer = codec_or_die(value);
      break;
    case lie_key:
      options.lies_about_key = true;
      break;
    case claim_key:
      options.claimed = address_or_die(value);
      break;
    case nat_key: {
      const size_t equals = text.find('=');
      if (equals == std::string_view::npos) refuse_usage();
      options.nat = {.public_host = std::string(text.substr(0, equals)),
                     .private_host = std::string(text.substr(equals + 1))};
      break;
    }
    case '?':
      refuse_usage();
    default:
      apply_number(key, value, options);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (argc < 2) refuse_usage();
  const std::string_view role = argv[1];
  if (role != "uac" && role != "uas") refuse_usage();
  options.is_caller = role == "uac";
  optind = 2;
  for (int key = 0; (key = getopt_long(argc, argv, "", long_options, nullptr)) != -1;) {
    apply(key, optarg, options);
  }
  if (optind != argc || options.bind.port() == 0 || options.rate <= 0 || options.packet_time == 0 ||
      (options.is_caller && options.to.port() == 0)) {
    refuse_usage();
  }
  if (!demarc::probe::Secrecy::is_possible(
          {options.srtp, options.srtp_suite, options.lies_about_key})) {
    std::fputs("no such suite here, or built without libsrtp2\n", stderr);
    return 2;
  }
  // Two sockets a call; root may raise both limits.
  const rlimit files = {.rlim_cur = 65536, .rlim_max = 65536};
  setrlimit(RLIMIT_NOFILE, &files);

  demarc::probe::Endpoint endpoint(options);
  if (!endpoint.open()) return 2;
  const demarc::probe::Summary& summary = endpoint.run();
  std::printf("%s\n", summary.json().c_str());
  return options.is_strict && !summary.is_clean() ? 1 : 0;
}
