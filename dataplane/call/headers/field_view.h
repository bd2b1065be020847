// FieldView: the header fields that will cross to the other leg, before they are written.
//
// A tool of header_policy.h: filled by the policies, changed by header rules, then written. On the
// stack of one function call; names and values point into the received datagram, the section in
// force, or the room of the view itself.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/message.h"
#include "sip-parser/write.h"

namespace demarc::call::headers {

struct CrossingField {
  static constexpr uint16_t not_received = 0xffff;

  std::string_view name;  // the long form where the field is known
  std::string_view value;
  sip::HeaderName id = sip::HeaderName::other;
  uint16_t received = not_received;  // index in the message of the field that this one comes from
};

class FieldView {
 public:
  static constexpr unsigned max_fields = 64;
  static constexpr unsigned room_octets = 8192;  // for values that are made here

  FieldView() {}  // NOLINT(modernize-use-equals-default): fields_ is not filled

  std::span<CrossingField> fields() { return {fields_.data(), count_}; }
  std::span<const CrossingField> fields() const { return {fields_.data(), count_}; }
  bool holds_received(uint16_t index) const;

  void add(const CrossingField& field);
  // A received field as it stood.
  void add_received(const sip::Message& message, std::string_view datagram, uint16_t index);
  // A value that `print` writes; one that does not fit or fails is dropped.
  template <class Print>
  void add_printed(sip::HeaderName id, uint16_t received, Print print) {
    sip::Writer writer(std::span<char>(room_).subspan(used_));
    print(writer);
    const std::string_view value = writer.written();
    if (writer.failed()) return drop();
    used_ += value.size();
    add({sip::spelling(id), value, id, received});
  }
  // Removes the fields that `is_removed` holds for; the others keep their order.
  template <class IsRemoved>
  void remove_if(IsRemoved is_removed) {
    unsigned kept = 0;
    for (unsigned i = 0; i < count_; ++i) {
      if (!is_removed(fields_[i])) fields_[kept++] = fields_[i];
    }
    count_ = kept;
  }

  // One field, or one element of a list, that should have crossed and can not.
  void drop() { ++dropped_; }
  uint16_t dropped() const { return dropped_; }

 private:
  // The first count_ are there. Clearing all would cost more than what mostly crosses.
  union {
    std::array<CrossingField, max_fields> fields_;
  };
  std::array<char, room_octets> room_;
  unsigned count_ = 0;
  size_t used_ = 0;
  uint16_t dropped_ = 0;
};

}  // namespace demarc::call::headers
