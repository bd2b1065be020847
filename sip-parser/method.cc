#include "sip-parser/method.h"

namespace demarc::sip {
namespace {

Method only(std::string_view token, Method method) {
  return token == spelling(method) ? method : Method::other;
}

}  // namespace

Method method_of(std::string_view token) {
  switch (token.size()) {
    case 3:
      return token[0] == 'A' ? only(token, Method::ack) : only(token, Method::bye);
    case 4:
      return only(token, Method::info);
    case 5:
      return token[0] == 'P' ? only(token, Method::prack) : only(token, Method::refer);
    case 6:
      switch (token[0]) {
        case 'I':
          return only(token, Method::invite);
        case 'C':
          return only(token, Method::cancel);
        case 'N':
          return only(token, Method::notify);
        default:
          return only(token, Method::update);
      }
    case 7:
      switch (token[0]) {
        case 'O':
          return only(token, Method::options);
        case 'P':
          return only(token, Method::publish);
        default:
          return only(token, Method::message);
      }
    case 8:
      return only(token, Method::register_);
    case 9:
      return only(token, Method::subscribe);
    default:
      return Method::other;
  }
}

std::string_view spelling(Method method) {
  switch (method) {
    case Method::other:
      return "";
    case Method::invite:
      return "INVITE";
    case Method::ack:
      return "ACK";
    case Method::bye:
      return "BYE";
    case Method::cancel:
      return "CANCEL";
    case Method::options:
      return "OPTIONS";
    case Method::register_:
      return "REGISTER";
    case Method::prack:
      return "PRACK";
    case Method::subscribe:
      return "SUBSCRIBE";
    case Method::notify:
      return "NOTIFY";
    case Method::publish:
      return "PUBLISH";
    case Method::info:
      return "INFO";
    case Method::refer:
      return "REFER";
    case Method::message:
      return "MESSAGE";
    case Method::update:
      return "UPDATE";
  }
  return "";
}

}  // namespace demarc::sip
