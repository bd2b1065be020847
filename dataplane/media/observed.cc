#include "dataplane/media/observed.h"

namespace demarc::media {
namespace {

// RFC 3611 section 4.7.2: a burst begins and ends with a loss; one alone belongs to the gap.
bool is_burst(const Observed::Cluster& cluster) {
  return cluster.lost > 1;
}

uint32_t packets_of(const Observed::Cluster& cluster) {
  return cluster.end - cluster.begin + 1;
}

}  // namespace

void note_loss(Observed& observed, uint32_t first, uint32_t count) {
  ++observed.loss_runs;
  Observed::Cluster& cluster = observed.cluster;
  if (cluster.lost != 0 && first - cluster.end - 1 >= burst_gap_packets) close_cluster(observed);
  if (cluster.lost == 0) cluster.begin = first;
  cluster.end = first + count - 1;
  cluster.lost += count;
}

void note_late(Observed& observed, uint32_t sequence) {
  ++observed.late;
  Observed::Cluster& cluster = observed.cluster;
  const bool is_inside = sequence - cluster.begin <= cluster.end - cluster.begin;
  if (cluster.lost != 0 && is_inside) --cluster.lost;
}

void close_cluster(Observed& observed) {
  const Bursts all = bursts_of(observed);
  observed.bursts = all.count;
  observed.burst_packets = all.packets;
  observed.burst_lost = all.lost;
  observed.cluster = {};
}

Bursts bursts_of(const Observed& observed) {
  Bursts all{observed.bursts, observed.burst_packets, observed.burst_lost};
  if (!is_burst(observed.cluster)) return all;
  ++all.count;
  all.packets += packets_of(observed.cluster);
  all.lost += observed.cluster.lost;
  return all;
}

}  // namespace demarc::media
