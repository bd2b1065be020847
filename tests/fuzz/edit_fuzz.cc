// Edit on every message that parse() accepts, with steps from a script: kept as it is, a message
// comes out as it came in; changed, it comes out as edit.h says, which a plain model says again;
// and no value makes a line of its own.

#include "sip-parser/edit.h"

#include <algorithm>
#include <vector>

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"
#include "sip-parser/parse.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using sip::HeaderName;
using sip::Message;

constexpr size_t max_written_octets = 2 * sip::max_message_octets;

struct Field {
  std::string name;
  std::string value;
  friend bool operator==(const Field&, const Field&) = default;
};

enum class Kind : uint8_t { replace, remove, remove_field, insert_before, append, append_text };
struct Step {
  Kind kind = Kind::replace;
  HeaderName name = HeaderName::other;
  HeaderName new_name = HeaderName::other;
  uint16_t index = 0;
  std::string_view name_text;
  std::string_view value;
};

bool is_forbidden(std::string_view value) {
  return value.find_first_of(std::string_view("\0\r\n", 3)) != std::string_view::npos;
}

std::string_view read_value(Script& script) {
  constexpr std::string_view table[] = {
      "",    "<sip:a@192.0.2.1>;tag=1", "7",   "a\r\nX: y",
      "a\n", std::string_view("\0", 1), " a ", "z9hG4bK",
  };
  const unsigned choice = script.below(16);
  return choice < std::size(table) ? table[choice] : script.piece(20);
}

// Names of the message itself more often than others.
HeaderName read_name(Script& script, const Message& message) {
  const unsigned choice = script.octet();
  if (choice % 2 == 0 || message.field_count == 0) {
    return static_cast<HeaderName>(choice / 2 % sip::header_name_count);
  }
  return message.fields[choice / 2 % message.field_count].id;
}

Step read_step(Script& script, const Message& message) {
  constexpr std::string_view names[] = {"X-New", "via", "l", "a b", "", "Content-Length"};
  Step step;
  step.kind = static_cast<Kind>(script.below(6));
  step.name = read_name(script, message);
  step.new_name = read_name(script, message);
  step.index = script.octet();
  step.name_text = names[script.below(std::size(names))];
  step.value = read_value(script);
  return step;
}

void add(sip::Edit& edit, const Step& step) {
  switch (step.kind) {
    case Kind::replace:
      edit.replace(step.name, step.value);
      break;
    case Kind::remove:
      edit.remove(step.name);
      break;
    case Kind::remove_field:
      edit.remove_field(step.index);
      break;
    case Kind::insert_before:
      edit.insert_before(step.name, step.new_name, step.value);
      break;
    case Kind::append:
      edit.append(step.new_name, step.value);
      break;
    case Kind::append_text:
      edit.append(step.name_text, step.value);
      break;
  }
}

Field field_of(const Message& message, unsigned index, std::string_view datagram) {
  const sip::HeaderField& field = message.fields[index];
  return {std::string(text(field.name, datagram)), std::string(text(field.value, datagram))};
}

Field field_of(HeaderName name, std::string_view value) {
  return {std::string(spelling(name)), std::string(ascii::trim(value))};
}

// What edit.h promises, said with lists. Content-Length is looked at apart.
class Model {
 public:
  Model(const Message& message, std::string_view datagram, const std::vector<Step>& steps)
      : message_(message), datagram_(datagram), steps_(steps) {}

  std::vector<Field> fields() const {
    std::vector<Field> result;
    for (unsigned i = 0; i < message_.field_count; ++i) take(i, result);
    for (const Step& step : steps_) {
      const bool is_text = step.kind == Kind::append_text;
      const bool is_behind = step.kind == Kind::append || is_text ||
                             (step.kind == Kind::insert_before && !message_.has(step.name));
      if (!is_behind) continue;
      if (is_text && sip::header_name(step.name_text) != HeaderName::content_length) {
        result.push_back({std::string(step.name_text), std::string(ascii::trim(step.value))});
      } else if (!is_text && step.new_name != HeaderName::content_length) {
        result.push_back(field_of(step.new_name, step.value));
      }
    }
    return result;
  }

 private:
  void take(unsigned index, std::vector<Field>& result) const {
    const sip::HeaderField& field = message_.fields[index];
    const bool is_known = field.id != HeaderName::other;
    const bool is_first = is_known && message_.first(field.id) == &field;
    const Step* replacement = nullptr;
    bool is_removed = false;
    for (const Step& step : steps_) {
      const bool is_meant = is_known && step.name == field.id;
      if (is_first && is_meant && step.kind == Kind::insert_before &&
          step.new_name != HeaderName::content_length) {
        result.push_back(field_of(step.new_name, step.value));
      }
      is_removed |= is_meant && step.kind == Kind::remove;
      is_removed |= step.kind == Kind::remove_field && step.index == index;
      if (is_meant && step.kind == Kind::replace && replacement == nullptr) replacement = &step;
    }
    if (is_removed || field.id == HeaderName::content_length) return;
    if (replacement == nullptr) {
      result.push_back(field_of(message_, index, datagram_));
    } else if (is_first) {
      result.push_back(field_of(field.id, replacement->value));
    }
  }

  const Message& message_;
  std::string_view datagram_;
  const std::vector<Step>& steps_;
};

// The writer may fail because of one of these only.
bool may_fail(const std::vector<Step>& steps) {
  return steps.size() > sip::Edit::max_edits ||
         std::any_of(steps.begin(), steps.end(), [](const Step& step) {
           return is_forbidden(step.value) || step.new_name == HeaderName::other ||
                  !ascii::is_token(step.name_text);
         });
}

void check_identity(const Message& message, uint16_t consumed, std::string_view datagram) {
  static char buffer[max_written_octets];
  sip::Writer writer(buffer);
  DEMARC_CHECK(sip::Edit(message, datagram).apply(writer));
  std::string expected(
      datagram.substr(message.start_line.offset, consumed - message.start_line.offset));
  if (!message.has(HeaderName::content_length)) {
    expected.insert(message.header.end() - message.start_line.offset,
                    "Content-Length: " + std::to_string(message.body.length) + "\r\n");
  }
  DEMARC_CHECK(writer.written() == expected);
}

void check_edited(const std::vector<Field>& expected, std::string_view body,
                  std::string_view written) {
  static Message edited;
  if (written.size() > sip::max_message_octets) return;
  const Placed placed(written, sip::padding_octets, '\0');
  const auto result = sip::parse(placed.view(), edited);
  if (expected.size() >= sip::max_header_fields) return;
  DEMARC_CHECK(result.has_value() && *result == written.size());
  DEMARC_CHECK(text(edited.body, placed.view()) == body);
  DEMARC_CHECK(edited.has(HeaderName::content_length));
  std::vector<Field> fields;
  for (unsigned i = 0; i < edited.field_count; ++i) {
    if (edited.fields[i].id == HeaderName::content_length) continue;
    fields.push_back(field_of(edited, i, placed.view()));
  }
  DEMARC_CHECK(fields == expected);
}

void run(std::string_view input) {
  static Message message;
  static char buffer[max_written_octets];
  const Scripted scripted = split_script(input);
  const Placed placed(scripted.text, sip::padding_octets, '\0');
  const std::string_view datagram = placed.view();
  const auto consumed = sip::parse(datagram, message);
  if (!consumed) return;
  check_identity(message, *consumed, datagram);

  Script script(scripted.script);
  sip::Edit edit(message, datagram);
  std::string_view body = text(message.body, datagram);
  if (script.below(4) == 1) edit.replace_body(body = "v=0\r\n");
  if (script.below(4) == 1) edit.replace_start_line("SIP/2.0 200 OK");
  std::vector<Step> steps;
  while (!script.is_done()) {
    steps.push_back(read_step(script, message));
    add(edit, steps.back());
  }
  sip::Writer writer(buffer);
  if (!edit.apply(writer)) {
    DEMARC_CHECK(may_fail(steps));
    return;
  }
  check_edited(Model(message, datagram, steps).fields(), body, writer.written());
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
