// Text: a SIP message as the simulated peers read it. Written apart from sip-parser on purpose: a
// second opinion on what the box sends. It borrows the octets that it read.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace demarc::sim {

class Text {
 public:
  // Why this is no SIP message that a peer could use; empty when it is one. With a complaint the
  // members hold what was found before it.
  std::string_view read(std::string_view octets);

  bool is_request() const { return status_code == 0; }
  bool is_final() const { return status_code >= 200; }
  bool is_success() const { return status_code >= 200 && status_code < 300; }
  // Of the first field of that name as the box writes it; empty when absent.
  std::string_view field(std::string_view name) const;
  unsigned count(std::string_view name) const;
  unsigned field_count() const { return field_count_; }
  struct Field {
    std::string_view name;
    std::string_view value;
  };
  const Field& field_at(unsigned i) const { return fields_[i]; }

  std::string_view octets;
  int status_code = 0;      // 0 in a request
  std::string_view method;  // of CSeq in a response
  std::string_view uri;     // of a request
  std::string_view via;     // the topmost
  std::string_view branch;  // of it
  std::string_view from, from_tag;
  std::string_view to, to_tag;
  std::string_view call_id;
  std::string_view contact_uri;
  uint32_t cseq = 0;
  std::string_view body;

 private:
  std::string_view read_start_line(std::string_view line);
  std::string_view read_fields(std::string_view head);
  std::string_view read_meaning();

  static constexpr unsigned max_fields = 48;
  std::array<Field, max_fields> fields_;
  unsigned field_count_ = 0;
};

// What RFC 3261 demands of every message beyond being readable, and what nobody but a broken
// element sends. Empty when there is nothing to say.
std::string_view complaint_of(const Text& text);
// The same of an SDP body of ours (RFC 4566 section 5).
std::string_view complaint_of_sdp(std::string_view body);

// "tag" of "<sip:a@b>;tag=c"; empty when absent.
std::string_view parameter(std::string_view value, std::string_view name);
// What stands between the angle brackets, or the whole.
std::string_view uri_of(std::string_view value);
// "sip:USER@host": USER.
std::string_view user_of(std::string_view uri);
uint32_t number(std::string_view digits);
void append(std::string& out, uint64_t value);
// Calls take(line) for every line of an SDP body.
template <class Take>
void for_each_line(std::string_view body, Take take) {
  while (!body.empty()) {
    const size_t end = body.find("\r\n");
    take(body.substr(0, end));
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 2);
  }
}

}  // namespace demarc::sim
