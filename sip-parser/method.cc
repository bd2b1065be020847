#include "sip-parser/method.h"

#include <cstring>

namespace demarc::sip {
namespace {

// Compared with a literal of the same size, which compiles to one or two words.
template <size_t N>
Method only(std::string_view token, const char (&name)[N], Method method) {
  return std::memcmp(token.data(), name, N - 1) == 0 ? method : Method::other;
}

}  // namespace

Method method_of(std::string_view token) {
  switch (token.size()) {
    case 3:
      return token[0] == 'A' ? only(token, "ACK", Method::ack) : only(token, "BYE", Method::bye);
    case 4:
      return only(token, "INFO", Method::info);
    case 5:
      return token[0] == 'P' ? only(token, "PRACK", Method::prack)
                             : only(token, "REFER", Method::refer);
    case 6:
      switch (token[0]) {
        case 'I':
          return only(token, "INVITE", Method::invite);
        case 'C':
          return only(token, "CANCEL", Method::cancel);
        case 'N':
          return only(token, "NOTIFY", Method::notify);
        default:
          return only(token, "UPDATE", Method::update);
      }
    case 7:
      switch (token[0]) {
        case 'O':
          return only(token, "OPTIONS", Method::options);
        case 'P':
          return only(token, "PUBLISH", Method::publish);
        default:
          return only(token, "MESSAGE", Method::message);
      }
    case 8:
      return only(token, "REGISTER", Method::register_);
    case 9:
      return only(token, "SUBSCRIBE", Method::subscribe);
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
