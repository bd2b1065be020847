// What comes on connections: octets become messages, and each goes to the worker that owns it.
#include <algorithm>

#include "dataplane/stream/alias.h"
#include "dataplane/stream/streams.h"
#include "sip-parser/base/ascii.h"
#include "sip-parser/parse.h"
#include "sip-parser/peek.h"
#include "sip-parser/retry_after.h"

namespace demarc::stream {

using contract::Instant;
using contract::StreamCounter;
using sip::Frame;

namespace {

constexpr std::string_view pong = "\r\n";
constexpr uint16_t service_unavailable = 503;

// In TLS 1.3 a client is done before its certificate was looked at (RFC 8446 section 4.4.2.4): a
// peer that does not want it says so by an alert, which is all that ever comes. Where more was
// underway to it the kernel resets the connection, and the alert is lost: reading fails, or
// writing.
bool is_refusal(const Connection& connection) {
  return !connection.is_inbound && !connection.has_heard &&
         connection.key.transport == contract::Transport::tls;
}

}  // namespace

void Streams::receive(Connection& connection, Instant now) {
  // What was left when a worker was behind.
  if (!deliver_all(connection, now)) return;
  for (unsigned turn = 0; turn < parts_.limits.messages_per_turn; ++turn) {
    if (is_memory_full(connection)) {
      count(StreamCounter::memory_full);
      return end(connection, Ending::failed);
    }
    const Octets::Result result = connection.octets.read(read_buffer_);
    switch (result.outcome) {
      case Octets::Outcome::blocked:
        return;
      case Octets::Outcome::closed:
        return on_gone(connection, Ending::in_order);
      case Octets::Outcome::failed:
        return on_gone(connection, Ending::failed);
      case Octets::Outcome::done:
        break;
    }
    connection.has_heard = true;
    connection.heard = now;
    connection.awaits_pong = false;
    hold(connection, result.octets);
    connection.received.insert(connection.received.end(), read_buffer_.begin(),
                               read_buffer_.begin() + static_cast<ptrdiff_t>(result.octets));
    if (!deliver_all(connection, now)) return;
    if (result.octets < read_buffer_.size() && !connection.octets.has_buffered()) return;
  }
  // More is there, which is not said twice where TLS has read it already.
  ready_.push_back(connections_.id_of(connection));
}

// The peer or the network has ended it. What was whole went its way before; of what was not nobody
// knows how it would have ended.
void Streams::on_gone(Connection& connection, Ending ending) {
  const bool is_within = connection.framer.phase() != sip::Framer::Phase::idle;
  if (is_within || connection.is_stalled) count(StreamCounter::cut);
  if (ending == Ending::failed && is_refusal(connection)) {
    connection.fault = contract::StreamFault::handshake;
  }
  end(connection, ending);
}

// False when nothing more may be read: a worker is behind, or the connection is over.
bool Streams::deliver_all(Connection& connection, Instant now) {
  const sip::Framer::Phase before = connection.framer.phase();
  bool goes_on = true;
  bool has_moved = false;
  bool owes_pong = false;
  while (goes_on) {
    const sip::Framer rewind = connection.framer;
    const Frame frame =
        connection.framer.next({connection.received.data(), connection.received.size()});
    if (frame.kind == Frame::Kind::need_more) break;
    has_moved = true;
    if (frame.kind == Frame::Kind::failed) {
      on_broken(connection, frame, now);
      return false;
    }
    if (frame.kind == Frame::Kind::ping) {
      count(StreamCounter::pings);
      owes_pong = true;
    } else if (frame.kind == Frame::Kind::message && !deliver(connection, frame, now)) {
      // The worker's ring is full: the message stays, and the peer's window fills.
      connection.framer = rewind;
      connection.is_stalled = true;
      stalled_.push_back(connections_.id_of(connection));
      count(StreamCounter::worker_full);
      goes_on = false;
    }
  }
  const uint32_t done = connection.framer.consumed();
  connection.framer.dropped(done);
  connection.received.erase(connection.received.begin(),
                            connection.received.begin() + static_cast<ptrdiff_t>(done));
  let_go(connection, done);
  // Thousands of idle connections shall hold no buffers.
  if (connection.received.empty()) std::vector<char>().swap(connection.received);
  if (has_moved || connection.framer.phase() != before) connection.phase_since = now;
  if (!owes_pong) return goes_on;
  // One for all pings that came together: any of them shows its peer a live flow (RFC 5626 section
  // 4.4.1), a flood of pings earns no flood, and two pongs in a row would be a ping to it.
  const transaction::StreamId id = connections_.id_of(connection);
  append(connection, pong, now);
  return goes_on && connections_.find(id) != nullptr;
}

MessageHead Streams::head_of(const Connection& connection) const {
  MessageHead head;
  head.trunk = connection.trunk;
  head.path = {.local = connection.key.local,
               .remote = connection.key.remote,
               .realm = connection.realm,
               .transport = connection.key.transport,
               .stream = connections_.id_of(connection)};
  return head;
}

bool Streams::deliver(Connection& connection, const Frame& frame, Instant now) {
  const std::string_view message(connection.received.data() + frame.offset, frame.length);
  // The parser may look a little beyond the end, which is not ours to show it here.
  std::string padded(message);
  padded.append(sip::padding_octets, '\0');
  const std::string_view whole = std::string_view(padded).substr(0, message.size());
  const auto peek = sip::peek(whole);
  const bool is_request = peek && peek->is_request;
  const bool begins = is_request && matter_of(peek->method) == Matter::begins;
  if (connection.is_distrusted && begins) return true;
  if (is_request) connection.asked = now;
  const contract::WorkerIndex worker = parts_.owners.of_datagram(whole, 0);
  if (!push(worker, head_of(connection), message)) return false;
  count(StreamCounter::messages_in);
  settle_alias(connection, whole);
  connection.unanswered.forget_answered(whole);
  if (peek && peek->status_code == service_unavailable) judge_response(connection, whole, now);
  return true;
}

// A server among several behind one address sends those away that came to it, and says for how
// long: what begins from now on makes a connection of its own. The ACK and what else has begun
// still go over this one, and what its peer asks is served.
void Streams::judge_response(Connection& connection, std::string_view message, Instant now) {
  const contract::Snapshot& snapshot = *config_->snapshot;
  if (connection.is_leaving() || !snapshot.has_trunk(connection.trunk)) return;
  if (!snapshot.trunk(connection.trunk).policy.closes_on_503) return;
  sip::Message parsed;
  if (!sip::parse(message, parsed)) return;
  if (!sip::parse_retry_after(parsed.value(sip::HeaderName::retry_after), message)) return;
  count(StreamCounter::unavailable);
  connection.leave_by = now + parts_.limits.leaving;
  follow_deadline(connection, now);
}

bool Streams::push(contract::WorkerIndex worker, const MessageHead& head, std::string_view octets) {
  return lanes_.of(worker).to_worker.push(head, octets);
}

// RFC 5923 section 5: a peer whose first request says alias takes our requests on this connection,
// at the address and port that its Via names. The address is that of the connection all the same.
void Streams::settle_alias(Connection& connection, std::string_view message) {
  if (connection.is_alias_settled || !connection.is_inbound) return;
  const contract::Snapshot& snapshot = *config_->snapshot;
  if (!snapshot.has_trunk(connection.trunk)) return;
  const Key& key = connection.key;
  const AliasOffer offer = alias_of(message, key.remote.address, key.transport);
  connection.is_alias_settled = offer.is_request;
  if (!offer.alias || !snapshot.trunk(connection.trunk).policy.takes_alias) return;
  connections_.add_alias(connection, *offer.alias);
}

// After what broke it the rest is read and forgotten: a socket that is closed with octets unread
// resets the connection, and the answer with it.
void Streams::drain(Connection& connection) {
  for (unsigned turn = 0; turn < parts_.limits.messages_per_turn; ++turn) {
    switch (connection.octets.read(read_buffer_).outcome) {
      case Octets::Outcome::blocked:
        return;
      case Octets::Outcome::done:
        break;
      default:
        return end(connection, Ending::in_order);
    }
  }
}

// The worker composes what is owed; it comes back over this connection, which then closes.
void Streams::on_broken(Connection& connection, const Frame& frame, Instant now) {
  count(StreamCounter::broken);
  const std::string_view octets(connection.received.data() + frame.offset, frame.length);
  MessageHead head = head_of(connection);
  head.kind = MessageHead::Kind::broken;
  head.status_code = frame.status_code;
  if (frame.status_code == 0 || !push(0, head, octets)) return end(connection, Ending::failed);
  let_go(connection, connection.received.size());
  std::vector<char>().swap(connection.received);
  connection.state = Connection::State::closing;
  connection.phase_since = now;
  watch(connection);
  follow_deadline(connection, now);
}

}  // namespace demarc::stream
