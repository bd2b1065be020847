// Limits: how many calls one worker holds, and how much of what calls have for a moment.
#pragma once

#include <cstdint>

#include "dataplane/contract/ids.h"
#include "dataplane/post/post.h"

namespace demarc::call {

struct Limits {
  contract::WorkerIndex worker = 0;
  unsigned workers = 1;
  uint32_t calls = 0;

  // Of all calls together: most have none at a given moment. Early dialogs are of calls that ring,
  // up to a fifth of them where many are not answered. Requests within calls and transfers take a
  // round trip, but an INVITE stays 64*T1 behind its ACK: with refreshes of both legs by INVITE
  // every five minutes two calls in five have one. The least is for boxes with few calls, where all
  // may ring at once.
  static constexpr uint32_t calls_per_exchange = 2;
  static constexpr uint32_t calls_per_early_dialog = 4;
  static constexpr uint32_t calls_per_transfer = 8;
  static constexpr uint32_t least = 64;
  uint32_t exchanges() const { return calls / calls_per_exchange + least; }
  uint32_t early_dialogs() const { return calls / calls_per_early_dialog + least; }
  uint32_t transfers() const { return calls / calls_per_transfer + least; }
  // Calls whose target has not answered yet: half, as a target that is slow to answer must not make
  // the box refuse others.
  static constexpr uint32_t calls_per_search = 2;
  uint32_t searches() const { return calls / calls_per_search + least; }
  // Digits on their way to one leg in INFO. Callers press them one after the other.
  static constexpr uint32_t calls_per_digit_queue = 8;
  uint32_t digit_queues() const { return calls / calls_per_digit_queue + least; }
  // Calls that have tried more than two targets; of the others that do, the record has two.
  static constexpr uint32_t calls_per_many_attempts = 8;
  uint32_t calls_of_many_attempts() const { return calls / calls_per_many_attempts + least; }
  // m-lines beyond the first that carry media, as video beside audio: of calls that have it, and of
  // those that ring with an offer of it; each of their early dialogs has its own.
  static constexpr uint32_t calls_per_further_line = 2;
  uint32_t further_lines() const { return calls / calls_per_further_line + least; }
  // Offers without an answer: of calls that ring and of each of their early dialogs, and some that
  // these can not take, as those within calls are over after a round trip.
  static constexpr uint32_t calls_per_offer_within = 16;
  uint32_t open_offers() const {
    return searches() + early_dialogs() + calls / calls_per_offer_within + least;
  }

  // Timers that all of it may have running at once; for sizing the wheel. Of a call: its patience,
  // the repetition of our 2xx, its supervision.
  uint32_t timers() const { return calls * 3 + exchanges() * 2 + early_dialogs() + post::max_away; }
};

// What all calls of a worker hold of that at a moment.
struct Held {
  uint32_t texts = 0;        // pieces beyond those that calls and early dialogs have (text_store.h)
  uint32_t lines = 0;        // m-lines beyond the first (line_store.h)
  uint32_t stream_rows = 0;  // and their ledgers
  uint32_t offers = 0;
  uint32_t searches = 0;
  uint32_t attempts = 0;
  uint32_t digit_queues = 0;
};

}  // namespace demarc::call
