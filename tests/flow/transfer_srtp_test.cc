// Transfers of calls with SRTP on one leg or several: each leg keeps the keys that it has, and the
// media of the two who stay crosses by them.
#include "dataplane/media/srtp/srtp_harness.h"
#include "tests/flow/openings.h"
#include "tests/flow/srtp_line.h"
#include "tests/flow/transfer_harness.h"

namespace demarc::flow {
namespace {

using contract::SrtpUse;
using media::srtp::MasterKey;
using media::srtp::some_key;
using media::srtp::TestContexts;

// SRTP on the trunks that it is required on.
struct Secured {
  bool pbx = false;
  bool itsp = false;
  bool alt = false;
};

class SrtpTransfer : public TransferFlow {
 protected:
  explicit SrtpTransfer(const Secured& secured) : TransferFlow(with(secured), NoCall{}) {
    describe(pbx, secured.pbx ? &pbx_key : nullptr);
    describe(itsp, secured.itsp ? &itsp_key : nullptr);
    describe(alt, secured.alt ? &alt_key : nullptr);
    describe(desk, secured.pbx ? &pbx_key : nullptr);
  }
  static BoxOptions with(const Secured& secured) {
    BoxOptions options = handled();
    const bool is_required[3] = {secured.pbx, secured.itsp, secured.alt};
    for (unsigned i = 0; i < 3; ++i) {
      if (is_required[i]) options.srtp[i] = {SrtpUse::required, 2, {gcm_128, cm_80}};
    }
    return options;
  }
  // What a peer says of itself; with its key where it has one.
  static void describe(Peer& peer, const MasterKey* key, const std::string& more = "") {
    const std::string address(contract::print(peer.endpoint().address).view());
    const unsigned tag = key != nullptr && key->suite == gcm_128 ? 1 : 2;
    peer.body =
        "v=0\r\no=x 1 2 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\n";
    peer.body += key == nullptr ? media_line("RTP/AVP", more)
                                : media_line("RTP/SAVP", more + crypto_line(tag, *key));
  }
  void call() {
    play(answered_at_once);
    to_itsp = itsp.last_request("INVITE")->body;
  }
  void refer_and_join() {
    refer_to_alt();
    play("alt -> 200 sdp INVITE\nalt <- ACK\npbx <- NOTIFY 200\npbx -> 200 NOTIFY\n");
    to_alt = alt.last_request("INVITE")->body;
  }
  // The dialog of the pbx, as Replaces names it.
  std::string replaced() const {
    const Wire& answer = *pbx.last_response("INVITE");
    const auto tag = [&](const char* field) {
      const std::string value = answer.field(field);
      return value.substr(value.find(";tag=") + 5);
    };
    return answer.field("Call-ID") + ";to-tag=" + tag("To") + ";from-tag=" + tag("From");
  }
  // Whoever is in the call hears no more of it.
  void leave() { play("pbx -> BYE\npbx <- 200 BYE\nquiet\n"); }
  void end() {
    play(joined_call_ends);
    EXPECT_EQ(box.engine().media().live_keys(), 0u);
    expect_clean(2);
  }

  // A peer on the wire: where it sends, and with which keys where it has any.
  struct End {
    const Peer& peer;
    const std::string& told;
    const MasterKey* key = nullptr;
  };
  // What the peer of `from` sends is what the one of `to` hears.
  void expect_heard(const End& from, const End& to, unsigned sequence) {
    const Octets plain = media::srtp::rtp_packet(sequence);
    Octets sent = plain;
    if (from.key != nullptr) {
      const uint32_t context = wire.contexts.open(*from.key);
      sent = wire.protect(context, plain).octets;
      wire.contexts.close(context);
    }
    Octets heard = relayed(box, from.peer, audio_port(from.told), sent);
    if (to.key != nullptr) {
      const uint32_t context = wire.contexts.open(key_in(to.told, to.key->suite));
      heard = wire.unprotect(context, heard).octets;
      wire.contexts.close(context);
    }
    EXPECT_EQ(heard, plain) << from.peer.name() << " to " << to.peer.name();
  }
  void expect_crossing(const End& one, const End& another) {
    expect_heard(one, another, 7);
    expect_heard(another, one, 7);
    expect_heard(one, another, 8);
  }

  static inline const MasterKey pbx_key = some_key(cm_80, 1);
  static inline const MasterKey itsp_key = some_key(cm_80, 2);
  static inline const MasterKey alt_key = some_key(gcm_128, 3);
  TestContexts wire{media::srtp::Cipher::best(), 16};
  std::string to_itsp, to_alt;  // SDP that they were told last
};

class SecureTransferee : public SrtpTransfer {
 protected:
  SecureTransferee() : SrtpTransfer({.itsp = true}) { call(); }
};

TEST_F(SecureTransferee, GoesOnWithItsKeysAndHearsNothing) {
  refer_and_join();
  EXPECT_NE(line_of(to_alt, "m=audio").find("RTP/AVP 8"), std::string::npos);
  EXPECT_EQ(to_alt.find("crypto"), std::string::npos);
  leave();
  expect_crossing({itsp, to_itsp, &itsp_key}, {alt, to_alt});
  end();
}

TEST_F(SecureTransferee, IsToldUnderItsOwnKeyWhatDoesNotFit) {
  describe(alt, nullptr, "a=sendonly\r\n");
  refer_and_join();
  play("itsp <- INVITE sdp\n");
  const std::string told = itsp.last_request("INVITE")->body;
  EXPECT_NE(told.find("RTP/SAVP 8"), std::string::npos) << told;
  EXPECT_EQ(key_in(told, cm_80).octets, key_in(to_itsp, cm_80).octets);
  describe(itsp, &itsp_key, "a=recvonly\r\n");
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\n");
  play("alt <- INVITE sdp\nalt -> 200 sdp INVITE\nalt <- ACK\n");
  leave();
  expect_heard({alt, to_alt}, {itsp, told, &itsp_key}, 7);
  end();
}

TEST_F(SecureTransferee, GoesOnAsItWasWhenTheTargetRefuses) {
  refer_to_alt();
  play("alt -> 486\nalt <- ACK\npbx <- NOTIFY 486\npbx -> 200 NOTIFY\nquiet\n");
  expect_crossing({itsp, to_itsp, &itsp_key}, {pbx, pbx.last_response("INVITE")->body});
  play(ended_by_caller);
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
  expect_clean(2);
}

// The transferor, whose trunk has no keys, has left, and the target rings.
TEST_F(SecureTransferee, KeepsItsKeysInARefreshWhileItWaits) {
  refer_to_alt();
  to_alt = alt.last_request("INVITE")->body;
  play("pbx -> BYE\npbx <- 200 BYE\n");
  play("itsp -> INVITE within sdp\nitsp <- 200 sdp INVITE\nitsp -> ACK\n");
  const std::string answer = itsp.last_response("INVITE")->body;
  EXPECT_EQ(key_in(answer, cm_80).octets, key_in(to_itsp, cm_80).octets) << answer;
  play("alt -> 200 sdp INVITE\nalt <- ACK\npbx <- NOTIFY 200\npbx -> 481 NOTIFY\nquiet\n");
  expect_crossing({itsp, to_itsp, &itsp_key}, {alt, to_alt});
  end();
}

TEST_F(SecureTransferee, OfTwoCallsThatBecomeOne) {
  const std::string dialog = consult();
  refer("Refer-To: <sip:+4930123456@10.20.1.1?Replaces=" + dialog + ">\r\n");
  play("pbx <- 202 REFER\ndesk <- BYE\npbx <- NOTIFY 200\ndesk -> 200 BYE\npbx -> 200 NOTIFY\n");
  leave();
  expect_crossing({itsp, to_itsp, &itsp_key}, {alt, alt.last_request("INVITE")->body});
  end();
}

TEST_F(SecureTransferee, IsRekeyedForWhoReplacesTheTransferor) {
  desk.extra_lines = "Replaces: " + replaced() + "\r\n";
  play("desk -> INVITE sdp\ndesk <- 100\nitsp <- INVITE sdp\n");
  const std::string told = itsp.last_request("INVITE")->body;
  const MasterKey second = some_key(cm_80, 9);
  describe(itsp, &second);
  play("itsp -> 200 sdp INVITE\nitsp <- ACK\npbx <- BYE\ndesk <- 200 sdp\ndesk -> ACK\n");
  play("pbx -> 200 BYE\nquiet\n");
  expect_crossing({itsp, told, &second}, {desk, desk.last_response("INVITE")->body});
  play("desk -> BYE\ndesk <- 200 BYE\nitsp <- BYE\nitsp -> 200 BYE\n");
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
  expect_clean(2);
}

class SecureTarget : public SrtpTransfer {
 protected:
  SecureTarget() : SrtpTransfer({.alt = true}) { call(); }
};

TEST_F(SecureTarget, IsOfferedKeysAndTheTransfereeHearsNothing) {
  refer_and_join();
  EXPECT_NE(line_of(to_alt, "m=audio").find("RTP/SAVP 8"), std::string::npos) << to_alt;
  leave();
  expect_crossing({itsp, to_itsp}, {alt, to_alt, &alt_key});
  end();
}

TEST_F(SecureTarget, ThatTakesNoKeyHasNotAnswered) {
  describe(alt, nullptr);
  refer_to_alt();
  play("alt -> 200 sdp INVITE\nalt <- ACK\nalt <- BYE\nalt -> 200 BYE\npbx <- NOTIFY 502\n");
  play("pbx -> 200 NOTIFY\nquiet\n");
  expect_crossing({itsp, to_itsp}, {pbx, pbx.last_response("INVITE")->body});
  play(ended_by_caller);
  expect_clean(2);
}

class SecureTransferor : public SrtpTransfer {
 protected:
  SecureTransferor() : SrtpTransfer({.pbx = true}) { call(); }
};

// What was printed for it names its profile, and our key for it, which is nobody else's.
TEST_F(SecureTransferor, TakesItsKeysAlong) {
  refer_and_join();
  EXPECT_NE(line_of(to_alt, "m=audio").find("RTP/AVP 8"), std::string::npos) << to_alt;
  EXPECT_EQ(to_alt.find("crypto"), std::string::npos);
  leave();
  EXPECT_EQ(box.engine().media().live_keys(), 0u);
  expect_crossing({itsp, to_itsp}, {alt, to_alt});
  end();
}

class AllSecure : public SrtpTransfer {
 protected:
  AllSecure() : SrtpTransfer({.pbx = true, .itsp = true, .alt = true}) { call(); }
};

TEST_F(AllSecure, EachOfTheTwoWhoStayHasKeysOfItsOwn) {
  refer_and_join();
  EXPECT_NE(key_in(to_alt, gcm_128).octets, key_in(to_itsp, gcm_128).octets);
  leave();
  expect_crossing({itsp, to_itsp, &itsp_key}, {alt, to_alt, &alt_key});
  // And goes on with them when the session changes.
  play("itsp -> INVITE within sdp\nitsp <- 100\nalt <- INVITE sdp\nalt -> 200 sdp\nalt <- ACK\n");
  play("itsp <- 200 sdp\nitsp -> ACK\n");
  EXPECT_EQ(key_in(itsp.last_response("INVITE")->body, cm_80).octets,
            key_in(to_itsp, cm_80).octets);
  expect_heard({itsp, to_itsp, &itsp_key}, {alt, to_alt, &alt_key}, 9);
  end();
}

}  // namespace
}  // namespace demarc::flow
