// Transfers: calls that change hands (RFC 3515, RFC 3891, RFC 5589), handled here by third-party
// call control (decisions D23 to D25, D60). A part of Calls, which asks it at the few points where
// a transfer makes a difference, and whose tools it uses.
//
//   transfer.cc  REFER: who is called, the table, and what its actions mean
//   passing.cc   a REFER that the other side may take, and does not
//   report.cc    what the transferor is told: NOTIFY with message/sipfrag
//   join.cc      a leg moves from one call to another, with its media
//   tell.cc      an offer of ours where what was negotiated does not fit
//   waiting.cc   what the transferee asks while it waits for the target
//   replaces.cc  INVITE with Replaces
//   pickup.cc    INVITE with Replaces of a phone that still rings
//   departure.cc a leg goes to a call of another worker, and what comes for it afterwards
//   arrival.cc   a leg of another worker comes to a call of ours
//
// One worker only.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/call/call.h"
#include "dataplane/call/exchange.h"
#include "dataplane/call/leg_ref.h"
#include "dataplane/call/received.h"
#include "dataplane/call/transfers/away.h"
#include "dataplane/call/transfers/leg_image.h"
#include "dataplane/call/transfers/referral.h"
#include "dataplane/call/transfers/transfer.h"
#include "dataplane/memory/arena.h"
#include "dataplane/memory/hash_index.h"
#include "dataplane/memory/pool.h"
#include "dataplane/post/post.h"
#include "dataplane/route/plan.h"
#include "sip-parser/write.h"

namespace demarc::call {
class Calls;
}

namespace demarc::call::transfers {

class Transfers {
 public:
  // Borrows `calls` for its lifetime. As many transfers as there may be calls fit.
  Transfers(Calls& calls, memory::Arena& arena, uint32_t capacity)
      : calls_(calls),
        transfers_(arena, capacity),
        away_(arena, post::max_away),
        away_by_tag_(arena, post::max_away),
        away_by_replacing_(arena, post::max_away) {}
  static size_t octets_needed(uint32_t capacity) {
    return memory::Pool<Transfer>::octets_needed(capacity) +
           memory::Pool<Away>::octets_needed(post::max_away) +
           2 * memory::HashIndex::octets_needed(post::max_away);
  }
  // The rings to other workers, borrowed; null: there are none.
  void connect(post::Post* post) { post_ = post; }

  // --- what comes from peers ---

  // Whether a REFER within a dialog is handled here, and not passed.
  bool handles(const Received& request, const LegRef& leg) const;
  // That is handled. Answers it.
  void on_refer(const Received& request, transaction::TransactionId id, const LegRef& leg);
  // Whether we answer that offer ourselves, since nobody is behind us.
  bool answers(const Received& request, const LegRef& leg) const;
  void answer_waiting(const Received& request, transaction::TransactionId id, const LegRef& leg);
  // Whether a SUBSCRIBE within a dialog is about the reports of a REFER that was handled here.
  bool takes_subscribe(const Received& request, const LegRef& leg) const;
  void on_subscribe(const Received& request, transaction::TransactionId id, const LegRef& leg);
  // A new INVITE with Replaces, for which `slot` was taken: 0 when it is on its way.
  Refusal replace(uint32_t slot, const Received& request);
  // A leg of another worker that is to join a call here: answered by a note.
  void on_leg(const post::Letter& letter, std::string_view octets, contract::Instant now);
  void on_note(const post::Note& note, contract::Instant now);
  // A request that is no leg's here: true when it is one of a leg that went to another worker,
  // which gets it. A full ring loses it, as the wire may.
  // That was passed on post::max_hops times before is nobody's.
  bool pass_on(const Received& request);
  void set_hops(uint8_t hops) { hops_ = hops; }
  // A 2xx that comes again for an INVITE of ours to a leg that went away.
  bool is_away_again(const Received& answer) const;
  void on_away_timer(uint32_t row, uint32_t generation, contract::Instant now);
  // A leg is over: where it came from, nothing more is passed on.
  void forget(Origin& origin);
  // BYE of a leg: whether the call survives it, since its transferee waits for somebody else.
  bool outlives(const LegRef& leg, contract::Instant now);

  // Of which trunk's the leg with that tag is that went to another worker; none: there is none.
  contract::TrunkId trunk_of_away(std::string_view tag) const;

  // --- what the calls go through ---

  // The call that is made for a REFER, before it is joined: nobody is its caller.
  bool is_referred(uint32_t slot) const { return is_target(slot, Transfer::Kind::refer); }
  // The call of an INVITE with Replaces, before it is joined: its out leg is lent.
  bool is_replacing(uint32_t slot) const { return is_target(slot, Transfer::Kind::replaces); }
  // Its INVITE went once more, with that CSeq, in the dialog that the other call goes on with if
  // this one comes to nothing.
  void count_lent(uint32_t slot, uint32_t cseq);
  // A leg of the call is lent: nothing else may change its session meanwhile.
  bool is_lending(uint32_t slot) const;
  void on_progress(uint32_t slot, uint16_t status_code, contract::Instant now);
  // The target of a REFER has answered and was acknowledged.
  void on_answer(uint32_t slot, const Cause& cause, contract::Instant now);
  // The transferee has answered the INVITE that replaces: its leg is this call's from now on. False
  // when it has not, since the call was given up; it is acknowledged all the same.
  bool on_taken_over(uint32_t slot, const Received& answer);
  // That INVITE could not be delivered over TCP, and goes over UDP. False when it does not.
  bool falls_back_to_udp(uint32_t slot, contract::Instant now);
  // A request went on: a REFER is kept where it may come back.
  void on_passed(const Received& request, uint32_t exchange);
  // The other side has taken a REFER that was passed.
  void on_taken(uint32_t exchange);
  // Event of a request that goes on, which may name a REFER by its number.
  void write_event(sip::Writer& writer, const Received& request, const LegRef& leg) const;
  // The other side has refused a REFER that was passed. True when it is handled here instead, and
  // the exchange is over.
  bool take_back(uint32_t exchange, uint16_t status_code, contract::Instant now);
  // Once a second.
  void expire_subscription(uint32_t slot, contract::Instant now);
  // An INVITE within the call is over.
  void on_call_is_free(uint32_t slot, contract::Instant now);
  // The call gives everything back.
  void on_finish(uint32_t slot, contract::Instant now);
  void on_farewell(uint32_t slot, contract::Instant now);

  // --- the ends of requests of our own ---

  // The final response to a NOTIFY; 408 when there was none.
  void on_reported(uint32_t exchange, uint16_t status_code, contract::Instant now);
  void on_told(uint32_t exchange, const Received& response);
  // An offer of ours was refused, or never answered (408).
  void on_not_told(uint32_t exchange, uint16_t status_code, contract::Instant now);
  // The final response to an UPDATE whose sender has left.
  void on_orphan_answered(uint32_t exchange, const Received& response);
  // Offers what does not fit yet to the peers of a call that was joined; nothing else to do is
  // fine.
  void tell(uint32_t slot, contract::Instant now);

  // What the peer of that side said last, as another peer may be offered it.
  static memory::DatagramId said_of(const Call& call, Side side);
  // Replaces and Referred-By of the INVITE to a target, as whole lines.
  void write_referral(const Call& call, sip::Writer& writer) const;

 private:
  bool is_target(uint32_t slot, Transfer::Kind kind) const;
  Transfer* of(uint32_t slot);
  void apply(uint32_t index, TransferEvent event, contract::Instant now);
  void end(uint32_t index, contract::Instant now);

  // transfer.cc
  static bool is_known(const Call& call);
  Refusal refused(const LegRef& leg) const;
  uint32_t begin(const LegRef& transferor, Transfer::Kind kind, uint32_t target);
  void accept(const Received& request, transaction::TransactionId id, const LegRef& leg,
              const Referral& referral);
  static void note(Call& call, contract::TransferPart part, const Referral& referral);
  void call_target(const Received& request, transaction::TransactionId id, const LegRef& leg,
                   const Referral& referral);
  memory::DatagramId compose_target(const LegRef& leg, const Referral& referral);
  void start_target(uint32_t index, const route::Plan& plan, contract::Instant now);
  void join_named(const Received& request, transaction::TransactionId id, const LegRef& leg,
                  const Referral& referral, const LegRef& named);
  void note_passed(const Exchange& exchange);
  LegRef find_named(const Referral& referral, contract::TrunkId trunk) const;
  bool names_ours(const Referral& referral) const;
  contract::WorkerIndex owner_of(std::string_view tag, contract::TrunkId trunk) const;
  uint16_t unjoinable(uint32_t slot) const;
  bool can_talk(const LegRef& one, const LegRef& another);
  void restore(const Transfer& transfer, contract::Instant now);

  // report.cc
  static void subscribe(Transfer& transfer, contract::Instant now);
  uint32_t subscribed(const Received& request, const LegRef& leg) const;
  void say_again(uint32_t index, contract::Instant now);
  void report(uint32_t index, uint16_t status_code, contract::Instant now);
  bool send_report(uint32_t index, uint16_t status_code, contract::Instant now);

  // join.cc
  struct Move {
    LegRef from;
    LegRef to;
  };
  bool move_leg(const Move& move, contract::Instant now);
  void move_exchanges(const Move& move);
  void end_carried(const LegRef& leaver, contract::Instant now);
  void orphan(uint32_t exchange);
  bool join(const Move& move, contract::Instant now);
  bool must_part(const Call& call) const;
  void part(uint32_t slot, Side transferor, contract::Instant now);
  void join_target(uint32_t index, contract::Instant now);

  // waiting.cc
  Refusal unanswerable(const Received& request, const LegRef& leg) const;
  uint16_t answer_as_left(const LegRef& leg, const Received& request, sip::Writer& body);

  // replaces.cc
  Refusal unreplaceable(const LegRef& leg, bool is_early_only) const;
  Refusal lend(uint32_t slot, const LegRef& replaced, const Received& request);
  Refusal send_invite(uint32_t slot, const LegRef& lent, const Received& request);
  struct Taking {
    uint32_t slot;
    std::string_view branch;
    transaction::Path path;
  };
  bool start_taking(const Taking& taking, memory::DatagramId invite, contract::Instant now);
  void take_lent(uint32_t index, contract::Instant now);

  // pickup.cc
  // A call that rings, and the one of who takes it there.
  struct Pickup {
    uint32_t call = memory::no_index;
    uint32_t taker = memory::no_index;
    uint32_t exchange = memory::no_index;                 // the taker's INVITE
    memory::DatagramId reply = memory::DatagramId::none;  // its answer
  };
  Refusal pick_up(uint32_t slot, const LegRef& rung, const Received& request);
  Refusal unpicked(uint32_t slot, const LegRef& rung) const;
  Refusal match_offers(Pickup& pickup, const Received& request);
  Refusal answer_both(Pickup& pickup, const Received& request);
  Refusal serve_taker(Pickup& pickup, const Received& request);
  void leave_rung(uint32_t slot, contract::Instant now);
  void seat_taker(const Pickup& pickup);
  void answer_taker(const Pickup& pickup, contract::Instant now);
  void finish_taker(const Pickup& pickup, contract::Instant now);

  // departure.cc
  uint16_t ask(uint32_t index, const Referral& referral, contract::WorkerIndex owner);
  std::string_view compose_image(const LegRef& leg, const Referral& referral);
  void on_joined(uint32_t row, contract::WorkerIndex worker, contract::Instant now);
  bool is_awaited(uint32_t row) const;
  void apply_away(uint32_t row, AwayEvent event, contract::Instant now);
  void give_row_back(uint32_t row);
  void leave(uint32_t index, contract::Instant now);
  void remember(uint32_t row, const LegRef& leg);
  void drop_settled(uint32_t slot, Side side);
  uint32_t find_away(std::string_view tag, contract::TrunkId trunk) const;
  uint32_t away_of(const Received& request);
  uint32_t away_replaced(const Received& request) const;
  void forget_replacing(uint32_t row);
  void put_note(contract::WorkerIndex to, post::Note note);

  // arrival.cc
  void refuse(const post::Letter& letter, uint16_t status_code);
  uint32_t seat(const post::Letter& letter, std::string_view octets, const LegImage& image,
                const LegRef& named, contract::Instant now);
  void enter_trunk(Leg& leg);
  void dismiss(uint32_t slot, contract::Instant now);
  void on_gone(const post::Note& note, contract::Instant now);

  // tell.cc
  bool fits(memory::DatagramId shown, memory::DatagramId own, memory::DatagramId other) const;
  bool is_to_be_told(uint32_t slot, Side side, sip::Writer& offer);
  bool send_offer(uint32_t slot, Side side, std::string_view offer, contract::Instant now);
  static void take_lines(Call& call, Side side, const Received& answer);
  void tell_later(uint32_t slot, Side side, contract::Instant now);

  Calls& calls_;
  memory::Pool<Transfer> transfers_;
  post::Post* post_ = nullptr;
  uint8_t hops_ = 0;  // of the message that is being taken
  memory::Pool<Away> away_;
  memory::HashIndex away_by_tag_;        // those that are away
  memory::HashIndex away_by_replacing_;  // by Away::replacing
};

}  // namespace demarc::call::transfers
