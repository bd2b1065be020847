#include "tests/sim/text.h"

#include <charconv>

namespace demarc::sim {
namespace {

constexpr std::string_view line_end = "\r\n";

bool is_token(std::string_view text) {
  for (const char c : text) {
    const bool is_alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_alphanumeric && std::string_view("-.!%*_+`'~").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return !text.empty();
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos &&
         text.size() <= 10;
}

}  // namespace

uint32_t number(std::string_view digits) {
  uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

void append(std::string& out, uint64_t value) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

std::string_view parameter(std::string_view value, std::string_view name) {
  // Behind the brackets: what stands inside belongs to the URI.
  const size_t bracket = value.rfind('>');
  for (size_t at = value.find(';', bracket == std::string_view::npos ? 0 : bracket);
       at != std::string_view::npos; at = value.find(';', at + 1)) {
    std::string_view rest = value.substr(at + 1);
    if (!rest.starts_with(name) || rest.size() == name.size() || rest[name.size()] != '=') continue;
    rest.remove_prefix(name.size() + 1);
    return rest.substr(0, rest.find_first_of(";, "));
  }
  return {};
}

std::string_view uri_of(std::string_view value) {
  const size_t begin = value.find('<');
  if (begin == std::string_view::npos) return value;
  return value.substr(begin + 1, value.find('>', begin) - begin - 1);
}

std::string_view user_of(std::string_view uri) {
  const size_t colon = uri.find(':');
  const size_t at = uri.find('@');
  if (colon == std::string_view::npos || at == std::string_view::npos || at < colon) return {};
  return uri.substr(colon + 1, at - colon - 1);
}

std::string_view Text::read(std::string_view whole) {
  *this = Text{};
  octets = whole;
  const size_t end = whole.find("\r\n\r\n");
  const size_t first = whole.find(line_end);
  if (first == std::string_view::npos) return "no line end";
  const std::string_view bad = read_start_line(whole.substr(0, first));
  if (!bad.empty()) return bad;
  const bool is_cut = end == std::string_view::npos;
  const std::string_view head =
      whole.substr(first + 2, is_cut ? std::string_view::npos : end - first);
  const std::string_view bad_fields = read_fields(head);
  const std::string_view bad_meaning = read_meaning();
  if (!bad_fields.empty()) return bad_fields;
  if (!bad_meaning.empty()) return bad_meaning;
  if (is_cut) return "no empty line behind the header";
  body = whole.substr(end + 4);
  return {};
}

std::string_view Text::read_start_line(std::string_view line) {
  if (line.starts_with("SIP/2.0 ")) {
    if (line.size() < 12 || !is_number(line.substr(8, 3)) || line[11] != ' ') {
      return "malformed status line";
    }
    status_code = static_cast<int>(number(line.substr(8, 3)));
    return {};
  }
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || line.substr(last) != " SIP/2.0") {
    return "malformed request line";
  }
  method = line.substr(0, first);
  uri = line.substr(first + 1, last - first - 1);
  return {};
}

std::string_view Text::read_fields(std::string_view head) {
  while (!head.empty()) {
    const size_t end = head.find(line_end);
    const std::string_view line = head.substr(0, end);
    const size_t colon = line.find(": ");
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return "malformed header field line";
    }
    if (field_count_ == max_fields) return "more header fields than anybody needs";
    fields_[field_count_++] = {line.substr(0, colon), line.substr(colon + 2)};
    if (end == std::string_view::npos) break;
    head.remove_prefix(end + 2);
  }
  return {};
}

std::string_view Text::read_meaning() {
  via = field("Via");
  branch = parameter(via, "branch");
  from = field("From");
  from_tag = parameter(from, "tag");
  to = field("To");
  to_tag = parameter(to, "tag");
  call_id = field("Call-ID");
  contact_uri = uri_of(field("Contact"));
  const std::string_view value = field("CSeq");
  const size_t blank = value.find(' ');
  if (blank == std::string_view::npos || !is_number(value.substr(0, blank))) return "no CSeq";
  cseq = number(value.substr(0, blank));
  if (is_request() && value.substr(blank + 1) != method) return "CSeq of another method";
  method = value.substr(blank + 1);
  return {};
}

std::string_view Text::field(std::string_view name) const {
  for (unsigned i = 0; i < field_count_; ++i) {
    if (fields_[i].name == name) return fields_[i].value;
  }
  return {};
}

unsigned Text::count(std::string_view name) const {
  unsigned found = 0;
  for (unsigned i = 0; i < field_count_; ++i) found += fields_[i].name == name ? 1 : 0;
  return found;
}

std::string_view complaint_of(const Text& text) {
  for (const std::string_view once : {"From", "To", "Call-ID", "CSeq", "Content-Length"}) {
    if (text.count(once) != 1) return "a mandatory field is absent or stands twice";
  }
  if (text.via.empty()) return "no Via";
  if (!text.branch.starts_with("z9hG4bK") && text.is_request()) return "branch without its cookie";
  if (text.from_tag.empty()) return "From without a tag";
  if (text.is_request() && text.count("Max-Forwards") != 1) return "no Max-Forwards";
  if (!text.is_request() && text.status_code != 100 && text.to_tag.empty()) {
    return "a response without a To tag";
  }
  const bool makes_dialog = text.method == "INVITE" && (text.is_request() || text.is_success());
  if (makes_dialog && text.contact_uri.empty()) return "no Contact in INVITE or its 2xx";
  for (unsigned i = 0; i < text.field_count(); ++i) {
    if (text.field_at(i).value.find_first_of(std::string_view("\r\n\0", 3)) !=
        std::string_view::npos) {
      return "an octet that must not stand in a value";
    }
  }
  if (number(text.field("Content-Length")) != text.body.size()) return "wrong Content-Length";
  if (!text.body.empty() && text.count("Content-Type") != 1) return "a body without Content-Type";
  if (text.body.empty() || text.field("Content-Type") != "application/sdp") return {};
  return complaint_of_sdp(text.body);
}

std::string_view complaint_of_sdp(std::string_view body) {
  if (!body.ends_with(line_end)) return "SDP without a last line end";
  // The first lines in their order; attributes and m-lines behind them.
  constexpr std::string_view first = "vos";
  size_t line_number = 0;
  bool has_time = false, has_connection = false, has_media = false;
  std::string_view complaint;
  for_each_line(body, [&](std::string_view line) {
    if (line.size() < 2 || line[1] != '=') complaint = "a malformed line of SDP";
    if (line_number < first.size() && line[0] != first[line_number]) {
      complaint = "lines of SDP out of order";
    }
    ++line_number;
    has_time |= line[0] == 't';
    has_connection |= line[0] == 'c';
    has_media |= line[0] == 'm';
  });
  if (!complaint.empty()) return complaint;
  return has_time && has_connection && has_media ? "" : "SDP without t=, c= or m=";
}

}  // namespace demarc::sim
