// Elsewhere: what ladders of attended transfers between workers begin with (decision D60). Tests
// only.
#pragma once

#include <string>
#include <string_view>

#include "sip-parser/parse.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {

// pbx has called itsp on one worker; desk is a phone whose call is on the other one.
class Elsewhere : public TransferFlow {
 protected:
  explicit Elsewhere(const BoxOptions& options = two_workers(), const std::string& alt_body = {},
                     bool passes_media = false, const std::string& answer_lines = {})
      : TransferFlow(options, passes_media, answer_lines) {
    alt.body = alt_body;
    near = box.directory().at(0).worker;
    far = static_cast<contract::WorkerIndex>((near + 1) % options.workers);
    for (unsigned i = 0; owner_of_call(desk) != far; ++i) {
      desk = Peer("desk" + std::to_string(i), "10.20.1.3", "10.20.1.1");
    }
    refer_to = "Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + consult() + ">\r\n";
  }
  static BoxOptions two_workers() {
    BoxOptions options = handled();
    options.workers = 2;
    return options;
  }
  unsigned owner_of_call(Peer peer) {
    std::string invite = peer.compose("INVITE sdp");
    const size_t length = invite.size();
    invite.append(sip::padding_octets, '\0');
    return box.owner_of(std::string_view(invite).substr(0, length));
  }
  // The transferee hears where its media goes now.
  static constexpr std::string_view joined = R"(
    desk <- BYE
    itsp <- INVITE sdp
    pbx  <- NOTIFY 200
    desk -> 200 BYE
    pbx  -> 200 NOTIFY
    itsp -> 200 sdp INVITE
    itsp <- ACK
    pbx  -> BYE
    pbx  <- 200 BYE
    quiet
  )";
  void transfer() {
    refer(refer_to + "Referred-By: <sip:2001@10.20.1.2>\r\n");
    play("pbx <- 202 REFER\n");
    play(joined);
  }
  // Both calls as they were before, and their ends.
  void expect_untouched(uint16_t status) {
    play("pbx <- 202 REFER\npbx <- NOTIFY " + std::to_string(status) +
         "\npbx -> 200 NOTIFY\nquiet\n");
    EXPECT_EQ(box.worker_counter(contract::WorkerCounter::transfer_not_moved), 1u);
    EXPECT_EQ(box.worker_counter(contract::WorkerCounter::transfer_moved), 0u);
    EXPECT_EQ(box.directory().size(), 2u);
    play(ended_by_caller);
  }
  static constexpr std::string_view consultation_ends = R"(
    desk -> BYE
    desk <- 200 BYE
    alt  <- BYE
    alt  -> 200 BYE
    quiet
  )";

  contract::WorkerIndex near = 0;
  contract::WorkerIndex far = 0;
  std::string refer_to;
};

}  // namespace demarc::flow
