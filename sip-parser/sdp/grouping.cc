#include "sip-parser/sdp/grouping.h"

namespace demarc::sdp {
namespace {

struct Semantics {
  std::string_view name;
  GroupSemantics semantics;
};
constexpr Semantics known_semantics[] = {
    {"LS", GroupSemantics::ls},         {"FID", GroupSemantics::fid},
    {"BUNDLE", GroupSemantics::bundle}, {"DUP", GroupSemantics::dup},
    {"ANAT", GroupSemantics::anat},     {"FEC-FR", GroupSemantics::fec_fr},
    {"SIM", GroupSemantics::sim},
};

template <class IsMember>
Result<Group, ValueError> read_group(Span value, std::string_view body, IsMember is_member) {
  std::string_view rest = text(value, body);
  const std::string_view name = take_word(rest);
  if (!is_token(name)) return Fail{ValueError::bad_syntax};
  Group group;
  group.semantics_text = span_of(name, body);
  for (const Semantics& known : known_semantics) {
    if (known.name == name) group.semantics = known.semantics;
  }
  std::string_view members = rest;
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    if (!is_member(word)) return Fail{ValueError::bad_syntax};
  }
  if (!members.empty()) group.members = span_of(members, body);
  return group;
}

Result<Span, ValueError> parse_token(Span value, std::string_view body) {
  if (!is_token(text(value, body))) return Fail{ValueError::bad_syntax};
  return value;
}

}  // namespace

Result<Ssrc, ValueError> parse_ssrc(Span value, std::string_view body) {
  std::string_view rest = text(value, body);
  Ssrc ssrc;
  const std::string_view id = take_word(rest);
  if (!read_number(id, {0, UINT32_MAX}, ssrc.id)) return Fail{number_error(id)};
  if (rest.empty()) return Fail{ValueError::bad_syntax};
  rest.remove_prefix(1);
  const std::string_view attribute = take_until(rest, ':');
  if (!is_token(attribute)) return Fail{ValueError::bad_syntax};
  ssrc.attribute = span_of(attribute, body);
  if (!rest.empty()) ssrc.value = span_of(rest, body);
  return ssrc;
}

Result<Group, ValueError> parse_group(Span value, std::string_view body) {
  return read_group(value, body, [](std::string_view word) { return is_token(word); });
}

Result<Group, ValueError> parse_ssrc_group(Span value, std::string_view body) {
  return read_group(value, body, [](std::string_view word) {
    uint32_t id;
    return read_number(word, {0, UINT32_MAX}, id);
  });
}

bool take_member(Span& members, std::string_view body, Span& member) {
  std::string_view rest = text(members, body);
  const std::string_view word = take_word(rest);
  members = rest.empty() ? Span{} : span_of(rest, body);
  if (word.empty()) return false;
  member = span_of(word, body);
  return true;
}

Result<Msid, ValueError> parse_msid(Span value, std::string_view body) {
  std::string_view rest = text(value, body);
  const std::string_view id = take_word(rest);
  const std::string_view data = take_word(rest);
  if (!is_token(id) || !token.covers(data) || !take_word(rest).empty()) {
    return Fail{ValueError::bad_syntax};
  }
  if (id.size() > max_msid_octets || data.size() > max_msid_octets) {
    return Fail{ValueError::out_of_range};
  }
  return Msid{span_of(id, body), data.empty() ? Span{} : span_of(data, body)};
}

Result<Span, ValueError> parse_mid(Span value, std::string_view body) {
  return parse_token(value, body);
}

Result<Span, ValueError> parse_label(Span value, std::string_view body) {
  return parse_token(value, body);
}

bool has_content(Span value, std::string_view body, std::string_view content) {
  std::string_view rest = text(value, body);
  while (!rest.empty()) {
    if (ascii::trim(take_until(rest, ',')) == content) return true;
  }
  return false;
}

}  // namespace demarc::sdp
