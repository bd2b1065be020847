// What the functions of calls.h hand to one another about one message of ours: what goes into it
// beside what its leg says, and how it is sent. They borrow for as long as one step. One worker
// only.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/call/compose.h"
#include "dataplane/call/headers/caller_numbers.h"
#include "dataplane/call/headers/location.h"
#include "dataplane/call/headers/privacy.h"
#include "dataplane/call/received.h"
#include "dataplane/call/side.h"
#include "dataplane/contract/ids.h"
#include "dataplane/memory/datagram_pool.h"
#include "dataplane/transaction/path.h"
#include "dataplane/transaction/transaction.h"
#include "sip-parser/method.h"

namespace demarc::call {

// A final or provisional response to the caller's INVITE.
struct InResponse {
  uint16_t status_code = 0;
  std::string_view body = {};
  bool has_contact = false;
  std::string_view to_tag = {};  // empty: the leg's
  std::string_view extra = {};
};

// A provisional one that has an early dialog.
struct Progress {
  uint16_t status_code = 0;
  std::string_view body = {};
  const Received* response = nullptr;  // whose header fields cross
  std::string_view fields = {};        // instead, of one that had to wait
};

// A request within a call, or the response to one.
struct Content {
  std::string_view method = {};
  std::string_view extra = {};
  std::string_view content_type = {};
  std::string_view body = {};
  Enclosed enclosed = {};
  uint32_t max_forwards = 70;
  bool is_over_tcp = false;  // for its size, in a dialog over UDP
};

// One of ours that is composed.
struct OwnRequest {
  sip::Method method = sip::Method::other;
  std::string_view branch;
  memory::DatagramId datagram = memory::DatagramId::none;
  transaction::Path path;
};

// The ACK to a 2xx of the peer of `to`.
struct KeptAck {
  uint32_t slot;
  Side to;
  uint32_t cseq;
  bool stays_on_udp;
  transaction::TransactionId invite;
};

// A request of ours that was challenged.
struct Challenged {
  transaction::TransactionId request;
  uint8_t answered = 0;  // times that it was
  uint32_t cseq = 0;     // of the next try
};

// Whose header fields go to the peer of `to`.
struct Across {
  headers::Identity identity;  // of the leg that sent the message
  contract::TrunkId to;
  std::string_view called_user = {};  // both of an INVITE that begins a call
  std::string_view shown_user = {};
  const headers::Locations* locations = nullptr;
};

}  // namespace demarc::call
