#include "dataplane/dialog/dialog.h"

#include <array>
#include <cstring>

#include "sip-parser/name_addr.h"
#include "sip-parser/params.h"

namespace demarc::dialog {
namespace {

using sip::HeaderName;

constexpr unsigned max_routes = 64;

bool is_target(const sip::Uri& uri) {
  return uri.scheme == sip::UriScheme::sip || uri.scheme == sip::UriScheme::sips;
}

}  // namespace

Span contact_uri(const sip::Essentials& essentials) {
  const sip::Uri& uri = essentials.contact;
  return is_target(uri) ? uri.whole : Span{};
}

Span contact_uri(const sip::Message& message, std::string_view datagram) {
  const sip::HeaderField* field = message.first(HeaderName::contact);
  if (field == nullptr) return {};
  sip::NameAddr contact;
  sip::Uri uri;
  if (!sip::NameAddrCursor(field->value, datagram).next(contact, uri)) return {};
  return is_target(uri) ? uri.whole : Span{};
}

int route_set_of(const sip::Message& message, std::string_view datagram, bool is_reversed,
                 std::span<char> out) {
  std::array<Span, max_routes> routes;
  unsigned count = 0;
  for (const auto* field = message.first(HeaderName::record_route); field != nullptr;
       field = message.next(*field)) {
    sip::ListCursor cursor(field->value, datagram);
    for (Span element; cursor.next(element);) {
      if (count == max_routes) return -1;
      routes[count++] = element;
    }
  }
  size_t length = 0;
  for (unsigned i = 0; i < count; ++i) {
    const std::string_view route = text(routes[is_reversed ? count - 1 - i : i], datagram);
    const std::string_view separator = i == 0 ? "" : ", ";
    if (length + separator.size() + route.size() > out.size()) return -1;
    std::memcpy(out.data() + length, separator.data(), separator.size());
    std::memcpy(out.data() + length + separator.size(), route.data(), route.size());
    length += separator.size() + route.size();
  }
  return static_cast<int>(length);
}

template <uint16_t InnerOctets>
bool learn_peer(Dialog& dialog, TextBlockOf<InnerOctets>& block, const sip::Message& message,
                std::string_view datagram, const sip::Essentials& essentials) {
  const Span contact = contact_uri(essentials);
  if (contact.empty()) return false;
  std::array<char, TextBlock::capacity> routes;
  const int length = route_set_of(message, datagram, !message.is_request, routes);
  if (length < 0) return false;
  dialog.remote_tag =
      block.put(text(message.is_request ? essentials.from_tag : essentials.to_tag, datagram));
  dialog.remote_target = block.put(text(contact, datagram));
  dialog.route_set = block.put({routes.data(), static_cast<size_t>(length)});
  return !block.is_full();
}
template bool learn_peer(Dialog&, TextBlock&, const sip::Message&, std::string_view,
                         const sip::Essentials&);
template bool learn_peer(Dialog&, SmallTextBlock&, const sip::Message&, std::string_view,
                         const sip::Essentials&);

bool refresh_target(Dialog& dialog, TextBlock& block, const sip::Message& message,
                    std::string_view datagram) {
  const std::string_view contact = text(contact_uri(message, datagram), datagram);
  if (contact.empty()) return false;
  return block.replace(dialog.remote_target, contact);
}

bool take_remote_cseq(Dialog& dialog, uint32_t number) {
  if (dialog.has_remote_cseq && number < dialog.remote_cseq) return false;
  dialog.has_remote_cseq = true;
  dialog.remote_cseq = number;
  return true;
}

}  // namespace demarc::dialog
