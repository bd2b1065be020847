#include "tests/sim/network.h"

#include <algorithm>

namespace demarc::sim {

using contract::Duration;

Network::Network(const Options& options, EventQueue& queue, Random random)
    : options_(options), queue_(queue), random_(random) {
  for (uint16_t trunk = 0; trunk < options.trunks; ++trunk) {
    const contract::Instant begin = queue.now() + random_.milliseconds(20'000, 270'000);
    const contract::Instant end = begin + random_.milliseconds(2000, 40'000);
    outages_.push_back({begin, options.faults.has_outages ? end : begin});
  }
}

bool Network::is_out(uint16_t trunk) const {
  const Outage& outage = outages_[trunk];
  return !is_healed_ && queue_.now() >= outage.begin && queue_.now() < outage.end;
}

void Network::carry(const Parcel& parcel) {
  const Faults& faults = options_.faults;
  if (is_healed_) return send_copy(parcel);
  if (is_out(parcel.trunk) || random_.chance(faults.drop)) {
    ++lost_;
    return;
  }
  send_copy(parcel);
  while (random_.chance(faults.duplicate)) send_copy(parcel);
}

Duration Network::draw_delay(Random& random) const {
  Duration delay = random.milliseconds(1, 5);
  if (is_healed_) return delay;
  if (random.chance(options_.faults.reorder)) delay = delay + random.milliseconds(0, 60);
  if (!random.chance(options_.faults.delay)) return delay;
  // Doubled again and again: most are short, a few very long.
  Duration tail = random.milliseconds(20, 100);
  while (random.chance(600)) tail = tail * 2;
  return std::min(delay + tail, Options::max_delay);
}

void Network::send_copy(const Parcel& parcel) {
  uint32_t id = static_cast<uint32_t>(parcels_.size());
  if (free_.empty()) {
    parcels_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  Parcel& copy = parcels_[id];
  copy = parcel;
  if (!is_healed_ && random_.chance(options_.faults.truncate)) {
    copy.octets.resize(1 + random_.below(static_cast<uint32_t>(copy.octets.size()) - 1));
    copy.is_cut = true;
  }
  queue_.plan(draw_delay(random_), Event::Kind::arrival, id);
}

}  // namespace demarc::sim
