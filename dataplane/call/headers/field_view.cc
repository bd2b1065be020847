#include "dataplane/call/headers/field_view.h"

#include <new>

namespace demarc::call::headers {

bool FieldView::holds_received(uint16_t index) const {
  for (const CrossingField& field : fields()) {
    if (field.received == index) return true;
  }
  return false;
}

void FieldView::add(const CrossingField& field) {
  if (count_ == max_fields) return drop();
  new (&fields_[count_++]) CrossingField(field);
}

void FieldView::add_received(const sip::Message& message, std::string_view datagram,
                             uint16_t index) {
  const sip::HeaderField& field = message.fields[index];
  const std::string_view known = sip::spelling(field.id);
  add({known.empty() ? text(field.name, datagram) : known, text(field.value, datagram), field.id,
       index});
}

}  // namespace demarc::call::headers
