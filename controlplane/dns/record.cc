#include "controlplane/dns/record.h"

#include <algorithm>

#include "sip-parser/base/ascii.h"

namespace demarc::dns {
namespace {

constexpr size_t max_name_octets = 255;  // RFC 1035 section 2.3.4
constexpr size_t max_label_octets = 63;

// Octets of one record, read from the front. After the first failure everything fails.
class Reader {
 public:
  explicit Reader(std::string_view octets) : rest_(octets) {}

  uint16_t number() {
    if (!has(2)) return 0;
    const auto high = static_cast<uint8_t>(rest_[0]);
    const auto low = static_cast<uint8_t>(rest_[1]);
    rest_.remove_prefix(2);
    return static_cast<uint16_t>(high << 8 | low);
  }
  // <character-string> of RFC 1035 section 3.3.
  std::string text() {
    if (!has(1)) return {};
    const auto length = static_cast<uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    if (!has(length)) return {};
    std::string value(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return value;
  }
  // An uncompressed name whose labels can be those of a host or a service.
  std::string name() {
    std::string value;
    while (has(1)) {
      const auto length = static_cast<uint8_t>(rest_[0]);
      rest_.remove_prefix(1);
      if (length == 0) return value;
      if (length > max_label_octets || value.size() + length + 1 > max_name_octets ||
          !has(length)) {
        break;
      }
      if (!value.empty()) value += '.';
      for (const char c : rest_.substr(0, length)) {
        if (!ascii::is_alphanum(c) && c != '-' && c != '_') is_bad_ = true;
        value += ascii::to_lower(c);
      }
      rest_.remove_prefix(length);
    }
    is_bad_ = true;
    return {};
  }
  bool is_done() const { return !is_bad_ && rest_.empty(); }

 private:
  bool has(size_t octets) {
    if (rest_.size() < octets) is_bad_ = true;
    return !is_bad_;
  }

  std::string_view rest_;
  bool is_bad_ = false;
};

bool read_address(RecordType type, std::string_view rdata, Answer& answer) {
  contract::IpAddress address;
  if (type == RecordType::a) {
    if (rdata.size() != 4) return false;
    const auto octet = [&](size_t i) { return static_cast<uint8_t>(rdata[i]); };
    address = contract::IpAddress::v4(octet(0), octet(1), octet(2), octet(3));
  } else {
    if (rdata.size() != address.octets.size()) return false;
    std::transform(rdata.begin(), rdata.end(), address.octets.begin(),
                   [](char c) { return static_cast<uint8_t>(c); });
    if (address.is_v4()) return false;  // a mapped address is no IPv6 address of a host
  }
  if (!address.is_unicast()) return false;
  answer.addresses.push_back(address);
  return true;
}

bool read_srv(std::string_view rdata, Answer& answer) {
  Reader reader(rdata);
  Srv srv;
  srv.priority = reader.number();
  srv.weight = reader.number();
  srv.port = reader.number();
  srv.target = reader.name();
  if (!reader.is_done() || (srv.port == 0 && !srv.target.empty())) return false;
  answer.services.push_back(std::move(srv));
  return true;
}

bool read_naptr(std::string_view rdata, Answer& answer) {
  Reader reader(rdata);
  Naptr naptr;
  naptr.order = reader.number();
  naptr.preference = reader.number();
  naptr.flags = reader.text();
  naptr.service = reader.text();
  naptr.regexp = reader.text();
  naptr.replacement = reader.name();
  if (!reader.is_done()) return false;
  for (char& c : naptr.flags) c = ascii::to_lower(c);
  for (char& c : naptr.service) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  answer.pointers.push_back(std::move(naptr));
  return true;
}

}  // namespace

std::string_view spelling(RecordType type) {
  switch (type) {
    case RecordType::a:
      return "A";
    case RecordType::aaaa:
      return "AAAA";
    case RecordType::srv:
      return "SRV";
    case RecordType::naptr:
      return "NAPTR";
  }
  return "unknown";
}

Answer read_answer(RecordType type, std::span<const std::string_view> rdata) {
  Answer answer;
  for (const std::string_view record : rdata.first(std::min<size_t>(rdata.size(), max_records))) {
    const bool is_address = type == RecordType::a || type == RecordType::aaaa;
    const bool is_read = is_address                ? read_address(type, record, answer)
                         : type == RecordType::srv ? read_srv(record, answer)
                                                   : read_naptr(record, answer);
    if (!is_read) ++answer.malformed;
  }
  return answer;
}

}  // namespace demarc::dns
