// T.38: a call that is a fax from its beginning, and one whose terminal is behind NAT.
#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"
#include "tests/flow/rtp_line.h"

namespace demarc::flow {
namespace {

std::vector<uint8_t> udptl(uint8_t sequence) {
  return {0, sequence, 1, 0, 0, 0};
}

std::string fax_sdp(const std::string& address) {
  return "v=0\r\no=x 1 1 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address +
         "\r\nt=0 0\r\nm=image 40000 udptl t38\r\na=T38FaxVersion:0\r\n";
}

class Fax : public Ladder {
 protected:
  explicit Fax(const BoxOptions& options = {}) : Ladder(options) {}
  void answer(const std::string& claimed_by_called) {
    pbx.body = fax_sdp("10.20.1.2");
    itsp.body = fax_sdp(claimed_by_called);
    play(answered_at_once);
  }
  uint16_t towards_pbx() { return port_in(pbx.last_response("INVITE")->body, "image"); }
  uint16_t towards_itsp() { return port_in(itsp.last_request("INVITE")->body, "image"); }
  // Where a packet of the peer goes on to; port 0 when it does not.
  contract::Endpoint sent(const Peer& from, uint16_t peer_port, uint8_t sequence) {
    RtpLine line(box, from, peer_port, &from == &pbx ? towards_pbx() : towards_itsp());
    line.put(udptl(sequence));
    return line.out.empty() ? contract::Endpoint{} : line.out.front().to;
  }
  void end() {
    play(ended_by_caller);
    expect_clean(1);
  }
  static constexpr uint16_t port = Peer::media_port;
};

TEST_F(Fax, ACallThatIsOneFromItsBeginningCarriesUdptlBothWays) {
  answer("10.20.2.2");
  const contract::Endpoint at_itsp{itsp.endpoint().address, port};
  const contract::Endpoint at_pbx{pbx.endpoint().address, port};
  EXPECT_EQ(sent(pbx, port, 0), at_itsp);
  EXPECT_EQ(sent(itsp, port, 0), at_pbx);
  EXPECT_EQ(sent(itsp, port + 2, 1).port, 0);
  end();
}

struct FaxBehindNat : Fax {
  static BoxOptions options() {
    BoxOptions options;
    options.sources[1].mode = contract::SourcePolicy::Mode::latching;
    return options;
  }
  FaxBehindNat() : Fax(options()) {}
};

TEST_F(FaxBehindNat, ATerminalThatSaysAnotherAddressIsLearnt) {
  answer("192.168.1.5");
  EXPECT_EQ(sent(itsp, 61'000, 0).port, 0);
  EXPECT_NE(sent(itsp, 61'000, 1).port, 0);
  EXPECT_EQ(sent(pbx, port, 0), (contract::Endpoint{itsp.endpoint().address, 61'000}));
  EXPECT_EQ(sent(itsp, 61'002, 2).port, 0);
  end();
}

}  // namespace
}  // namespace demarc::flow
