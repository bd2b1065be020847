/* The INVITE client and server transaction (RFC 3261 section 17, RFC 6026 section 7) and their
 * users, over a network that loses, repeats and reorders.
 *
 * client_invite() and server_invite() are made of the code's tables by ./run; what their actions do
 * is written here as dataplane/transaction/actions.cc does it.
 *
 * Time. Timers A and G, the user's repetition of its 2xx, and the network's duplicates have budgets,
 * so that every run ends. Timers that wait for late messages (D, I, L, M) and those of 64*T1 (B, H)
 * are far longer than a message lives (T4): they fire only when nothing is on its way that they
 * wait for. That is what "longer" means here; nothing else is assumed of time.
 */
#include "tables.pml"

#ifndef RESENDS
#define RESENDS 3    /* of timer A, of timer G, and of the user's 2xx, each */
#define DUPLICATES 3 /* by the network, in all */
#define IN_FLIGHT 4  /* of one kind; more are lost */
#endif

/* What must hold. */
#define one_transaction 1001  /* an INVITE is given to the user once, however often it comes */
#define one_outcome 1002      /* a user is told one final outcome */
#define late_2xx_expected 1003 /* Accepted outlives the 2xx that come again */
#define each_2xx_acknowledged 1004
#define each_failure_acknowledged 1005
#define arrow_for_all 1006    /* what comes while a transaction lives has an arrow */
#define one_handler 1007      /* absorbed or passed, never both */
#define kept_while_needed 1008
#define all_end 1009          /* every transaction terminates */
#define same_for_both 1010    /* both users are told the same, unless something was lost */
#define must(property, claim) assert((property) == 0 || (claim))

/* What is on its way. The order in which it arrives is free, so a number of each is enough. */
#define invite 0
#define ack 1            /* to a non-2xx, by the transaction */
#define ack_2xx 2        /* by the user */
#define provisional_1xx 3
#define success_2xx 4
#define failure_3xx 5
#define kinds 6
byte in_flight[kinds];
byte duplicates = DUPLICATES;
bool is_lossy = false; /* something was lost in this run */

#define nothing 0
#define answered 1
#define refused 2
#define no_response 3
#define gave_up 4

byte client_state = state_terminated;
byte client_lifetime = no_timer;
bool is_client_resending = false;
bool has_begun = false;
bool has_request = false; /* the client keeps it for retransmission and for the ACK */
byte outcome = nothing;   /* what the client's user was told */
byte client_resends = RESENDS;

byte server_state = state_terminated;
byte server_lifetime = no_timer;
bool is_server_resending = false;
bool was_invited = false;
bool has_response = false; /* the server keeps the last response */
byte kept = nothing;
byte given = nothing;      /* what the server's user answered: answered or refused */
bool is_acknowledged = false;
bool is_user_done = false; /* the server's user stopped repeating its 2xx */
bool had_no_ack = false;   /* timer H */
byte server_resends = RESENDS;
byte user_resends = RESENDS;

/* Only between the statements of one step. */
hidden byte event;
hidden int actions;
hidden byte from;

#define does(action) ((actions & (action)) != 0)

inline send(kind) {
  if
  :: in_flight[kind] < IN_FLIGHT -> in_flight[kind]++
  :: is_lossy = true
  fi
}

inline receive(kind) {
  if
  :: in_flight[kind]--
  :: duplicates > 0 -> duplicates--
  fi
}

inline start_lifetime(timer, action, which) {
  if :: does(action) -> timer = which :: else fi
}

inline client_user() {
  if
  :: event == event_success ->
     /* One outcome, and an ACK for each 2xx (RFC 3261 section 13.2.2.4). */
     must(one_outcome, outcome == nothing || outcome == answered);
     outcome = answered;
     send(ack_2xx)
  :: event == event_failure ->
     must(one_outcome, outcome == nothing);
     outcome = refused
  :: else
  fi
}

inline client_step() {
  from = client_state;
  client_invite(client_state, event);
  if
  :: actions == no_edge ->
     /* Only a transaction that is gone may have no arrow. What still comes is dropped (RFC 6026
        section 7.2), so it must not be what somebody waits for an ACK to. */
     must(arrow_for_all, from == state_terminated);
     if
     :: event == event_success ->
        must(late_2xx_expected, outcome == no_response || outcome == gave_up)
     :: event == event_failure -> must(each_failure_acknowledged, outcome != refused)
     :: else
     fi
  :: else ->
     if :: does(act_stop_retransmit) -> is_client_resending = false :: else fi;
     if :: does(act_stop_lifetime) -> client_lifetime = no_timer :: else fi;
     if :: does(act_drop_kept) -> has_request = false :: else fi;
     if
     :: does(act_send) -> has_request = true; send(invite)
     :: does(act_resend) -> must(kept_while_needed, has_request); send(invite)
     :: else
     fi;
     if
     :: does(act_send_ack | act_resend_ack) -> must(kept_while_needed, has_request); send(ack)
     :: else -> must(each_failure_acknowledged, event != event_failure || outcome == answered)
     fi;
     must(one_handler, !does(act_absorb) || !does(act_pass));
     if
     :: does(act_pass) -> client_user()
     :: else -> must(each_2xx_acknowledged, event != event_success || from == state_completed)
     fi;
     if
     :: does(act_report_no_response) -> must(one_outcome, outcome == nothing); outcome = no_response
     :: else
     fi;
     if :: does(act_start_a | act_again_a) -> is_client_resending = true :: else fi;
     start_lifetime(client_lifetime, act_start_b, event_timer_b);
     start_lifetime(client_lifetime, act_start_d, event_timer_d);
     start_lifetime(client_lifetime, act_start_m, event_timer_m);
     if
     :: client_state == state_terminated ->
        is_client_resending = false; client_lifetime = no_timer; has_request = false
     :: else
     fi
  fi
}

/* The server has said its last word. */
#define is_server_silent (server_state == state_terminated && is_user_done)
#define has_no_response \
  (in_flight[provisional_1xx] == 0 && in_flight[success_2xx] == 0 && in_flight[failure_3xx] == 0)

active proctype client() {
end:
  do
  :: atomic {
       if
       :: !has_begun -> has_begun = true; event = event_begin
       :: in_flight[provisional_1xx] > 0 -> receive(provisional_1xx); event = event_provisional
       :: in_flight[success_2xx] > 0 -> receive(success_2xx); event = event_success
       :: in_flight[failure_3xx] > 0 -> receive(failure_3xx); event = event_failure
       :: is_client_resending && client_resends > 0 ->
          client_resends--; is_client_resending = false; event = event_timer_a
       :: client_lifetime == event_timer_b && client_resends == 0 && in_flight[invite] == 0 &&
          has_no_response ->
          event = event_timer_b
       :: client_lifetime == event_timer_d && server_state != state_completed &&
          in_flight[failure_3xx] == 0 ->
          event = event_timer_d
       :: client_lifetime == event_timer_m && is_user_done && in_flight[success_2xx] == 0 ->
          event = event_timer_m
       /* How long a call may ring is the user's to say; then it abandons the transaction. */
       :: client_state == state_proceeding && is_server_silent && has_no_response ->
          client_state = state_terminated; client_lifetime = no_timer; has_request = false;
          outcome = gave_up; event = no_event
       fi;
       if :: event != no_event -> client_step() :: else fi;
       event = no_event; actions = 0; from = 0
     }
  od
}

inline server_send() {
  if
  :: kept == answered -> send(success_2xx)
  :: kept == refused -> send(failure_3xx)
  :: else -> send(provisional_1xx)
  fi
}

inline server_step() {
  from = server_state;
  server_invite(server_state, event);
  if
  :: actions == no_edge -> must(arrow_for_all, from == state_terminated)
  :: else ->
     if :: does(act_stop_retransmit) -> is_server_resending = false :: else fi;
     if :: does(act_keep) -> has_response = true :: else fi;
     if :: does(act_drop_kept) -> has_response = false :: else fi;
     if
     :: does(act_send | act_send_again) -> server_send()
     :: does(act_resend) && has_response -> server_send()
     :: else
     fi;
     must(one_handler, !does(act_absorb) || !does(act_pass));
     if
     :: does(act_pass) && event == event_ack -> is_acknowledged = true; is_user_done = true
     :: does(act_pass) && event == event_begin -> must(one_transaction, !was_invited); was_invited = true
     :: else
     fi;
     if
     :: does(act_report_no_ack) -> had_no_ack = true
     :: event == event_ack && from == state_completed -> is_acknowledged = true
     :: else
     fi;
     if :: does(act_start_g | act_again_g) -> is_server_resending = true :: else fi;
     start_lifetime(server_lifetime, act_start_h, event_timer_h);
     start_lifetime(server_lifetime, act_start_i, event_timer_i);
     start_lifetime(server_lifetime, act_start_l, event_timer_l);
     if
     :: server_state == state_terminated ->
        is_server_resending = false; server_lifetime = no_timer; has_response = false
     :: else
     fi
  fi
}

/* 64*T1 after the final response the client, who began earlier, does not repeat its INVITE. */
#define is_client_quiet (client_state != state_calling && in_flight[invite] == 0)

active proctype server() {
end:
  do
  :: atomic {
       if
       :: in_flight[invite] > 0 ->
          receive(invite);
          if
          :: server_state == state_terminated -> event = event_begin
          :: else -> event = event_request
          fi
       :: in_flight[ack] > 0 -> receive(ack); event = event_ack
       /* Its branch is a new one, so that it finds the user; or that of the INVITE, where the peer
          is one of RFC 2543. */
       :: in_flight[ack_2xx] > 0 ->
          receive(ack_2xx);
          if
          :: server_state == state_accepted -> event = event_ack
          :: is_acknowledged = true; is_user_done = true; event = no_event
          fi
       :: is_server_resending && server_resends > 0 ->
          server_resends--; is_server_resending = false; event = event_timer_g
       :: server_lifetime == event_timer_h && server_resends == 0 && is_client_quiet &&
          in_flight[failure_3xx] == 0 && in_flight[ack] == 0 ->
          event = event_timer_h
       :: server_lifetime == event_timer_i && is_client_quiet && in_flight[ack] == 0 ->
          event = event_timer_i
       :: server_lifetime == event_timer_l && is_client_quiet && is_user_done ->
          event = event_timer_l
       :: server_state == state_proceeding && given == nothing && !has_response ->
          event = event_send_provisional
       :: server_state == state_proceeding && given == nothing ->
          given = answered; kept = answered; event = event_send_success
       :: server_state == state_proceeding && given == nothing ->
          given = refused; kept = refused; is_user_done = true; event = event_send_failure
       /* The user repeats its 2xx until the ACK comes (RFC 3261 section 13.3.1.4). */
       :: given == answered && !is_user_done && user_resends > 0 ->
          user_resends--;
          if
          :: server_state == state_accepted -> event = event_send_success
          :: else -> send(success_2xx); event = no_event
          fi
       :: given == answered && !is_user_done && user_resends == 0 &&
          in_flight[success_2xx] == 0 && in_flight[ack_2xx] == 0 ->
          is_user_done = true; event = no_event
       fi;
       if :: event != no_event -> server_step() :: else fi;
       event = no_event; actions = 0; from = 0
     }
  od
}

/* Nothing can happen any more. */
active proctype at_the_end() {
  timeout ->
    atomic {
      must(all_end, client_state == state_terminated && server_state == state_terminated);
      must(one_outcome, outcome != nothing);
      must(one_outcome, given != nothing || !was_invited);
      /* Nobody stays unacknowledged, but for what the network took or a client that gave up. */
      must(same_for_both,
           given == nothing || is_acknowledged || is_lossy || outcome == no_response);
      must(same_for_both, !had_no_ack || is_lossy || outcome == no_response);
      must(same_for_both, outcome == given || is_lossy || outcome == no_response);
      must(same_for_both, (outcome != answered && outcome != refused) || outcome == given)
    }
end:
  false
}
