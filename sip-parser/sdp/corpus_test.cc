// Descriptions of many kinds, our own and those of ../shared where it is there: what was parsed,
// printed and parsed again is printed as the same text.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sip-parser/sdp/sdp_harness.h"
#include "tests/support/sip_messages.h"

namespace demarc::sdp {
namespace {

constexpr std::string_view own[] = {
    support::sdp_offer,
    // Fax beside refused audio.
    "v=0\r\no=gw 1 2 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
    "m=audio 0 RTP/AVP 8\r\nm=image 4000 udptl t38\r\na=T38FaxVersion:0\r\n"
    "a=T38MaxBitRate:14400\r\na=T38FaxRateManagement:transferredTCF\r\n"
    "a=T38FaxMaxBuffer:1024\r\na=T38FaxMaxDatagram:238\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n",
    // Keys in the signalling.
    "v=0\r\no=- 1 1 IN IP6 2001:db8::9\r\ns=sip\r\nc=IN IP6 2001:db8::9\r\nb=CT:256\r\nt=0 0\r\n"
    "m=audio 5000 RTP/SAVP 0 8 18 101\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-11,16\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA|2^31\r\n"
    "a=ptime:30\r\na=maxptime:60\r\na=sendonly\r\na=rtcp:5009 IN IP6 2001:db8::9\r\n",
    // A browser's.
    "v=0\r\no=- 4611733054762223410 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
    "a=msid-semantic: WMS stream\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 126\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
    "a=candidate:1 1 udp 2113937151 192.0.2.44 54321 typ host generation 0\r\na=ice-ufrag:abcd\r\n"
    "a=ice-pwd:abcdefghijklmnopqrstuv\r\na=ice-options:trickle\r\na=fingerprint:sha-256 00\r\n"
    "a=setup:actpass\r\na=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
    "a=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:126 telephone-event/8000\r\n"
    "a=ssrc:1 cname:x\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\n"
    "a=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:96 VP8/90000\r\n",
    // Layers of multicast, bare LF, and lines that nobody asks for.
    "v=0\no=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\ns=Call\ni=words\n"
    "u=http://www.example.com/a.pdf\ne=jane@example.com\np=+1 617 555-6011\nt=3724394400 "
    "3724398000\n"
    "r=7d 1h 0 25h\nz=3730928400 -1h\nk=prompt\nm=video 49170/2 RTP/AVP 31\nc=IN IP4 "
    "224.2.1.1/127/3\n"
    "b=AS:64\nb=TIAS:64000\nb=RS:800\nb=RR:2400\na=rtpmap:31 LPC\na=silenceSupp:off - - - -",
};

std::string print_read(std::string_view body) {
  return print_again(body, our_rewrite());
}

TEST(SdpCorpus, IsAFixedPointOnOurOwn) {
  for (const std::string_view body : own) {
    const std::string once = print_read(body);
    EXPECT_NE(once, "unreadable") << body;
    EXPECT_NE(once, "failed") << body;
    EXPECT_EQ(print_read(once), once);
  }
}

TEST(SdpCorpus, ShowsNothingOfThePeer) {
  for (const std::string_view body : own) {
    const std::string printed = print_read(body);
    for (const char* secret :
         {"192.0.2", "198.51.100", "2001:db8::9", "127.0.0.1", "jdoe", "gw", "inline", "candidate",
          "ice-", "cname", "extmap", "example.com", "prompt", "words", "555"}) {
      EXPECT_EQ(printed.find(secret), std::string::npos) << secret << "\n" << printed;
    }
  }
}

TEST(SdpCorpus, IsSafeOnEveryTruncationOfOurOwn) {
  for (const std::string_view body : own) {
    for (size_t length = 0; length < body.size(); ++length) {
      const std::string once = print_read(body.substr(0, length));
      if (once == "unreadable") continue;
      ASSERT_NE(once, "failed") << body.substr(0, length);
      ASSERT_EQ(print_read(once), once) << body.substr(0, length);
    }
  }
}

// The body of a message: what follows its first empty line.
std::string body_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string message(std::istreambuf_iterator<char>(file), {});
  const size_t end = message.find("\r\n\r\n");
  if (end != std::string::npos) return message.substr(end + 4);
  const size_t bare = message.find("\n\n");
  return bare == std::string::npos ? "" : message.substr(bare + 2);
}

TEST(SdpCorpus, IsAFixedPointOnSharedMessages) {
  namespace fs = std::filesystem;
  unsigned bodies = 0;
  unsigned read = 0;
  for (const char* folder : {"../shared/perf/msgs", "../shared/data/sipmsg"}) {
    // Tests run in the root of the build folder or of the project.
    fs::path path = folder;
    if (!fs::is_directory(path)) path = fs::path("..") / folder;
    if (!fs::is_directory(path)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
      if (!entry.is_regular_file()) continue;
      const std::string body = body_of(entry.path());
      if (!body.starts_with("v=") || body.size() > max_body_octets) continue;
      ++bodies;
      const std::string once = print_read(body);
      if (once == "unreadable") continue;
      ++read;
      ASSERT_NE(once, "failed") << entry.path();
      EXPECT_EQ(print_read(once), once) << entry.path();
    }
  }
  if (bodies == 0) {
    std::printf("skipped: ../shared is not there\n");
    return;
  }
  std::printf("%u of %u bodies were read\n", read, bodies);
  EXPECT_GT(read, 0u);
}

}  // namespace
}  // namespace demarc::sdp
