// TransferFlow: what the ladders of transfers begin with. Tests only.
#pragma once

#include <string>
#include <string_view>

#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"

namespace demarc::flow {

// pbx has called itsp. Its transfers are handled here, and +49 leads to alt.
class TransferFlow : public Ladder {
 protected:
  // `passes_media`: media goes past the box, so that SDP shows where peers are. `answer_lines`:
  // into the 2xx of itsp.
  explicit TransferFlow(const BoxOptions& options = handled(), bool passes_media = false,
                        const std::string& answer_lines = {})
      : TransferFlow(options, NoCall{}) {
    shows_media = passes_media;
    itsp.extra_lines = answer_lines;
    play(answered_at_once);
  }
  // Nobody has called yet: for peers that say something else than usual.
  struct NoCall {};
  TransferFlow(const BoxOptions& options, NoCall) : Ladder(options) {
    pbx.transport = desk.transport = options.transport[0];
    itsp.transport = options.transport[1];
    alt.transport = options.transport[2];
  }
  static BoxOptions handled() {
    BoxOptions options;
    options.has_third_trunk = true;
    options.media_timeout_ms = 0;
    options.policy[0].transfer = contract::Transfer::handled;
    options.policy[0].takes_replaces = true;
    options.count_everything();
    return options;
  }
  // The call that it is now.
  static constexpr std::string_view joined_call_ends = R"(
    alt  -> BYE
    alt  <- 200 BYE
    itsp <- BYE
    itsp -> 200 BYE
    quiet
  )";
  void refer(const std::string& lines) {
    pbx.extra_lines = lines;
    play("pbx -> REFER within\n");
  }
  // Up to the INVITE that alt gets.
  void refer_to_alt(const std::string& lines = "") {
    refer("Refer-To: <sip:+4930123456@10.20.1.1>\r\n" + lines);
    play("pbx <- 202 REFER\npbx <- NOTIFY 100\nalt <- INVITE sdp\npbx -> 200 NOTIFY\nquiet\n");
  }
  // Another phone of the pbx has called alt; this names its dialog.
  std::string consult() {
    desk.called = "+4930123456";
    play(R"(
      desk -> INVITE sdp
      desk <- 100
      alt  <- INVITE sdp
      alt  -> 200 sdp
      alt  <- ACK
      desk <- 200 sdp
      desk -> ACK
    )");
    return named(*desk.last_response("INVITE"));
  }
  static std::string named(const Wire& answer) {
    const auto tag = [&](const char* field) {
      const std::string value = answer.field(field);
      return value.substr(value.find(";tag=") + 5);
    };
    return answer.field("Call-ID").replace(answer.field("Call-ID").find('@'), 1, "%40") +
           "%3Bto-tag%3D" + tag("To") + "%3Bfrom-tag%3D" + tag("From");
  }
  static std::string sdp(const std::string& address, const std::string& formats,
                         const std::string& more) {
    return "v=0\r\no=x 1 2 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address +
           "\r\nt=0 0\r\nm=audio 40000 RTP/AVP " + formats + "\r\n" + more;
  }
  contract::Endpoint remote_of(unsigned row, unsigned side) {
    wait_ms(1100);  // rows are written once a second
    return box.directory().at(row).media[side].remote;
  }
};

}  // namespace demarc::flow
