// Challenges, credentials and quoted text on any octets: what they give lies in the value, the
// neighbours of the value do not matter, and quoted text is written as it is read. Whatever our
// client answers to a challenge is the right response, and no stranger's credentials are ours.

#include <array>

#include "sip-parser/challenge.h"
#include "sip-parser/digest/client.h"
#include "sip-parser/digest/server.h"
#include "sip-parser/parse.h"
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

const digest::Account account{.username = "al\"ice", .password = "secret"};
const digest::ClientRequest request{"INVITE", "sip:bob@example.net", "body", "c0ffee", 0};

// The response in what the client wrote is the one that a server computes from the same text.
void check_written(digest::Hasher& hasher, std::string_view written) {
  const auto credentials =
      sip::parse_credentials({0, static_cast<uint16_t>(written.size())}, written);
  DEMARC_CHECK(credentials.has_value() && credentials->scheme == sip::AuthScheme::digest);
  DEMARC_CHECK(text(credentials->uri, written) == request.uri);
  digest::ResponseInput input = digest::input_of({*credentials, written});
  input.method = request.method;
  input.body = request.body;
  digest::Ha1 ha1;
  DEMARC_CHECK(digest::find_ha1(hasher, digest::hash_of(input.algorithm), account,
                                text(credentials->realm, written),
                                ha1) == digest::AccountError::none);
  const digest::HashValue response = digest::response_of(hasher, ha1, input);
  DEMARC_CHECK(digest::to_hex(response).view() == text(credentials->response, written));
}

void check_client(const sip::Message& message, std::string_view datagram) {
  static digest::Hasher hasher;
  static char buffer[2 * sip::max_message_octets];
  for (const bool prefers_auth_int : {false, true}) {
    digest::ClientPolicy policy;
    policy.algorithms = digest::with_md5;
    policy.prefers_auth_int = prefers_auth_int;
    const auto challenge = digest::choose_challenge(
        hasher, policy, {message, datagram, sip::HeaderName::www_authenticate});
    if (!challenge) {
      DEMARC_CHECK(!digest::spelling(challenge.error()).empty());
      return;
    }
    digest::ClientNonce nonce;
    const digest::Challenged challenged{*challenge, datagram};
    for (uint32_t count = 1; count <= 2; ++count) {
      sip::Writer writer(buffer);
      const digest::ClientError error =
          count == 1
              ? digest::answer_challenge(hasher, writer, nonce, policy, challenged, account,
                                         request)
              : digest::authorize_next(hasher, writer, nonce, policy, challenged, account, request);
      if (error != digest::ClientError::none) {
        DEMARC_CHECK(writer.written().empty() && !digest::spelling(error).empty());
        return;
      }
      DEMARC_CHECK(!writer.failed());
      check_written(hasher, writer.written());
    }
  }
}

// Credentials need a nonce that only we can make.
void check_server(const sip::Message& message, std::string_view datagram) {
  static digest::Hasher hasher;
  static digest::ReplayTable<4> replays{};
  digest::ServerPolicy policy;
  policy.realm = "a";
  policy.secret = "0123456789abcdef0123456789abcdef";
  policy.algorithms = digest::with_md5;
  policy.allows_no_qop = true;
  const digest::Received received{message, datagram, sip::HeaderName::authorization};
  const digest::Found found = digest::find_credentials(received, policy.realm);
  DEMARC_CHECK(found.count <= digest::max_credentials);
  const digest::Verdict verdict = digest::authenticate(hasher, policy, replays, received, account,
                                                       {"192.0.2.1:5060", "", 1'000'000});
  DEMARC_CHECK(!verdict.is_ok() && !digest::spelling(verdict.outcome).empty());
}

// The value as a field of a response and of a request.
void check_authentication(std::string_view value) {
  static sip::Message message;
  constexpr std::array starts = {"SIP/2.0 401 x\r\nWWW-Authenticate: ",
                                 "INVITE sip:bob@example.net SIP/2.0\r\nAuthorization: "};
  for (const std::string_view start : starts) {
    std::string whole(start);
    whole.append(value).append("\r\n\r\n");
    const Placed placed(whole, sip::padding_octets, '"');
    if (!sip::parse(placed.view(), message)) continue;
    if (message.is_request) {
      check_server(message, placed.view());
    } else {
      check_client(message, placed.view());
    }
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
  check_authentication(input);
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
