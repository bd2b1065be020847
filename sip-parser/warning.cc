#include "sip-parser/warning.h"

#include "sip-parser/cseq.h"
#include "sip-parser/host_port.h"
#include "sip-parser/value_reader.h"

namespace demarc::sip {
namespace {

constexpr uint16_t code_digits = 3;
constexpr uint32_t max_code = 999;
constexpr CharClass agent_class = CharClass::where(ascii::is_token) | CharClass::of("[]:");

// hostport / pseudonym: up to the next blank.
bool read_agent(ValueReader& reader, Span& agent, std::string_view datagram) {
  agent = reader.run(agent_class);
  if (ascii::is_token(text(agent, datagram))) return true;
  HostPort host_port;
  uint32_t position = agent.offset;
  return read_host_port<Blanks::refused>(datagram, position, agent.end(), host_port) ==
             ValueError{} &&
         position == agent.end();
}

}  // namespace

Result<Warning, ValueError> parse_warning(Span element, std::string_view datagram) {
  ValueReader reader(element, datagram);
  Warning warning;
  const Span digits = reader.digits();
  const Result<uint32_t, ValueError> code = parse_number(digits, datagram, max_code);
  if (!code) return Fail{code.error()};
  warning.code = static_cast<uint16_t>(*code);
  if (digits.length != code_digits || !reader.is_at_space()) return Fail{ValueError::bad_syntax};
  reader.skip_space();
  if (!read_agent(reader, warning.agent, datagram) || !reader.is_at_space()) {
    return Fail{ValueError::bad_syntax};
  }
  reader.skip_space();
  if (!reader.quoted(warning.text) || !reader.at_end()) return Fail{ValueError::bad_syntax};
  return warning;
}

}  // namespace demarc::sip
