#include "bench/corpus.h"

namespace demarc::bench {
namespace {

#define DEMARC_BENCH_OFFER                            \
  "v=0\r\n"                                           \
  "o=- 2871440935 2871440935 IN IP4 198.51.100.9\r\n" \
  "s=-\r\n"                                           \
  "c=IN IP4 198.51.100.9\r\n"                         \
  "t=0 0\r\n"                                         \
  "m=audio 17384 RTP/AVP 8 0 101\r\n"                 \
  "a=rtpmap:8 PCMA/8000\r\n"                          \
  "a=rtpmap:0 PCMU/8000\r\n"                          \
  "a=rtpmap:101 telephone-event/8000\r\n"             \
  "a=fmtp:101 0-16\r\n"                               \
  "a=ptime:20\r\n"                                    \
  "a=sendrecv\r\n"

#define DEMARC_BENCH_VIAS                                                        \
  "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK7d1e2c0b9a8f4e;rport\r\n"      \
  "Via: SIP/2.0/UDP 198.51.100.7:5080;branch=z9hG4bK-52428-9f3c1e07;rport=5080;" \
  "received=198.51.100.7\r\n"                                                    \
  "Via: SIP/2.0/UDP 172.16.8.41:5060;branch=z9hG4bKb7e4d0c2;received=203.0.113.44;rport=40112\r\n"

#define DEMARC_BENCH_CALL_ID "Call-ID: 90d24c1e-8a44-11ee-b913-1f6d20b7e913@198.51.100.7\r\n"
#define DEMARC_BENCH_FROM \
  "From: \"Example Support\" <sip:+12025550143@pbx.example.com;user=phone>;tag=8f2a77c1\r\n"
#define DEMARC_BENCH_TO "To: <sip:+442079460018@trunk.example.net;user=phone>"

constexpr std::string_view offer = DEMARC_BENCH_OFFER;

constexpr std::string_view invite_text =
    "INVITE sip:+442079460018@trunk.example.net;user=phone SIP/2.0\r\n" DEMARC_BENCH_VIAS
    "Record-Route: <sip:192.0.2.10;lr;ftag=8f2a77c1>\r\n"
    "Max-Forwards: 67\r\n" DEMARC_BENCH_FROM DEMARC_BENCH_TO "\r\n" DEMARC_BENCH_CALL_ID
    "CSeq: 102 INVITE\r\n"
    "Contact: <sip:+12025550143@172.16.8.41:5060;transport=udp>\r\n"
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, UPDATE, PRACK\r\n"
    "Supported: 100rel, timer, replaces\r\n"
    "Session-Expires: 1800;refresher=uac\r\n"
    "Min-SE: 90\r\n"
    "P-Asserted-Identity: <sip:+12025550143@pbx.example.com>\r\n"
    "User-Agent: Example PBX 4.2-1044\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 238\r\n"
    "\r\n" DEMARC_BENCH_OFFER;

constexpr std::string_view ok200_text =
    "SIP/2.0 200 OK\r\n" DEMARC_BENCH_VIAS
    "Record-Route: <sip:192.0.2.10;lr;ftag=8f2a77c1>\r\n" DEMARC_BENCH_FROM DEMARC_BENCH_TO
    ";tag=c27f0e15\r\n" DEMARC_BENCH_CALL_ID
    "CSeq: 102 INVITE\r\n"
    "Contact: <sip:+442079460018@203.0.113.90:5060>\r\n"
    "Supported: timer, replaces\r\n"
    "Session-Expires: 1800;refresher=uac\r\n"
    "Require: timer\r\n"
    "Server: Example Gateway 1.7\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 238\r\n"
    "\r\n" DEMARC_BENCH_OFFER;

constexpr std::string_view bye_text =
    "BYE sip:+442079460018@203.0.113.90:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK31c7aa5d0e9b62;rport\r\n"
    "Via: SIP/2.0/UDP 172.16.8.41:5060;branch=z9hG4bKe0155d9a;received=203.0.113.44;rport=40112\r\n"
    "Route: <sip:192.0.2.10;lr;ftag=8f2a77c1>\r\n"
    "Max-Forwards: 69\r\n" DEMARC_BENCH_FROM DEMARC_BENCH_TO
    ";tag=c27f0e15\r\n" DEMARC_BENCH_CALL_ID
    "CSeq: 103 BYE\r\n"
    "User-Agent: Example PBX 4.2\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

constexpr std::string_view options_text =
    "OPTIONS sip:health@trunk.example.net SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 172.16.8.41:5060;branch=z9hG4bK5ae90d31;received=203.0.113.44;rport=40112\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:health@172.16.8.41>;tag=6d20b7e9\r\n"
    "To: <sip:health@trunk.example.net>\r\n"
    "Call-ID: 1e8a4411ee@172.16.8.41\r\n"
    "CSeq: 7731 OPTIONS\r\n"
    "Contact: <sip:health@172.16.8.41:5060>\r\n"
    "Accept: application/sdp\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

constexpr std::string_view register_text =
    "REGISTER sip:registrar.example.net SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 172.16.8.41:5060;branch=z9hG4bK77b0c6f2;received=203.0.113.44;rport=40112\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:support@example.net>;tag=4c1e8a44\r\n"
    "To: <sip:support@example.net>\r\n"
    "Call-ID: b91390d24c1e8a4411ee@172.16.8.41\r\n"
    "CSeq: 58 REGISTER\r\n"
    "Contact: <sip:support@172.16.8.41:5060;transport=udp;ob>;reg-id=1;expires=600;"
    "+sip.instance=\"<urn:uuid:5f1b3c7a-90d2-4c1e-8a44-1f6d20b7e913>\"\r\n"
    "Authorization: Digest username=\"support\", realm=\"example.net\", "
    "nonce=\"6b7e91390d24c1e8a441f6d20b7e9135f1b3c7a9\", uri=\"sip:registrar.example.net\", "
    "response=\"0d24c1e8a4411f6d20b7e9135f1b3c7a\", algorithm=MD5, cnonce=\"9f3c1e07\", "
    "qop=auth, nc=00000002\r\n"
    "Expires: 600\r\n"
    "Supported: path, outbound, gruu\r\n"
    "User-Agent: Example PBX 4.2\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

static_assert(offer.size() == 238);
static_assert(invite_text.size() == 1212);

}  // namespace

std::string_view invite() {
  return invite_text;
}

std::string_view invite_description() {
  return offer;
}

std::vector<NamedMessage> fixed_messages() {
  return {{"invite", invite_text},
          {"ok200", ok200_text},
          {"bye", bye_text},
          {"options", options_text},
          {"register", register_text}};
}

}  // namespace demarc::bench
