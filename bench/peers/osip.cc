// libosip2 in the loop. osip_message_parse() parses the whole message: it has no lazy fields.
#include <sys/time.h>

#include <osipparser2/osip_parser.h>
#include <osipparser2/sdp_message.h>

#include "bench/peers/loop.h"

namespace demarc::bench {
namespace {

bool has_description(const osip_message_t* message) {
  const osip_content_type_t* type = message->content_type;
  return type != nullptr && type->subtype != nullptr && std::string_view(type->subtype) == "sdp";
}

bool read_description(const osip_message_t* message) {
  osip_body_t* body = nullptr;
  if (osip_message_get_body(message, 0, &body) < 0) return false;
  sdp_message_t* description = nullptr;
  if (sdp_message_init(&description) != 0) return false;
  const bool is_good = sdp_message_parse(description, body->body) == 0;
  sdp_message_free(description);
  return is_good;
}

template <bool with_sdp>
bool read(const Octets& octets) {
  osip_message_t* message = nullptr;
  if (osip_message_init(&message) != 0) return false;
  bool is_good = osip_message_parse(message, octets.data, octets.size) == 0;
  if (with_sdp && is_good && has_description(message)) is_good = read_description(message);
  osip_message_free(message);
  return is_good;
}

constexpr Stage stages[] = {{"full", read<false>}, {"full_sdp", read<true>}};

}  // namespace
}  // namespace demarc::bench

int main(int count, char** arguments) {
  parser_init();
  return demarc::bench::run({"libosip2", demarc::bench::stages, nullptr}, count, arguments);
}
