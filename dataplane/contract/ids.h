// Identities that both planes use. An id is an index into the section or table that it names; it
// keeps its meaning as long as the generation it came from is in force.
#pragma once

#include <cstdint>
#include <type_traits>

namespace demarc::contract {

enum class TrunkId : uint16_t { none = 0xffff };
enum class RealmId : uint16_t { none = 0xffff };
enum class NicPortId : uint16_t { none = 0xffff };
enum class TlsProfileId : uint16_t { none = 0xffff };
enum class TargetId : uint32_t { none = 0xffffffff };
// A count that calls of a kind have together, beside those of trunks (trunk_limits.h).
enum class LimitId : uint32_t { none = 0xffffffff };
// A call slot of one worker; the directory row has the same number.
enum class CallSlot : uint32_t { none = 0xffffffff };

using WorkerIndex = uint8_t;
inline constexpr unsigned max_workers = 64;

template <class Id>
constexpr std::underlying_type_t<Id> index_of(Id id) {
  return static_cast<std::underlying_type_t<Id>>(id);
}

}  // namespace demarc::contract
