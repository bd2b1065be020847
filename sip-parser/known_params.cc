#include "sip-parser/known_params.h"

#include "sip-parser/base/ascii.h"

namespace demarc::sip {

bool has_form(const Param& param, ParamForm form, std::string_view datagram) {
  switch (form) {
    case ParamForm::flag:
      return !param.has_value;
    case ParamForm::token:
      return param.has_value && !param.has_quotes && ascii::is_token(text(param.value, datagram));
    case ParamForm::plain:
      return param.has_value && !param.has_quotes;
    case ParamForm::quoted:
      return param.has_quotes;
    case ParamForm::any:
      return param.has_value;
    case ParamForm::free:
      break;
  }
  return true;
}

bool find_known_params(Span params, std::string_view datagram, std::span<const KnownParam> known,
                       std::span<Param> found, ValueError& error) {
  Param param;
  ParamCursor cursor(params, datagram);
  while (cursor.next(param)) {
    const std::string_view name = text(param.name, datagram);
    for (size_t i = 0; i < known.size(); ++i) {
      if (!ascii::iequals(name, known[i].name)) continue;
      if (is_present(found[i]) || !has_form(param, known[i].form, datagram)) {
        error = ValueError::bad_syntax;
        return false;
      }
      found[i] = param;
      break;
    }
  }
  if (cursor.failed()) error = cursor.error();
  return !cursor.failed();
}

}  // namespace demarc::sip
