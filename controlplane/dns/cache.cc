#include "controlplane/dns/cache.h"

#include <algorithm>

namespace demarc::dns {
namespace {

bool is_equal(const Answer& a, const Answer& b) {
  const auto same_srv = [](const Srv& x, const Srv& y) {
    return x.priority == y.priority && x.weight == y.weight && x.port == y.port &&
           x.target == y.target;
  };
  const auto same_naptr = [](const Naptr& x, const Naptr& y) {
    return x.order == y.order && x.preference == y.preference && x.flags == y.flags &&
           x.service == y.service && x.regexp == y.regexp && x.replacement == y.replacement;
  };
  return std::is_permutation(a.addresses.begin(), a.addresses.end(), b.addresses.begin(),
                             b.addresses.end()) &&
         std::is_permutation(a.services.begin(), a.services.end(), b.services.begin(),
                             b.services.end(), same_srv) &&
         std::is_permutation(a.pointers.begin(), a.pointers.end(), b.pointers.begin(),
                             b.pointers.end(), same_naptr);
}

}  // namespace

Lookup Cache::lookup(const Key& key, uint64_t now_ms) {
  Entry& entry = entries_[key];
  entry.used_ms = now_ms;
  return {entry.known, entry.known == Known::present ? &entry.answer : nullptr};
}

std::vector<Key> Cache::take_due(uint64_t now_ms) {
  std::vector<Key> due;
  std::erase_if(entries_, [&](const auto& row) {
    return !row.second.is_asked && row.second.used_ms + unused_ms < now_ms;
  });
  for (auto& [key, entry] : entries_) {
    if (entry.is_asked || entry.due_ms > now_ms) continue;
    entry.is_asked = true;
    due.push_back(key);
  }
  return due;
}

void Cache::ask_again(uint64_t now_ms) {
  for (auto& [key, entry] : entries_) {
    entry.is_asked = false;
    entry.due_ms = now_ms;
  }
}

bool Cache::store(const Key& key, Outcome outcome, uint64_t now_ms) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return false;
  Entry& entry = found->second;
  entry.is_asked = false;
  const Known before = entry.known;
  if (outcome.kind == Outcome::Kind::failed) {
    ++entry.failures;
    entry.last_error = std::move(outcome.error);
    const unsigned doublings = std::min(entry.failures - 1, 5u);
    entry.due_ms = now_ms + std::min(first_retry_ms << doublings, max_retry_ms);
    const bool is_old = now_ms > entry.answered_ms + max_stale_ms;
    if (before == Known::nothing || is_old) {
      entry.known = Known::failed;
      entry.answer = {};
    }
    return entry.known != before;
  }
  entry.failures = 0;
  entry.last_error.clear();
  entry.answered_ms = now_ms;
  const bool is_present = outcome.kind == Outcome::Kind::present;
  const uint64_t longest = is_present ? max_ttl_ms : max_negative_ttl_ms;
  entry.expires_ms = now_ms + std::clamp(outcome.ttl_ms, min_ttl_ms, longest);
  entry.due_ms = entry.expires_ms;
  entry.known = is_present ? Known::present : Known::absent;
  const bool is_changed = entry.known != before || !is_equal(entry.answer, outcome.answer);
  entry.answer = std::move(outcome.answer);
  return is_changed;
}

uint64_t Cache::next_due_ms(uint64_t now_ms) const {
  uint64_t next = now_ms + unused_ms;
  for (const auto& [key, entry] : entries_) {
    if (!entry.is_asked) next = std::min(next, entry.due_ms);
  }
  return std::max(next, now_ms);
}

std::vector<CacheRow> Cache::rows(uint64_t now_ms) const {
  std::vector<CacheRow> rows;
  for (const auto& [key, entry] : entries_) {
    CacheRow& row = rows.emplace_back();
    row.key = key;
    row.known = entry.known;
    row.ttl_left_ms = entry.expires_ms > now_ms ? entry.expires_ms - now_ms : 0;
    row.is_stale = entry.known == Known::present && row.ttl_left_ms == 0 && entry.failures != 0;
    row.failures = entry.failures;
    row.last_error = entry.last_error;
    row.records =
        static_cast<unsigned>(entry.answer.addresses.size() + entry.answer.services.size() +
                              entry.answer.pointers.size());
  }
  return rows;
}

}  // namespace demarc::dns
