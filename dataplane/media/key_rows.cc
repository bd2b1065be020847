#include "dataplane/media/key_rows.h"

#include <utility>

#include "dataplane/media/slot.h"

namespace demarc::media {

void KeyRows::forget(uint32_t context) {
  if (context != plain && context != awaiting) contexts_.close(context);
}

// What `keying` asks for, which may be what is there.
bool KeyRows::open(uint32_t current, const Keying& keying, uint32_t& context) {
  context = keying.kind == Keying::Kind::plain ? plain : awaiting;
  if (keying.kind != Keying::Kind::keyed) return true;
  const bool is_keyed = current != plain && current != awaiting;
  context = is_keyed && contexts_.is_keyed_with(current, *keying.key) ? current
                                                                      : contexts_.open(*keying.key);
  return context != srtp::no_context;
}

bool KeyRows::set(uint32_t& row, const Keying& in, const Keying& out) {
  const Row before = row == no_row ? Row() : rows_[row];
  Row after;
  if (!open(before.in, in, after.in)) return false;
  if (!open(before.out, out, after.out)) {
    if (after.in != before.in) forget(after.in);
    return false;
  }
  if (after.in == plain && after.out == plain) {
    close(row);
    return true;
  }
  if (row == no_row) row = rows_.acquire();  // as many as slot pairs
  if (after.in != before.in) forget(before.in);
  if (after.out != before.out) forget(before.out);
  rows_[row] = after;
  return true;
}

KeyRows::Row KeyRows::take(uint32_t from, uint32_t to) {
  Row peer;
  if (from != no_row) std::swap(peer.in, rows_[from].in);
  if (to != no_row) std::swap(peer.out, rows_[to].out);
  return peer;
}

void KeyRows::put(uint32_t& from, uint32_t& to, const Row& peer) {
  if (peer.in != plain) {
    if (from == no_row) from = rows_.acquire();
    rows_[from].in = peer.in;
  }
  if (peer.out != plain) {
    if (to == no_row) to = rows_.acquire();
    rows_[to].out = peer.out;
  }
}

void KeyRows::close(uint32_t& row) {
  if (row == no_row) return;
  forget(rows_[row].in);
  forget(rows_[row].out);
  rows_.release(row);
  row = no_row;
}

}  // namespace demarc::media
