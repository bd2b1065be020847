// How fast messages are read. The INVITE is of the size and shape that a trunk sees: three hops, an
// asserted identity, a session timer, and an offer of four codecs.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "sip-parser/parse.h"
#include "sip-parser/peek.h"
#include "sip-parser/sdp/sdp.h"
#include "sip-parser/validate.h"

namespace demarc {
namespace {

constexpr std::string_view head =
    "INVITE sip:+442079460018@192.0.2.20:5060;user=phone SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK7d1e2c0b9a8f4e55;rport\r\n"
    "Via: SIP/2.0/UDP 198.51.100.7:5080;branch=z9hG4bK-524287-1;received=198.51.100.7\r\n"
    "Via: SIP/2.0/TCP pbx.example.com:5060;branch=z9hG4bKnashds8;alias\r\n"
    "Record-Route: <sip:192.0.2.10;lr;ftag=8f2a>\r\n"
    "Max-Forwards: 67\r\n"
    "From: \"Example Support\" <sip:+12025550143@pbx.example.com;user=phone>;tag=8f2a77c1\r\n"
    "To: <sip:+442079460018@192.0.2.20;user=phone>\r\n"
    "Call-ID: 5f1b3c7a-90d2-4c1e-8a44-1f6d20b7e913@pbx.example.com\r\n"
    "CSeq: 102 INVITE\r\n"
    "Contact: <sip:+12025550143@198.51.100.7:5080;transport=udp>\r\n"
    "P-Asserted-Identity: <sip:+12025550143@pbx.example.com>\r\n"
    "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, INFO, UPDATE, PRACK\r\n"
    "Supported: 100rel, timer, replaces\r\n"
    "Session-Expires: 1800;refresher=uac\r\n"
    "Min-SE: 90\r\n"
    "User-Agent: Example PBX 4.2\r\n"
    "Content-Type: application/sdp\r\n";

constexpr std::string_view offer =
    "v=0\r\n"
    "o=pbx 1732286400 1732286400 IN IP4 198.51.100.9\r\n"
    "s=call\r\n"
    "c=IN IP4 198.51.100.9\r\n"
    "t=0 0\r\n"
    "m=audio 17384 RTP/AVP 8 0 9 101\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:9 G722/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-16\r\n"
    "a=ptime:20\r\n"
    "a=sendrecv\r\n";

// An INVITE with the padding that parse() needs.
class Invite {
 public:
  Invite() {
    octets_.append(head).append("Content-Length: ").append(std::to_string(offer.size()));
    octets_.append("\r\n\r\n").append(offer);
    size_ = octets_.size();
    octets_.resize(size_ + sip::padding_octets);
  }
  std::string_view view() const { return {octets_.data(), size_}; }

 private:
  std::string octets_;
  size_t size_ = 0;
};

void set_rates(benchmark::State& state, size_t octets) {
  state.SetBytesProcessed(static_cast<int64_t>(octets) * state.iterations());
  state.SetItemsProcessed(state.iterations());
  state.counters["octets"] = static_cast<double>(octets);
}

void parse_invite(benchmark::State& state) {
  const Invite invite;
  sip::Message message;
  for (auto _ : state) {
    std::string_view datagram = invite.view();
    benchmark::DoNotOptimize(datagram);
    const Result<uint16_t, sip::ParseError> consumed = sip::parse(datagram, message);
    if (!consumed) state.SkipWithError("the message does not parse");
    benchmark::DoNotOptimize(message);
  }
  set_rates(state, invite.view().size());
}

void validate_invite(benchmark::State& state) {
  const Invite invite;
  sip::Message message;
  if (!sip::parse(invite.view(), message)) state.SkipWithError("the message does not parse");
  for (auto _ : state) {
    const sip::Verdict verdict = sip::validate(message, invite.view());
    if (!verdict.is_acceptable()) state.SkipWithError("the message is not acceptable");
    benchmark::DoNotOptimize(verdict);
  }
  set_rates(state, invite.view().size());
}

void peek_invite(benchmark::State& state) {
  const Invite invite;
  for (auto _ : state) {
    std::string_view datagram = invite.view();
    benchmark::DoNotOptimize(datagram);
    const Result<sip::Peek, sip::ParseError> facts = sip::peek(datagram);
    if (!facts) state.SkipWithError("the message does not parse");
    benchmark::DoNotOptimize(facts);
  }
  set_rates(state, invite.view().size());
}

void parse_sdp(benchmark::State& state) {
  sdp::Description description;
  for (auto _ : state) {
    std::string_view body = offer;
    benchmark::DoNotOptimize(body);
    const Result<sdp::Parsed, sdp::SdpError> parsed = sdp::parse(body, description);
    if (!parsed) state.SkipWithError("the description does not parse");
    benchmark::DoNotOptimize(description);
  }
  set_rates(state, offer.size());
}

BENCHMARK(parse_invite)->Name("BM_Parse/invite_sdp");
BENCHMARK(validate_invite)->Name("BM_Validate");
BENCHMARK(peek_invite)->Name("BM_Peek");
BENCHMARK(parse_sdp)->Name("BM_SdpParse");

}  // namespace
}  // namespace demarc

BENCHMARK_MAIN();
