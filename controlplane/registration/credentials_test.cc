// Challenges of the registrar, and what is answered.
#include "controlplane/registration/agent_harness.h"

namespace demarc::registration {
namespace {

TEST_F(AgentTest, AnswersAChallengeAndKeepsItsNonce) {
  make();
  wait();
  asked();
  challenge("n1");
  const Ask second = asked();
  EXPECT_TRUE(has(second, "Authorization: Digest"));
  EXPECT_TRUE(has(second, "nonce=\"n1\""));
  EXPECT_TRUE(has(second, "nc=00000001"));
  EXPECT_FALSE(has(second, "pw1"));
  accept();
  wait();
  EXPECT_TRUE(has(asked(), "nc=00000002"));
  challenge("n2", ", stale=true");
  EXPECT_TRUE(has(asked(), "nonce=\"n2\""));
  accept();
  EXPECT_EQ(agent->state(), State::registered);
}

TEST_F(AgentTest, AnswersSha256AndTheProxyToo) {
  make();
  wait();
  asked();
  answer("407 Proxy",
         "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, "
         "qop=\"auth\"");
  const Ask second = asked();
  EXPECT_TRUE(has(second, "Proxy-Authorization: Digest"));
  EXPECT_TRUE(has(second, "algorithm=SHA-256"));
}

TEST_F(AgentTest, WithoutMd5AChallengeOfItIsARefusal) {
  settings.allows_md5 = false;
  make();
  wait();
  asked();
  challenge("n1");
  EXPECT_EQ(agent->state(), State::backing_off);
  EXPECT_NE(agent->view(now).last_answer.find("unsupported"), std::string::npos);
}

TEST_F(AgentTest, AStaleNonceIsAnsweredOnceMoreAndNoMore) {
  make();
  wait();
  asked();
  challenge("n1");
  asked();
  challenge("n2", ", stale=true");
  EXPECT_TRUE(has(asked(), "n2"));
  challenge("n3", ", stale=true");
  EXPECT_EQ(agent->state(), State::backing_off);
}

TEST_F(AgentTest, WrongCredentialsBackOffForLong) {
  make();
  wait();
  asked();
  challenge("n1");
  asked();
  challenge("n2");
  EXPECT_EQ(agent->state(), State::backing_off);
  EXPECT_FALSE(agent->take_request());
  EXPECT_GE(to_timer(), long_back_off_ms / 2);
  wait();
  EXPECT_FALSE(has(asked(), "Authorization"));
}

}  // namespace
}  // namespace demarc::registration
