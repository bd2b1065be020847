// Edit: a received message written again as a list of keep / replace / insert / remove.
//
// What a forwarding element needs when most of a message stays as it is. Fields are kept byte for
// byte, the order of kept fields does not change, inserted fields come where they are asked for.
// Kept as it is, a message comes out as it came in. Used on the worker that holds the message.
//
// Content-Length follows the body: it is kept where it says the right number, else written in its
// own place, or at the end when the message had none. Steps on it are ignored. Where several steps
// meet one field, remove_field() and remove() win over replace(), and the first replace() over
// others.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/message.h"
#include "sip-parser/write.h"

namespace demarc::sip {

class Edit {
 public:
  static constexpr unsigned max_edits = 64;

  // Borrows message and datagram until apply().
  Edit(const Message& message, std::string_view datagram)
      : message_(message), datagram_(datagram) {}

  // All of these borrow their text until apply().
  Edit& replace_start_line(std::string_view line);         // without CRLF
  Edit& replace(HeaderName name, std::string_view value);  // the first; further ones are removed
  Edit& remove(HeaderName name);                           // every field of the name
  Edit& remove_field(uint16_t index);                      // one field by its index in the message
  // Before the first field of `name`, also when that one is removed; at the end without one.
  Edit& insert_before(HeaderName name, HeaderName new_name, std::string_view value);
  Edit& append(HeaderName name, std::string_view value);
  Edit& append(std::string_view name, std::string_view value);
  Edit& replace_body(std::string_view body);

  // Writes the edited message. False when there was no room, more than max_edits, or a value held
  // CR, LF or NUL. A replace() of a field that is not there does nothing.
  [[nodiscard]] bool apply(Writer& writer) const;

 private:
  enum class Kind : uint8_t { replace, remove, remove_field, insert_before, append };
  struct Step {
    Kind kind;
    HeaderName name;
    HeaderName new_name;
    uint16_t index;
    std::string_view name_text;
    std::string_view value;
  };
  Edit& add(const Step& step);
  bool is_target(const Step& step, uint16_t index) const;
  const Step* find(Kind kind, uint16_t index) const;
  void write_field(uint16_t index, Writer& writer) const;
  void write_content_length(uint16_t index, Writer& writer) const;
  void write_inserted(uint16_t index, Writer& writer) const;
  void write_rest(Writer& writer) const;
  std::string_view line_of(uint16_t index) const;
  std::string_view body() const;

  const Message& message_;
  std::string_view datagram_;
  std::string_view start_line_;
  std::string_view body_;
  bool has_body_ = false;
  std::array<Step, max_edits> steps_;
  unsigned step_count_ = 0;
  bool failed_ = false;
};

}  // namespace demarc::sip
