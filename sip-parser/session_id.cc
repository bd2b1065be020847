#include "sip-parser/session_id.h"

#include "sip-parser/known_params.h"
#include "sip-parser/token_params.h"

namespace demarc::sip {
namespace {

constexpr KnownParam known[] = {{"remote", ParamForm::token}};

bool read_uuid(std::string_view digits, Uuid& uuid) {
  if (digits.size() != uuid_digits) return false;
  for (const char c : digits) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && !(c >= 'a' && c <= 'f')) return false;
    uuid.high = uuid.high << 4 | uuid.low >> 60;
    uuid.low = uuid.low << 4 | static_cast<uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  return true;
}

}  // namespace

Result<SessionId, ValueError> parse_session_id(Span value, std::string_view datagram) {
  const Result<TokenParams, ValueError> parts = parse_token_params(value, datagram);
  if (!parts) return Fail{parts.error()};
  const auto found = read_known_params(parts->params, datagram, known);
  if (!found) return Fail{found.error()};
  SessionId id;
  id.local_text = parts->token;
  id.has_remote = is_present((*found)[0]);
  id.remote_text = (*found)[0].value;
  if (!read_uuid(text(id.local_text, datagram), id.local) ||
      (id.has_remote && !read_uuid(text(id.remote_text, datagram), id.remote))) {
    return Fail{ValueError::bad_syntax};
  }
  return id;
}

}  // namespace demarc::sip
