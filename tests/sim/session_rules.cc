#include "tests/sim/wire_rules.h"

namespace demarc::sim {
namespace {

unsigned lines_of(const Text& text) {
  unsigned lines = 0;
  if (text.field("Content-Type") != "application/sdp") return 0;
  for_each_line(text.body, [&](std::string_view line) { lines += line.starts_with("m=") ? 1 : 0; });
  return lines;
}

}  // namespace

// RFC 3264 section 8: no SDP of a dialog has fewer m-lines than the session that is agreed there.
void WireRules::check_lines(const Text& text, const std::string& dialog, uint32_t call) {
  const unsigned lines = lines_of(text);
  const auto session = sessions_.find(dialog);
  if (lines == 0 || session == sessions_.end()) return;
  if (lines < session->second.agreed_lines) {
    failure_.report("fewer m-lines than the session has", call, text.octets);
  }
}

bool WireRules::has_open_offer(const std::string& dialog) const {
  const auto session = sessions_.find(dialog);
  if (session == sessions_.end() || session->second.open_offer.empty()) return false;
  const auto sent = sent_.find(session->second.open_offer);
  return sent != sent_.end() && !sent->second.is_doubtful && sent->second.final_status == 0 &&
         is_alive(sent->second, queue_.now());
}

// RFC 3264 section 4: one offer at a time. Of those in requests within a dialog; the first one of a
// call is answered in several dialogs at once.
void WireRules::on_sent_offer(const Text& text, const std::string& dialog, uint32_t call) {
  const bool may_offer = text.method == "INVITE" || text.method == "UPDATE";
  const unsigned lines = lines_of(text);
  if (!may_offer || lines == 0 || text.to_tag.empty()) return;
  if (has_open_offer(dialog)) {
    failure_.report("an offer while another one of ours is open in the dialog", call, text.octets);
  }
  const std::string key = transaction_key(text.branch, text.method);
  sessions_[dialog].open_offer = key;
  sent_[key].offered_lines = lines;
}

void WireRules::on_offer_answered(const Sent& sent) {
  if (sent.offered_lines == 0 || !sent.has_success) return;
  sessions_[sent.dialog].agreed_lines = sent.offered_lines;
}

// A 2xx of ours. Where it answers an offer, none of ours may be open; where it makes one, or the
// first answer of a call, that counts as agreed.
void WireRules::on_sent_answer(const Served& served, const Text& text, uint32_t call) {
  const std::string dialog = dialog_key(text.call_id, text.to_tag, text.from_tag);
  const unsigned lines = lines_of(text);
  const bool may_answer = text.method == "INVITE" || text.method == "UPDATE";
  if (!may_answer || lines == 0) return;
  if (served.has_offer && has_open_offer(dialog)) {
    failure_.report("an answer while an offer of ours is open in the dialog", call, text.octets);
  }
  if (served.is_initial || served.has_offer) sessions_[dialog].agreed_lines = lines;
}

// RFC 3262 section 3: each one more than the last, and a repetition is the same to the octet.
void WireRules::on_sent_provisional(const Text& text, uint32_t call) {
  const std::string_view field = text.field("RSeq");
  if (field.empty()) return;
  const uint32_t rseq = number(field);
  std::string key = dialog_key(text.call_id, text.to_tag, text.from_tag);
  append(key, text.cseq);
  const uint64_t hash = std::hash<std::string_view>{}(text.octets);
  Reliable& last = reliable_[key];
  const bool is_again = rseq == last.rseq && hash == last.hash;
  if (last.rseq != 0 && !is_again && rseq != last.rseq + 1) {
    failure_.report("RSeq did not rise by one", call, text.octets);
  }
  if (rseq == 0) failure_.report("RSeq is 0", call, text.octets);
  last = {rseq, hash};
}

}  // namespace demarc::sim
