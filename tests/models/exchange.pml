/* INVITEs within a call, as the B2BUA carries them from one peer to the other: re-INVITEs that are
 * cancelled, refused, answered, or meet the end of the call.
 *
 * exchange() is made of dataplane/call/exchange_table.h by ./run; what its actions do is written
 * here as settle.cc and exchange_end.cc do it. An INVITE brings an offer, so that our ACK need not
 * wait; or the first of them none, so that the ACK of who sent it brings the answer (RFC 3261
 * section 13.2.1).
 *
 * Copies of our 2xx and ACKs may get lost; a provisional response that does so, and a 2xx of the
 * target, are as one that is sent late or never. A failure, a CANCEL and a BYE are repeated until
 * they arrive, by transactions that invite_transaction.pml is about. A peer may go deaf with an
 * INVITE, and may never acknowledge. Timers that outlive messages fire when
 * none of them is on its way: B, that of a CANCEL, H, and the time that a peer repeats its 2xx for.
 */
int actions;
#include "tables.pml"

#define invites 2
#ifndef LOSSES
#define LOSSES 1 /* of the first INVITE */
#endif

/* What must hold. */
#define one_final 1001             /* who sent an INVITE gets one final response, once */
#define each_2xx_acknowledged 1002
#define cancel_after_1xx 1003      /* RFC 3261 section 9.1 */
#define one_at_a_time 1004         /* a peer has no other INVITE open (RFC 3261 section 14.1) */
#define same_session 1005          /* both have accepted, or neither, or the call is over */
#define late_2xx_expected 1006     /* what we have forgotten is answered after the call only */
#define gives_back 1007            /* nothing is left of what is over */
#define must(property, claim) assert((property) == 0 || (claim))

/* The peer that an INVITE was sent on to. */
mtype = { unasked, pending, accepted, acknowledged, refused };

bool is_call = true;
bool is_bye_due[2];      /* to that peer */
byte losses = LOSSES;

/* Of each INVITE. */
bool is_begun[invites];
bit from[invites];               /* who sent it */
bool is_awaited[invites];        /* it brings no offer */
byte state[invites];             /* of the exchange */
bool is_heard[invites];          /* the client transaction has got a response */
bool is_answer_acked[invites];   /* by us */
mtype target[invites] = unasked;
bool is_deaf[invites];           /* that peer says no more about it */
byte target_copies[invites];     /* of its 2xx that it may still send; one more for each loss */
byte our_copies[invites];        /* of ours */
byte finals[invites];            /* that the sender got */
bool has_accepted[invites];      /* the sender got our 2xx */
bool is_cancelled[invites];      /* by the sender */

/* On the way. */
bool provisional[invites];       /* from the target */
bool success[invites];
bool failure[invites];
bool ack_out[invites];           /* to it */
bool cancel_out[invites];
bool answer[invites];            /* our 2xx */
bool cancel_in[invites];         /* from the sender */
bool ack_in[invites];

byte i, j;  /* the INVITE that a step is about, and others */
byte event;
byte ending = invites;  /* whose exchange hears next that the call is over */

#define other(peer) (1 - (peer))
#define copies(n) (1 - (n)) /* of a 2xx before its ACK can be there: of the first INVITE */
#define does(action) ((actions & (action)) != 0)
#define is_open(n) (is_begun[n] && is_call && state[n] != state_settled && state[n] != state_ended)
#define is_under_way(n) \
  (provisional[n] || success[n] || failure[n] || ack_out[n] || cancel_out[n] || answer[n] || \
   cancel_in[n] || ack_in[n])
#define owes_ack(n) (state[n] == state_answered && !is_answer_acked[n])
/* Nothing that the target may say of it will come. */
#define is_silent(n) \
  (!provisional[n] && !success[n] && !failure[n] && !cancel_out[n] && !is_bye_due[other(from[n])])

inline respond(n) {
  finals[n]++;
  must(one_final, finals[n] == 1)
}

inline acknowledge(n) {
  is_answer_acked[n] = true;
  ack_out[n] = true
}

inline act(n) {
  if :: does(act_pass_provisional) -> skip :: else fi;
  if
  :: does(act_pass_success) ->
     respond(n);
     answer[n] = true; our_copies[n] = copies(n);
     if :: !is_awaited[n] -> acknowledge(n) :: else fi
  :: else
  fi;
  if
  :: does(act_pass_rejection) || does(act_refuse_from) || (does(act_give_up) && is_call) ->
     respond(n)
  :: else
  fi;
  if
  :: does(act_send_cancel) ->
     must(cancel_after_1xx, is_heard[n]);
     cancel_out[n] = true
  :: else
  fi;
  /* No BYE before the ACK. */
  if
  :: (does(act_pass_ack) && is_awaited[n]) || (does(act_repeat_ack) && is_answer_acked[n]) ||
     does(act_settle) || (does(act_lose_call) && !is_answer_acked[n]) -> acknowledge(n)
  :: else
  fi;
  if :: does(act_lose_call) -> end_call(); is_bye_due[0] = true; is_bye_due[1] = true :: else fi;
  if :: does(act_end_exchange) -> must(gives_back, state[n] == state_ended) :: else fi
}

/* `event` happens to the exchange of INVITE n. A 2xx may come when that is over
 * (Calls::settle_late_answer). */
inline apply_exchange(n) {
  if
  :: event == event_success && state[n] == state_ended ->
     must(late_2xx_expected, !is_call || is_answer_acked[n]);
     if :: !is_call -> acknowledge(n) :: else fi
  :: else ->
     exchange(state[n], event);
     if :: actions == no_edge -> skip :: else -> act(n) fi
  fi;
  event = no_event; actions = 0
}

/* Each exchange that is there hears of it, after what it owes is sent (Calls::finish). */
inline end_call() {
  is_call = false; ending = 0
}

/* Who gets a BYE, or has sent one, answers what is open (RFC 3261 section 15.1.2). */
inline answer_pending(peer) {
  j = 0;
  do
  :: j < invites ->
     if
     :: target[j] == pending && from[j] == other(peer) && !is_deaf[j] ->
        target[j] = refused; failure[j] = true
     :: else
     fi;
     j++
  :: else -> break
  od
}

/* An INVITE comes: the box carries it, or refuses it with 491 or 500. */
inline begin(n, peer) {
  is_begun[n] = true;
  from[n] = peer;
  if :: n == 0 -> is_awaited[n] = true :: skip fi;
  if
  :: is_open(1 - n) -> state[n] = state_ended; respond(n)
  :: else ->
     must(one_at_a_time,
          !is_begun[1 - n] || (finals[1 - n] == 1 && (target[1 - n] != pending || is_deaf[1 - n])));
     state[n] = state_waiting;
     target[n] = pending; target_copies[n] = copies(n)
  fi
}

inline happens(n, what) {
  i = n; event = what
}

inline check_end() {
  i = 0;
  do
  :: i < invites ->
     if
     :: is_begun[i] ->
        must(one_final, finals[i] == 1);
        must(each_2xx_acknowledged, target[i] != accepted);
        must(gives_back, state[i] == state_ended)
     :: else
     fi;
     i++
  :: else -> break
  od
}

/* What may happen about INVITE n. */
#define may_happen(n) \
  :: !is_begun[n] && is_call && (n == 0 || is_begun[0]) -> begin(n, 0) \
  :: !is_begun[n] && is_call && n == 1 && is_begun[0] -> begin(n, 1) \
  /* the target */ \
  :: target[n] == pending && !is_deaf[n] && !is_heard[n] && !provisional[n] -> \
       provisional[n] = true \
  :: target[n] == pending && !is_deaf[n] -> \
       target[n] = accepted; success[n] = true \
  :: target[n] == pending && !is_deaf[n] -> \
       target[n] = refused; failure[n] = true \
  :: target[n] == pending && !is_deaf[n] -> is_deaf[n] = true \
  :: cancel_out[n] -> cancel_out[n] = false; \
       if \
       :: target[n] == pending && !is_deaf[n] -> target[n] = refused; failure[n] = true \
       :: else \
       fi \
  :: target[n] == accepted && !success[n] && !ack_out[n] && target_copies[n] > 0 -> \
       target_copies[n]--; success[n] = true \
  :: ack_out[n] -> ack_out[n] = false; \
       if :: target[n] == accepted -> target[n] = acknowledged :: else fi \
  :: n == 0 && ack_out[n] && losses > 0 && target[n] == accepted -> \
       losses--; ack_out[n] = false; target_copies[n]++ \
  /* the sender */ \
  :: is_open(n) && finals[n] == 0 && !is_cancelled[n] -> \
       is_cancelled[n] = true; cancel_in[n] = true \
  :: answer[n] -> answer[n] = false; has_accepted[n] = true; \
       if :: ack_in[n] = true :: skip fi \
  :: n == 0 && answer[n] && losses > 0 -> losses--; answer[n] = false \
  /* the box */ \
  :: provisional[n] -> provisional[n] = false; is_heard[n] = true; \
       happens(n, event_provisional) \
  :: success[n] -> success[n] = false; is_heard[n] = true; happens(n, event_success) \
  :: failure[n] -> failure[n] = false; is_heard[n] = true; happens(n, event_failure) \
  :: cancel_in[n] -> cancel_in[n] = false; \
       if :: is_call && finals[n] == 0 -> happens(n, event_cancel) :: else fi \
  :: ack_in[n] -> ack_in[n] = false; \
       if :: is_call -> happens(n, event_ack) :: else fi \
  :: state[n] == state_answered && is_call && !answer[n] && !ack_in[n] && \
              our_copies[n] > 0 -> our_copies[n]--; answer[n] = true \
  /* its timers */ \
  :: is_deaf[n] && !is_heard[n] && is_silent(n) && is_begun[n] && \
              (state[n] == state_waiting || state[n] == state_cancel_waiting || \
               state[n] == state_orphaned) -> happens(n, event_no_response) \
  :: is_begun[n] && (state[n] == state_waiting || state[n] == state_proceeding) -> \
       happens(n, event_patience) \
  :: is_begun[n] && (state[n] == state_cancelling || state[n] == state_orphaned) && \
              is_deaf[n] && is_silent(n) -> happens(n, event_patience) \
  :: is_begun[n] && state[n] == state_answered && our_copies[n] == 0 && !answer[n] && \
              !ack_in[n] && !success[n] -> happens(n, event_patience) \
  :: is_begun[n] && state[n] == state_settled && !is_under_way(n) && \
              target[n] != accepted -> happens(n, event_patience)

/* What is over has no more say: states that differ in nothing else are one. */
inline look_back(n) {
  if
  :: is_begun[n] && state[n] == state_ended && !is_under_way(n) && target[n] != accepted ->
     must(same_session, !is_call || has_accepted[n] == (target[n] == acknowledged));
     target_copies[n] = 0; our_copies[n] = 0; is_heard[n] = false; is_cancelled[n] = false
  :: else
  fi
}

init {
  do
  :: atomic {
       if
       may_happen(0)
       may_happen(1)
       /* Either peer hangs up. */
       :: is_call -> is_bye_due[1] = true; answer_pending(0); end_call()
       :: is_call -> is_bye_due[0] = true; answer_pending(1); end_call()
       :: is_bye_due[0] -> is_bye_due[0] = false; answer_pending(0)
       :: is_bye_due[1] -> is_bye_due[1] = false; answer_pending(1)
       fi;
       do
       :: event != no_event -> apply_exchange(i)
       :: event == no_event && ending < invites ->
          i = ending; ending++;
          if :: owes_ack(i) -> acknowledge(i) :: else fi;
          if :: is_begun[i] && state[i] != state_ended -> event = event_call_ended :: else fi
       :: else -> break
       od;
       look_back(0); look_back(1); i = 0; j = 0
     }
  :: timeout -> break
  od;
  check_end()
}
