// Which server transaction a request belongs to: RFC 3261 sections 17.2.3 and 9.2.
#include "dataplane/transaction/layer_harness.h"

namespace demarc::transaction {
namespace {

using Kind = Layer::Request::Kind;

class Match : public LayerTest {};

TEST_F(Match, AnotherBranchSentByOrMethodIsAnotherTransaction) {
  const TransactionId id = receive_request({}).id;
  const std::vector<RequestText> others = {
      {.branch = ";branch=z9hG4bKmerged"},
      {.sent_by = "pc34.atlanta.example"},
      {.sent_by = "pc33.atlanta.example:5070"},
      {.method = "INFO"},
      {.method = "FOO"},
      {.method = "BAR"},
  };
  for (const RequestText& other : others) {
    const Layer::Request request = receive_request(other);
    EXPECT_EQ(request.kind, Kind::fresh) << other.text();
    layer_->abandon(request.id);
  }
  layer_->abandon(id);
}

TEST_F(Match, BranchAndSentByHaveNoCase) {
  const TransactionId id = receive_request({}).id;
  const Layer::Request again =
      receive_request({.branch = ";branch=z9hG4bKNASHDS8", .sent_by = "PC33.Atlanta.Example"});
  EXPECT_EQ(again.kind, Kind::absorbed);
  EXPECT_EQ(again.id, id);
  layer_->abandon(id);
}

// Where one ends and the next begins counts, also when the octets of all are the same.
TEST_F(Match, BranchAndSentByAreToldApart) {
  const TransactionId id =
      receive_request({.branch = ";branch=z9hG4bK1", .sent_by = "abcdefghijklmnop"}).id;
  const Layer::Request other =
      receive_request({.branch = ";branch=z9hG4bK1abcdefgh", .sent_by = "ijklmnop"});
  EXPECT_EQ(other.kind, Kind::fresh);
  layer_->abandon(other.id);
  layer_->abandon(id);
}

TEST_F(Match, LongBranchesAreComparedWhole) {
  const std::string middle(700, 'a');
  const std::string branch = ";branch=z9hG4bK1" + middle + "1";
  const TransactionId id = receive_request({.branch = branch}).id;
  for (const std::string& other :
       {";branch=z9hG4bK2" + middle + "1", ";branch=z9hG4bK1" + middle + "2"}) {
    const Layer::Request request = receive_request({.branch = other});
    EXPECT_EQ(request.kind, Kind::fresh);
    layer_->abandon(request.id);
  }
  EXPECT_EQ(receive_request({.branch = branch}).id, id);
  layer_->abandon(id);
}

// What another trunk says is another transaction's, word for word the same or not.
TEST_F(Match, EachTrunkHasItsOwn) {
  const contract::TrunkId other{1};
  for (const std::string& branch : {std::string(";branch=z9hG4bKa"), std::string()}) {
    const TransactionId id = receive_request({.branch = branch}).id;
    const Layer::Request again = receive_request({.branch = branch}, other);
    EXPECT_EQ(again.kind, Kind::fresh);
    layer_->abandon(again.id);
    EXPECT_FALSE(find_cancelled({.method = "CANCEL", .branch = branch}, other).is_set());
    EXPECT_EQ(find_cancelled({.method = "CANCEL", .branch = branch}), id);
    respond(id, {.status_code = 486});
    EXPECT_EQ(receive_request(ack_of({.branch = branch}, "a6c85cf"), other).kind, Kind::ack);
    EXPECT_EQ(receive_request(ack_of({.branch = branch}, "a6c85cf")).kind, Kind::absorbed);
    layer_->abandon(id);
  }
}

TEST_F(Match, CancelFindsItsInvite) {
  const TransactionId id = receive_request({}).id;
  EXPECT_EQ(find_cancelled({.method = "CANCEL"}), id);
  EXPECT_FALSE(find_cancelled({.method = "CANCEL", .branch = ";branch=z9hG4bKx"}).is_set());
  EXPECT_FALSE(find_cancelled({.method = "CANCEL", .sent_by = "else.example"}).is_set());
  // It has a server transaction of its own.
  const Layer::Request cancel = receive_request({.method = "CANCEL"});
  EXPECT_EQ(cancel.kind, Kind::fresh);
  EXPECT_FALSE(cancel.id == id);
  respond(cancel.id, {.status_code = 200});
  respond(id, {.status_code = 487});
  EXPECT_EQ(find_cancelled({.method = "CANCEL"}), id);
  EXPECT_FALSE(layer_->is_pending(id));
}

TEST_F(Match, CancelOfAnotherMethodFindsNothing) {
  const TransactionId id = receive_request({.method = "OPTIONS"}).id;
  EXPECT_FALSE(find_cancelled({.method = "CANCEL"}).is_set());
  layer_->abandon(id);
}

// The rules for peers of RFC 2543: no branch, or one without the magic cookie.
class OldPeer : public LayerTest {
 protected:
  const RequestText invite_{.branch = ""};
  const RequestText reinvite_{.branch = ";branch=1", .to = "<sip:b@c>;tag=a6c85cf"};
};

TEST_F(OldPeer, RetransmissionIsAbsorbed) {
  for (const char* branch : {"", ";branch=1", ";branch=z9hG4bK"}) {
    const TransactionId id = receive_request({.branch = branch}).id;
    const Layer::Request again = receive_request({.branch = branch});
    EXPECT_EQ(again.kind, Kind::absorbed) << branch;
    EXPECT_EQ(again.id, id);
    layer_->abandon(id);
  }
}

TEST_F(OldPeer, ARequestThatDiffersInAnyOfTheFieldsIsAnotherTransaction) {
  const TransactionId id = receive_request(invite_).id;
  std::vector<RequestText> others(8, invite_);
  others[0].uri = "sip:carol@biloxi.example";
  others[1].to += ";tag=x";
  others[2].from = "Alice <sip:alice@atlanta.example>;tag=1928301775";
  others[3].call_id = "a84b4c76e66711";
  others[4].cseq = "314160";
  others[5].method = "INFO";
  others[6].sent_by = "pc34.atlanta.example";
  others[7].branch = ";branch=1";
  for (const RequestText& other : others) {
    const Layer::Request request = receive_request(other);
    EXPECT_EQ(request.kind, Kind::fresh) << other.text();
    layer_->abandon(request.id);
  }
  layer_->abandon(id);
}

TEST_F(OldPeer, AckMatchesByTheToTagOfTheResponse) {
  const TransactionId id = receive_request(invite_).id;
  respond(id, {.status_code = 486});
  const Layer::Request stray = receive_request(ack_of(invite_, "another"));
  EXPECT_EQ(stray.kind, Kind::ack);
  EXPECT_FALSE(stray.id.is_set());
  RequestText without_tag = invite_;
  without_tag.method = "ACK";
  EXPECT_FALSE(receive_request(without_tag).id.is_set());
  const Layer::Request ack = receive_request(ack_of(invite_, "a6c85cf"));
  EXPECT_EQ(ack.kind, Kind::absorbed);
  EXPECT_EQ(ack.id, id);
  pass(t1);
  EXPECT_EQ(take_ladder(), "0 486");
}

TEST_F(OldPeer, AckToAFailedReinviteMatches) {
  const TransactionId id = receive_request(reinvite_).id;
  respond(id, {.status_code = 488});
  RequestText ack = reinvite_;
  ack.method = "ACK";
  EXPECT_EQ(receive_request(ack).id, id);
  pass(t1);
  EXPECT_EQ(take_ladder(), "0 488");
}

TEST_F(OldPeer, AckToASuccessIsPassed) {
  const TransactionId id = receive_request(invite_).id;
  respond(id, {.status_code = 200});
  EXPECT_EQ(receive_request(ack_of(invite_, "a6c85cf")).kind, Kind::ack);
}

TEST_F(OldPeer, CancelFindsItsInvite) {
  const TransactionId id = receive_request(invite_).id;
  RequestText cancel = invite_;
  cancel.method = "CANCEL";
  EXPECT_EQ(find_cancelled(cancel), id);
  cancel.cseq = "314160";
  EXPECT_FALSE(find_cancelled(cancel).is_set());
  layer_->abandon(id);
}

}  // namespace
}  // namespace demarc::transaction
