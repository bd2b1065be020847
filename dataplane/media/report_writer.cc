#include "dataplane/media/report_writer.h"

#include <algorithm>
#include <cstring>

#include "dataplane/media/output.h"
#include "dataplane/media/rtp.h"
#include "sip-parser/base/check.h"

namespace demarc::media {
namespace {

constexpr uint64_t ns_per_s = 1'000'000'000;
constexpr uint8_t canonical_name_item = 1;
constexpr int32_t max_lost = 0x7fffff;  // 24 bits with a sign
constexpr int32_t min_lost = -0x800000;

class Octets {
 public:
  explicit Octets(std::span<uint8_t> out) : out_(out) {}
  void word(uint32_t number) {
    write_be32(&out_[at_], number);
    at_ += 4;
  }
  void header(uint8_t count, uint8_t type, size_t octets) {
    word(uint32_t{0x80u | count} << 24 | uint32_t{type} << 16 |
         static_cast<uint32_t>(octets / 4 - 1));
  }
  void octet(uint8_t value) { out_[at_++] = value; }
  void text(std::span<const char> characters) {
    std::memcpy(&out_[at_], characters.data(), characters.size());
    at_ += characters.size();
  }
  size_t size() const { return at_; }

 private:
  std::span<uint8_t> out_;
  size_t at_ = 0;
};

void write_block(const ReportBlock& block, Octets& out) {
  const auto lost = static_cast<uint32_t>(std::clamp(block.lost, min_lost, max_lost));
  out.word(block.ssrc);
  out.word(uint32_t{block.fraction_lost} << 24 | (lost & 0xffffff));
  out.word(block.highest_sequence);
  out.word(block.jitter);
  out.word(block.last_report);
  out.word(block.delay);
}

// One chunk of one item: its text ends with zeros up to a whole word (RFC 3550 section 6.5).
void write_name(const Report& report, Octets& out) {
  out.header(1, source_description, sizeof(uint32_t) * 2 + 2 + report.name.size() + 2);
  out.word(report.ssrc);
  out.octet(canonical_name_item);
  out.octet(static_cast<uint8_t>(report.name.size()));
  out.text(report.name);
  out.octet(0);
  out.octet(0);
}

}  // namespace

uint16_t write_report(const Report& report, std::span<uint8_t> octets) {
  DEMARC_CHECK(octets.size() >= max_report_octets);
  Octets out(octets);
  const size_t blocks = report.has_block ? report_block_length : 0;
  const uint8_t count = report.has_block ? 1 : 0;
  if (report.is_sender) {
    out.header(count, sender_report, sender_report_length + blocks);
    out.word(report.ssrc);
    out.word(static_cast<uint32_t>(report.ntp >> 32));
    out.word(static_cast<uint32_t>(report.ntp));
    out.word(report.rtp_timestamp);
    out.word(report.packets);
    out.word(report.octets);
  } else {
    out.header(count, receiver_report, receiver_report_length + blocks);
    out.word(report.ssrc);
  }
  if (report.has_block) write_block(report.block, out);
  write_name(report, out);
  return static_cast<uint16_t>(out.size());
}

CanonicalName spelled(const NameBits& bits) {
  constexpr char digits[] = "0123456789abcdef";
  constexpr unsigned digits_of_word = 8;
  CanonicalName name;
  for (unsigned i = 0; i < name.size(); ++i) {
    name[i] = digits[bits[i / digits_of_word] >> (i % digits_of_word * 4) & 0xf];
  }
  return name;
}

uint64_t ntp_of(contract::Instant now) {
  const uint64_t ns = now.ns;
  return (ns / ns_per_s) << 32 | ((ns % ns_per_s) << 32) / ns_per_s;
}

uint32_t report_delay(contract::Duration since) {
  if (since.ns <= 0) return 0;
  const auto ns = static_cast<uint64_t>(since.ns);
  const uint64_t units = (ns / ns_per_s) << 16 | ((ns % ns_per_s) << 16) / ns_per_s;
  return static_cast<uint32_t>(std::min<uint64_t>(units, 0xffffffff));
}

}  // namespace demarc::media
