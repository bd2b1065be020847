#include "tests/sim/trace.h"

#include <cstdio>

namespace demarc::sim {
namespace {

constexpr size_t column = 34;

// "INVITE 7", "200 INVITE 7".
std::string label_of(const Parcel& parcel, const Text& text) {
  std::string label;
  if (!text.is_request()) append(label, static_cast<uint64_t>(text.status_code));
  if (!label.empty()) label += ' ';
  label.append(text.method).append(" ");
  append(label, text.cseq);
  if (!text.body.empty()) label += " sdp";
  if (parcel.is_lie) label += " (lie)";
  if (parcel.is_cut) label += " (cut)";
  return label;
}

}  // namespace

void Trace::write_time(contract::Instant at) {
  char text[32];
  const auto microseconds = static_cast<uint64_t>((at - begin_).ns / 1000);
  const int length =
      std::snprintf(text, sizeof text, "%4u.%06u ", static_cast<unsigned>(microseconds / 1'000'000),
                    static_cast<unsigned>(microseconds % 1'000'000));
  ladder_.append(text, static_cast<size_t>(length));
}

// The calling leg stands on the left of the box, the called one on the right. What arrives at a
// peer stands with a dot: it is the same message, later.
void Trace::message(const Entry& entry, const Parcel& parcel, const Text& text) {
  ++messages_;
  mix(entry.at.ns ^ static_cast<uint64_t>(entry.way));
  mix(parcel.octets);
  if (entry.call != followed_) return;
  write_time(entry.at);
  std::string label = label_of(parcel, text);
  label.resize(std::max(label.size(), column), ' ');
  const bool is_rightward = (entry.way == Way::to_box) == entry.is_calling_leg;
  std::string line = is_rightward ? "-- " + label + "-->" : "<-- " + label + "--";
  if (entry.way == Way::to_peer) line = "  . " + label + " .";
  const std::string blank(column + 7, ' ');
  ladder_ += entry.is_calling_leg ? line + "|box|" : blank + "|box|" + line;
  ladder_ += '\n';
  if (has_text_) ladder_.append(parcel.octets).append("\n");
}

void Trace::remark(contract::Instant at, uint32_t call, std::string_view what) {
  mix(at.ns);
  mix(what);
  if (call != followed_ && call != nobody) return;
  if (followed_ == nobody) return;
  write_time(at);
  ladder_.append("        ").append(what).append("\n");
}

}  // namespace demarc::sim
