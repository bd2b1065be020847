#include <algorithm>
#include <iterator>

#include "dataplane/call/calls.h"

namespace demarc::call {

contract::CallPhase Calls::phase_of(const Call& call) {
  switch (call.state) {
    case State::trying:
      return contract::CallPhase::trying;
    case State::proceeding:
      return call.ringing.is_set() ? contract::CallPhase::ringing : contract::CallPhase::trying;
    case State::held:
      return contract::CallPhase::ringing;
    case State::answered:
    case State::confirmed:
    case State::waiting:
      return contract::CallPhase::answered;
    default:
      return contract::CallPhase::ending;
  }
}

uint64_t Calls::unix_ns(contract::Instant instant) const {
  if (!instant.is_set()) return 0;
  const int64_t offset = services_.region.header().wall_offset_ns.load(std::memory_order_relaxed);
  return instant.ns + static_cast<uint64_t>(offset);
}

void Calls::fill_state(const Call& call, contract::DirectoryRow& row) const {
  row.phase = phase_of(call);
  row.worker = limits_.worker;
  // Of a transfer a leg may be in another call, still or already.
  const auto trunk_of = [](const Leg& leg) {
    return leg.counted.is_set ? leg.trunk : contract::TrunkId::none;
  };
  row.from = trunk_of(call.leg(Side::in));
  row.to = trunk_of(call.leg(Side::out));
  row.serial = call.serial;
  row.started_unix_ns = unix_ns(call.started);
  row.answered_unix_ns = unix_ns(call.answered);
}

void Calls::write_state(uint32_t slot) {
  contract::DirectoryRow row;
  fill_state(calls_[slot], row);
  services_.region.directory(limits_.worker, contract::CallSlot{slot})
      .store_first(row, contract::directory_state_octets);
}

void Calls::write_row(uint32_t slot) {
  Call& call = calls_[slot];
  contract::DirectoryRow row;
  fill_state(call, row);
  row.put(contract::RowText::call_id_out, call.text.get(call.leg(Side::out).dialog.call_id));
  row.put(contract::RowText::calling, call.text.get(call.calling));
  row.put(contract::RowText::called, call.text.get(call.called));
  row.put(contract::RowText::call_id_in, call.text.get(call.leg(Side::in).dialog.call_id));
  media_ledger_.write(call, row);
  services_.region.directory(limits_.worker, contract::CallSlot{slot}).store(row);
}

// No new calls while those that are over wait for room.
bool Calls::has_record_room() const {
  return first_waiting_record_ == memory::no_index && records_.room() != 0;
}

// False when there is no room for it, or others wait before it.
bool Calls::write_record(uint32_t slot, contract::Instant ended) {
  const Call& call = calls_[slot];
  if (call.is_recorded) return true;
  if (!has_record_room()) return false;
  contract::CallRecord record;
  fill_record(call, ended, record);
  media_ledger_.fill(call, record);
  record.sequence = next_record_++;
  DEMARC_CHECK(records_.push(record));
  return true;
}

// Of a new INVITE that is refused with 503 before it is a call. The second half of the ring is for
// records of calls: any number of refusals may come while nobody reads it. What has none is counted
// by the table that was full.
void Calls::record_unplaced(const Received& request) {
  if (!has_record_room() || records_.size() * 2 >= records_.capacity()) return;
  contract::CallRecord record;
  record.boot_id = services_.region.header().boot_id;
  record.sequence = next_record_++;
  record.worker = limits_.worker;
  record.status_code = 503;
  record.from = request.trunk;
  record.from_name.assign(snapshot_->trunk_name(request.trunk));
  record.generation = snapshot_->generation;
  record.revision = snapshot_->routes->revision;
  record.started_unix_ns = record.ended_unix_ns = unix_ns(request.now);
  number::Number number;
  record.called.assign(called_of(request, number));
  record.calling.assign(calling_of(request));
  record.call_id_in.assign(request.value(sip::HeaderName::call_id));
  DEMARC_CHECK(records_.push(record));
}

// A record is never lost for want of room in its ring: the call keeps its slot, its text, and in
// its rows of the directory what its media did, until there is some. As many may wait as there may
// be calls, so nothing need be kept free for those that live.
void Calls::await_record_room(uint32_t slot, contract::Instant ended) {
  Call& call = calls_[slot];
  write_row(slot);
  call.awaits_record = true;
  call.ended = ended;
  call.next_waiting = memory::no_index;
  if (first_waiting_record_ == memory::no_index) {
    first_waiting_record_ = slot;
  } else {
    calls_[last_waiting_record_].next_waiting = slot;
  }
  last_waiting_record_ = slot;
}

void Calls::write_waiting_records() {
  while (first_waiting_record_ != memory::no_index && records_.room() != 0) {
    const uint32_t slot = first_waiting_record_;
    const Call& call = calls_[slot];
    first_waiting_record_ = call.next_waiting;
    contract::CallRecord record;
    fill_record(call, call.ended, record);
    contract::DirectoryRow row;
    // We are its writer, so that it is whole.
    if (services_.region.directory(limits_.worker, contract::CallSlot{slot}).load(row)) {
      media_ledger_.fill(row, record);
    }
    record.sequence = next_record_++;
    DEMARC_CHECK(records_.push(record));
    release_call(slot);
  }
}

// All but its sequence number and what its media did.
void Calls::fill_record(const Call& call, contract::Instant ended,
                        contract::CallRecord& record) const {
  const Leg& in = call.leg(Side::in);
  const Leg& out = call.leg(Side::out);
  record.boot_id = services_.region.header().boot_id;
  record.worker = limits_.worker;
  record.end = call.end;
  record.status_code = call.status_code;
  record.from = in.trunk;
  record.to = out.trunk;
  static_assert(route::max_hunted_routes <= contract::max_record_routes);
  record.route = call.route;
  for (unsigned i = 0; i < call.routed_count; ++i) {
    const Routed& routed = call.routed[i];
    record.routes[i].name.assign(call.text.get(routed.name));
    record.routes[i].file = routed.file;
    record.routes[i].line = routed.line;
  }
  record.generation = call.generation;
  record.revision = call.revision;
  record.started_unix_ns = unix_ns(call.started);
  record.ringing_unix_ns = unix_ns(call.ringing);
  record.answered_unix_ns = unix_ns(call.answered);
  record.ended_unix_ns = unix_ns(ended);
  record.from_name.assign(call.text.get(call.trunk_names[0]));
  record.to_name.assign(call.text.get(call.trunk_names[1]));
  record.calling.assign(call.text.get(call.calling));
  record.called.assign(call.text.get(call.called));
  record.called_sent.assign(call.text.get(call.called_sent));
  record.calling_sent.assign(call.text.get(call.calling_sent));
  record.called_in_line = call.rule_lines.called_in;
  record.calling_in_line = call.rule_lines.calling_in;
  record.called_out_line = call.rule_lines.called_out;
  record.calling_out_line = call.rule_lines.calling_out;
  record.rules_in_file = call.rule_lines.in_file;
  record.rules_out_file = call.rule_lines.out_file;
  record.limits_met = call.limits_met;
  record.call_id_in.assign(call.text.get(in.dialog.call_id));
  record.call_id_out.assign(call.text.get(out.dialog.call_id));
  record.transfer = call.transfer_part;
  record.transfer_status = call.transfer_status;
  record.referred_by.assign(call.text.get(call.referred_by));
  record.referred_to.assign(call.text.get(call.referred_to));
  attempts_.fill(call.attempts, record);
}

}  // namespace demarc::call
