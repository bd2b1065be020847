#include "sip-parser/edit.h"

#include "sip-parser/base/ascii.h"

namespace demarc::sip {

Edit& Edit::add(const Step& step) {
  // A second Content-Length could say another length than the first.
  const bool is_named = step.kind == Kind::append && step.new_name == HeaderName::other;
  const HeaderName written = is_named ? header_name(step.name_text) : step.new_name;
  if (written == HeaderName::content_length) return *this;
  if (step_count_ == max_edits) {
    failed_ = true;
    return *this;
  }
  steps_[step_count_++] = step;
  return *this;
}

Edit& Edit::replace_start_line(std::string_view line) {
  start_line_ = line;
  return *this;
}

Edit& Edit::replace(HeaderName name, std::string_view value) {
  return add({Kind::replace, name, HeaderName::other, 0, {}, value});
}

Edit& Edit::remove(HeaderName name) {
  return add({Kind::remove, name, HeaderName::other, 0, {}, {}});
}

Edit& Edit::remove_field(uint16_t index) {
  return add({Kind::remove_field, HeaderName::other, HeaderName::other, index, {}, {}});
}

Edit& Edit::insert_before(HeaderName name, HeaderName new_name, std::string_view value) {
  return add({Kind::insert_before, name, new_name, 0, {}, value});
}

Edit& Edit::append(HeaderName name, std::string_view value) {
  return add({Kind::append, HeaderName::other, name, 0, {}, value});
}

Edit& Edit::append(std::string_view name, std::string_view value) {
  return add({Kind::append, HeaderName::other, HeaderName::other, 0, name, value});
}

Edit& Edit::replace_body(std::string_view body) {
  body_ = body;
  has_body_ = true;
  return *this;
}

std::string_view Edit::body() const {
  return has_body_ ? body_ : text(message_.body, datagram_);
}

// From the first octet of the field's name to its last CRLF, with folds and blanks as they came.
std::string_view Edit::line_of(uint16_t index) const {
  const uint32_t begin = message_.fields[index].name.offset;
  const uint32_t end = index + 1 < message_.field_count ? message_.fields[index + 1].name.offset
                                                        : message_.header.end();
  return datagram_.substr(begin, end - begin);
}

bool Edit::is_target(const Step& step, uint16_t index) const {
  if (step.kind == Kind::remove_field) return step.index == index;
  const HeaderName id = message_.fields[index].id;
  return id != HeaderName::other && id == step.name;
}

const Edit::Step* Edit::find(Kind kind, uint16_t index) const {
  for (unsigned i = 0; i < step_count_; ++i) {
    if (steps_[i].kind == kind && is_target(steps_[i], index)) return &steps_[i];
  }
  return nullptr;
}

void Edit::write_inserted(uint16_t index, Writer& writer) const {
  const HeaderName id = message_.fields[index].id;
  if (id == HeaderName::other || message_.first(id) != &message_.fields[index]) return;
  for (unsigned i = 0; i < step_count_; ++i) {
    const Step& step = steps_[i];
    if (step.kind == Kind::insert_before && step.name == id) {
      writer.field(step.new_name, step.value);
    }
  }
}

void Edit::write_content_length(uint16_t index, Writer& writer) const {
  const HeaderField& field = message_.fields[index];
  uint64_t length = 0;
  if (ascii::parse_decimal(text(field.value, datagram_), UINT32_MAX, length) &&
      length == body().size()) {
    writer.raw(line_of(index));
  } else if (message_.first(HeaderName::content_length) == &field) {
    writer.field(HeaderName::content_length, body().size());
  }
}

void Edit::write_field(uint16_t index, Writer& writer) const {
  const HeaderField& field = message_.fields[index];
  write_inserted(index, writer);
  if (field.id == HeaderName::content_length) return write_content_length(index, writer);
  if (find(Kind::remove_field, index) != nullptr || find(Kind::remove, index) != nullptr) return;
  const Step* replacement = find(Kind::replace, index);
  if (replacement == nullptr) {
    writer.raw(line_of(index));
  } else if (message_.first(field.id) == &field) {
    writer.field(field.id, replacement->value);
  }
}

// What comes behind the fields of the message.
void Edit::write_rest(Writer& writer) const {
  for (unsigned i = 0; i < step_count_; ++i) {
    const Step& step = steps_[i];
    const bool is_behind =
        step.kind == Kind::append || (step.kind == Kind::insert_before && !message_.has(step.name));
    if (!is_behind) continue;
    if (step.new_name == HeaderName::other) {
      writer.field(step.name_text, step.value);
    } else {
      writer.field(step.new_name, step.value);
    }
  }
  if (!message_.has(HeaderName::content_length)) {
    writer.field(HeaderName::content_length, body().size());
  }
  writer.raw("\r\n").raw(body());
}

bool Edit::apply(Writer& writer) const {
  if (failed_) return false;
  if (start_line_.empty()) {
    writer.raw(text(message_.start_line, datagram_));
  } else {
    writer.value(start_line_);
  }
  writer.raw("\r\n");
  for (uint16_t index = 0; index < message_.field_count; ++index) write_field(index, writer);
  write_rest(writer);
  return !writer.failed();
}

}  // namespace demarc::sip
