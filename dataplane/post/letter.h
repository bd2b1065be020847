// Letter and Note: what workers say to one another when a leg of a call goes from one to another
// (decision D60). A letter is a head with octets behind it, a note has a few fields. Plain values.
#pragma once

#include <cstdint>
#include <type_traits>

#include "dataplane/contract/ids.h"
#include "dataplane/contract/minted_name.h"
#include "dataplane/transaction/path.h"

namespace demarc::post {

// A leg that left, or wants to, as the worker that it leaves knows it. The generation tells it from
// a later one of the same number.
struct Reference {
  uint32_t index = 0;
  uint32_t generation = 0;
  friend bool operator==(const Reference&, const Reference&) = default;
};

// Passing on ends there: rows of legs that went there and back may name each other for a while when
// the call is over.
inline constexpr uint8_t max_hops = 8;

struct Letter {
  enum class Kind : uint8_t {
    message,  // a SIP message of a leg that went there
    leg,      // the image of a leg, for a call that is there (call/transfers/leg_image.h)
  };
  uint32_t octets = 0;  // behind it; set by the ring
  Kind kind = Kind::message;
  contract::WorkerIndex from = 0;  // whose leg it is; who passes a letter on leaves it as it is
  uint8_t hops = 0;                // how often it was passed on before
  Reference leg;                   // of an image
  transaction::Path path;          // of a message: as it was received
};
static_assert(std::is_trivially_copyable_v<Letter> && sizeof(Letter) <= 128);

struct Note {
  enum class Kind : uint8_t {
    joined,     // to whose leg it was: it is in a call here now
    refused,    // to the same: it can not be; `status_code` says why
    gone,       // to who joined it: its peer has left meanwhile; `tag` is ours in its dialog
    forgotten,  // to whose leg it was: its call is over, nothing more is to be passed on
  };
  Kind kind = Kind::refused;
  contract::WorkerIndex from = 0;
  uint16_t status_code = 0;
  Reference leg;
  contract::MintedName tag = {};
};
static_assert(std::is_trivially_copyable_v<Note> && sizeof(Note) <= 64);

}  // namespace demarc::post
