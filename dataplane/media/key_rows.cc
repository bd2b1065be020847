#include "dataplane/media/key_rows.h"

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

void KeyRows::close(uint32_t& row) {
  if (row == no_row) return;
  forget(rows_[row].in);
  forget(rows_[row].out);
  rows_.release(row);
  row = no_row;
}

}  // namespace demarc::media
