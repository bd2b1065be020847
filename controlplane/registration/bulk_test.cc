// Registrations for all numbers at once (RFC 6140).
#include "controlplane/registration/agent_harness.h"

namespace demarc::registration {
namespace {

struct Bulk : AgentTest {
  Bulk() {
    settings.is_bulk = true;
    settings.contact_params = ";transport=tcp";
  }
  static constexpr std::string_view bound =
      "Contact: <sip:198.51.100.10:5060;transport=tcp;bnc>;expires=600";
  void begin() {
    make(2);
    wait();
  }
};

TEST_F(Bulk, AsksForOneContactWithoutAUserAndInsistsOnIt) {
  begin();
  const Ask ask = asked();
  EXPECT_TRUE(has(ask, "To: <sip:u1@provider.example>\r\n"));
  EXPECT_TRUE(has(ask, "Contact: <sip:198.51.100.10:5060;transport=tcp;bnc>\r\n"));
  EXPECT_TRUE(has(ask, "Require: gin\r\n"));
  EXPECT_TRUE(has(ask, "Proxy-Require: gin\r\n"));
  EXPECT_TRUE(has(ask, "Supported: path\r\n"));
  answer("200 OK", std::string(bound));
  EXPECT_EQ(agent->state(), State::registered);
  EXPECT_TRUE(agent->view(now).is_registered);
}

TEST_F(Bulk, AnswersChallengesAsTheAccount) {
  begin();
  asked();
  challenge("n1");
  const Ask second = asked();
  EXPECT_TRUE(has(second, "username=\"u1\""));
  EXPECT_TRUE(has(second, ";bnc>\r\n"));
}

// It bound a place, but knows nothing of numbers.
TEST_F(Bulk, AnAnswerWithoutBncIsNone) {
  for (const char* contact_field : {"Contact: <sip:198.51.100.10:5060;transport=tcp>;expires=600",
                                    "Contact: <sip:u1@198.51.100.10:5060;bnc>;expires=600",
                                    "Contact: <sip:198.51.100.99:5060;bnc>;expires=600",
                                    "Contact: <sip:198.51.100.10:5060>;bnc;expires=600"}) {
    begin();
    asked();
    answer("200 OK", contact_field);
    EXPECT_EQ(agent->view(now).last_answer, "200 OK (without our Contact with bnc)");
    EXPECT_EQ(asked().target, target(2)) << "another one may know it";
  }
}

TEST_F(Bulk, ARegistrarThatCanNotDoItIsLeftAloneForLong) {
  begin();
  asked();
  answer("420 Bad Extension", "Unsupported: gin");
  EXPECT_EQ(agent->state(), State::backing_off);
  EXPECT_GE(to_timer(), long_back_off_ms / 2);
  EXPECT_EQ(agent->view(now).last_answer,
            "420 Bad Extension (no registration of all numbers at once)");
  wait();
  EXPECT_TRUE(has(asked(), ";bnc>")) << "and never asked for less";
}

TEST_F(Bulk, TakesItsBindingAwayAsItMadeIt) {
  begin();
  asked();
  answer("200 OK", std::string(bound));
  agent->withdraw(now);
  const Ask ask = asked();
  EXPECT_TRUE(has(ask, "Expires: 0\r\n"));
  EXPECT_TRUE(has(ask, "Require: gin\r\n"));
  EXPECT_TRUE(has(ask, ";bnc>\r\n"));
}

TEST_F(AgentTest, WithoutBulkNobodyInsistsOnGin) {
  make(2);
  wait();
  EXPECT_FALSE(has(asked(), "gin"));
  answer("420 Bad Extension");
  EXPECT_EQ(asked().target, target(2));
}

}  // namespace
}  // namespace demarc::registration
