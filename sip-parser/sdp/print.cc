#include "sip-parser/sdp/attribute.h"
#include "sip-parser/sdp/sdp.h"

namespace demarc::sdp {
namespace {

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

std::string_view network_of(AddressType type) {
  return type == AddressType::ip6 ? " IN IP6 " : " IN IP4 ";
}

void print_session(const Rewrite& rewrite, sip::Writer& writer) {
  const std::string_view type = network_of(rewrite.type);
  writer.raw("v=0\r\no=").value(rewrite.user_name).raw(" ").number(rewrite.session_id);
  writer.raw(" ").number(rewrite.session_version).raw(type).value(rewrite.address);
  writer.raw("\r\ns=-\r\nc=").raw(type.substr(1)).value(rewrite.address);
  writer.raw("\r\nt=0 0\r\n");
}

void print_media_line(const Media& media, std::string_view body, uint16_t port,
                      sip::Writer& writer) {
  writer.raw("m=").value(text(media.media, body)).raw(" ").number(port);
  writer.raw(" ").value(text(media.protocol, body));
  for (unsigned i = 0; i < media.format_count; ++i) {
    writer.raw(" ").value(text(media.formats[i], body));
  }
  writer.raw("\r\n");
}

void print_attributes(const Description& description, const Media& media, std::string_view body,
                      sip::Writer& writer) {
  for (unsigned i = 0; i < media.attribute_count; ++i) {
    const Attribute& attribute = description.attributes[media.first_attribute + i];
    if (!is_copied(attribute, body)) continue;
    writer.raw("a=").value(text(attribute.name, body));
    if (!attribute.value.empty()) writer.raw(":").value(text(attribute.value, body));
    writer.raw("\r\n");
  }
  if (media.has_direction || description.has_direction) {
    writer.raw("a=").raw(spelling(description.direction_of(media))).raw("\r\n");
  }
}

void print_rtcp(const Media& media, const Rewrite::Port& port, sip::Writer& writer) {
  if (port.rtcp_port != 0 && port.rtcp_port != port.port + 1) {
    writer.raw("a=rtcp:").number(port.rtcp_port).raw("\r\n");
  }
  if (port.rtcp_mux && media.has_rtcp_mux) writer.raw("a=rtcp-mux\r\n");
}

}  // namespace

bool print(const Description& description, std::string_view body, const Rewrite& rewrite,
           sip::Writer& writer) {
  if (rewrite.type == AddressType::none || rewrite.address.empty() || rewrite.user_name.empty()) {
    return false;
  }
  print_session(rewrite, writer);
  for (unsigned i = 0; i < description.media_count; ++i) {
    const Media& media = description.media[i];
    const Rewrite::Port& port = rewrite.ports[i];
    print_media_line(media, body, port.port, writer);
    if (port.port == 0) continue;
    if (!port.address.empty() && port.address != rewrite.address) {
      writer.raw("c=").raw(network_of(port.type).substr(1)).value(port.address).raw("\r\n");
    }
    if (!media.bandwidth.empty()) {
      writer.raw("b=").value(text(media.bandwidth, body)).raw("\r\n");
    }
    print_attributes(description, media, body, writer);
    print_rtcp(media, port, writer);
  }
  return !writer.failed();
}

}  // namespace demarc::sdp
