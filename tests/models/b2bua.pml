/* A call of the B2BUA: the caller, the box with its two legs, the called (RFC 7092 section 3.1).
 *
 * bridge() is made of dataplane/call/bridge_table.h by ./run; what its actions do is written here as
 * dataplane/call/bridge.cc and release.cc do it.
 *
 * Both peers keep to RFC 3261, in every order that it allows, and may be silent where that can
 * happen: the caller's ACK may be lost for good, the called may stop answering. What is on its way
 * may arrive in any order, once: losses and repetitions below that are invite_transaction.pml's.
 * Timers fire whenever they run, but for that of 64*T1 for the ACK, which waits for what is on its
 * way.
 */
#include "tables.pml"

#ifndef RINGS
#define RINGS 2 /* 18x of the called, at most */
#endif

/* What must hold. */
#define one_final_for_caller 1001
#define no_progress_after_final 1002
#define cancel_after_provisional 1003 /* RFC 3261 section 9.1 */
#define bye_in_dialog_only 1004       /* none without a dialog, none to who hung up, none twice */
#define bye_after_ack 1005            /* RFC 3261 section 15: not to a caller that may not have our 2xx */
#define answer_acknowledged 1006      /* each 2xx of the called has its ACK */
#define finished_once 1007
#define timers_known 1008             /* a timer that fires means something */
#define no_leg_left 1009              /* a call ends on both legs, or on neither */
#define all_end 1010                 /* and so do both peers, whatever they do */
#define answer_after_prack 1011      /* RFC 3262 section 3: no 2xx before the SDP of an 18x is acknowledged */
#define must(property, claim) assert((property) == 0 || (claim))

/* What is on its way, towards the box from the caller (a) and the called (b), and from it. */
#define from_a_cancel 0
#define from_a_ack 1
#define from_a_bye 2
#define to_a_progress 3
#define to_a_success 4
#define to_a_failure 5
#define to_a_bye 6
#define from_b_trying 7
#define from_b_progress 8
#define from_b_success 9
#define from_b_failure 10
#define from_b_bye 11
#define to_b_invite 12
#define to_b_cancel 13
#define to_b_ack 14
#define to_b_bye 15
#define from_a_prack 16
#define to_a_reliable 17
#define kinds 18
byte in_flight[kinds];

#define none 0
#define success 1
#define failure 2

/* The box. */
byte state = state_trying;
#define ring_timer 1
#define cancel_timer 2
#define ack_timer 3
#define failover_timer 4   /* no target is left; with one its end is like that of a response */
byte patience = failover_timer; /* the one timer of those that runs */
byte final_to_a = none;
bool has_provisional = false;
bool is_a_acknowledged = false;
bool is_a_over = false;    /* the dialog with the caller: BYE sent or received */
bool is_b_answered = false;
bool is_b_over = false;
bool is_invite_gone = false; /* the transaction towards the called: what still comes is dropped */
bool is_prack_due = false; /* SDP of an 18x that the caller has not acknowledged */
bool has_next = true;      /* another target, for a failure that goes on to it */
bool is_finished = false;
bool was_hung_up = false;
bool was_silent = false;

/* The peers. */
#define calling 0
#define early 1
#define confirmed 2
#define ended 3
byte caller = calling;
bool has_cancelled = false;
bool has_left = false;     /* BYE in the early dialog: waits for the final response */

#define idle 4
#define ringing 5
#define waiting_for_ack 6
byte called = idle;
byte rings = RINGS;
bool has_trying = false;
bool was_acknowledged = false;
bool gave_200 = false;

hidden byte event;
hidden int actions;
hidden byte from;

#define does(action) ((actions & (action)) != 0)
#define send(kind) in_flight[kind]++
#define arrives(kind) in_flight[kind] > 0 -> in_flight[kind]--

active proctype caller_peer() {
end:
  do
  :: atomic { arrives(to_a_progress) ->
       if :: caller == calling -> caller = early :: else fi }
  :: atomic { arrives(to_a_reliable) ->
       if :: caller == calling -> caller = early :: else fi;
       if
       :: send(from_a_prack)
       :: skip /* its PRACK gets lost, however often it is sent */
       fi }
  :: atomic { arrives(to_a_failure) ->
       /* A BYE in the early dialog has ended it already. */
       caller = ended }
  :: atomic { arrives(to_a_success) ->
       if
       :: send(from_a_ack)
       :: !has_cancelled && !has_left -> skip /* its ACK gets lost, however often it is sent */
       fi;
       if
       :: has_left -> caller = ended
       :: has_cancelled -> send(from_a_bye); caller = ended /* CANCEL came too late */
       :: else -> caller = confirmed
       fi }
  :: atomic { arrives(to_a_bye) -> caller = ended }
  :: atomic { (caller == calling || caller == early) && !has_cancelled && !has_left ->
       has_cancelled = true; send(from_a_cancel) }
  :: atomic { caller == early && !has_cancelled && !has_left ->
       has_left = true; send(from_a_bye) }
  :: atomic { caller == confirmed -> send(from_a_bye); caller = ended }
  od
}

active proctype called_peer() {
end:
  do
  :: atomic { arrives(to_b_invite) -> called = ringing }
  :: atomic { called == ringing && !has_trying -> has_trying = true; send(from_b_trying) }
  :: atomic { called == ringing && rings > 0 -> rings--; send(from_b_progress) }
  :: atomic { called == ringing -> gave_200 = true; called = waiting_for_ack; send(from_b_success) }
  :: atomic { called == ringing -> called = ended; send(from_b_failure) }
  :: atomic { called == ringing -> called = ended } /* and is never heard of again */
  :: atomic { arrives(to_b_cancel) ->
       if
       :: called == ringing -> called = ended; send(from_b_failure) /* 487 */
       :: else
       fi }
  :: atomic { arrives(to_b_ack) ->
       was_acknowledged = true;
       if :: called == waiting_for_ack -> called = confirmed :: else fi }
  :: atomic { arrives(to_b_bye) -> called = ended }
  :: atomic { called == confirmed -> send(from_b_bye); called = ended }
  /* Nobody acknowledges its 2xx for 64*T1 (RFC 3261 section 13.3.1.4). */
  :: atomic { called == waiting_for_ack && is_invite_gone && in_flight[from_b_success] == 0 ->
       send(from_b_bye); called = ended }
  od
}

inline final_for_caller(what, kind) {
  must(one_final_for_caller, final_to_a == none);
  final_to_a = what;
  send(kind)
}

inline act() {
  if :: does(act_start_ring_timer) -> patience = ring_timer :: else fi;
  if
  :: does(act_refuse_in | act_pass_failure) ->
     is_prack_due = false;
     final_for_caller(failure, to_a_failure)
  :: else
  fi;
  if
  :: does(act_cancel_out) ->
     must(cancel_after_provisional, has_provisional);
     patience = cancel_timer;
     send(to_b_cancel)
  :: else
  fi;
  if
  :: does(act_ack_out) -> patience = none; is_b_answered = true; send(to_b_ack)
  :: else -> must(answer_acknowledged, event != event_answer && event != event_answer_held)
  fi;
  if
  :: does(act_try_next) ->
     /* What the target before has still sent is absorbed by its transaction. */
     has_next = false;
     has_provisional = false;
     is_prack_due = false;
     patience = failover_timer;
     in_flight[from_b_trying] = 0;
     in_flight[from_b_progress] = 0;
     called = idle;
     rings = RINGS;
     has_trying = false;
     send(to_b_invite)
  :: else
  fi;
  if
  :: does(act_pass_progress) ->
     must(no_progress_after_final, final_to_a == none);
     if
     :: send(to_a_progress)
     :: !is_prack_due && in_flight[from_a_prack] == 0 ->
        is_prack_due = true;
        send(to_a_reliable)
     fi
  :: else
  fi;
  if
  :: does(act_pass_answer) ->
     must(answer_after_prack, !is_prack_due);
     final_for_caller(success, to_a_success);
     patience = ack_timer
  :: else
  fi;
  if :: does(act_hold_answer) -> must(answer_after_prack, is_prack_due) :: else fi;
  if :: does(act_got_ack) -> patience = none :: else fi;
  if
  :: does(act_bye_in_leg) ->
     must(bye_in_dialog_only, final_to_a == success && !is_a_over);
     must(bye_after_ack, is_a_acknowledged || event == event_ack_timeout);
     is_a_over = true;
     send(to_a_bye)
  :: else
  fi;
  if
  :: does(act_bye_out_leg) ->
     must(bye_in_dialog_only, is_b_answered && !is_b_over);
     is_b_over = true;
     send(to_b_bye)
  :: else
  fi;
  if
  :: does(act_finish) ->
     must(finished_once, !is_finished);
     must(no_leg_left, final_to_a == failure || is_a_over);
     must(no_leg_left, !is_b_answered || is_b_over);
     is_finished = true;
     patience = none;
     /* An INVITE without a final response is given up. */
     if :: !is_b_answered && event != event_failure -> is_invite_gone = true :: else fi
  :: else
  fi;
  must(finished_once, is_finished == (state == state_ended))
}

active proctype box() {
  send(to_b_invite);
end:
  do
  :: atomic {
       if
       /* From the caller. Its CANCEL and its early BYE mean the same, until it has a final response;
          after that a CANCEL means nothing. */
       :: arrives(from_a_cancel) ->
          if :: final_to_a == none -> event = event_cancel :: else fi
       :: arrives(from_a_bye) ->
          if
          :: final_to_a == none -> event = event_cancel
          :: final_to_a == success -> is_a_over = true; event = event_bye_in
          :: else
          fi
       :: arrives(from_a_prack) ->
          if :: is_prack_due -> is_prack_due = false; event = event_prack :: else fi
       :: arrives(from_a_ack) -> is_a_acknowledged = true; event = event_ack
       /* From the called. */
       :: arrives(from_b_trying) ->
          if :: !is_invite_gone -> has_provisional = true; event = event_trying_100 :: else fi
       :: arrives(from_b_progress) ->
          if :: !is_invite_gone -> has_provisional = true; event = event_progress :: else fi
       :: arrives(from_b_success) ->
          if
          :: !is_invite_gone && is_prack_due -> event = event_answer_held
          :: !is_invite_gone && !is_prack_due -> event = event_answer
          :: else
          fi
       :: arrives(from_b_failure) ->
          if
          :: !is_invite_gone -> event = event_failure
          :: !is_invite_gone && has_next && (state == state_trying || state == state_proceeding) ->
             event = event_next_target
          :: else
          fi
       :: arrives(from_b_bye) ->
          if :: is_b_answered -> is_b_over = true; event = event_bye_out :: else fi
       /* Of its own. */
       :: !has_provisional && !is_b_answered && !is_invite_gone && !is_finished ->
          event = event_no_response
       :: patience == ring_timer -> patience = none; event = event_ring_timeout
       :: patience == failover_timer && (state == state_trying || state == state_proceeding) ->
          patience = none; event = event_ring_timeout
       :: patience == cancel_timer -> patience = none; event = event_cancel_timeout
       :: patience == ack_timer && in_flight[to_a_success] == 0 && in_flight[from_a_ack] == 0 ->
          patience = none; event = event_ack_timeout
       :: is_prack_due && in_flight[to_a_reliable] == 0 && in_flight[from_a_prack] == 0 ->
          event = event_prack_timeout
       :: !is_finished && !was_hung_up -> was_hung_up = true; event = event_hang_up
       :: !is_finished && final_to_a == success && !was_silent ->
          was_silent = true;
          if :: event = event_media_silent :: event = event_session_expired fi
       fi;
       /* A call that is over is not there any more: its slot is free. */
       if
       :: event != no_event && !is_finished ->
          from = state;
          bridge(state, event);
          if
          :: actions == no_edge ->
             must(timers_known, event != event_no_response && event != event_ring_timeout &&
                                event != event_cancel_timeout && event != event_ack_timeout &&
                                event != event_prack_timeout);
             must(answer_acknowledged, event != event_answer && event != event_answer_held)
          :: else -> act()
          fi
       :: else ->
          must(answer_acknowledged, event != event_answer && event != event_answer_held)
       fi;
       event = no_event; actions = 0; from = 0
     }
  od
}

/* Nothing can happen any more. A caller or called that could still hang up would. */
active proctype at_the_end() {
  timeout ->
    atomic {
      must(all_end, caller == ended && called == ended && is_finished);
      must(answer_acknowledged, !gave_200 || was_acknowledged || is_invite_gone)
    }
end:
  false
}
