// Challenges, credentials and quoted text on any octets: what they give lies in the value, the
// neighbours of the value do not matter, and quoted text is written as it is read.

#include "sip-parser/challenge.h"
#include "sip-parser/quoted.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

struct Value {
  std::string_view datagram;
  Span span;
};

std::string plain_of(std::string_view content) {
  std::string plain;
  std::string_view piece;
  for (sip::QuotedCursor cursor(content); cursor.next(piece);) plain += piece;
  return plain;
}

// Read, written and read again, a text is the same.
void check_quoted(std::string_view content) {
  static char buffer[4 * max_value_octets];
  const std::string plain = plain_of(content);
  DEMARC_CHECK(plain.size() <= content.size());
  DEMARC_CHECK(sip::is_quoted_equal(content, plain));
  DEMARC_CHECK(!sip::is_quoted_equal(content, plain + "x"));
  sip::Writer writer(buffer);
  sip::write_quoted(writer, plain);
  DEMARC_CHECK(writer.failed() == !sip::is_quotable(plain));
  if (writer.failed()) return;
  const std::string_view written = writer.written();
  DEMARC_CHECK(written.size() >= 2 && written.front() == '"' && written.back() == '"');
  DEMARC_CHECK(sip::is_quoted_equal(written.substr(1, written.size() - 2), plain));
}

void check_text(Span span, const Value& value) {
  check_inside(span, value.span);
  if (!span.empty()) check_quoted(text(span, value.datagram));
}

void check_challenge(const Value& value, const Neighboured& inside) {
  const auto challenge = sip::parse_challenge(value.span, value.datagram);
  const auto twin = sip::parse_challenge(inside.span(), inside.datagram());
  DEMARC_CHECK(challenge.has_value() == twin.has_value());
  if (!challenge) {
    DEMARC_CHECK(challenge.error() == twin.error());
    return;
  }
  DEMARC_CHECK(challenge->scheme == twin->scheme && challenge->algorithm == twin->algorithm);
  DEMARC_CHECK(challenge->offers_auth == twin->offers_auth);
  DEMARC_CHECK(challenge->offers_auth_int == twin->offers_auth_int);
  DEMARC_CHECK(challenge->is_stale == twin->is_stale);
  DEMARC_CHECK(inside.is_same(challenge->realm, twin->realm));
  DEMARC_CHECK(inside.is_same(challenge->nonce, twin->nonce));
  for (const Span span : {challenge->scheme_text, challenge->params, challenge->realm,
                          challenge->nonce, challenge->opaque, challenge->domain, challenge->qop,
                          challenge->algorithm_text, challenge->charset}) {
    check_text(span, value);
  }
  if (challenge->scheme == sip::AuthScheme::digest) {
    DEMARC_CHECK(sip::is_present(challenge->realm) && sip::is_present(challenge->nonce));
  }
}

void check_credentials(const Value& value, const Neighboured& inside) {
  const auto credentials = sip::parse_credentials(value.span, value.datagram);
  const auto twin = sip::parse_credentials(inside.span(), inside.datagram());
  DEMARC_CHECK(credentials.has_value() == twin.has_value());
  if (!credentials) {
    DEMARC_CHECK(credentials.error() == twin.error());
    return;
  }
  DEMARC_CHECK(credentials->scheme == twin->scheme && credentials->qop == twin->qop);
  DEMARC_CHECK(credentials->algorithm == twin->algorithm && credentials->nc == twin->nc);
  DEMARC_CHECK(inside.is_same(credentials->username, twin->username));
  DEMARC_CHECK(inside.is_same(credentials->response, twin->response));
  for (const Span span :
       {credentials->scheme_text, credentials->params, credentials->username,
        credentials->extended_username, credentials->realm, credentials->nonce, credentials->uri,
        credentials->response, credentials->cnonce, credentials->opaque,
        credentials->algorithm_text, credentials->qop_text, credentials->nc_text}) {
    check_text(span, value);
  }
  if (credentials->scheme != sip::AuthScheme::digest) return;
  DEMARC_CHECK(sip::is_present(credentials->realm) && sip::is_present(credentials->nonce));
  DEMARC_CHECK(sip::is_present(credentials->uri) && sip::is_present(credentials->response));
  DEMARC_CHECK(sip::is_present(credentials->username) !=
               sip::is_present(credentials->extended_username));
  if (credentials->qop != sip::Qop::absent) {
    DEMARC_CHECK(sip::is_present(credentials->cnonce) && credentials->nc_text.length == 8);
  }
  if (sip::is_present(credentials->username)) {
    const std::string name = plain_of(text(credentials->username, value.datagram));
    DEMARC_CHECK(sip::is_username(*credentials, name, value.datagram));
  }
}

void check_info(const Value& value, const Neighboured& inside) {
  const auto info = sip::parse_authentication_info(value.span, value.datagram);
  const auto twin = sip::parse_authentication_info(inside.span(), inside.datagram());
  DEMARC_CHECK(info.has_value() == twin.has_value());
  if (!info) return;
  DEMARC_CHECK(info->qop == twin->qop && info->nc == twin->nc);
  for (const Span span :
       {info->nextnonce, info->rspauth, info->cnonce, info->qop_text, info->nc_text}) {
    check_text(span, value);
  }
}

void run(std::string_view input) {
  if (input.size() > max_value_octets) return;
  const Placed placed(input, 0, '\0');
  const Value value{placed.view(), {0, static_cast<uint16_t>(input.size())}};
  const Neighboured inside(input);
  check_challenge(value, inside);
  check_credentials(value, inside);
  check_info(value, inside);
  check_quoted(value.datagram);
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
