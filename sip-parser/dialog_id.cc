#include "sip-parser/dialog_id.h"

#include "sip-parser/call_id.h"
#include "sip-parser/known_params.h"

namespace demarc::sip {
namespace {

// A tag is taken as parse_name_addr() takes it in From and To, so that every dialog can be named.
constexpr KnownParam replaces_params[] = {
    {"to-tag", ParamForm::plain}, {"from-tag", ParamForm::plain}, {"early-only", ParamForm::flag}};
constexpr KnownParam join_params[] = {{"to-tag", ParamForm::plain}, {"from-tag", ParamForm::plain}};
constexpr KnownParam target_params[] = {{"local-tag", ParamForm::plain},
                                        {"remote-tag", ParamForm::plain}};

// What the three have in common. The first two of `known` are the tags.
struct Reading {
  Span call_id;
  Span first_tag;
  Span second_tag;
  bool has_third = false;
};

template <size_t count>
Result<Reading, ValueError> read(Span value, std::string_view datagram,
                                 const KnownParam (&known)[count]) {
  ValueReader reader(value, datagram);
  Reading reading;
  reading.call_id = read_call_id(reader);
  Span params;
  if (reading.call_id.empty() || !reader.params(params)) return Fail{ValueError::bad_syntax};
  const auto found = read_known_params(params, datagram, known);
  if (!found) return Fail{found.error()};
  reading.first_tag = (*found)[0].value;
  reading.second_tag = (*found)[1].value;
  reading.has_third = count > 2 && is_present((*found)[count - 1]);
  if (reading.first_tag.empty() || reading.second_tag.empty()) {
    return Fail{ValueError::bad_syntax};
  }
  return reading;
}

}  // namespace

Result<DialogId, ValueError> parse_replaces(Span value, std::string_view datagram) {
  const Result<Reading, ValueError> reading = read(value, datagram, replaces_params);
  if (!reading) return Fail{reading.error()};
  return DialogId{reading->call_id, reading->first_tag, reading->second_tag, reading->has_third};
}

Result<DialogId, ValueError> parse_join(Span value, std::string_view datagram) {
  const Result<Reading, ValueError> reading = read(value, datagram, join_params);
  if (!reading) return Fail{reading.error()};
  return DialogId{reading->call_id, reading->first_tag, reading->second_tag, false};
}

Result<TargetDialog, ValueError> parse_target_dialog(Span value, std::string_view datagram) {
  const Result<Reading, ValueError> reading = read(value, datagram, target_params);
  if (!reading) return Fail{reading.error()};
  return TargetDialog{reading->call_id, reading->first_tag, reading->second_tag};
}

}  // namespace demarc::sip
