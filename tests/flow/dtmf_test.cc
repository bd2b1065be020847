// Digits across a call whose sides have them in different forms.
#include <cmath>

#include "dataplane/media/g711.h"
#include "dataplane/media/tone_detector.h"
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"
#include "tests/flow/rtp_line.h"

namespace demarc::flow {
namespace {

using contract::Dtmf;
using contract::WorkerCounter;

constexpr uint16_t media_port = Peer::media_port;
constexpr std::string_view audio_lines =
    "m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";

std::string sdp(const std::string& address, std::string_view lines) {
  return "v=0\r\no=x 1 1 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\n" +
         std::string(lines);
}

BoxOptions forms(Dtmf pbx, Dtmf itsp) {
  BoxOptions options;
  options.codecs[0].dtmf = pbx;
  options.codecs[1].dtmf = itsp;
  options.media_timeout_ms = 0;
  return options;
}

class Digits : public Ladder {
 protected:
  enum class Offer : uint8_t { as_trunk, without_events };
  explicit Digits(Dtmf pbx_form, Dtmf itsp_form, Offer offer = Offer::as_trunk)
      : Ladder(forms(pbx_form, itsp_form)) {
    const bool has_events = takes(pbx_form) && offer == Offer::as_trunk;
    pbx.body = sdp("10.20.1.2", has_events ? audio_lines : "m=audio 40000 RTP/AVP 8\r\n");
    itsp.body = sdp("10.20.2.2", takes(itsp_form) ? audio_lines : "m=audio 40000 RTP/AVP 8\r\n");
    play(answered_at_once);
    towards_pbx = port_in(pbx.last_response("INVITE")->body);
    towards_itsp = port_in(itsp.last_request("INVITE")->body);
  }
  static bool takes(Dtmf form) { return form == Dtmf::rfc4733; }
  void end() {
    play(ended_by_caller);
    expect_clean(1);
  }
  RtpLine from_pbx() { return {box, pbx, media_port, towards_pbx}; }
  // The call hears of digits in the loop, not with the packet.
  void loop() { wait_ms(10); }
  void info(Peer& from, const std::string& type, const std::string& body) {
    from.content_type = type;
    from.body = body;
    play(from.name() + " -> INFO within sdp\n");
  }

  uint16_t towards_pbx = 0;
  uint16_t towards_itsp = 0;
};

struct EventsToRelay : Digits {
  EventsToRelay() : Digits(Dtmf::rfc4733, Dtmf::info_relay) {}
};
struct EventsToDtmf : Digits {
  EventsToDtmf() : Digits(Dtmf::rfc4733, Dtmf::info_dtmf) {}
};
// A peer whose trunk has events and that was answered none.
struct NoEventsToRelay : Digits {
  NoEventsToRelay() : Digits(Dtmf::rfc4733, Dtmf::info_relay, Offer::without_events) {}
};
struct InfoToEvents : Digits {
  InfoToEvents() : Digits(Dtmf::info_relay, Dtmf::rfc4733) {}
};
struct InfoToInfo : Digits {
  InfoToInfo() : Digits(Dtmf::info_relay, Dtmf::info_dtmf) {}
};
struct TonesToEvents : Digits {
  TonesToEvents() : Digits(Dtmf::inband, Dtmf::rfc4733) {}
};

TEST_F(EventsToRelay, AnEventBecomesOneInfo) {
  EXPECT_EQ(formats_in(itsp.last_request("INVITE")->body), "8");
  EXPECT_EQ(formats_in(pbx.last_response("INVITE")->body), "8 101");
  RtpLine line = from_pbx();
  line.audio(8, std::vector<uint8_t>(160, 0x55));
  line.digit(101, '5');
  line.audio(8, std::vector<uint8_t>(160, 0x55));
  ASSERT_EQ(line.out.size(), 2u);
  EXPECT_EQ(line.out[1].sequence, line.out[0].sequence + 1);
  loop();
  play("itsp <- INFO sdp\n");
  const Wire& info = *itsp.last_request("INFO");
  EXPECT_EQ(info.body, "Signal=5\r\nDuration=100\r\n");
  EXPECT_EQ(info.field("Content-Type"), "application/dtmf-relay");
  play("itsp -> 200 INFO\nquiet\n");
  end();
}

TEST_F(EventsToRelay, ADigitInBothFormsIsOne) {
  RtpLine line = from_pbx();
  line.digit(101, '5');
  loop();
  play("itsp <- INFO sdp\nitsp -> 200 INFO\n");
  EXPECT_EQ(itsp.last_request("INFO")->body, "Signal=5\r\nDuration=100\r\n");
  info(pbx, "application/dtmf-relay", "Signal=5\r\nDuration=100\r\n");
  play("pbx <- 200 INFO\nquiet\n");
  end();
}

// It was answered telephone-event and sends none.
TEST_F(EventsToRelay, ADigitInInfoAloneCounts) {
  for (const char digit : {'5', '5', '6'}) {
    const std::string body = std::string("Signal=") + digit + "\r\nDuration=100\r\n";
    info(pbx, "application/dtmf-relay", body);
    play("pbx <- 200 INFO\nitsp <- INFO sdp\nitsp -> 200 INFO\nquiet\n");
    EXPECT_EQ(itsp.last_request("INFO")->body, body);
  }
  end();
}

TEST_F(EventsToRelay, AnEventBehindItsInfoIsNoSecondDigit) {
  RtpLine line = from_pbx();
  info(pbx, "application/dtmf-relay", "Signal=5\r\nDuration=100\r\n");
  play("pbx <- 200 INFO\nitsp <- INFO sdp\nitsp -> 200 INFO\n");
  line.digit(101, '5');
  loop();
  play("quiet\n");
  // From here on it is known to send both.
  line.digit(101, '5');
  info(pbx, "application/dtmf-relay", "Signal=5\r\nDuration=100\r\n");
  loop();
  play("itsp <- INFO sdp\npbx <- 200 INFO\nitsp -> 200 INFO\nquiet\n");
  end();
}

TEST_F(EventsToRelay, AnInfoLongAfterAnEventIsADigitOfItsOwn) {
  RtpLine line = from_pbx();
  line.digit(101, '5');
  loop();
  play("itsp <- INFO sdp\nitsp -> 200 INFO\n");
  wait_ms(5'000);
  info(pbx, "application/dtmf-relay", "Signal=5\r\nDuration=100\r\n");
  play("pbx <- 200 INFO\nitsp <- INFO sdp\nitsp -> 200 INFO\nquiet\n");
  end();
}

TEST_F(NoEventsToRelay, AnInfoCrosses) {
  info(pbx, "application/dtmf-relay", "Signal=5\r\nDuration=100\r\n");
  play("itsp <- INFO sdp\nitsp -> 200 INFO\npbx <- 200 INFO\n");
  end();
}

TEST_F(EventsToDtmf, ABurstKeepsItsOrderOneAtATime) {
  RtpLine line = from_pbx();
  for (const char digit : {'1', '2', '2', '#'}) line.digit(101, digit);
  loop();
  for (const std::string digit : {"1", "2", "2", "#"}) {
    play("itsp <- INFO sdp\nquiet\n");
    EXPECT_EQ(itsp.last_request("INFO")->body, digit);
    EXPECT_EQ(itsp.last_request("INFO")->field("Content-Type"), "application/dtmf");
    // Even one that the peer does not like is not sent twice.
    play(digit == "1" ? "itsp -> 415 INFO\n" : "itsp -> 200 INFO\n");
  }
  end();
}

TEST_F(EventsToRelay, ADigitAcrossAHoldIsOne) {
  RtpLine line = from_pbx();
  std::vector<uint8_t> payload(4);
  media::write_event({7, false, 10, 160}, payload.data());
  line.rtp(101, payload, true);
  const std::string before = pbx.body;
  pbx.body = sdp("10.20.1.2", std::string(audio_lines) + "a=sendonly\r\n");
  play(R"(
    pbx  -> INVITE within sdp
    pbx  <- 100
    itsp <- INVITE sdp
    itsp -> 200 sdp
    itsp <- ACK
    pbx  <- 200 sdp
    pbx  -> ACK
  )");
  media::write_event({7, true, 10, 800}, payload.data());
  for (int i = 0; i < 3; ++i) line.rtp(101, payload);
  loop();
  play("itsp <- INFO sdp\nitsp -> 200 INFO\nquiet\n");
  EXPECT_EQ(itsp.last_request("INFO")->body, "Signal=7\r\nDuration=100\r\n");
  end();
}

TEST_F(EventsToRelay, TooManyAtOnceAreCountedNotSent) {
  RtpLine line = from_pbx();
  for (unsigned i = 0; i < 20; ++i) line.digit(101, '3');
  loop();
  for (unsigned i = 0; i < 17; ++i) play("itsp <- INFO sdp\nitsp -> 200 INFO\n");
  play("quiet\n");
  EXPECT_EQ(box.worker_counter(WorkerCounter::digits_lost), 3u);
  end();
}

TEST_F(EventsToRelay, ACallThatEndsTakesItsDigitsWithIt) {
  RtpLine line = from_pbx();
  line.digit(101, '3');
  line.digit(101, '4');
  loop();
  play("itsp <- INFO sdp\n");
  end();
}

TEST_F(EventsToRelay, AnInfoOfThatPeerBecomesAnEvent) {
  info(itsp, "application/dtmf-relay", "Signal=9\r\nDuration=80\r\n");
  play("itsp <- 200 INFO\nquiet\n");
  RtpLine line = from_pbx();
  for (int i = 0; i < 30; ++i) {
    wait_ms(5);
    line.collect();
  }
  ASSERT_FALSE(line.out.empty());
  unsigned ends = 0;
  for (const RtpPacket& packet : line.out) {
    EXPECT_EQ(packet.to, (contract::Endpoint{pbx.endpoint().address, media_port}));
    EXPECT_EQ(packet.payload_type, 101);
    const media::TelephoneEvent event = media::read_event(packet.payload.data());
    EXPECT_EQ(event.event, 9);
    ends += event.is_end;
  }
  EXPECT_EQ(ends, 3u);
  end();
}

TEST_F(InfoToEvents, ARetransmittedInfoIsNoSecondDigit) {
  info(pbx, "application/dtmf-relay", "Signal=5\r\nDuration=60\r\n");
  play("pbx <- 200 INFO\npbx -> again\npbx <- 200 INFO\nquiet\n");
  RtpLine line = from_pbx();
  unsigned begins = 0;
  for (int i = 0; i < 60; ++i) {
    wait_ms(5);
    line.collect();
  }
  for (const RtpPacket& packet : line.out) begins += packet.has_marker;
  EXPECT_EQ(begins, 1u);
  end();
}

TEST_F(InfoToEvents, WhatIsNoDigitCrossesAsItStands) {
  info(pbx, "application/dtmf-relay", "Signal=hookflash\r\n");
  play("itsp <- INFO sdp\nitsp -> 200 INFO\npbx <- 200 INFO\n");
  info(pbx, "text/plain", "Signal=5\r\n");
  play("itsp <- INFO sdp\nitsp -> 200 INFO\npbx <- 200 INFO\n");
  end();
}

TEST_F(InfoToInfo, OneFormBecomesTheOther) {
  info(pbx, "application/dtmf-relay", "Signal=*\r\nDuration=100\r\n");
  play("pbx <- 200 INFO\nitsp <- INFO sdp\nitsp -> 200 INFO\n");
  EXPECT_EQ(itsp.last_request("INFO")->body, "*");
  info(itsp, "application/dtmf", "7");
  play("itsp <- 200 INFO\npbx <- INFO sdp\npbx -> 200 INFO\n");
  EXPECT_EQ(pbx.last_request("INFO")->body, "Signal=7\r\nDuration=160\r\n");
  end();
}

TEST_F(TonesToEvents, ToneIsHeardAndTakenOut) {
  EXPECT_EQ(formats_in(itsp.last_request("INVITE")->body), "8 101");
  RtpLine line = from_pbx();
  for (unsigned index = 0; index < 30; ++index) {
    std::vector<uint8_t> audio;
    for (unsigned i = 0; i < 160; ++i) {
      const double time = (index * 160.0 + i) / 8000;
      const double value =
          index < 5 || index >= 12
              ? 0
              : 8000 * (std::sin(2 * M_PI * 770 * time) + std::sin(2 * M_PI * 1336 * time));
      audio.push_back(media::encode(media::Law::a, static_cast<int16_t>(value)));
    }
    line.audio(8, audio);
    wait_ms(20);
    line.collect();
  }
  unsigned begins = 0;
  unsigned ends = 0;
  for (const RtpPacket& packet : line.out) {
    if (packet.payload_type != 101) continue;
    begins += packet.has_marker;
    const media::TelephoneEvent event = media::read_event(packet.payload.data());
    EXPECT_EQ(event.event, 5);
    ends += event.is_end;
  }
  EXPECT_EQ(begins, 1u);
  EXPECT_EQ(ends, 3u);
  end();
}

struct EventsToTones : Digits {
  EventsToTones() : Digits(Dtmf::rfc4733, Dtmf::inband) {}
};
struct InfoToTones : Digits {
  InfoToTones() : Digits(Dtmf::info_relay, Dtmf::inband) {}
};

// The digits in the audio of `packets`.
std::string tones_in(const std::vector<RtpPacket>& packets) {
  const auto detector = std::make_unique<media::ToneDetector>();
  detector->reset();
  std::string text;
  for (const RtpPacket& packet : packets) {
    EXPECT_EQ(packet.payload_type, 8);
    std::vector<int16_t> samples(packet.payload.size());
    media::decode(media::Law::a, packet.payload, samples);
    for (const uint8_t event : detector->listen(samples)) {
      if (event != media::no_event) text.push_back(media::digit_of(event));
    }
  }
  return text;
}

TEST_F(EventsToTones, AnEventIsHeardAsATone) {
  EXPECT_EQ(formats_in(itsp.last_request("INVITE")->body), "8");
  EXPECT_EQ(formats_in(pbx.last_response("INVITE")->body), "8 101");
  RtpLine line = from_pbx();
  for (const char digit : {'2', '0'}) {
    line.digit(101, digit);
    for (int i = 0; i < 60; ++i) {
      wait_ms(5);
      line.collect();
    }
  }
  EXPECT_EQ(tones_in(line.out), "20");
  end();
}

TEST_F(EventsToTones, ADigitInBothFormsIsOneTone) {
  RtpLine line = from_pbx();
  line.digit(101, '2');
  info(pbx, "application/dtmf-relay", "Signal=2\r\nDuration=100\r\n");
  play("pbx <- 200 INFO\nquiet\n");
  for (int i = 0; i < 60; ++i) {
    wait_ms(5);
    line.collect();
  }
  EXPECT_EQ(tones_in(line.out), "2");
  end();
}

TEST_F(EventsToTones, ADigitInInfoAloneIsATone) {
  RtpLine line = from_pbx();
  info(pbx, "application/dtmf-relay", "Signal=2\r\nDuration=100\r\n");
  play("pbx <- 200 INFO\nquiet\n");
  line.digit(101, '2');
  for (int i = 0; i < 60; ++i) {
    wait_ms(5);
    line.collect();
  }
  EXPECT_EQ(tones_in(line.out), "2");
  end();
}

// Before the answer, to a trunk that has its digits in INFO.
class EarlyDigits : public Ladder {
 protected:
  static BoxOptions options() {
    BoxOptions options = forms(Dtmf::rfc4733, Dtmf::info_dtmf);
    options.has_second_target = true;
    return options;
  }
  EarlyDigits() : Ladder(options()) {
    pbx.body = sdp("10.20.1.2", audio_lines);
    itsp.body = alt.body = sdp("10.20.2.2", "m=audio 40000 RTP/AVP 8\r\n");
    play("pbx -> INVITE sdp\npbx <- 100\nitsp <- INVITE sdp\nitsp -> 183 sdp\npbx <- 183 sdp\n");
  }
  void press(const std::string& digits) {
    RtpLine line(box, pbx, media_port, port_in(pbx.last_response("INVITE")->body));
    line.sequence = next_sequence;
    line.timestamp = next_sequence * 160u;
    for (const char digit : digits) line.digit(101, digit);
    next_sequence = line.sequence;
    wait_ms(10);
  }
  uint16_t next_sequence = 1;
};

TEST_F(EarlyDigits, WaitForTheAnswerInTheirOrder) {
  press("12");
  press("3");
  play("quiet\nitsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- 200 sdp\nquiet\npbx -> ACK\n");
  press("4");
  for (const std::string digit : {"1", "2", "3", "4"}) {
    play("itsp <- INFO sdp\nquiet\n");
    EXPECT_EQ(itsp.last_request("INFO")->body, digit);
    play("itsp -> 200 INFO\n");
  }
  play("quiet\n");
  play(ended_by_caller);
  EXPECT_EQ(box.worker_counter(WorkerCounter::digits_lost), 0u);
  expect_clean(1);
}

TEST_F(EarlyDigits, AreNotTypedIntoAnotherTarget) {
  press("12");
  play("itsp -> 503\nitsp <- ACK\nalt <- INVITE sdp\nalt -> 200 sdp\nalt <- ACK\n");
  play("pbx <- 100\npbx <- 200 sdp\npbx -> ACK\nquiet\n");
  EXPECT_EQ(box.worker_counter(WorkerCounter::digits_lost), 2u);
}

TEST_F(InfoToTones, AnInfoIsHeardAsATone) {
  info(pbx, "application/dtmf-relay", "Signal=6\r\nDuration=90\r\n");
  play("pbx <- 200 INFO\nquiet\n");
  RtpLine line = from_pbx();
  for (int i = 0; i < 60; ++i) {
    wait_ms(5);
    line.collect();
  }
  EXPECT_EQ(tones_in(line.out), "6");
  end();
}

}  // namespace
}  // namespace demarc::flow
