#include "sip-parser/caller_preferences.h"

#include "sip-parser/known_params.h"
#include "sip-parser/value_reader.h"
#include "sip-parser/words.h"

namespace demarc::sip {
namespace {

// In pairs that exclude each other.
constexpr std::string_view words[] = {"proxy",    "redirect",   "cancel",  "no-cancel",
                                      "fork",     "no-fork",    "recurse", "no-recurse",
                                      "parallel", "sequential", "queue",   "no-queue"};
static_assert(std::size(words) == static_cast<size_t>(RequestDirective::other));

constexpr KnownParam known[] = {{"require", ParamForm::flag}, {"explicit", ParamForm::flag}};

RequestDirective opposite(RequestDirective disposition) {
  return static_cast<RequestDirective>(static_cast<unsigned>(disposition) ^ 1u);
}

}  // namespace

std::string_view spelling(RequestDirective disposition) {
  return word_of(disposition, words);
}

Result<RequestDisposition, ValueError> parse_request_disposition(Span value,
                                                                 std::string_view datagram) {
  RequestDisposition result;
  Span element;
  for (ListCursor cursor(value, datagram); cursor.next(element);) {
    const RequestDirective disposition = enum_of<RequestDirective>(text(element, datagram), words);
    if (disposition == RequestDirective::other || result.directives.has(opposite(disposition))) {
      return Fail{ValueError::bad_syntax};
    }
    result.directives.add(disposition);
  }
  if (result.directives.empty()) return Fail{ValueError::bad_syntax};
  return result;
}

Result<FeatureSet, ValueError> parse_feature_set(Span element, std::string_view datagram) {
  ValueReader reader(element, datagram);
  FeatureSet result;
  if (!reader.take_octet('*') || !reader.params(result.params)) {
    return Fail{ValueError::bad_syntax};
  }
  const auto found = read_known_params(result.params, datagram, known);
  if (!found) return Fail{found.error()};
  result.is_required = is_present((*found)[0]);
  result.is_explicit = is_present((*found)[1]);
  return result;
}

}  // namespace demarc::sip
