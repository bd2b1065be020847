// Lines: the connections of the trunks that speak TCP or TLS, as streams of octets in order: cut
// anywhere, run together, reset within a message, half-open, refused, closed. The box's ends are in
// the real table of connections with the real framer (dataplane/stream); sockets and TLS itself are
// not here.
//
// Like the network it only carries: what has arrived, and what is lost, is taken by the world.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/stream/connections.h"
#include "dataplane/transaction/path.h"
#include "tests/sim/event_queue.h"
#include "tests/sim/failure.h"
#include "tests/sim/network.h"
#include "tests/sim/options.h"
#include "tests/sim/random.h"

namespace demarc::sim {

class Lines {
 public:
  struct Parts {
    const Options& options;
    EventQueue& queue;
    const Network& network;
    Failure& failure;
  };
  Lines(const Parts& parts, Random random);

  // A worker sends `parcel.octets` by that path: over the connection that stream::Connections
  // chooses, or a new one.
  void send_from_box(const Parcel& parcel, const transaction::Path& path,
                     contract::WorkerIndex worker);
  // A peer sends: on the line that its parcel names while that is open, else on one of its own.
  void send_from_peer(const Parcel& parcel);
  // An event of Kind::line: something reaches the end of a line.
  void arrive(uint32_t line, uint32_t serial);
  // An event of Kind::line_close: the peer wants no more of it.
  void close(uint32_t line);

  // Messages that were framed at either end, in order, and those that went down with a line.
  std::vector<Parcel> take_arrived();
  std::vector<Parcel> take_lost();
  // The subject of an event of Kind::undelivered: a request of the box that no peer answered.
  const stream::Unanswered::Request& undelivered(uint32_t index) const {
    return undelivered_[index];
  }
  uint64_t opened() const { return lines_.size(); }
  uint64_t broken() const { return broken_; }

 private:
  enum class Way : uint8_t { to_box, to_peer };
  // What travels: a line itself, octets of it, or its end.
  struct Segment {
    enum class Kind : uint8_t { open, refusal, octets, death };
    uint32_t serial = 0;
    Kind kind = Kind::octets;
    std::string octets;
    contract::Instant at;
  };
  struct Flow {
    std::deque<Segment> flying;
    std::deque<Parcel> sent;  // not framed yet at the other end
    contract::Instant last;   // when the last segment arrives
  };
  struct Line {
    contract::Endpoint box;
    contract::Endpoint peer;  // its own end: another port than it listens at if it opened the line
    uint16_t trunk = 0;
    contract::Transport transport = contract::Transport::tcp;
    transaction::StreamId box_end = transaction::StreamId::none;
    bool is_dying = false;         // whatever is written now never arrives
    bool is_dead = false;          // both ends know
    bool is_left_by_peer = false;  // the peer knows that it is over
    sip::Framer framer;            // of the peer
    std::string received;          // by the peer
    std::array<Flow, 2> flows;
    Flow& flow(Way way) { return flows[static_cast<size_t>(way)]; }
  };

  stream::Connection* open_from_box(const transaction::Path& path, uint16_t trunk);
  uint32_t open_from_peer(const Parcel& parcel);
  uint32_t line_of_peer(const Parcel& parcel);
  void put(uint32_t index, Way way, const Parcel& parcel);
  bool befall(uint32_t index, Way way, std::string_view octets);
  void write(uint32_t index, Way way, std::string_view octets);
  void plan(uint32_t index, Way way, Segment::Kind kind, contract::Duration delay,
            std::string_view octets = {});
  void kill(uint32_t index, contract::Duration delay);
  void fall_silent(uint32_t index);
  void die(uint32_t index);
  void reach_box(uint32_t index, const Segment& segment);
  void reach_peer(uint32_t index, const Segment& segment);
  bool take_frame(uint32_t index, Way way, std::string_view received, const sip::Frame& frame);
  bool is_troubled(uint32_t per_mille);

  Parts parts_;
  Random random_;
  stream::Limits limits_;
  stream::Connections table_;
  std::deque<Line> lines_;         // never forgotten: names stay unique
  std::vector<uint32_t> line_of_;  // by the index of the box's connection
  std::map<contract::IpAddress, std::vector<uint32_t>> of_peer_;
  std::vector<stream::Unanswered::Request> undelivered_;
  std::vector<Parcel> arrived_;
  std::vector<Parcel> lost_;
  uint32_t next_serial_ = 0;
  uint16_t next_port_ = 30000;
  uint64_t broken_ = 0;
};

}  // namespace demarc::sim
