// The direction of a stream (RFC 8866 section 6.7, RFC 3264 section 6.1) as its sender sees it.
//
// Used by the model and by whoever makes or checks an answer. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::sdp {

enum class Direction : uint8_t { sendrecv, sendonly, recvonly, inactive };

std::string_view spelling(Direction direction);

constexpr bool is_sending(Direction direction) {
  return direction == Direction::sendrecv || direction == Direction::sendonly;
}
constexpr bool is_receiving(Direction direction) {
  return direction == Direction::sendrecv || direction == Direction::recvonly;
}
constexpr Direction make_direction(bool sends, bool receives) {
  if (sends) return receives ? Direction::sendrecv : Direction::sendonly;
  return receives ? Direction::recvonly : Direction::inactive;
}
// The widest direction that may be answered to `offered`, for a side that itself would like
// `wanted`: what one sends the other has to receive.
constexpr Direction answer_to(Direction offered, Direction wanted) {
  return make_direction(is_receiving(offered) && is_sending(wanted),
                        is_sending(offered) && is_receiving(wanted));
}

}  // namespace demarc::sdp
