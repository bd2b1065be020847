// How long each connection is given for what it is at.
#include <algorithm>

#include "dataplane/stream/streams.h"

namespace demarc::stream {

using contract::Duration;
using contract::Instant;
using contract::StreamCounter;

namespace {

constexpr std::string_view ping = "\r\n\r\n";

}  // namespace

Duration Streams::keepalive_of(const Connection& connection) const {
  const contract::Snapshot& snapshot = *config_->snapshot;
  if (!snapshot.has_trunk(connection.trunk)) return {};
  return Duration::seconds(snapshot.trunk(connection.trunk).keepalive_s);
}

// Whether it is one that may be asked for a sign of life: nothing is under way on it.
bool Streams::may_ask(const Connection& connection) const {
  return keepalive_of(connection) > Duration{} && !connection.awaits_pong &&
         !connection.has_waiting() && !connection.is_stalled &&
         connection.framer.phase() == sip::Framer::Phase::idle;
}

Instant Streams::deadline_of(const Connection& connection) const {
  using State = Connection::State;
  const Limits& limits = parts_.limits;
  switch (connection.state) {
    case State::free:
      return {};
    case State::connecting:
      return connection.begun + limits.connect;
    case State::handshaking:
      return connection.phase_since + limits.handshake;
    case State::closing:
      return connection.phase_since + limits.closing;
    case State::open:
      break;
  }
  Instant deadline = connection.heard + limits.idle;
  const auto sooner = [&](Instant other) { deadline = std::min(deadline, other); };
  if (connection.is_leaving()) sooner(connection.leave_by);
  if (connection.has_waiting()) sooner(connection.blocked_since + limits.write);
  // A message counts from its begin, so that an octet now and then does not keep it open.
  const bool is_reading = !connection.is_stalled;
  const sip::Framer::Phase phase = connection.framer.phase();
  if (is_reading && phase == sip::Framer::Phase::header) {
    sooner(connection.phase_since + limits.header);
  }
  if (is_reading && phase == sip::Framer::Phase::body) {
    sooner(connection.phase_since + limits.body);
  }
  if (connection.awaits_pong) {
    sooner(connection.pinged + limits.pong);
  } else if (may_ask(connection)) {
    sooner(std::max(connection.heard, connection.pinged) + keepalive_of(connection));
  }
  return deadline;
}

void Streams::follow_deadline(Connection& connection, Instant now) {
  static_cast<void>(now);
  connections_.set_deadline(connection, deadline_of(connection));
}

void Streams::on_deadline(Connection& connection, Instant now) {
  using State = Connection::State;
  if (connection.state == State::connecting) {
    count(StreamCounter::connect_failed);
    connection.fault = contract::StreamFault::unreachable;
    return end(connection, Ending::failed);
  }
  if (connection.state == State::closing) return end(connection, Ending::in_order);
  const bool is_left = connection.is_leaving() && connection.leave_by <= now;
  if (is_left) return end(connection, Ending::in_order);
  const bool is_open = connection.state == State::open;
  const bool is_over = connection.heard + parts_.limits.idle <= now;
  if (is_open && !is_over && may_ask(connection)) {
    connection.awaits_pong = true;
    connection.pinged = now;
    connection.framer.expect_pong();
    return append(connection, ping, now);
  }
  const bool is_idle = is_open && !connection.awaits_pong && !connection.has_waiting() &&
                       connection.framer.phase() == sip::Framer::Phase::idle;
  if (connection.state == State::handshaking) {
    connection.fault = contract::StreamFault::handshake;
  }
  count(is_idle ? StreamCounter::idle : StreamCounter::late);
  end(connection, is_idle ? Ending::in_order : Ending::failed);
}

}  // namespace demarc::stream
