#include "dataplane/steer/owner.h"

#include <string>

#include <gtest/gtest.h>

#include "dataplane/contract/entropy.h"

namespace demarc::steer {
namespace {

using contract::Bucket;
using contract::Entropy;
using contract::mint_name;
using contract::NameKeys;
using contract::WorkerIndex;

constexpr NameKeys keys{{11, 12}, {13, 14}};
constexpr unsigned workers = 8;
constexpr WorkerIndex receiver = 7;
// Buckets whose workers differ from one another and from the receiver.
constexpr Bucket bucket_a = 1021;  // worker 5
constexpr Bucket bucket_b = 10;    // worker 2

std::string minted(Bucket bucket) {
  Entropy entropy({21, 22});
  return std::string(mint_name(keys, bucket, entropy.next()).view());
}

// A Call-ID of a peer whose hash leads to `worker`.
std::string call_id_of(const Owners& owners, WorkerIndex worker) {
  for (unsigned i = 0;; ++i) {
    std::string call_id = "call-" + std::to_string(i) + "@192.0.2.9";
    if (owners.of_bucket(contract::bucket_of_call_id(keys, call_id)) == worker) return call_id;
  }
}

struct Parts {
  std::string start_line = "INVITE sip:100@198.51.100.1 SIP/2.0";
  std::string branch = "z9hG4bKpeer";
  std::string to = "<sip:100@198.51.100.1>";
  std::string call_id = "abc@192.0.2.9";
  std::string more;
};

std::string message(const Parts& parts) {
  return parts.start_line + "\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=" + parts.branch +
         "\r\nMax-Forwards: 70\r\nFrom: <sip:200@192.0.2.9>;tag=1\r\nTo: " + parts.to +
         "\r\nCall-ID: " + parts.call_id + "\r\nCSeq: 1 INVITE\r\n" + parts.more +
         "Content-Length: 0\r\n\r\n";
}

// peek() may read past the end: a message in a string of greater capacity.
WorkerIndex owner_of(Owners& owners, std::string datagram) {
  const size_t length = datagram.size();
  datagram.append(64, '\0');
  return owners.of_datagram(std::string_view(datagram).substr(0, length), receiver);
}

TEST(Owner, BucketsGoRoundTheWorkers) {
  Owners owners(keys, 3);
  EXPECT_EQ(owners.of_bucket(0), 0);
  EXPECT_EQ(owners.of_bucket(4), 1);
  EXPECT_EQ(owners.of_bucket(1023), 0);
}

TEST(Owner, OneWorkerOwnsEverything) {
  Owners owners(keys, 1);
  EXPECT_EQ(owner_of(owners, message({})), 0);
}

TEST(Owner, ATableCanBeReplaced) {
  Owners::Table table{};
  table.fill(3);
  Owners owners(keys, table);
  EXPECT_EQ(owner_of(owners, message({})), 3);
}

TEST(Owner, ResponseBelongsToTheWorkerOfOurBranch) {
  Owners owners(keys, workers);
  Parts parts;
  parts.start_line = "SIP/2.0 200 OK";
  parts.branch = "z9hG4bK" + minted(bucket_a);
  parts.to += ";tag=" + minted(bucket_b);
  EXPECT_EQ(owner_of(owners, message(parts)), 5);
}

TEST(Owner, ResponseWithABranchThatIsNotOursStaysWithItsReceiver) {
  Owners owners(keys, workers);
  Parts parts;
  parts.start_line = "SIP/2.0 200 OK";
  EXPECT_EQ(owner_of(owners, message(parts)), receiver);
  parts.branch = minted(bucket_a);  // no magic cookie
  EXPECT_EQ(owner_of(owners, message(parts)), receiver);
  parts.branch = "z9hG4bK" + minted(bucket_a) + "x";
  EXPECT_EQ(owner_of(owners, message(parts)), receiver);
}

TEST(Owner, RequestBelongsToTheWorkerOfOurToTag) {
  Owners owners(keys, workers);
  Parts parts;
  parts.start_line = "BYE sip:100@198.51.100.1 SIP/2.0";
  parts.to += ";tag=" + minted(bucket_a);
  parts.call_id = call_id_of(owners, 1);
  EXPECT_EQ(owner_of(owners, message(parts)), 5);
}

TEST(Owner, RequestWithAForeignToTagIsHashedByCallId) {
  Owners owners(keys, workers);
  Parts parts;
  std::string forged = minted(bucket_a);
  forged[3] = forged[3] == '0' ? '1' : '0';
  parts.to += ";tag=" + forged;
  parts.call_id = call_id_of(owners, 1);
  EXPECT_EQ(owner_of(owners, message(parts)), 1);
}

TEST(Owner, ReplacesOfADialogOfOursComesBeforeTheHash) {
  Owners owners(keys, workers);
  Parts parts;
  parts.call_id = call_id_of(owners, 1);
  parts.more = "Replaces: " + minted(bucket_b) + ";to-tag=1;from-tag=2\r\n";
  EXPECT_EQ(owner_of(owners, message(parts)), 2);
}

TEST(Owner, OurToTagComesBeforeReplaces) {
  Owners owners(keys, workers);
  Parts parts;
  parts.to += ";tag=" + minted(bucket_a);
  parts.more = "Replaces: " + minted(bucket_b) + ";to-tag=1;from-tag=2\r\n";
  EXPECT_EQ(owner_of(owners, message(parts)), 5);
}

TEST(Owner, ReplacesOfAForeignDialogIsIgnored) {
  Owners owners(keys, workers);
  Parts parts;
  parts.call_id = call_id_of(owners, 4);
  parts.more = "Replaces: 12345@192.0.2.9;to-tag=1;from-tag=2\r\n";
  EXPECT_EQ(owner_of(owners, message(parts)), 4);
}

// Of a dialog that a peer began the Call-ID is the peer's, but the tag is ours.
TEST(Owner, ReplacesLeadsByOurTag) {
  Owners owners(keys, workers);
  Parts parts;
  parts.call_id = call_id_of(owners, 4);
  parts.more = "Replaces: theirs@192.0.2.9;to-tag=" + minted(bucket_a) + ";from-tag=2\r\n";
  EXPECT_EQ(owner_of(owners, message(parts)), 5);
}

TEST(Owner, TheCancelOfAnInviteThatReplacesFollowsIt) {
  Owners owners(keys, workers);
  Parts invite;
  invite.call_id = call_id_of(owners, 4);
  invite.more = "Replaces: theirs@192.0.2.9;from-tag=2;to-tag=" + minted(bucket_a) + "\r\n";
  Parts cancel = invite;
  cancel.start_line = "CANCEL sip:100@198.51.100.1 SIP/2.0";
  cancel.more.clear();
  EXPECT_EQ(owner_of(owners, message(cancel)), 4) << "of nothing that is known";
  EXPECT_EQ(owner_of(owners, message(invite)), 5);
  EXPECT_EQ(owner_of(owners, message(cancel)), 5);
  EXPECT_EQ(owner_of(owners, message(cancel)), 5);
  Parts other = cancel;
  other.call_id = call_id_of(owners, 3);
  EXPECT_EQ(owner_of(owners, message(other)), 3);
  // The same Call-ID without Replaces: refused before, tried again as a call of its own.
  invite.more.clear();
  EXPECT_EQ(owner_of(owners, message(invite)), 4);
  EXPECT_EQ(owner_of(owners, message(cancel)), 4);
}

TEST(Detours, TheNewerOfTwoThatMeetStays) {
  Detours detours;
  detours.put(5, 1);
  detours.put(5 + Detours::capacity, 2);
  EXPECT_EQ(detours.find(5, 9), 9);
  EXPECT_EQ(detours.find(5 + Detours::capacity, 9), 2);
  detours.forget(5);
  EXPECT_EQ(detours.find(5 + Detours::capacity, 9), 2) << "not its own";
  detours.forget(5 + Detours::capacity);
  EXPECT_EQ(detours.find(5 + Detours::capacity, 9), 9);
  EXPECT_EQ(detours.find(0, 9), 9) << "an empty row is no entry of hash 0";
}

TEST(Owner, InviteItsRetransmissionAndItsCancelMeet) {
  Owners owners(keys, workers);
  Parts invite;
  invite.call_id = call_id_of(owners, 6);
  Parts cancel = invite;
  cancel.start_line = "CANCEL sip:100@198.51.100.1 SIP/2.0";
  EXPECT_EQ(owner_of(owners, message(invite)), 6);
  EXPECT_EQ(owner_of(owners, message(cancel)), 6);
}

TEST(Owner, WhatIsNoSipStaysWithItsReceiver) {
  Owners owners(keys, workers);
  EXPECT_EQ(owner_of(owners, "\r\n\r\n"), receiver);
  EXPECT_EQ(owner_of(owners, "hello"), receiver);
  EXPECT_EQ(owner_of(owners, ""), receiver);
}

TEST(Owner, ARequestWithoutCallIdStaysWithItsReceiver) {
  Owners owners(keys, workers);
  EXPECT_EQ(owner_of(owners, "OPTIONS sip:a@b SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n"), receiver);
}

}  // namespace
}  // namespace demarc::steer
