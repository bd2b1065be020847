#include "sip-parser/field_rules.h"

#include <array>

#include "sip-parser/address.h"
#include "sip-parser/call_id.h"
#include "sip-parser/call_info.h"
#include "sip-parser/caller_preferences.h"
#include "sip-parser/challenge.h"
#include "sip-parser/cseq.h"
#include "sip-parser/date.h"
#include "sip-parser/dialog_id.h"
#include "sip-parser/diversion.h"
#include "sip-parser/event.h"
#include "sip-parser/field_checks.h"
#include "sip-parser/geolocation.h"
#include "sip-parser/history_info.h"
#include "sip-parser/identity.h"
#include "sip-parser/media_type.h"
#include "sip-parser/p_headers.h"
#include "sip-parser/preference.h"
#include "sip-parser/privacy.h"
#include "sip-parser/rack.h"
#include "sip-parser/reason.h"
#include "sip-parser/refer_to.h"
#include "sip-parser/remote_party_id.h"
#include "sip-parser/resource_priority.h"
#include "sip-parser/retry_after.h"
#include "sip-parser/session_id.h"
#include "sip-parser/session_timer.h"
#include "sip-parser/timestamp.h"
#include "sip-parser/token_params.h"
#include "sip-parser/user_to_user.h"
#include "sip-parser/via.h"
#include "sip-parser/warning.h"

namespace demarc::sip {
namespace {

// A typed parser as a check: only whether it succeeds.
template <auto parse>
Result<Span, ValueError> whole(Span value, std::string_view datagram) {
  const auto result = parse(value, datagram);
  if (!result) return Fail{result.error()};
  return value;
}

// The same for every element of a list, of which there is at least one.
template <auto parse>
Result<Span, ValueError> each(Span value, std::string_view datagram) {
  Span element;
  bool has_any = false;
  for (ListCursor cursor(value, datagram); cursor.next(element); has_any = true) {
    const auto result = parse(element, datagram);
    if (!result) return Fail{result.error()};
  }
  if (!has_any) return Fail{ValueError::bad_syntax};
  return value;
}

template <AddressForm form>
Result<Span, ValueError> check_address(Span element, std::string_view datagram) {
  const Result<Address, ValueError> address = parse_address(element, datagram, form);
  if (!address) return Fail{address.error()};
  return element;
}

template <HeaderName name>
Result<Span, ValueError> check_number(Span value, std::string_view datagram) {
  const Result<uint32_t, ValueError> number = parse_number(value, datagram, max_number_of(name));
  if (!number) return Fail{number.error()};
  return value;
}

Result<Span, ValueError> accept_anything(Span value, std::string_view) {
  return value;
}

struct Row {
  FieldRule rule;
  FieldCheck check = nullptr;
};

// How often a field and its elements may stand.
enum Occurrence : uint8_t { single = 0, list = 1, repeat = 2, empty = 4 };

constexpr Row row(HeaderName name, Shape shape, unsigned occurrence, uint16_t rfc,
                  FieldCheck check) {
  const bool is_list = occurrence & list;
  return {{name, shape, is_list, is_list || (occurrence & repeat), (occurrence & empty) != 0, rfc},
          check};
}

// The number is that of the RFC that defines the field: of 3261 its sections 20 and 25.1 and its
// tables 2 and 3, of an extension the section that adds a row to those tables. In the order of
// HeaderName.
constexpr Row rows[] = {
    row(HeaderName::other, Shape::opaque, repeat | empty, 0, accept_anything),
    row(HeaderName::accept, Shape::media_type, list | empty, 3261, each<parse_accept_range>),
    row(HeaderName::accept_contact, Shape::token_params, list, 3841, each<parse_feature_set>),
    row(HeaderName::accept_encoding, Shape::token_params, list | empty, 3261,
        each<parse_accept_encoding>),
    row(HeaderName::accept_language, Shape::token_params, list | empty, 3261,
        each<parse_accept_language>),
    row(HeaderName::accept_resource_priority, Shape::token, list | empty, 4412,
        each<parse_resource_priority>),
    row(HeaderName::alert_info, Shape::bracketed_uri, list, 3261, each<parse_bracketed_uri>),
    row(HeaderName::allow, Shape::token, list | empty, 3261, each<check_token>),
    row(HeaderName::allow_events, Shape::token, list, 6665, each<parse_event_type>),
    row(HeaderName::authentication_info, Shape::credentials, single, 3261,
        whole<parse_authentication_info>),
    row(HeaderName::authorization, Shape::credentials, repeat, 3261, whole<parse_credentials>),
    row(HeaderName::call_id, Shape::call_id, single, 3261, whole<parse_call_id>),
    row(HeaderName::call_info, Shape::bracketed_uri, list, 3261, each<parse_call_info>),
    row(HeaderName::contact, Shape::address, list, 3261, check_contacts),
    row(HeaderName::content_disposition, Shape::token_params, single, 3261,
        whole<parse_disposition>),
    row(HeaderName::content_encoding, Shape::token, list, 3261, each<check_token>),
    row(HeaderName::content_language, Shape::token, list, 3261, each<parse_content_language>),
    row(HeaderName::content_length, Shape::number, single, 3261,
        check_number<HeaderName::content_length>),
    row(HeaderName::content_type, Shape::media_type, single, 3261, whole<parse_media_type>),
    row(HeaderName::cseq, Shape::own, single, 3261, whole<parse_cseq>),
    row(HeaderName::date, Shape::own, single, 3261, whole<parse_date>),
    row(HeaderName::diversion, Shape::address, list, 5806, each<parse_diversion>),
    row(HeaderName::error_info, Shape::bracketed_uri, list, 3261, each<parse_bracketed_uri>),
    row(HeaderName::event, Shape::token_params, single, 6665, whole<parse_event>),
    row(HeaderName::expires, Shape::number, single, 3261, check_number<HeaderName::expires>),
    row(HeaderName::feature_caps, Shape::token_params, list, 6809, each<parse_feature_set>),
    row(HeaderName::flow_timer, Shape::number, single, 5626, check_number<HeaderName::flow_timer>),
    row(HeaderName::from, Shape::address, single, 3261, check_address<AddressForm::any>),
    row(HeaderName::geolocation, Shape::bracketed_uri, list, 6442, each<parse_geolocation>),
    row(HeaderName::geolocation_error, Shape::token_params, single, 6442,
        whole<parse_geolocation_error>),
    row(HeaderName::geolocation_routing, Shape::token_params, single, 6442,
        whole<parse_geolocation_routing>),
    row(HeaderName::history_info, Shape::address, list, 7044, each<parse_history_info>),
    row(HeaderName::identity, Shape::own, repeat, 8224, whole<parse_identity>),
    row(HeaderName::identity_info, Shape::bracketed_uri, single, 4474, whole<parse_bracketed_uri>),
    row(HeaderName::in_reply_to, Shape::call_id, list, 3261, check_call_ids),
    row(HeaderName::info_package, Shape::token_params, single, 6086, whole<parse_token_params>),
    row(HeaderName::join, Shape::dialog_id, single, 3911, whole<parse_join>),
    row(HeaderName::max_breadth, Shape::number, single, 5393,
        check_number<HeaderName::max_breadth>),
    row(HeaderName::max_forwards, Shape::number, single, 3261,
        check_number<HeaderName::max_forwards>),
    row(HeaderName::mime_version, Shape::own, single, 3261, check_version),
    row(HeaderName::min_expires, Shape::number, single, 3261,
        check_number<HeaderName::min_expires>),
    row(HeaderName::min_se, Shape::token_params, single, 4028, whole<parse_min_se>),
    row(HeaderName::organization, Shape::text, single | empty, 3261, check_text),
    row(HeaderName::p_access_network_info, Shape::token_params, list, 7315,
        each<parse_access_network_info>),
    row(HeaderName::p_asserted_identity, Shape::address, list, 3325, each<check_bare_address>),
    row(HeaderName::p_associated_uri, Shape::address, list | empty, 7315,
        each<check_address<AddressForm::name_addr>>),
    row(HeaderName::p_called_party_id, Shape::address, single, 7315,
        check_address<AddressForm::name_addr>),
    row(HeaderName::p_charging_function_addresses, Shape::token_params, single, 7315,
        whole<parse_charging_function_addresses>),
    row(HeaderName::p_charging_vector, Shape::token_params, single, 7315,
        whole<parse_charging_vector>),
    row(HeaderName::p_early_media, Shape::token, list | empty, 5009, each<check_token>),
    row(HeaderName::p_preferred_identity, Shape::address, list, 3325, each<check_bare_address>),
    row(HeaderName::p_visited_network_id, Shape::token_params, list, 7315,
        each<parse_visited_network>),
    row(HeaderName::path, Shape::address, list, 3327, each<check_address<AddressForm::name_addr>>),
    row(HeaderName::priority, Shape::token, single, 3261, check_token),
    row(HeaderName::privacy, Shape::token, single, 3323, whole<parse_privacy>),
    row(HeaderName::proxy_authenticate, Shape::credentials, repeat, 3261, whole<parse_challenge>),
    row(HeaderName::proxy_authorization, Shape::credentials, repeat, 3261,
        whole<parse_credentials>),
    row(HeaderName::proxy_require, Shape::token, list, 3261, each<check_token>),
    row(HeaderName::rack, Shape::own, single, 3262, whole<parse_rack>),
    row(HeaderName::reason, Shape::token_params, list, 3326, each<parse_reason>),
    row(HeaderName::record_route, Shape::address, list, 3261,
        each<check_address<AddressForm::name_addr>>),
    row(HeaderName::recv_info, Shape::token_params, list | empty, 6086, each<parse_token_params>),
    row(HeaderName::refer_sub, Shape::token_params, single, 4488, whole<parse_refer_sub>),
    row(HeaderName::refer_to, Shape::address, single, 3515, whole<parse_refer_to>),
    row(HeaderName::referred_by, Shape::address, single, 3892, whole<parse_referred_by>),
    row(HeaderName::reject_contact, Shape::token_params, list, 3841, each<parse_feature_set>),
    row(HeaderName::remote_party_id, Shape::address, list, 0, each<parse_remote_party_id>),
    row(HeaderName::replaces, Shape::dialog_id, single, 3891, whole<parse_replaces>),
    row(HeaderName::reply_to, Shape::address, single, 3261, check_address<AddressForm::any>),
    row(HeaderName::request_disposition, Shape::token, list, 3841,
        whole<parse_request_disposition>),
    row(HeaderName::require, Shape::token, list, 3261, each<check_token>),
    row(HeaderName::resource_priority, Shape::token, list, 4412, each<parse_resource_priority>),
    row(HeaderName::retry_after, Shape::token_params, single, 3261, whole<parse_retry_after>),
    row(HeaderName::route, Shape::address, list, 3261, each<check_address<AddressForm::name_addr>>),
    row(HeaderName::rseq, Shape::number, single, 3262, whole<parse_rseq>),
    row(HeaderName::server, Shape::text, single, 3261, check_text),
    row(HeaderName::service_route, Shape::address, list, 3608,
        each<check_address<AddressForm::name_addr>>),
    row(HeaderName::session_expires, Shape::token_params, single, 4028,
        whole<parse_session_expires>),
    row(HeaderName::session_id, Shape::token_params, single, 7989, whole<parse_session_id>),
    row(HeaderName::sip_etag, Shape::token, single, 3903, check_token),
    row(HeaderName::sip_if_match, Shape::token, single, 3903, check_token),
    row(HeaderName::subject, Shape::text, single | empty, 3261, check_text),
    row(HeaderName::subscription_state, Shape::token_params, single, 6665,
        whole<parse_subscription_state>),
    row(HeaderName::supported, Shape::token, list | empty, 3261, each<check_token>),
    row(HeaderName::target_dialog, Shape::dialog_id, single, 4538, whole<parse_target_dialog>),
    row(HeaderName::timestamp, Shape::own, single, 3261, whole<parse_timestamp>),
    row(HeaderName::to, Shape::address, single, 3261, check_address<AddressForm::any>),
    row(HeaderName::unsupported, Shape::token, list, 3261, each<check_token>),
    row(HeaderName::user_agent, Shape::text, single, 3261, check_text),
    row(HeaderName::user_to_user, Shape::token_params, list, 7433, each<parse_user_to_user>),
    row(HeaderName::via, Shape::own, list, 3261, each<parse_via>),
    row(HeaderName::warning, Shape::own, list, 3261, each<parse_warning>),
    row(HeaderName::www_authenticate, Shape::credentials, repeat, 3261, whole<parse_challenge>),
};

constexpr bool is_in_order() {
  for (size_t i = 0; i < std::size(rows); ++i) {
    if (rows[i].rule.name != static_cast<HeaderName>(i)) return false;
  }
  return std::size(rows) == header_name_count;
}
static_assert(is_in_order(), "a row for every HeaderName, in its order");

const Row& row_of(HeaderName name) {
  const size_t index = static_cast<size_t>(name);
  return rows[index < std::size(rows) ? index : 0];
}

}  // namespace

const FieldRule& field_rule(HeaderName name) {
  return row_of(name).rule;
}

uint32_t max_number_of(HeaderName name) {
  switch (name) {
    case HeaderName::max_forwards:
      return 255;  // RFC 3261 section 20.22
    default:
      return UINT32_MAX;  // RFC 3261 section 20.19; the others have no limit of their own
  }
}

Result<Span, ValueError> check_field(HeaderName name, Span value, std::string_view datagram) {
  const Row& row = row_of(name);
  if (value.empty()) {
    if (!row.rule.may_be_empty) return Fail{ValueError::bad_syntax};
    return value;
  }
  // Once for all, as typed parsers look for the end of a quoted-string and not at its octets.
  if (row.rule.shape != Shape::opaque && !check_octets(value, datagram)) {
    return Fail{ValueError::bad_syntax};
  }
  return row.check(value, datagram);
}

}  // namespace demarc::sip
