#include "sip-parser/sdp/sdp.h"

namespace demarc::sdp {

std::string_view spelling(SdpError error) {
  switch (error) {
    case SdpError::empty:
      return "empty";
    case SdpError::too_long:
      return "too_long";
    case SdpError::bad_line:
      return "bad_line";
    case SdpError::bad_version:
      return "bad_version";
    case SdpError::missing_origin:
      return "missing_origin";
    case SdpError::bad_origin:
      return "bad_origin";
    case SdpError::bad_connection:
      return "bad_connection";
    case SdpError::bad_time:
      return "bad_time";
    case SdpError::bad_media:
      return "bad_media";
    case SdpError::bad_attribute:
      return "bad_attribute";
    case SdpError::forbidden_octet:
      return "forbidden_octet";
    case SdpError::too_many_media:
      return "too_many_media";
    case SdpError::too_many_formats:
      return "too_many_formats";
    case SdpError::too_many_attributes:
      return "too_many_attributes";
    case SdpError::count:
      break;
  }
  return "";
}

std::string_view spelling(Direction direction) {
  switch (direction) {
    case Direction::sendrecv:
      return "sendrecv";
    case Direction::sendonly:
      return "sendonly";
    case Direction::recvonly:
      return "recvonly";
    case Direction::inactive:
      break;
  }
  return "inactive";
}

std::string_view spelling(BandwidthType type) {
  switch (type) {
    case BandwidthType::ct:
      return "CT";
    case BandwidthType::as:
      return "AS";
    case BandwidthType::tias:
      return "TIAS";
    case BandwidthType::rs:
      return "RS";
    case BandwidthType::rr:
      return "RR";
    case BandwidthType::count:
      break;
  }
  return "";
}

const Attribute* Attributes::find(AttributeKind kind) const {
  for (const Attribute* attribute = begin_; attribute != end_; ++attribute) {
    if (attribute->kind == kind) return attribute;
  }
  return nullptr;
}

Attributes attributes_of(const Description& description, const Media& media) {
  return {description.attributes.data() + media.first_attribute, media.attribute_count};
}

Attributes session_attributes_of(const Description& description) {
  return {description.attributes.data(), description.session_attribute_count};
}

bool is_hold(const Description& description, const Media& media, std::string_view body) {
  if (media.port == 0) return false;
  return !is_receiving(description.direction_of(media)) ||
         is_unspecified(text(description.connection_of(media).address, body));
}

}  // namespace demarc::sdp
