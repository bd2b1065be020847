/* Offers and answers across the B2BUA (RFC 3264, RFC 6337): two peers, and between them the box,
 * which passes each offer on and holds none of its own.
 *
 * The state of each leg moves by the table of dialog/offer_answer.h, which run puts into tables.pml;
 * what the box does about a verdict is said here. re-INVITE and UPDATE are one thing here, an offer
 * that may be refused; an offer in a PRACK may not.
 *
 * A peer answers or refuses, or meets an offer while its own is out (glare). 491 crosses the box, and
 * whoever gets it tries again, without end; that all runs end is found by the search. The caller
 * made the Call-ID of its leg and waits 2.1 to 4 s; the called did not and waits up to 2 s (RFC 3261
 * section 14.1). So the caller's timer fires when the called does not wait any more, and both fire
 * when nothing is on its way: a message takes less than the 0.1 s between them, and a called that
 * draws less than that meets the same glare again, but not for ever.
 */
int actions;  /* of the last step of a table: the verdict; 0 is ok */
#include "tables.pml"

#ifndef OFFERS
#define OFFERS 3 /* of each peer, after the first */
#endif

/* What must hold. */
#define one_offer_per_leg 1001
#define answer_to_offer 1002      /* no answer, and no refusal, without an offer */
#define prack_offer_taken 1003    /* an offer in a PRACK can not be refused (RFC 6337 section 2) */
#define answer_before_media 1004  /* no media towards a leg whose offer or answer is not settled */
#define same_session 1005         /* both peers and the box have seen the same exchanges */
#define all_settled 1006          /* no offer stays open, nobody waits */
#define must(property, claim) assert((property) == 0 || (claim))

#define caller 0
#define called 1
#define other(leg) (1 - (leg))

/* What is on its way, in any order. */
#define offer 0
#define answer 1
#define busy 2        /* 491 */
#define refusal 3     /* 488 */
#define prack 4
#define prack_offer 5
#define kinds 6
byte to_box[12];      /* [leg * kinds + kind] */
byte to_peer[12];
byte on_the_way = 0;

inline send_to_box(leg, kind) { to_box[(leg) * kinds + kind]++; on_the_way++ }
inline send_to_peer(leg, kind) { to_peer[(leg) * kinds + kind]++; on_the_way++ }
#define box_gets(leg, kind) \
  to_box[(leg) * kinds + kind] > 0 -> to_box[(leg) * kinds + kind]--; on_the_way--
#define peer_gets(leg, kind) \
  to_peer[(leg) * kinds + kind] > 0 -> to_peer[(leg) * kinds + kind]--; on_the_way--

/* The peers. */
bool is_offering[2];
bool has_session[2];
bool waits_to_retry[2];
bool is_prack_due = false;    /* from the called's reliable 18x until it has the PRACK */
bool owes_prack = false;      /* the caller, from the 18x on */
byte offers_left[2] = OFFERS;
byte seen_by_peer[2];         /* exchanges that came to an answer */

/* The box. */
byte leg_state[2] = state_idle;
/* A step that is asked for: [0] on the leg that a message came from, [1] on the other. */
byte step_state[2];
byte step_event[2];
byte at;
int verdict;
byte seen_by_box[2];
bool is_media_open[2];        /* towards that leg */
bool is_early_reliable = false;

inline make_offer(leg) {
  is_offering[leg] = true;
  send_to_box(leg, offer)
}

proctype peer(bit me) {
end:
  do
  :: atomic { peer_gets(me, offer) ->
       if
       :: is_offering[me] -> send_to_box(me, busy)
       :: !is_offering[me] && has_session[me] -> send_to_box(me, refusal)
       :: !is_offering[me] ->
          seen_by_peer[me]++;
          /* The called may answer in a reliable 18x; else it does in the 2xx. */
          if
          :: me == called && !has_session[me] && has_session[caller] == false ->
             is_prack_due = true; is_early_reliable = true
          :: skip
          fi;
          has_session[me] = true;
          send_to_box(me, answer)
       fi }
  :: atomic { peer_gets(me, answer) ->
       must(answer_to_offer, is_offering[me]);
       is_offering[me] = false;
       if
       :: !has_session[me] && is_early_reliable -> owes_prack = true
       :: else
       fi;
       has_session[me] = true;
       seen_by_peer[me]++ }
  :: atomic { peer_gets(me, busy) ->
       must(answer_to_offer, is_offering[me]);
       is_offering[me] = false;
       waits_to_retry[me] = true }
  :: atomic { peer_gets(me, refusal) ->
       must(answer_to_offer, is_offering[me]);
       is_offering[me] = false }
  /* PRACK, with an offer or without. Before it the called makes no offer (RFC 3311 section 5.1). */
  :: atomic { me == caller && owes_prack ->
       owes_prack = false;
       if
       :: send_to_box(me, prack)
       :: offers_left[me] > 0 ->
          offers_left[me]--; is_offering[me] = true; send_to_box(me, prack_offer)
       fi }
  :: atomic { peer_gets(me, prack) -> is_prack_due = false }
  :: atomic { peer_gets(me, prack_offer) ->
       is_prack_due = false; seen_by_peer[me]++; send_to_box(me, answer) }
  :: atomic { has_session[me] && !is_offering[me] && !waits_to_retry[me] && offers_left[me] > 0 &&
              ((me == caller && !owes_prack) || (me == called && !is_prack_due)) ->
       offers_left[me]--; make_offer(me) }
  :: atomic { waits_to_retry[me] && !is_offering[me] && on_the_way == 0 &&
              (me == called || !waits_to_retry[called]) ->
       waits_to_retry[me] = false; make_offer(me) }
  od
}

/* What the table says of one event on each leg: 0 when nothing speaks against them. The legs stay as
 * they are until the box takes the step. */
inline ask(leg) {
  step_state[0] = leg_state[leg];
  step_state[1] = leg_state[other(leg)];
  verdict = 0;
  at = 0;
  do
  :: at < 2 ->
     offer_step(step_state[at], step_event[at]);
     verdict = verdict | actions;
     at++
  :: else -> break
  od;
  actions = 0
}

inline take(leg, kind) {
  leg_state[leg] = step_state[0];
  leg_state[other(leg)] = step_state[1];
  send_to_peer(other(leg), kind)
}

inline pass_offer(leg, kind) {
  must(one_offer_per_leg, leg_state[leg] == state_idle && leg_state[other(leg)] == state_idle);
  take(leg, kind)
}

proctype box(bit from) {
  byte kind;
end:
  do
  :: atomic { box_gets(from, prack) -> send_to_peer(other(from), prack) }
  :: atomic {
       if
       :: box_gets(from, offer) -> kind = offer
       :: box_gets(from, prack_offer) -> kind = prack_offer
       :: box_gets(from, answer) -> kind = answer
       :: box_gets(from, busy) -> kind = busy
       :: box_gets(from, refusal) -> kind = refusal
       fi;
       /* What it is on the leg that it comes from, and on the other one. */
       if
       :: kind == offer || kind == prack_offer ->
          step_event[0] = event_receive_offer; step_event[1] = event_send_offer
       :: kind == answer ->
          step_event[0] = event_receive_answer; step_event[1] = event_send_answer
       :: kind == busy || kind == refusal ->
          step_event[0] = event_withdraw; step_event[1] = event_withdraw
       fi;
       ask(from);
       if
       /* Glare and an offer that has to wait are 491, busy is 500 with Retry-After: the peer tries
        * again. */
       :: kind == offer ->
          if
          :: (verdict & (act_glare | act_busy | act_unexpected)) != 0 -> send_to_peer(from, busy)
          :: else -> pass_offer(from, offer)
          fi
       :: kind == prack_offer ->
          must(prack_offer_taken, verdict == 0);
          pass_offer(from, prack_offer)
       :: kind == answer ->
          must(answer_to_offer, verdict == 0);
          take(from, answer);
          seen_by_box[0]++; seen_by_box[1]++;
          is_media_open[0] = true; is_media_open[1] = true
       :: kind == busy || kind == refusal ->
          must(answer_to_offer,
               leg_state[from] == state_sent && leg_state[other(from)] == state_received);
          take(from, kind)
       fi }
  od
}

active proctype media() {
end:
  do
  :: atomic { is_media_open[caller] -> must(answer_before_media, seen_by_box[caller] > 0); break }
  :: atomic { is_media_open[called] -> must(answer_before_media, seen_by_box[called] > 0); break }
  od
}

/* The offer is in the INVITE, or the called makes it in its 2xx and the answer comes in the ACK. */
init {
  atomic {
    if
    :: make_offer(caller)
    :: make_offer(called)
    fi;
    run peer(caller); run peer(called); run box(caller); run box(called)
  }
}

/* Nothing can happen any more. */
active proctype at_the_end() {
  timeout ->
    atomic {
      must(all_settled, leg_state[0] == state_idle && leg_state[1] == state_idle);
      must(all_settled, !is_offering[0] && !is_offering[1] && on_the_way == 0);
      must(all_settled, !waits_to_retry[0] && !waits_to_retry[1] && !is_prack_due && !owes_prack);
      must(same_session, seen_by_box[0] == seen_by_peer[0] && seen_by_box[1] == seen_by_peer[1]);
      must(same_session, seen_by_box[0] == seen_by_box[1] && seen_by_box[0] > 0)
    }
end:
  false
}
