#include "sip-parser/methods.h"

namespace demarc::sip {

Result<Methods, ValueError> parse_methods(Span value, std::string_view datagram) {
  Methods methods;
  Span element;
  TokenCursor cursor(value, datagram);
  while (cursor.next(element)) {
    const Method method = method_of(text(element, datagram));
    if (method == Method::other) {
      ++methods.unknown_count;
    } else {
      methods.known.add(method);
    }
  }
  if (cursor.failed()) return Fail{ValueError::bad_syntax};
  return methods;
}

Result<Methods, ValueError> methods_of(const Message& message, std::string_view datagram) {
  Methods all;
  for (const HeaderField* field = message.first(HeaderName::allow); field != nullptr;
       field = message.next(*field)) {
    const Result<Methods, ValueError> methods = parse_methods(field->value, datagram);
    if (!methods) return Fail{methods.error()};
    all.known.add(methods->known);
    all.unknown_count = static_cast<uint16_t>(all.unknown_count + methods->unknown_count);
  }
  return all;
}

}  // namespace demarc::sip
