// passed_status: what the sender of a request gets for a failure of the other side, as a table.
// What only makes sense between us and that side does not cross: a challenge, a redirection to its
// addresses, and what it finds wanting in a request that we made. A unit test prints all of it.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::call {

// What the request was.
enum class RequestKind : uint8_t {
  new_call,        // an INVITE that begins one
  session_change,  // INVITE, UPDATE or PRACK within a call
  other_within,    // anything else there
  count,
};

// Within a call what crosses must not end it where nothing is wrong: peers take 480, 405 and 501
// for the end of the session, and what says that an address is nobody's for the end of the dialog
// (RFC 5057 section 5.1). That address was ours to find, so they learn that the session stays as it
// was (488), or that their request was not served (500). 481 is true: the call ends with it.
constexpr uint16_t passed_status(uint16_t status_code, RequestKind kind) {
  const bool is_new = kind == RequestKind::new_call;
  const bool is_change = kind == RequestKind::session_change;
  const uint16_t refused = is_change ? 488 : 500;
  if (status_code < 400) return is_new ? 480 : refused;
  switch (status_code) {
    case 401:
    case 407:
      return 403;
    // Extensions and security that our request has not.
    case 421:
    case 494:
      return is_new ? 480 : refused;
    // Its sender tries again by itself (RFC 3261 section 14.1), and then we ask as we were told to.
    case 422:
      return is_new ? 480 : is_change ? 491 : 500;
    // Where our request went, and how it was written.
    case 400:
    case 404:
    case 410:
    case 416:
    case 420:
    case 482:
    case 484:
    case 485:
    case 604:
      return is_new ? status_code : refused;
    // That it knows the method is what we have told its sender.
    case 405:
    case 501:
      return is_change ? 488 : status_code;
    default:
      return status_code;
  }
}

constexpr std::string_view spelling(RequestKind kind) {
  switch (kind) {
    case RequestKind::new_call:
      return "new_call";
    case RequestKind::session_change:
      return "session_change";
    case RequestKind::other_within:
      return "other_within";
    case RequestKind::count:
      break;
  }
  return "?";
}

}  // namespace demarc::call
