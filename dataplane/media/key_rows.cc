#include "dataplane/media/key_rows.h"

#include <algorithm>
#include <utility>

#include "dataplane/media/slot.h"

namespace demarc::media {

void KeyRows::forget(uint32_t context) {
  if (is_key(context)) contexts_.close(context);
}

// What `keying` asks for, which may be what is there.
bool KeyRows::open(uint32_t current, const Keying& keying, uint32_t& context) {
  context = keying.kind == Keying::Kind::plain ? plain : awaiting;
  if (keying.kind != Keying::Kind::keyed) return true;
  context = is_key(current) && contexts_.is_keyed_with(current, *keying.key)
                ? current
                : contexts_.open(*keying.key, keying.own);
  return context != srtp::no_context;
}

// The key that `keying` asks for, where it was `out` before; else that which is.
uint32_t KeyRows::find_kept(const Row& row, const Keying& keying) const {
  if (keying.kind != Keying::Kind::keyed) return row.out;
  for (uint32_t i = row.kept; i != plain; i = contexts_.row(i).next) {
    if (contexts_.is_keyed_with(i, *keying.key)) return i;
  }
  return row.out;
}

void KeyRows::unlink(uint32_t& list, uint32_t context) {
  uint32_t* link = &list;
  while (*link != plain && *link != context) link = &contexts_.next(*link);
  if (*link != plain) *link = contexts_.next(context);
}

// Keeps `before`, and forgets what can not come back. Numbers grow: one above `own` was drawn for
// an answer that failed; of those below only the last one may return, when that of `own` fails.
void KeyRows::retire(Row& row, uint32_t before, srtp::OwnKey own) {
  if (before != row.out && is_key(before)) {
    contexts_.next(before) = row.kept;
    row.kept = before;
  }
  srtp::OwnKey last = srtp::OwnKey::none;
  for (uint32_t i = row.kept; i != plain; i = contexts_.row(i).next) {
    if (contexts_.row(i).number < own) last = std::max(last, contexts_.row(i).number);
  }
  keep_only(row, own, last);
}

void KeyRows::keep_only(Row& row, srtp::OwnKey own, srtp::OwnKey last) {
  for (uint32_t* link = &row.kept; *link != plain;) {
    const uint32_t context = *link;
    const srtp::OwnKey number = contexts_.row(context).number;
    if (number == own || number == last) {
      link = &contexts_.next(context);
    } else {
      *link = contexts_.next(context);
      forget(context);
    }
  }
}

bool KeyRows::set(uint32_t& row, const Keying& in, const Keying& out) {
  const Row before = row == no_row ? Row() : rows_[row];
  Row after = before;
  const uint32_t peers = is_key(before.in) ? before.in : before.kept_in;
  if (!open(peers, in, after.in)) return false;
  if (!open(find_kept(before, out), out, after.out)) {
    if (after.in != peers) forget(after.in);
    return false;
  }
  if (after.out != before.out && is_key(after.out)) unlink(after.kept, after.out);
  retire(after, before.out, out.own);
  // What nothing came under has nothing to go on with.
  const bool is_heard = is_key(peers) && contexts_.row(peers).source_count != 0;
  after.kept_in = is_heard && !is_key(after.in) ? peers : plain;
  if (after.in != peers && after.kept_in != peers) {
    if (is_heard) contexts_.succeed(peers, after.in);
    forget(peers);
  }
  if (row == no_row && after.is_plain()) return true;
  if (row == no_row) row = acquire();
  rows_[row] = after;
  if (after.is_plain()) close(row);
  return true;
}

void KeyRows::settle(uint32_t& row, srtp::OwnKey own) {
  if (row == no_row) return;
  keep_only(rows_[row], own, own);
  if (rows_[row].is_plain()) close(row);
}

// As many as slot pairs. It held what its last use left.
uint32_t KeyRows::acquire() {
  const uint32_t row = rows_.acquire();
  rows_[row] = Row();
  return row;
}

KeyRows::Row KeyRows::take(uint32_t from, uint32_t to) {
  Row peer;
  if (from != no_row) {
    std::swap(peer.in, rows_[from].in);
    std::swap(peer.kept_in, rows_[from].kept_in);
  }
  if (to != no_row) {
    std::swap(peer.out, rows_[to].out);
    std::swap(peer.kept, rows_[to].kept);
  }
  return peer;
}

void KeyRows::put(uint32_t& from, uint32_t& to, const Row& peer) {
  if (peer.in != plain || peer.kept_in != plain) {
    if (from == no_row) from = acquire();
    rows_[from].in = peer.in;
    rows_[from].kept_in = peer.kept_in;
  }
  if (peer.out != plain || peer.kept != plain) {
    if (to == no_row) to = acquire();
    rows_[to].out = peer.out;
    rows_[to].kept = peer.kept;
  }
}

void KeyRows::close(uint32_t& row) {
  if (row == no_row) return;
  forget(rows_[row].in);
  forget(rows_[row].kept_in);
  forget(rows_[row].out);
  while (rows_[row].kept != plain) {
    const uint32_t context = rows_[row].kept;
    rows_[row].kept = contexts_.next(context);
    forget(context);
  }
  rows_.release(row);
  row = no_row;
}

}  // namespace demarc::media
