#include "sip-parser/sdp/t38.h"

namespace demarc::sdp {
namespace {

bool read_flag(std::string_view value, bool& flag) {
  if (!value.empty() && value != "0" && value != "1") return false;
  flag = value != "0";
  return true;
}

bool read_rate_management(std::string_view value, T38RateManagement& management) {
  for (const auto known : {T38RateManagement::local_tcf, T38RateManagement::transferred_tcf}) {
    if (!ascii::iequals(value, spelling(known))) continue;
    management = known;
    return true;
  }
  return false;
}

bool read_error_correction(std::string_view value, T38ErrorCorrection& correction) {
  for (const auto known :
       {T38ErrorCorrection::no_ec, T38ErrorCorrection::redundancy, T38ErrorCorrection::fec}) {
    if (!ascii::iequals(value, spelling(known))) continue;
    correction = known;
    return true;
  }
  return false;
}

}  // namespace

bool read_t38(const Attribute& attribute, std::string_view body, T38& t38) {
  const std::string_view value = ascii::trim(text(attribute.value, body));
  switch (attribute.kind) {
    case AttributeKind::t38_version:
      if (!read_number(value, {0, max_t38_version}, t38.version)) return false;
      return t38.has_version = true;
    case AttributeKind::t38_max_bit_rate:
      return read_number(value, {1, max_t38_bit_rate}, t38.max_bit_rate);
    case AttributeKind::t38_fill_bit_removal:
      return read_flag(value, t38.fill_bit_removal);
    case AttributeKind::t38_transcoding_mmr:
      return read_flag(value, t38.transcoding_mmr);
    case AttributeKind::t38_transcoding_jbig:
      return read_flag(value, t38.transcoding_jbig);
    case AttributeKind::t38_rate_management:
      return read_rate_management(value, t38.rate_management);
    case AttributeKind::t38_max_buffer:
      return read_number(value, {1, max_t38_octets}, t38.max_buffer_octets);
    case AttributeKind::t38_max_datagram:
      return read_number(value, {1, max_t38_octets}, t38.max_datagram_octets);
    case AttributeKind::t38_max_ifp:
      return read_number(value, {1, max_t38_octets}, t38.max_ifp_octets);
    case AttributeKind::t38_udp_ec:
      return read_error_correction(value, t38.error_correction);
    default:
      return false;
  }
}

T38 t38_of(const Description& description, const Media& media, std::string_view body) {
  T38 t38;
  for (const Attribute& attribute : attributes_of(description, media)) {
    if (is_t38(attribute.kind)) static_cast<void>(read_t38(attribute, body, t38));
  }
  return t38;
}

std::string_view spelling(T38RateManagement management) {
  switch (management) {
    case T38RateManagement::local_tcf:
      return "localTCF";
    case T38RateManagement::transferred_tcf:
      return "transferredTCF";
    case T38RateManagement::none:
      break;
  }
  return "";
}

std::string_view spelling(T38ErrorCorrection correction) {
  switch (correction) {
    case T38ErrorCorrection::no_ec:
      return "t38UDPNoEC";
    case T38ErrorCorrection::redundancy:
      return "t38UDPRedundancy";
    case T38ErrorCorrection::fec:
      return "t38UDPFEC";
    case T38ErrorCorrection::none:
      break;
  }
  return "";
}

}  // namespace demarc::sdp
