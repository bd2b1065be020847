#include "controlplane/registrar/register_request.h"

#include "sip-parser/address.h"
#include "sip-parser/contact.h"
#include "sip-parser/cseq.h"
#include "sip-parser/option_tags.h"
#include "sip-parser/uri_compare.h"

namespace demarc::registrar {
namespace {

using sip::HeaderName;

constexpr uint16_t bad_request = 400;
constexpr size_t max_user_agent_octets = 64;

class Reader {
 public:
  Reader(const sip::Message& message, std::string_view text) : message_(message), text_(text) {}

  RegisterRequest read() {
    read_names();
    read_expires();
    read_contacts();
    read_path();
    read_required();
    request_.user_agent =
        std::string(view(message_.value(HeaderName::user_agent)).substr(0, max_user_agent_octets));
    return request_;
  }

 private:
  std::string_view view(Span span) const { return demarc::text(span, text_); }
  void refuse(uint16_t status_code) {
    if (request_.status_code == 0) request_.status_code = status_code;
  }

  void read_names() {
    const auto to =
        sip::parse_address(message_.value(HeaderName::to), text_, sip::AddressForm::any);
    const auto cseq = sip::parse_cseq(message_.value(HeaderName::cseq), text_);
    if (!to || !cseq) return refuse(bad_request);
    request_.user = std::string(view(to->uri.user));
    request_.cseq = cseq->number;
    request_.call_id = std::string(view(message_.value(HeaderName::call_id)));
  }

  // One that can not be read counts as an hour, as one that is not there (section 10.2.1.1).
  void read_expires() {
    if (!message_.has(HeaderName::expires)) return;
    const auto number = sip::parse_number(message_.value(HeaderName::expires), text_, UINT32_MAX);
    request_.has_expires = static_cast<bool>(number);
    if (number) request_.expires_s = *number;
  }

  void read_contacts() {
    bool has_star = false;
    for (const auto* field = message_.first(HeaderName::contact); field != nullptr;
         field = message_.next(*field)) {
      sip::ListCursor cursor(field->value, text_);
      for (Span element; cursor.next(element);) {
        const auto contact = sip::parse_contact(element, text_);
        if (!contact) return refuse(bad_request);
        has_star = has_star || contact->is_star;
        if (!contact->is_star) add(*contact);
      }
    }
    request_.removes_all = has_star;
    // Section 10.3, step 6.
    const bool is_zero = request_.has_expires && request_.expires_s == 0;
    if (has_star && (!request_.contacts.empty() || !is_zero)) refuse(bad_request);
  }

  void add(const sip::Contact& contact) {
    const sip::Uri& uri = contact.address.uri;
    const bool is_sip = uri.scheme == sip::UriScheme::sip || uri.scheme == sip::UriScheme::sips;
    const bool fits = uri.whole.length <= max_contact_octets && !uri.host.empty() &&
                      request_.contacts.size() < max_contacts;
    if (!is_sip || !fits) return refuse(bad_request);
    RequestedContact& row = request_.contacts.emplace_back();
    row.uri = std::string(view(uri.whole));
    row.host = std::string(view(uri.host));
    row.port = uri.port;
    row.is_secure = uri.scheme == sip::UriScheme::sips;
    row.q = contact.q;
    row.has_expires = contact.has_expires;
    row.expires_s = contact.expires_s;
  }

  // The first one is the hop next to us (RFC 3327 section 5.3).
  void read_path() {
    for (const auto* field = message_.first(HeaderName::path); field != nullptr;
         field = message_.next(*field)) {
      sip::ListCursor cursor(field->value, text_);
      for (Span element; cursor.next(element);) {
        const auto hop = sip::parse_address(element, text_, sip::AddressForm::name_addr);
        if (!hop) return refuse(bad_request);
        if (request_.path.empty()) {
          request_.path_host = std::string(view(hop->uri.host));
          request_.path_port = hop->uri.port;
        } else {
          request_.path += ", ";
        }
        request_.path += view(element);
        const bool has_fold = request_.path.find_first_of("\r\n") != std::string::npos;
        if (has_fold || request_.path.size() > max_path_octets) return refuse(bad_request);
      }
    }
  }

  void read_required() {
    for (const auto* field = message_.first(HeaderName::require); field != nullptr;
         field = message_.next(*field)) {
      sip::OptionTagCursor cursor(field->value, text_);
      sip::OptionTag tag = sip::OptionTag::other;
      for (Span token; cursor.next(tag, token);) {
        if (tag == sip::OptionTag::path) continue;
        if (!request_.unsupported.empty()) request_.unsupported += ", ";
        request_.unsupported += view(token);
      }
      if (cursor.failed()) refuse(bad_request);
    }
    for (const HeaderName name : {HeaderName::supported, HeaderName::require}) {
      const auto tags = sip::option_tags_of(message_, name, text_);
      if (tags && tags->known.has(sip::OptionTag::path)) request_.takes_path = true;
    }
    if (!request_.unsupported.empty()) refuse(420);
  }

  const sip::Message& message_;
  const std::string_view text_;
  RegisterRequest request_;
};

}  // namespace

RegisterRequest read_register(const sip::Message& message, std::string_view text) {
  return Reader(message, text).read();
}

bool is_same_contact(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto one = sip::parse_uri({0, static_cast<uint16_t>(a.size())}, a);
  const auto other = sip::parse_uri({0, static_cast<uint16_t>(b.size())}, b);
  return one && other && sip::is_equivalent({*one, a}, {*other, b});
}

}  // namespace demarc::registrar
