#include "tests/flow/ladder.h"

#include <algorithm>
#include <sstream>

#include "sip-parser/parse.h"
#include "tests/support/trace_text.h"

namespace demarc::flow {

void Ladder::play(std::string_view script) {
  std::istringstream lines{std::string(script)};
  for (std::string line; std::getline(lines, line) && !HasFatalFailure();) {
    const size_t begin = line.find_first_not_of(' ');
    if (begin != std::string::npos) play_line(line.substr(begin));
  }
}

std::string Ladder::played() const {
  std::string text;
  const uint64_t oldest = steps_.count() - std::min<uint64_t>(steps_.count(), steps_.size());
  for (size_t i = 0; i < lines_.size(); ++i) {
    text.append(lines_[i]).append("\n");
    const uint64_t end = i + 1 < marks_.size() ? marks_[i + 1] : steps_.count();
    for (uint64_t n = std::max(marks_[i], oldest); n < end; ++n) {
      const trace::Entry& entry = steps_.at(n);
      // Messages are the ladder's own lines.
      const bool is_step = entry.kind != trace::Kind::sent && entry.kind != trace::Kind::received;
      if (is_step) text.append("          ").append(support::text_of(entry)).append("\n");
    }
  }
  return text;
}

void Ladder::play_line(const std::string& line) {
  marks_.push_back(steps_.count());
  lines_.push_back(line);
  std::istringstream words(line);
  std::string who, arrow, what;
  words >> who >> arrow;
  std::getline(words >> std::ws, what);
  if (who == "wait") return wait_ms(std::stoll(arrow));
  if (who == "quiet") {
    for (Peer* peer : peers()) {
      EXPECT_TRUE(peer->inbox().empty())
          << played() << peer->name() << " got " << peer->inbox().front().text;
    }
    return;
  }
  Peer* found = peer_of(who);
  ASSERT_NE(found, nullptr) << line;
  Peer& peer = *found;
  if (arrow == "->") return send(peer, peer.compose(what));
  ASSERT_EQ(arrow, "<-") << line;
  expect(peer, what, line);
}

// By what a ladder calls it: a test may have put a peer of another name there.
Peer* Ladder::peer_of(std::string_view name) {
  if (name == "pbx") return &pbx;
  if (name == "desk") return &desk;
  if (name == "itsp") return &itsp;
  return name == "alt" ? &alt : nullptr;
}

transaction::Path Ladder::path_of(const Peer& from) {
  transaction::Path path;
  path.local = from.box_endpoint();
  path.remote = from.endpoint();
  path.transport = from.sends_over.value_or(from.transport);
  path.stream = from.stream;
  if (from.stream != transaction::StreamId::none) path.remote.port = from.connection_port;
  return path;
}

void Ladder::send(const Peer& from, const std::string& octets) {
  // What stands behind the datagram is readable but not part of it.
  const std::string padded = octets + std::string(sip::padding_octets, '\xee');
  const std::string_view datagram = std::string_view(padded).substr(0, octets.size());
  box.engine(box.owner_of(datagram)).on_datagram(datagram, path_of(from), box.now());
  deliver();
}

// As with stream/receive.cc, what is broken is whichever worker's: nobody can tell whose it was.
void Ladder::send_broken(const Peer& from, const std::string& octets, uint16_t status_code) {
  const std::string padded = octets + std::string(sip::padding_octets, '\xee');
  const std::string_view broken = std::string_view(padded).substr(0, octets.size());
  box.engine().on_broken(broken, status_code, path_of(from), box.now());
  deliver();
}

// Until no worker has anything to send, or to say to another one.
void Ladder::deliver() {
  for (unsigned i = 0; i < box.workers(); ++i) deliver_of(box.engine(i));
  for (unsigned i = 0; i < box.workers() && !holds_post; ++i) {
    if (!box.engine(i).take_post(box.now())) continue;
    deliver_of(box.engine(i));
    return deliver();
  }
}

void Ladder::deliver_of(engine::Engine& engine) {
  for (const transaction::Send& out : engine.outbox().sends()) {
    const std::string octets(engine.octets(out.datagram));
    Peer* found = &itsp;
    for (Peer* one : peers()) {
      if (one->endpoint().address != out.path.remote.address) continue;
      // Of two at one address ours tells which it is.
      const bool is_first = found->endpoint().address != out.path.remote.address;
      if (is_first || one->box_endpoint() == out.path.local) found = one;
    }
    Peer& peer = *found;
    EXPECT_EQ(out.path.remote, peer.endpoint()) << played() << octets;
    EXPECT_EQ(out.path.local, peer.box_endpoint()) << played() << octets;
    const bool is_large =
        peer.takes_large_over_tcp && octets.size() > 1300 && !octets.starts_with("SIP/2.0 ");
    EXPECT_EQ(out.path.transport, is_large ? contract::Transport::tcp : peer.transport)
        << played() << octets;
    peer.last_path = out.path;
    Wire message(octets);
    expect_hidden(peer, message);
    peer.take(std::move(message));
  }
  engine.clear_outbox();
}

void Ladder::expect_hidden(const Peer& receiver, const Wire& message) const {
  const auto is_inside = [&](const Peer* peer) { return peer == &pbx || peer == &desk; };
  for (const Peer* other : {&pbx, &desk, &itsp, &alt}) {
    // Peers of one realm are shown the same address of ours.
    const bool is_same_side = is_inside(other) == is_inside(&receiver);
    if (is_same_side) continue;
    for (const std::string& secret : other->secrets()) {
      const std::string shown =
          shows_media ? message.text.substr(0, message.text.find("\r\n\r\n")) : message.text;
      EXPECT_EQ(shown.find(secret), std::string::npos)
          << played() << receiver.name() << " was shown " << secret << " in\n"
          << message.text;
    }
  }
}

// The worker's counters that moved, for a failure's message.
std::string Ladder::counts() const {
  std::string text;
  for (unsigned i = 0; i < contract::worker_counter_count; ++i) {
    const auto counter = static_cast<contract::WorkerCounter>(i);
    const uint64_t value = box.worker_counter(counter);
    if (value == 0) continue;
    text.append("\n").append(text_of(counter).name).append(" ").append(std::to_string(value));
  }
  return text;
}

void Ladder::expect(Peer& peer, const std::string& what, const std::string& line) {
  ASSERT_FALSE(peer.inbox().empty()) << played() << "nothing came for: " << line << counts();
  const Wire message = peer.inbox().front();
  peer.inbox().pop_front();
  std::istringstream words(what);
  std::string label, word;
  words >> label;
  bool has_sdp = false;
  bool is_reliable = false;
  std::string method;
  std::string reported;
  while (words >> word) {
    if (word[0] >= '1' && word[0] <= '9') {
      reported = "SIP/2.0 " + word + " ";
    } else if (word == "sdp") {
      has_sdp = true;
    } else if (word == "reliable") {
      is_reliable = true;
    } else {
      method = word;
    }
  }
  const std::string got =
      message.is_request() ? message.method : std::to_string(message.status_code);
  ASSERT_EQ(got, label) << played() << message.text;
  if (!method.empty()) {
    ASSERT_EQ(message.method, method) << played() << message.text;
  }
  if (!reported.empty()) {
    ASSERT_EQ(message.body.substr(0, reported.size()), reported) << played() << message.text;
    return;
  }
  ASSERT_EQ(has_sdp, !message.body.empty()) << played() << message.text;
  ASSERT_EQ(is_reliable, !message.field("RSeq").empty()) << played() << message.text;
}

void Ladder::wait_ms(int64_t milliseconds) {
  const contract::Instant end = box.now() + contract::Duration::milliseconds(milliseconds);
  while (box.now() < end) {
    const auto left = end - box.now();
    box.advance(std::min(left, contract::Duration::milliseconds(10)));
    for (unsigned i = 0; i < box.workers(); ++i) {
      while (box.engine(i).on_timers(box.now())) {
      }
    }
    deliver();
  }
}

int64_t Ladder::wait_for(Peer& peer, int64_t most_ms) {
  int64_t waited_ms = 0;
  for (; peer.inbox().empty() && waited_ms < most_ms; waited_ms += 10) wait_ms(10);
  return waited_ms;
}

void Ladder::expect_clean(size_t records) {
  wait_ms(70'000);
  for (Peer* peer : peers()) peer->inbox().clear();
  for (unsigned i = 0; i < box.workers(); ++i) {
    EXPECT_EQ(box.engine(i).live_calls(), 0u) << i << played();
    EXPECT_EQ(box.engine(i).live_transactions(), 0u) << i << played();
    EXPECT_EQ(box.engine(i).free_datagrams(), box.options().datagrams) << i << played();
    EXPECT_EQ(box.engine(i).live_timers(), 0u) << i << played();
    EXPECT_EQ(box.engine(i).held().texts, 0u) << i << played();
    EXPECT_EQ(box.engine(i).held().lines, 0u) << i << played();
    EXPECT_EQ(box.engine(i).held().offers, 0u) << i << played();
    EXPECT_EQ(box.engine(i).held().stream_rows, 0u) << i << played();
    EXPECT_EQ(box.engine(i).held().digit_queues, 0u) << i << played();
    EXPECT_EQ(box.engine(i).held().attempts, 0u) << i << played();
    EXPECT_EQ(box.engine(i).held().searches, 0u) << i << played();
  }
  for (const contract::TrunkId trunk : {Box::pbx, Box::itsp, Box::alt}) {
    EXPECT_EQ(box.region().trunk_live(trunk).load(), 0u) << played();
    EXPECT_EQ(box.region().trunk_limits(trunk).calls_in.load(), 0u) << played();
    EXPECT_EQ(box.region().trunk_limits(trunk).calls_out.load(), 0u) << played();
    EXPECT_EQ(box.region().trunk_limits(trunk).kbps.load(), 0u) << played();
    using contract::TrunkCounter;
    EXPECT_EQ(box.trunk_counter(trunk, TrunkCounter::live), 0u) << played();
    EXPECT_EQ(box.trunk_counter(trunk, TrunkCounter::attempts_out),
              box.trunk_counter(trunk, TrunkCounter::answered_out) +
                  box.trunk_counter(trunk, TrunkCounter::failed_out))
        << played();
  }
  for (uint32_t limit = 0; limit < Box::limit_rows; ++limit) {
    EXPECT_EQ(box.region().limit_live(contract::LimitId{limit}).calls.load(), 0u) << played();
  }
  EXPECT_TRUE(box.directory().empty()) << played();
  const uint32_t ports = box.options().media_ports / 2u * box.options().media_addresses;
  for (uint16_t realm = 0; realm < 2; ++realm) {
    uint32_t free = 0;
    for (unsigned i = 0; i < box.workers(); ++i) {
      free += box.engine(i).media().free_pairs(contract::RealmId{realm});
    }
    EXPECT_EQ(free, ports) << played();
  }
  EXPECT_EQ(box.take_records().size(), records) << played();
}

contract::CallRecord Ladder::the_record() {
  const auto records = box.take_records();
  EXPECT_EQ(records.size(), 1u) << played();
  return records.empty() ? contract::CallRecord{} : records.front();
}

}  // namespace demarc::flow
