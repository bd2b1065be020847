#include "tests/sim/lines.h"

#include <algorithm>

#include "dataplane/stream/alias.h"
#include "sip-parser/parse.h"

namespace demarc::sim {

using contract::Duration;
using contract::Instant;
using contract::TrunkId;
using stream::Connection;
using transaction::StreamId;

namespace {

constexpr std::string_view ping = "\r\n\r\n";
constexpr unsigned most_pieces = 8;

// What is no message: a peer that is broken says so, and nothing behind it can be read.
constexpr std::string_view garbage_length = "\r\nContent-Length: 1x\r\n\r\n";

}  // namespace

Lines::Lines(const Parts& parts, Random random) : parts_(parts), random_(random), table_(limits_) {}

std::vector<Parcel> Lines::take_arrived() {
  std::vector<Parcel> all;
  all.swap(arrived_);
  return all;
}

std::vector<Parcel> Lines::take_lost() {
  std::vector<Parcel> all;
  all.swap(lost_);
  return all;
}

bool Lines::is_troubled(uint32_t per_mille) {
  return !parts_.network.is_healed() && random_.chance(per_mille);
}

void Lines::send_from_box(const Parcel& parcel, const transaction::Path& path,
                          contract::WorkerIndex worker) {
  // Nobody loses trust here, so what has begun goes no other way than what begins.
  const bool is_response = parcel.octets.starts_with("SIP/2.0 ");
  const auto matter = is_response ? stream::Matter::response : stream::Matter::begins;
  Connection* connection = table_.usable_for(path, TrunkId{parcel.trunk}, matter);
  if (connection == nullptr) connection = open_from_box(path, parcel.trunk);
  if (connection == nullptr) return;
  std::string padded = parcel.octets;
  padded.append(sip::padding_octets, '\xee');
  connection->unanswered.note(worker, std::string_view(padded).substr(0, parcel.octets.size()),
                              {limits_.unanswered, limits_.unanswered_age}, parts_.queue.now());
  put(line_of_[connection->index], Way::to_peer, parcel);
}

Connection* Lines::open_from_box(const transaction::Path& path, uint16_t trunk) {
  if (path.remote.port != default_port(path.transport)) {
    parts_.failure.report("a connection to where nobody listens", nobody,
                          std::to_string(path.remote.port));
    return nullptr;
  }
  Connection* connection =
      table_.take({path.local, path.remote, path.transport}, parts_.queue.now());
  DEMARC_CHECK(connection != nullptr);
  connection->trunk = TrunkId{trunk};
  const auto index = static_cast<uint32_t>(lines_.size());
  Line& line = lines_.emplace_back();
  line.box = path.local;
  line.peer = path.remote;
  line.trunk = trunk;
  line.transport = path.transport;
  line.box_end = table_.id_of(*connection);
  line_of_.resize(std::max<size_t>(line_of_.size(), connection->index + 1u));
  line_of_[connection->index] = index;
  if (parts_.network.is_out(trunk)) {
    line.is_dying = line.is_left_by_peer = true;
    plan(index, Way::to_box, Segment::Kind::refusal, limits_.connect);
  } else if (is_troubled(parts_.options.streams.refuse)) {
    line.is_dying = line.is_left_by_peer = true;
    plan(index, Way::to_box, Segment::Kind::refusal, random_.milliseconds(1, 5));
  } else {
    plan(index, Way::to_peer, Segment::Kind::open, random_.milliseconds(1, 20));
  }
  return connection;
}

void Lines::send_from_peer(const Parcel& parcel) {
  uint32_t index = parcel.line;
  const bool is_usable = index != nobody && !lines_[index].is_left_by_peer;
  if (!is_usable) index = line_of_peer(parcel);
  if (is_troubled(parts_.options.streams.garbage)) {
    Parcel garbage = parcel;
    garbage.octets.resize(garbage.octets.find("\r\nContent-Length:"));
    garbage.octets += garbage_length;
    garbage.is_cut = true;
    return put(index, Way::to_box, garbage);
  }
  put(index, Way::to_box, parcel);
}

// The one that it used last, mostly; or a new one.
uint32_t Lines::line_of_peer(const Parcel& parcel) {
  std::vector<uint32_t>& own = of_peer_[parcel.peer.address];
  std::erase_if(own, [&](uint32_t index) { return lines_[index].is_left_by_peer; });
  const bool opens = own.empty() || random_.chance(300);
  return opens ? open_from_peer(parcel) : own.back();
}

uint32_t Lines::open_from_peer(const Parcel& parcel) {
  const auto index = static_cast<uint32_t>(lines_.size());
  Line& line = lines_.emplace_back();
  line.box = parcel.box;
  line.peer = {parcel.peer.address, next_port_++};
  if (next_port_ == 60000) next_port_ = 30000;
  line.trunk = parcel.trunk;
  line.transport = parcel.transport;
  of_peer_[parcel.peer.address].push_back(index);
  plan(index, Way::to_box, Segment::Kind::open, random_.milliseconds(1, 20));
  return index;
}

void Lines::put(uint32_t index, Way way, const Parcel& parcel) {
  Line& line = lines_[index];
  Parcel& kept = line.flow(way).sent.emplace_back(parcel);
  kept.line = index;
  if (line.is_dying || befall(index, way, parcel.octets)) return;
  if (way == Way::to_box && random_.chance(50)) write(index, way, ping);
  write(index, way, parcel.octets);
  if (is_troubled(parts_.options.streams.close)) {
    parts_.queue.plan(random_.milliseconds(0, 5000), Event::Kind::line_close, index);
  }
}

// Whether something happens to the line while these are written to it.
bool Lines::befall(uint32_t index, Way way, std::string_view octets) {
  const StreamFaults& faults = parts_.options.streams;
  if (parts_.network.is_out(lines_[index].trunk) || is_troubled(faults.silence)) {
    fall_silent(index);
    return true;
  }
  if (!is_troubled(faults.reset)) return false;
  // RST within the message, or right before or behind it.
  const auto length = static_cast<uint32_t>(octets.size());
  write(index, way, octets.substr(0, random_.below(length + 1)));
  lines_[index].is_left_by_peer = random_.chance(500) || way == Way::to_box;
  kill(index, random_.milliseconds(1, 30));
  return true;
}

void Lines::write(uint32_t index, Way way, std::string_view octets) {
  for (unsigned piece = 1; !octets.empty(); ++piece) {
    const auto left = static_cast<uint32_t>(octets.size());
    const bool is_cut = piece < most_pieces && random_.chance(parts_.options.streams.cut);
    const uint32_t length = is_cut ? 1 + random_.below(left) : left;
    std::deque<Segment>& flying = lines_[index].flow(way).flying;
    // What still waits in the sender's kernel goes out together.
    const bool is_joined = !flying.empty() && flying.back().kind == Segment::Kind::octets &&
                           random_.chance(parts_.options.streams.join);
    if (is_joined) {
      flying.back().octets.append(octets.substr(0, length));
    } else {
      const Duration delay =
          piece == 1 ? parts_.network.draw_delay(random_) : random_.milliseconds(0, 40);
      plan(index, way, Segment::Kind::octets, delay, octets.substr(0, length));
    }
    octets.remove_prefix(length);
  }
}

// Behind everything that is on its way there.
void Lines::plan(uint32_t index, Way way, Segment::Kind kind, Duration delay,
                 std::string_view octets) {
  Flow& flow = lines_[index].flow(way);
  const Instant now = parts_.queue.now();
  flow.last = std::max(flow.last, now + delay);
  const uint32_t serial = ++next_serial_;
  flow.flying.push_back({serial, kind, std::string(octets), flow.last});
  parts_.queue.plan(flow.last - now, Event::Kind::line, index, serial);
}

void Lines::kill(uint32_t index, Duration delay) {
  lines_[index].is_dying = true;
  plan(index, Way::to_box, Segment::Kind::death, delay);
}

// Half-open: nothing arrives any more, and both ends hear of it late.
void Lines::fall_silent(uint32_t index) {
  for (Flow& flow : lines_[index].flows) flow.flying.clear();
  kill(index, random_.milliseconds(2000, 15'000));
}

void Lines::close(uint32_t index) {
  Line& line = lines_[index];
  if (line.is_dying) return;
  line.is_left_by_peer = true;
  kill(index, random_.milliseconds(1, 10));
}

void Lines::arrive(uint32_t index, uint32_t serial) {
  for (const Way way : {Way::to_box, Way::to_peer}) {
    std::deque<Segment>& flying = lines_[index].flow(way).flying;
    if (flying.empty() || flying.front().serial != serial) continue;
    const Segment segment = std::move(flying.front());
    flying.pop_front();
    return way == Way::to_box ? reach_box(index, segment) : reach_peer(index, segment);
  }
}

void Lines::reach_box(uint32_t index, const Segment& segment) {
  Line& line = lines_[index];
  if (segment.kind == Segment::Kind::death || segment.kind == Segment::Kind::refusal) {
    return die(index);
  }
  if (segment.kind == Segment::Kind::open) {
    Connection* made = table_.take({line.box, line.peer, line.transport}, parts_.queue.now());
    DEMARC_CHECK(made != nullptr);
    made->state = Connection::State::open;
    made->is_inbound = true;
    made->trunk = TrunkId{line.trunk};
    line.box_end = table_.id_of(*made);
    line_of_.resize(std::max<size_t>(line_of_.size(), made->index + 1u));
    line_of_[made->index] = index;
    return;
  }
  Connection* connection = table_.find(line.box_end);
  if (connection == nullptr || connection->state == Connection::State::closing) return;
  std::vector<char>& received = connection->received;
  received.insert(received.end(), segment.octets.begin(), segment.octets.end());
  for (;;) {
    const std::string_view all(received.data(), received.size());
    const sip::Frame frame = connection->framer.next(all);
    if (frame.kind == sip::Frame::Kind::need_more) break;
    if (!take_frame(index, Way::to_box, all, frame)) return;
  }
  const uint32_t done = connection->framer.consumed();
  connection->framer.dropped(done);
  received.erase(received.begin(), received.begin() + static_cast<ptrdiff_t>(done));
}

void Lines::reach_peer(uint32_t index, const Segment& segment) {
  Line& line = lines_[index];
  if (segment.kind == Segment::Kind::open) {
    Connection* connection = table_.find(line.box_end);
    if (connection != nullptr) connection->state = Connection::State::open;
    of_peer_[line.peer.address].push_back(index);
    return;
  }
  if (line.is_left_by_peer) return;
  line.received += segment.octets;
  for (;;) {
    const sip::Frame frame = line.framer.next(line.received);
    if (frame.kind == sip::Frame::Kind::need_more) break;
    if (!take_frame(index, Way::to_peer, line.received, frame)) return;
  }
  const uint32_t done = line.framer.consumed();
  line.framer.dropped(done);
  line.received.erase(0, done);
}

// False when nothing more can be read there.
bool Lines::take_frame(uint32_t index, Way way, std::string_view received,
                       const sip::Frame& frame) {
  Line& line = lines_[index];
  if (frame.kind != sip::Frame::Kind::message && frame.kind != sip::Frame::Kind::failed) {
    return true;
  }
  std::deque<Parcel>& sent = line.flow(way).sent;
  if (sent.empty()) {
    parts_.failure.report("a stream brought what nobody sent", nobody, received);
    return false;
  }
  Parcel parcel = std::move(sent.front());
  sent.pop_front();
  const bool is_broken = frame.kind == sip::Frame::Kind::failed;
  const std::string_view octets = received.substr(frame.offset, frame.length);
  if (is_broken != parcel.is_cut || (!is_broken && octets != parcel.octets)) {
    parts_.failure.report("a stream changed what it carried", nobody, octets);
    return false;
  }
  parcel.octets = octets;
  parcel.stream = line.box_end;
  parcel.broken_status = frame.status_code;
  parcel.peer = line.peer;
  if (way == Way::to_peer) parcel.peer.port = default_port(line.transport);
  Connection* connection = way == Way::to_box ? table_.find(line.box_end) : nullptr;
  if (connection != nullptr && !is_broken) {
    std::string padded(octets);
    padded.append(sip::padding_octets, '\xee');
    const auto whole = std::string_view(padded).substr(0, octets.size());
    connection->unanswered.forget_answered(whole);
    if (connection->is_inbound && !connection->is_alias_settled) {
      const stream::AliasOffer offer = stream::alias_of(whole, line.peer.address, line.transport);
      connection->is_alias_settled = offer.is_request;
      if (offer.alias && parts_.options.takes_alias) table_.add_alias(*connection, *offer.alias);
    }
  }
  if (connection != nullptr && is_broken) {
    // The peer reads the answer, and the end of the line.
    connection->state = Connection::State::closing;
    parts_.queue.plan(random_.milliseconds(50, 200), Event::Kind::line_close, index);
    lost_.push_back(parcel);
    if (frame.status_code == 0) return false;
  }
  arrived_.push_back(std::move(parcel));
  return !is_broken;
}

// What was on its way is lost; of its requests the box knows it, and so do the peers.
void Lines::die(uint32_t index) {
  Line& line = lines_[index];
  if (line.is_dead) return;
  line.is_dying = line.is_dead = line.is_left_by_peer = true;
  ++broken_;
  for (Flow& flow : line.flows) {
    for (Parcel& parcel : flow.sent) lost_.push_back(std::move(parcel));
    flow = {};
  }
  std::string().swap(line.received);
  Connection* connection = table_.find(line.box_end);
  if (connection == nullptr) return;
  const std::vector<stream::Unanswered::Request> unanswered = connection->unanswered.take();
  table_.release(*connection);
  for (const stream::Unanswered::Request& one : unanswered) {
    parts_.queue.plan(random_.milliseconds(0, 2), Event::Kind::undelivered,
                      static_cast<uint32_t>(undelivered_.size()));
    undelivered_.push_back(one);
  }
}

}  // namespace demarc::sim
