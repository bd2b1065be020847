// LedgerRules: what the box keeps account of, judged from its public state: call records, counters
// of trunks, the directory and media ports.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dataplane/contract/directory.h"
#include "dataplane/contract/record.h"
#include "tests/sim/appliance.h"
#include "tests/sim/dialogs.h"
#include "tests/sim/event_queue.h"
#include "tests/sim/failure.h"
#include "tests/sim/options.h"
#include "tests/sim/text.h"
#include "tests/sim/wire_rules.h"

namespace demarc::sim {

class LedgerRules {
 public:
  LedgerRules(const Options& options, const EventQueue& queue, Appliance& box, Failure& failure);

  // SDP that the box sends in that call.
  void on_sent_sdp(const Text& text, uint16_t trunk, uint32_t call);
  // The INVITE goes to another target: what the one before had is given back.
  void on_next_attempt(uint32_t call) { has_transfers() ? forget_ports(call) : free_ports(call); }
  // A record that a worker wrote, of the call that it belongs to.
  void on_record(const contract::CallRecord& record, uint32_t call);
  // Once a second.
  void audit();
  // Live rows of all workers.
  std::vector<contract::DirectoryRow> rows() const;
  // Every attempt has its record. Who was handed over may be recorded under another's name.
  void finish(const WireRules& wire, const Dialogs& dialogs);
  // Nothing is left of anything.
  void expect_clean();
  uint64_t records() const { return record_count_; }

 private:
  struct Port {
    uint32_t call = nobody;
    contract::Instant free_from;  // when its last owner gave it back
  };
  struct Kept {
    unsigned count = 0;
    uint16_t status_code = 0;
  };
  void claim(uint32_t port, uint32_t call, std::string_view octets);
  void free_ports(uint32_t call);
  // A transfer takes ports from one call to another, which SDP does not always show: from then on
  // nobody knows whose they are until they are shown again, and where they seem to be of two calls
  // the directory is asked.
  bool has_transfers() const { return options_.transfer == contract::Transfer::handled; }
  void forget_ports(uint32_t call);
  // Counts of trunks and groups against the rows of live calls.
  void audit_trunks(const std::vector<contract::DirectoryRow>& live);
  void audit_groups();
  // Live rows of the directory that have the port of a realm (realm << 16 | port).
  unsigned rows_with(uint32_t port) const;
  // Whether it is the record of the attempt that its Call-ID names: a call that was made for a
  // transfer ends with the Call-ID of a leg from elsewhere, or with none.
  bool is_of_attempt(const contract::CallRecord& record) const;

  const Options& options_;
  const EventQueue& queue_;
  Appliance& box_;
  Failure& failure_;
  uint32_t all_port_pairs_;
  uint64_t record_count_ = 0;
  std::array<uint64_t, contract::max_workers> last_sequence_{};
  std::unordered_map<uint32_t, Port> ports_;                      // realm << 16 | port
  std::unordered_map<uint32_t, std::vector<uint32_t>> ports_of_;  // by call
  ByText<Kept> kept_;                                             // by Call-ID
};

}  // namespace demarc::sim
