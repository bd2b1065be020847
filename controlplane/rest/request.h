// What a handler sees of HTTP: a request and a response as plain values. Only server.cc knows
// Beast.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace demarc::rest {

struct Request {
  std::string method;  // "GET"
  std::string path;    // without the query, percent-decoded
  std::map<std::string, std::string, std::less<>> query;
  std::string body = {};
  std::string content_type = {};  // without parameters, in lower case
  std::string if_match = {};
  std::string user = {};  // of this machine, at the other end of the socket
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::map<std::string, std::string> header_fields;  // beside Content-Type and Content-Length
};

// Splits and decodes a request target. False when it can not be one.
[[nodiscard]] bool parse_target(std::string_view target, Request& request);

// RFC 9457; `path` becomes `instance`.
Response problem(unsigned status, std::string_view detail, std::string_view path);

}  // namespace demarc::rest
