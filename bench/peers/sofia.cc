// sofia-sip in the loop. msg_make() parses the whole message: it has no lazy fields.
#include <sofia-sip/msg.h>
#include <sofia-sip/sdp.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>

#include "bench/peers/loop.h"

namespace demarc::bench {
namespace {

bool is_complete(const sip_t* sip) {
  return sip != nullptr && (sip->sip_request != nullptr || sip->sip_status != nullptr) &&
         sip->sip_error == nullptr && sip->sip_via != nullptr && sip->sip_from != nullptr &&
         sip->sip_to != nullptr && sip->sip_cseq != nullptr && sip->sip_call_id != nullptr;
}

bool has_description(const sip_t* sip) {
  return sip->sip_payload != nullptr && sip->sip_content_type != nullptr &&
         std::string_view(sip->sip_content_type->c_type) == "application/sdp";
}

bool read_description(msg_t* message, const sip_t* sip) {
  sdp_parser_t* parser = sdp_parse(msg_home(message), sip->sip_payload->pl_data,
                                   static_cast<issize_t>(sip->sip_payload->pl_len), 0);
  const bool is_good = sdp_session(parser) != nullptr;
  sdp_parser_free(parser);
  return is_good;
}

template <bool with_sdp>
bool read(const Octets& octets) {
  msg_t* message =
      msg_make(sip_default_mclass(), 0, octets.data, static_cast<ssize_t>(octets.size));
  if (message == nullptr) return false;
  const sip_t* sip = sip_object(message);
  bool is_good = is_complete(sip);
  if (with_sdp && is_good && has_description(sip)) is_good = read_description(message, sip);
  msg_destroy(message);
  return is_good;
}

constexpr Stage stages[] = {{"full", read<false>}, {"full_sdp", read<true>}};

}  // namespace
}  // namespace demarc::bench

int main(int count, char** arguments) {
  return demarc::bench::run({"sofia-sip", demarc::bench::stages, nullptr}, count, arguments);
}
