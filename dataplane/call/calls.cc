#include "dataplane/call/calls.h"

#include "sip-parser/name_addr.h"

namespace demarc::call {
namespace {

constexpr size_t scratch_octets = sip::max_message_octets;

}  // namespace

std::string_view to_tag_of(const Received& received) {
  const auto to =
      sip::parse_name_addr(received.message.value(sip::HeaderName::to), received.datagram);
  return to ? text(to->tag, received.datagram) : std::string_view{};
}

Calls::Calls(memory::Arena& arena, const Limits& limits, const Services& services,
             const contract::NameKeys& names, const SipHashKey& entropy, const SipHashKey& tables)
    : limits_(limits),
      services_(services),
      calls_(arena, limits.calls),
      legs_by_tag_(arena, limits.calls * 2),
      calls_by_id_(arena, limits.calls),
      mint_(names, limits.worker, limits.workers, entropy),
      tables_(tables),
      session_(services.media, arena),
      records_(services.region.records(limits.worker)),
      scratch_(arena.take<char>(scratch_octets)),
      body_(arena.take<char>(scratch_octets)) {}

size_t Calls::octets_needed(const Limits& limits) {
  return memory::Pool<Call>::octets_needed(limits.calls) +
         memory::HashIndex::octets_needed(limits.calls * 2) +
         memory::HashIndex::octets_needed(limits.calls) + Session::octets_needed() +
         2 * memory::Arena::octets_for<char>(scratch_octets);
}

// Our address on a trunk, as the peer sees it.
contract::Endpoint Calls::advertised(contract::TrunkId trunk) const {
  const contract::TrunkConfig& config = snapshot_->trunk(trunk);
  return {snapshot_->realm(config.realm).advertised_address, config.local_port};
}

memory::DatagramId Calls::keep(const sip::Writer& writer) {
  if (writer.failed()) {
    count(contract::WorkerCounter::sip_too_long);
    return memory::DatagramId::none;
  }
  const memory::DatagramId id = services_.datagrams.keep(writer.written());
  if (id == memory::DatagramId::none) count(contract::WorkerCounter::datagram_pool_empty);
  return id;
}

void Calls::count(contract::WorkerCounter counter) {
  services_.region.worker(limits_.worker).counters.add(counter);
}

contract::TrunkCounters& Calls::trunk_counters(contract::TrunkId trunk) const {
  return services_.region.trunk_counters(limits_.worker, trunk);
}

void Calls::index_leg(uint32_t slot, Side side) {
  Call& call = calls_[slot];
  call.leg(side).is_indexed = true;
  legs_by_tag_.insert(tag_hash(call.text.get(call.leg(side).dialog.local_tag)),
                      slot * 2 + static_cast<uint32_t>(side));
  if (side == Side::out) return;
  calls_by_id_.insert(tag_hash(call.text.get(call.leg(side).dialog.call_id)), slot);
}

void Calls::unindex_leg(uint32_t slot, Side side) {
  Call& call = calls_[slot];
  if (!call.leg(side).is_indexed) return;
  call.leg(side).is_indexed = false;
  legs_by_tag_.erase(tag_hash(call.text.get(call.leg(side).dialog.local_tag)),
                     slot * 2 + static_cast<uint32_t>(side));
  if (side == Side::out) return;
  calls_by_id_.erase(tag_hash(call.text.get(call.leg(side).dialog.call_id)), slot);
}

}  // namespace demarc::call
