#include "tests/sim/wire_rules.h"

namespace demarc::sim {
namespace {

uint64_t hash_of(std::string_view octets) {
  return std::hash<std::string_view>{}(octets);
}

}  // namespace

void WireRules::on_sent_request(const transaction::Send& send, const Text& text, uint32_t call) {
  if (text.method == "ACK") return on_sent_ack(text, call);
  if (text.method == "CANCEL") on_sent_cancel(text, call);
  if (text.method == "BYE") close_answers(dialog_key(text.call_id, text.from_tag, ""));
  const std::string key = transaction_key(text.branch, text.method);
  const auto [place, is_new] = sent_.try_emplace(key);
  Sent& sent = place->second;
  if (!is_new) {
    // The BYE of a call and the one to its 2xx that came again, when the first had no transaction.
    const bool is_same_bye = options_.is_tight && text.method == "BYE";
    if (sent.hash != hash_of(text.octets) && !is_same_bye) {
      failure_.report("one branch for two requests", call, text.octets);
    }
    // RFC 3261 section 17.1: timers A and E are for unreliable transports.
    // What ends a stray 2xx has one branch however often that comes.
    const bool is_stray_bye = text.method == "BYE" && (sent.final_status != 0 || sent.is_gone);
    if (sent.is_reliable && !options_.is_tight && !is_stray_bye) {
      failure_.report("a request was sent again over a connection", call, text.octets);
    }
    // Later than that, the same BYE to a 2xx that came again is another transaction.
    const bool is_settled =
        sent.final_status != 0 && queue_.now() - sent.final_at < contract::Duration::seconds(5);
    // Without room it went out without a transaction that would know; over a connection timer K is
    // 0.
    const bool is_forgotten = options_.is_tight || (sent.is_reliable && is_stray_bye);
    if (is_settled && !sent.is_doubtful && !is_forgotten) {
      failure_.report("a request was sent again after its final response", call, text.octets);
    }
    return;
  }
  sent.call = call;
  sent.trunk = contract::index_of(send.trunk);
  sent.is_invite = text.method == "INVITE";
  sent.is_reliable = send.path.is_reliable();
  sent.hash = hash_of(text.octets);
  sent.cseq = text.cseq;
  sent.begun = queue_.now();
  last_begun_ = queue_.now();
  sent.dialog = dialog_key(text.call_id, text.from_tag, text.to_tag);
  if (text.method == "CANCEL") return;
  const std::string dialog = sent.dialog;
  check_dialog_order(text, dialog, call);
  check_lines(text, dialog, call);
  on_sent_offer(text, dialog, call);
}

// RFC 3261 sections 12.2.1.1 (CSeq) and 14.1 (one INVITE at a time).
void WireRules::check_dialog_order(const Text& text, const std::string& dialog, uint32_t call) {
  const std::string before = dialog_key(text.call_id, text.from_tag, "");
  for (const std::string& key : {before, dialog}) {
    const auto last = last_cseq_.find(key);
    if (last != last_cseq_.end() && text.cseq <= last->second) {
      failure_.report("CSeq did not rise within a dialog", call, text.octets);
    }
  }
  // That of the request which made the dialog, once.
  if (text.to_tag.empty()) last_cseq_[before] = text.cseq;
  if (!text.to_tag.empty()) last_cseq_[dialog] = text.cseq;
  if (text.method != "INVITE") return;
  std::string& pending = pending_invites_[dialog];
  const auto other = sent_.find(pending);
  if (!pending.empty() && other != sent_.end() && !other->second.is_doubtful &&
      other->second.final_status == 0 && is_alive(other->second, queue_.now())) {
    failure_.report("an INVITE while another one is pending in the dialog", call, text.octets);
  }
  pending = transaction_key(text.branch, text.method);
}

void WireRules::on_sent_ack(const Text& text, uint32_t call) {
  const auto refused = sent_.find(transaction_key(text.branch, "INVITE"));
  if (refused != sent_.end()) {
    refused->second.is_acknowledged = true;
    if (refused->second.cseq != text.cseq) {
      failure_.report("an ACK with another CSeq than its INVITE", call, text.octets);
    }
    return;
  }
  const auto answered = answered_.find(answer_key(text));
  if (answered == answered_.end()) {
    return failure_.report("an ACK to no 2xx that came", call, text.octets);
  }
  answered->second.is_acknowledged = true;
}

// RFC 3261 section 9.1.
void WireRules::on_sent_cancel(const Text& text, uint32_t call) {
  const auto invite = sent_.find(transaction_key(text.branch, "INVITE"));
  if (invite == sent_.end()) return failure_.report("a CANCEL of nothing", call, text.octets);
  Sent& sent = invite->second;
  if (!sent.provisional.is_set() && !sent.is_doubtful) {
    failure_.report("a CANCEL before any provisional response", call, text.octets);
  }
  const bool is_first = !sent.cancelled.is_set();
  if (is_first && sent.final_status != 0 && !sent.is_doubtful) {
    failure_.report("a CANCEL after the final response", call, text.octets);
  }
  if (sent.cseq != text.cseq) {
    failure_.report("a CANCEL with another CSeq than its INVITE", call, text.octets);
  }
  if (is_first) sent.cancelled = queue_.now();
}

}  // namespace demarc::sim
