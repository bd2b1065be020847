// KeyRows: which keys the two ends of a slot pair have, and those keys.
//
// A slot names a row: what arrives is unprotected by `in`, what leaves is protected by `out`. Set
// by Table for call/, used by the stages unprotect() and protect(). One worker only.
#pragma once

#include <cstdint>

#include "dataplane/media/slot.h"
#include "dataplane/media/srtp/contexts.h"
#include "dataplane/memory/arena.h"
#include "dataplane/memory/pool.h"

namespace demarc::media {

// How one end is keyed.
struct Keying {
  enum class Kind : uint8_t {
    plain,
    awaiting,  // SRTP whose key is not known yet: nothing passes (RFC 4568 section 6.4)
    keyed,
  };
  Kind kind = Kind::plain;
  const srtp::MasterKey* key = nullptr;  // of `keyed`; borrowed for the call
  // Of what leaves: the number of our keys for that peer now, also where none of them is used.
  srtp::OwnKey own = srtp::OwnKey::none;
};

class KeyRows {
 public:
  static constexpr uint32_t plain = srtp::no_context;
  static constexpr uint32_t awaiting = srtp::no_context - 1;
  struct Row {
    uint32_t in = plain;
    uint32_t out = plain;
    // A list (Contexts::next) of keys that were `out` before and may be it again, as forks choose
    // one suite, another and the first one. None of them begins anew, or an index would be used
    // twice (decision D105).
    uint32_t kept = plain;
    // The key that was `in` before the peer sent plainly, T.38 most of all, and may be it again:
    // its roll-over counter and window go on, or what was recorded before would pass a second time.
    uint32_t kept_in = plain;
    bool is_plain() const {
      return in == plain && out == plain && kept == plain && kept_in == plain;
    }
  };
  struct Limits {
    uint32_t rows = 0;  // slot pairs
    uint32_t keys = 0;  // in use at once
  };

  KeyRows(memory::Arena& arena, const Limits& limits)
      : rows_(arena, limits.rows), contexts_(arena, limits.keys) {}
  static size_t octets_needed(const Limits& limits) {
    return memory::Pool<Row>::octets_needed(limits.rows) +
           srtp::Contexts::octets_needed(limits.keys);
  }

  // Opens, changes or closes `row` (no_row: there is none). A key that is in force already goes on
  // with its state. False, with the row as it was, when no row or key is left.
  bool set(uint32_t& row, const Keying& in, const Keying& out);
  // An answer stands: of keys of ours only those of the number `own` may come back. `row` may be
  // no_row.
  void settle(uint32_t& row, srtp::OwnKey own);
  // What one peer sends with and is sent with, on its way from two rows to two others, with its
  // state: `from` is the row of what it sends, `to` that of what goes to it. Rows may be no_row.
  Row take(uint32_t from, uint32_t to);
  void put(uint32_t& from, uint32_t& to, const Row& peer);
  // Wipes its keys. `row` may be no_row and becomes it.
  void close(uint32_t& row);

  // Of what leaves by `row`, which may be no_row.
  bool is_awaiting(uint32_t row) const { return row != no_row && rows_[row].out == awaiting; }
  // Octets that SRTP adds to each of its packets.
  unsigned tag_octets(uint32_t row) const {
    if (row == no_row || rows_[row].out >= awaiting) return 0;
    return srtp::traits_of(contexts_.row(rows_[row].out).suite).rtp_tag_octets;
  }

  const Row& operator[](uint32_t row) const { return rows_[row]; }
  srtp::Contexts& contexts() { return contexts_; }

 private:
  static bool is_key(uint32_t context) { return context < awaiting; }
  bool open(uint32_t current, const Keying& keying, uint32_t& context);
  uint32_t find_kept(const Row& row, const Keying& keying) const;
  void retire(Row& row, uint32_t before, srtp::OwnKey own);
  void keep_only(Row& row, srtp::OwnKey own, srtp::OwnKey last);
  void unlink(uint32_t& list, uint32_t context);
  uint32_t acquire();
  void forget(uint32_t context);

  memory::Pool<Row> rows_;
  srtp::Contexts contexts_;
};

}  // namespace demarc::media
