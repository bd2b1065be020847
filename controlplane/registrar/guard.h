// Guard: who may register: digest with each account (RFC 3261 section 22, RFC 7616, RFC 8760), and
// how much one source may try. No thread, no clock: time is an argument. Owned by Registrar.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "controlplane/registrar/plan.h"
#include "dataplane/contract/address.h"
#include "sip-parser/digest/hasher.h"
#include "sip-parser/digest/server.h"
#include "sip-parser/message.h"

namespace demarc::registrar {

// Limits of one source address.
inline constexpr uint32_t register_burst = 50;      // REGISTERs at once
inline constexpr uint64_t register_every_ms = 100;  // and then one in this time
inline constexpr uint32_t max_failures = 10;        // wrong credentials in a row
inline constexpr uint64_t silence_ms = 60'000;      // that it gets no answer then
inline constexpr size_t max_sources = 16'384;       // remembered at once

class Guard {
 public:
  // `secret` is of the nonces; at least digest::min_secret_octets, new at each start.
  explicit Guard(std::string secret);

  // Whether anything of this source is looked at. Takes one REGISTER from what it may send.
  bool is_heard(const contract::IpAddress& source, uint64_t now_ms);

  struct Judgement {
    enum class Kind : uint8_t {
      good,       // `trunk` and `user`
      challenge,  // 401 with `fields`
      refused,    // with `status_code`
    };
    Kind kind = Kind::challenge;
    const TrunkPlan* trunk = nullptr;  // of the plan
    std::string user;
    uint16_t status_code = 401;
    std::string fields;
  };
  // Of a REGISTER that came to the address and port of ours where `at` is served, from `source`.
  // Accounts are those of every trunk there.
  Judgement judge(const Plan& plan, const TrunkPlan& at, const sip::Message& message,
                  std::string_view text, const contract::Endpoint& source, uint64_t now_ms);
  // One that proved to be somebody and asked for what is another's.
  void note_failure(const contract::IpAddress& source, uint64_t now_ms);

 private:
  struct Source {
    uint64_t meter_ms = 0;  // until when what it sent counts
    uint32_t failures = 0;
    uint64_t silent_until_ms = 0;
  };
  struct Found {
    const TrunkPlan* trunk = nullptr;
    std::string_view password;
  };
  static Found find(const Plan& plan, const TrunkPlan& at, const std::string& user);
  std::string challenges(const digest::ServerPolicy& policy, std::string_view source, bool is_stale,
                         uint64_t now_ms);
  void forget_idle(uint64_t now_ms);

  const std::string secret_;
  digest::Hasher hasher_;
  digest::ReplayTable<1024> replays_{};
  std::map<contract::IpAddress, Source> sources_;
  uint64_t serial_ = 0;
};

}  // namespace demarc::registrar
