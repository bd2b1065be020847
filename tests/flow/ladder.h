// Ladder: a call flow as text, played against one engine.
//
//   play(R"(
//     pbx  -> INVITE sdp
//     pbx  <- 100
//     itsp <- INVITE sdp
//     itsp -> 486
//     itsp <- ACK
//     pbx  <- 486
//     pbx  -> ACK
//   )");
//
// "->" is towards the box, "<-" from it; each "<-" must be the next message that the peer gets.
// "sdp" means with SDP. "again" repeats the last message sent. "200 BYE" answers the last BYE.
// "within" puts a request into the dialog, "reliable" makes a provisional response one that needs a
// PRACK. "NOTIFY 486" reports that status (RFC 3515). "wait 500" lets so many milliseconds pass;
// "quiet" says that nobody got anything more. Every message from the box is also searched for what
// only the other side may know. A ladder that fails is shown with the steps that the box's tables
// took.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/trace/trace.h"
#include "tests/flow/box.h"
#include "tests/flow/peer.h"

namespace demarc::flow {

class Ladder : public ::testing::Test {
 protected:
  explicit Ladder(const BoxOptions& options = {}) : box(options) {
    for (unsigned i = 0; i < box.workers(); ++i) box.engine(i).trace_to(&steps_);
  }

  void play(std::string_view script);
  // Sends octets as they are from a peer (or a stranger) to the box.
  void send(const Peer& from, const std::string& octets);
  // The same with what came up to a mistake that ended a connection, and what is owed for it.
  void send_broken(const Peer& from, const std::string& octets, uint16_t status_code);
  // Lets time pass in steps of at most 10 ms, so that what timers cause happens in order.
  void wait_ms(int64_t milliseconds);
  // The same until a peer gets something; how long that was, at most `most_ms`.
  int64_t wait_for(Peer& peer, int64_t most_ms);
  // Waits until every transaction must be gone and checks that nothing is left: no call,
  // transaction, datagram or timer, trunks' counts at 0, and as many records as stated.
  void expect_clean(size_t records);
  // The one record of a test that made one call.
  contract::CallRecord the_record();

  // SDP may show what only the other side may know: media goes past the box.
  bool shows_media = false;
  // What workers say to one another stays under way.
  bool holds_post = false;
  Box box;
  Peer pbx{"pbx", "10.20.1.2", "10.20.1.1"};
  Peer desk{"desk", "10.20.1.3", "10.20.1.1"};  // another phone of the pbx
  Peer itsp{"itsp", "10.20.2.2", "10.20.2.1"};
  Peer alt{"alt", "10.20.2.3", "10.20.2.1"};

 private:
  static transaction::Path path_of(const Peer& from);
  void play_line(const std::string& line);
  void deliver();
  void deliver_of(engine::Engine& engine);
  std::string counts() const;
  void expect(Peer& peer, const std::string& what, const std::string& line);
  void expect_hidden(const Peer& receiver, const Wire& message) const;
  Peer* peer_of(std::string_view name);
  std::array<Peer*, 4> peers() { return {&pbx, &desk, &itsp, &alt}; }

  // What was played so far, and what the box did about each line.
  std::string played() const;

  std::vector<std::string> lines_;
  std::vector<uint64_t> marks_;  // entries of `steps_` before each of them
  std::vector<trace::Entry> entries_ = std::vector<trace::Entry>(4096);
  trace::Ring steps_{entries_};
};

}  // namespace demarc::flow
