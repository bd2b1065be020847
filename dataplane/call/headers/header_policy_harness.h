// What the tests of header_policy.h share: two trunks, a message that crosses, and what came of it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/call/headers/header_policy.h"
#include "dataplane/contract/section_builder.h"
#include "sip-parser/parse.h"
#include "sip-parser/validate.h"

namespace demarc::call::headers {

struct Rule {
  contract::HeaderRule::Action action;
  std::string name;
  std::string value = {};
  std::string pattern = {};
  std::string source = {};
  uint16_t methods = 0;
};

// Two rows, "from" and "to", as the control plane lays them out.
class TwoTrunks {
 public:
  std::vector<Rule> from_rules;  // for what its peer sends
  std::vector<Rule> to_rules;    // for what its peer is sent
  contract::CallPolicy from;
  contract::CallPolicy to;
  std::string our_host = "203.0.113.1";
  std::string called_user = {};
  Identity identity = Identity::as_it_came;
  std::string shown_user = {};
  const Locations* locations = nullptr;
  uint32_t max_octets = 8192;
  size_t room = 65536;
  CrossingCount count;

  static constexpr std::string_view caller = "\"Bob\" <sip:100@10.0.0.1>;tag=1";

  // The lines that cross of a message of this kind with these header field lines.
  std::string cross(std::string_view start_line, std::string_view from_field,
                    std::string_view method, std::string_view lines) {
    build();
    std::string octets = std::string(start_line) +
                         "\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"
                         "Max-Forwards: 70\r\nFrom: " +
                         std::string(from_field) +
                         "\r\nTo: <sip:200@10.0.0.9>\r\nCall-ID: a@10.0.0.1\r\nCSeq: 1 " +
                         std::string(method) + "\r\nContact: <sip:10.0.0.1>\r\n" +
                         std::string(lines) + "Content-Length: 0\r\n\r\n";
    const size_t size = octets.size();
    octets.append(sip::padding_octets, 'x');
    const std::string_view datagram = std::string_view(octets).substr(0, size);
    sip::Message message;
    if (!sip::parse(datagram, message)) return "not parsed";
    const sip::Essentials essentials = sip::read_essentials(message, datagram);
    const auto* section = reinterpret_cast<const contract::TrunkSection*>(section_.data());
    const auto rows = elements(section->header, section->trunks);
    std::vector<char> buffer(room);
    sip::Writer writer(buffer);
    writer.raw("begin\r\n");
    count = write_crossing_fields(writer, {.message = message,
                                           .datagram = datagram,
                                           .from_address = essentials.from,
                                           .trunks = *section,
                                           .from = rows[0],
                                           .to = rows[1],
                                           .our_host = our_host,
                                           .called_user = called_user,
                                           .identity = identity,
                                           .shown_user = shown_user,
                                           .locations = locations,
                                           .max_octets = max_octets});
    if (writer.failed()) return "failed";
    return std::string(writer.written().substr(7));
  }
  std::string invite(std::string_view lines, std::string_view from_field = caller) {
    return cross("INVITE sip:200@10.0.0.9 SIP/2.0", from_field, "INVITE", lines);
  }
  std::string request(std::string_view method, std::string_view lines) {
    return cross(std::string(method) + " sip:200@10.0.0.9 SIP/2.0", caller, method, lines);
  }
  std::string response(std::string_view status, std::string_view method, std::string_view lines) {
    return cross("SIP/2.0 " + std::string(status), caller, method, lines);
  }

 private:
  using Builder = contract::SectionBuilder<contract::TrunkSection>;

  void build() {
    Builder builder(contract::SectionKind::trunks, 1);
    std::array<contract::TrunkConfig, 2> rows;
    rows[0].policy = from;
    rows[1].policy = to;
    rows[0].policy.header_rules = rules(builder, from_rules, contract::HeaderRule::Side::from_peer);
    rows[1].policy.header_rules = rules(builder, to_rules, contract::HeaderRule::Side::to_peer);
    builder.section().trunks = builder.array<contract::TrunkConfig>(rows);
    section_ = builder.finish();
  }
  static contract::Array<contract::HeaderRule> rules(Builder& builder,
                                                     const std::vector<Rule>& rules,
                                                     contract::HeaderRule::Side side) {
    std::vector<contract::HeaderRule> rows;
    for (const Rule& rule : rules) {
      contract::HeaderRule& row = rows.emplace_back();
      row.action = rule.action;
      row.side = side;
      row.methods = rule.methods;
      row.name = builder.text(rule.name);
      row.pattern = builder.text(rule.pattern);
      row.value = builder.text(rule.value);
      row.source = builder.text(rule.source);
    }
    return builder.array<contract::HeaderRule>(rows);
  }

  std::vector<std::byte> section_;
};

}  // namespace demarc::call::headers
