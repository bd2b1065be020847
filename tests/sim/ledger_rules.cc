#include "tests/sim/ledger_rules.h"

#include <set>
#include <string>

namespace demarc::sim {

using contract::CallPhase;
using contract::CallRecord;
using contract::DirectoryRow;
using contract::TrunkCounter;
using contract::TrunkId;

namespace {

constexpr contract::Duration quarantine = contract::Duration::seconds(5);

}  // namespace

LedgerRules::LedgerRules(const Options& options, const EventQueue& queue, Appliance& box,
                         Failure& failure)
    : options_(options),
      queue_(queue),
      box_(box),
      failure_(failure),
      all_port_pairs_(box.free_port_pairs()) {}

void LedgerRules::on_sent_sdp(const Text& text, uint16_t trunk, uint32_t call) {
  const std::string own = "c=IN IP4 " + box_address(trunk);
  for_each_line(text.body, [&](std::string_view line) {
    if (line.starts_with("c=") && line != own) {
      failure_.report("SDP with an address that is not ours", call, text.octets);
    }
    if (!line.starts_with("m=")) return;
    const uint32_t port = number(line.substr(line.find(' ') + 1));
    if (port == 0) return;
    const bool is_in_range =
        port >= first_media_port && port < first_media_port + uint32_t{options_.media_ports};
    if (!is_in_range || port % 2 != 0) {
      failure_.report("SDP with a port that is not ours", call, text.octets);
    }
    claim(uint32_t{realm_of(trunk)} << 16 | port, call, text.octets);
  });
}

void LedgerRules::claim(uint32_t port, uint32_t call, std::string_view octets) {
  Port& owner = ports_[port];
  if (owner.call == call) return;
  if (owner.call != nobody && (!has_transfers() || rows_with(port) > 1)) {
    return failure_.report("a media port of two calls at once", call, octets);
  }
  if (owner.free_from.is_set() && queue_.now() < owner.free_from) {
    return failure_.report("a media port was given away in its quarantine", call, octets);
  }
  owner.call = call;
  ports_of_[call].push_back(port);
}

unsigned LedgerRules::rows_with(uint32_t port) const {
  const contract::IpAddress address =
      *contract::parse_address(box_address(static_cast<uint16_t>(port >> 16)));
  unsigned count = 0;
  for (const DirectoryRow& row : rows()) {
    for (const contract::MediaSummary& side : row.media) {
      count += side.local == contract::Endpoint{address, static_cast<uint16_t>(port)} ? 1 : 0;
    }
  }
  return count;
}

void LedgerRules::on_record(const CallRecord& record, uint32_t call) {
  ++record_count_;
  if (record.sequence != ++last_sequence_[record.worker]) {
    failure_.report("a hole in the sequence of records", call);
  }
  if (is_of_attempt(record)) {
    Kept& kept = kept_[std::string(record.call_id_in.view())];
    kept.status_code = record.status_code;
    // How many are right is known at the end: a lie may have made a second attempt.
    ++kept.count;
  }
  const bool is_ordered =
      record.started_unix_ns != 0 && record.started_unix_ns <= record.ended_unix_ns &&
      (record.answered_unix_ns == 0 || (record.started_unix_ns <= record.answered_unix_ns &&
                                        record.answered_unix_ns <= record.ended_unix_ns)) &&
      (record.ringing_unix_ns == 0 || (record.started_unix_ns <= record.ringing_unix_ns &&
                                       record.ringing_unix_ns <= record.ended_unix_ns));
  if (!is_ordered) failure_.report("a record whose times are out of order", call);
  if ((record.answered_unix_ns != 0) != (record.status_code == 200)) {
    failure_.report("a record that is answered and is not", call);
  }
  if (record.transfer != contract::TransferPart::none) return forget_ports(call);
  if (call == nobody) return failure_.report("a record of no call", call);
  has_transfers() ? forget_ports(call) : free_ports(call);
}

bool LedgerRules::is_of_attempt(const CallRecord& record) const {
  if (record.transfer == contract::TransferPart::none) return true;
  const std::string_view call_id = record.call_id_in.view();
  return !call_id.empty() && kept_.find(call_id) == kept_.end();
}

void LedgerRules::forget_ports(uint32_t call) {
  for (const uint32_t port : ports_of_[call]) {
    if (ports_[port].call == call) ports_[port] = {};
  }
  ports_of_[call].clear();
}

void LedgerRules::free_ports(uint32_t call) {
  for (const uint32_t port : ports_of_[call]) {
    ports_[port] = {nobody, queue_.now() + quarantine};
  }
  ports_of_[call].clear();
}

std::vector<DirectoryRow> LedgerRules::rows() const {
  std::vector<DirectoryRow> live;
  for (unsigned worker = 0; worker < box_.workers(); ++worker) {
    if (box_.engine(worker).live_calls() == 0) continue;
    for (uint32_t slot = 0; slot < options_.call_capacity; ++slot) {
      DirectoryRow row;
      const auto& cell = box_.region().directory(static_cast<contract::WorkerIndex>(worker),
                                                 contract::CallSlot{slot});
      if (cell.version() == 0) continue;
      static_cast<void>(cell.load(row));
      if (row.phase != CallPhase::none) live.push_back(row);
    }
  }
  return live;
}

void LedgerRules::audit() {
  const std::vector<DirectoryRow> live = rows();
  if (live.size() != box_.live_calls()) {
    failure_.report("the directory has not the rows of the live calls", nobody);
  }
  std::set<std::pair<contract::IpAddress, uint16_t>> media;
  for (const DirectoryRow& row : live) {
    const auto check = [&](const contract::MediaSummary(&sides)[2]) {
      for (const contract::MediaSummary& side : sides) {
        if (side.local.port == 0) continue;
        if (!media.insert({side.local.address, side.local.port}).second) {
          failure_.report("a media port in two rows of the directory", nobody);
        }
      }
    };
    check(row.media);
    contract::Region::FurtherStreams further;
    const unsigned count = box_.region().further_streams(row, further);
    for (unsigned i = 0; i < count; ++i) check(further[i].media);
  }
  audit_trunks(live);
  audit_groups();
}

void LedgerRules::audit_trunks(const std::vector<DirectoryRow>& live) {
  struct Legs {
    uint64_t in = 0;
    uint64_t out = 0;
  };
  std::vector<Legs> of_trunk(options_.trunks);
  for (const DirectoryRow& row : live) {
    if (row.from != TrunkId::none) ++of_trunk[index_of(row.from)].in;
    if (row.to != TrunkId::none) ++of_trunk[index_of(row.to)].out;
  }
  for (uint16_t trunk = 0; trunk < options_.trunks; ++trunk) {
    uint64_t counted = 0;
    for (unsigned worker = 0; worker < box_.workers(); ++worker) {
      counted += box_.region()
                     .trunk_counters(static_cast<contract::WorkerIndex>(worker), TrunkId{trunk})
                     .get(TrunkCounter::live);
    }
    const auto& [in, out] = of_trunk[trunk];
    const uint32_t shared = box_.region().trunk_live(TrunkId{trunk}).load();
    if (counted != in + out || shared != in + out) {
      failure_.report("a trunk's live count is not the number of its calls", nobody);
    }
    const contract::TrunkLive& by_direction = box_.region().trunk_limits(TrunkId{trunk});
    const uint32_t calls_in = by_direction.calls_in.load();
    const uint32_t calls_out = by_direction.calls_out.load();
    // A leg that was handed over stays what it was, on whichever side of its new call it is.
    const bool is_right = has_transfers() ? uint64_t{calls_in} + calls_out == in + out
                                          : calls_in == in && calls_out == out;
    if (!is_right) failure_.report("a trunk's counts by direction are not its calls", nobody);
    if (options_.max_calls != 0 && shared > options_.max_calls) {
      failure_.report("a trunk has more calls than it may", nobody);
    }
  }
}

void LedgerRules::audit_groups() {
  uint64_t in = 0;
  uint64_t out = 0;
  for (uint16_t trunk = 0; trunk < options_.trunks; ++trunk) {
    if (!is_in_half(trunk)) continue;
    in += box_.region().trunk_limits(TrunkId{trunk}).calls_in.load();
    out += box_.region().trunk_limits(TrunkId{trunk}).calls_out.load();
  }
  // A leg that goes to another worker is in a call already, and not refused its place there.
  if (options_.has_attended) return;
  const bool is_over = (options_.group_calls_in != 0 && in > options_.group_calls_in) ||
                       (options_.group_calls_out != 0 && out > options_.group_calls_out);
  if (is_over) failure_.report("a group has more calls than it may", nobody);
}

void LedgerRules::finish(const WireRules& wire, const Dialogs& dialogs) {
  const WireRules::Attempt* first = nullptr;
  std::string_view call_id;
  for (const auto& [key, attempt] : wire.attempts()) {
    const auto found = kept_.find(key);
    const Kept kept = found == kept_.end() ? Kept{} : found->second;
    // Without room for a record there is none; where tables are so tight that an INVITE has no
    // answer for half a minute, or a copy of it finds the room that it had not, there is another.
    const bool is_exact = kept.count == attempt.records_due &&
                          (kept.count == 0 || kept.status_code == attempt.final_status);
    const bool is_right =
        options_.is_tight || attempt.is_doubtful || is_exact || dialogs.named.contains(key);
    if (is_right || (first != nullptr && first->call < attempt.call)) continue;
    first = &attempt;
    call_id = key;
  }
  if (first == nullptr) return;
  failure_.report("an attempt has not the one record that says how it ended", first->call, call_id);
}

void LedgerRules::expect_clean() {
  for (unsigned worker = 0; worker < box_.workers(); ++worker) {
    const engine::Engine& engine = box_.engine(worker);
    if (engine.live_calls() != 0) failure_.report("calls are left", nobody);
    if (engine.live_transactions() != 0) failure_.report("transactions are left", nobody);
    if (engine.live_timers() != 0) failure_.report("timers are left", nobody);
    if (engine.held().texts != 0) failure_.report("texts are left", nobody);
    if (engine.held().digit_queues != 0) failure_.report("digits are left", nobody);
    if (engine.held().searches != 0) failure_.report("searches are left", nobody);
    if (engine.held().attempts != 0) failure_.report("attempts are left", nobody);
    if (engine.held().lines != 0) failure_.report("m-lines are left", nobody);
    if (engine.held().offers != 0) failure_.report("offers are left", nobody);
    if (engine.held().stream_rows != 0) failure_.report("ledgers of m-lines are left", nobody);
    if (engine.free_datagrams() != options_.datagram_capacity) {
      failure_.report("datagrams are left", nobody);
    }
  }
  for (uint16_t trunk = 0; trunk < options_.trunks; ++trunk) {
    if (box_.region().trunk_limits(TrunkId{trunk}).kbps.load() == 0) continue;
    failure_.report("bandwidth of calls is left", nobody);
  }
  if (box_.free_port_pairs() != all_port_pairs_) failure_.report("media ports are left", nobody);
  audit();
}

}  // namespace demarc::sim
