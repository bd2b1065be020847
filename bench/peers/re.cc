// libre in the loop. sip_msg_decode() decodes the start line, From, To, CSeq and the first Via; the
// other fields of "full" are decoded here, as an application does.
#include <cinttypes>

#include "bench/peers/loop.h"

// Last: it leans on the headers before it, and defines macros that standard headers do not stand.
#include <re/re.h>

namespace demarc::bench {
namespace {

// Its buffer is ours: the octets of the message at hand.
mbuf* buffer;
sa local_address;

bool on_via(const sip_hdr* header, const sip_msg*, void* is_good) {
  sip_via via;
  *static_cast<bool*>(is_good) &= sip_via_decode(&via, &header->val) == 0;
  return false;
}

bool on_address(const sip_hdr* header, const sip_msg*, void* is_good) {
  sip_addr address;
  *static_cast<bool*>(is_good) &= sip_addr_decode(&address, &header->val) == 0;
  return false;
}

bool on_credentials(const sip_hdr* header, const sip_msg*, void* is_good) {
  httpauth_digest_resp response;
  *static_cast<bool*>(is_good) &= httpauth_digest_response_decode(&response, &header->val) == 0;
  return false;
}

bool on_challenge(const sip_hdr* header, const sip_msg*, void* is_good) {
  httpauth_digest_chall challenge;
  *static_cast<bool*>(is_good) &= httpauth_digest_challenge_decode(&challenge, &header->val) == 0;
  return false;
}

bool read_fields(const sip_msg* message) {
  struct Field {
    sip_hdrid id;
    sip_hdr_h* read;
  };
  constexpr Field fields[] = {
      {SIP_HDR_VIA, on_via},
      {SIP_HDR_CONTACT, on_address},
      {SIP_HDR_ROUTE, on_address},
      {SIP_HDR_RECORD_ROUTE, on_address},
      {SIP_HDR_AUTHORIZATION, on_credentials},
      {SIP_HDR_PROXY_AUTHORIZATION, on_credentials},
      {SIP_HDR_WWW_AUTHENTICATE, on_challenge},
      {SIP_HDR_PROXY_AUTHENTICATE, on_challenge},
  };
  bool is_good = true;
  for (const Field& field : fields) {
    sip_msg_hdr_apply(message, true, field.id, field.read, &is_good);
  }
  return is_good;
}

bool has_description(const sip_msg* message) {
  return pl_strcasecmp(&message->ctyp.type, "application") == 0 &&
         pl_strcasecmp(&message->ctyp.subtype, "sdp") == 0;
}

bool read_description(const sip_msg* message) {
  sdp_session* session = nullptr;
  if (sdp_session_alloc(&session, &local_address) != 0) return false;
  const bool is_good = sdp_decode(session, message->mb, true) == 0;
  mem_deref(session);
  return is_good;
}

template <bool with_sdp>
bool read(const Octets& octets) {
  buffer->buf = reinterpret_cast<uint8_t*>(octets.data);
  buffer->pos = 0;
  buffer->end = buffer->size = octets.size;
  sip_msg* message = nullptr;
  if (sip_msg_decode(&message, buffer) != 0) return false;
  bool is_good = read_fields(message);
  if (with_sdp && is_good && has_description(message)) is_good = read_description(message);
  mem_deref(message);
  return is_good;
}

constexpr Stage stages[] = {{"full", read<false>}, {"full_sdp", read<true>}};

}  // namespace
}  // namespace demarc::bench

int main(int count, char** arguments) {
  using namespace demarc::bench;
  if (libre_init() != 0) return 1;
  sa_init(&local_address, AF_INET);
  buffer = mbuf_alloc(1);
  return buffer == nullptr ? 1 : run({"libre", stages, nullptr}, count, arguments);
}
