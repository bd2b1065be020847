/* Whom a peer behind NAT is heard from: an attacker races the peer for the media (decision D35).
 *
 * latch() is made of dataplane/media/latch_table.h by ./run; which event a packet is, and what the
 * actions do, is written here as dataplane/media/latch.cc does it.
 *
 * How near peer and attacker are to what was signalled is any pair, chosen at the begin; the
 * attacker may be as near as the peer, nearer, or nowhere that may send. Both send whenever they
 * like, in sequence or not. A candidate may seem silent whenever another sends, which is more than
 * latch_patience allows. The window may end at any moment. A stream with SRTP has an attacker
 * without the keys.
 */
#include "tables.pml"

#ifndef PACKETS
#define PACKETS 5 /* of the peer */
#endif
#ifndef ATTACKS
#define ATTACKS 4 /* of the attacker */
#endif
#ifndef OFFERS
#define OFFERS 2
#endif
#define needed 3 /* packets of a run */

/* What must hold: the bound. */
#define never_outside 1001  /* who may not send is never learnt */
#define whole_run 1002      /* nobody is learnt by less than a run since the window opened */
#define nearer_wins 1003    /* a peer nearer than the attacker has the media after a run of its own */
#define first_wins 1004     /* one as near does not lose it either, once it is learnt */
#define in_window 1005      /* nothing is learnt while no window is open */
#define authentic_only 1006 /* without the keys nothing is learnt */
#define none_when_shut 1007
#define one_window 1008     /* a refresh of a session whose peer was learnt opens none */
#define must(property, claim) assert((property) == 0 || (claim))

/* Sources. The peer may send from where it said, then it is the signalled one. */
#define nobody 0
#define signalled 1
#define peer 2
#define attacker 3

/* Nearness. */
#define nowhere 0
#define exact 4
byte near_peer, near_attacker;
bool is_srtp;

/* The box. */
byte state = state_shut;
byte in_force = nobody;
byte learnt_near = nowhere;
byte candidate = nobody;
byte candidate_near = nowhere;
byte run_length = 0;

/* The world. */
byte packets[4];
byte offers = OFFERS;
bool is_window_open = false;
byte in_sequence[4];      /* packets of a sender without a gap, since the window opened */
bool has_peer_proved = false;
bool is_peer_learnt = false;

hidden byte event;
hidden int actions;
hidden byte near, from;
hidden byte is_next, is_silent;

#define does(action) ((actions & (action)) != 0)

inline drop_candidate() {
  candidate = nobody; candidate_near = nowhere; run_length = 0
}

inline act() {
  if
  :: does(act_forget) -> in_force = (state == state_shut -> nobody : signalled);
                         learnt_near = nowhere; drop_candidate()
  :: else
  fi;
  if :: does(act_open_window) -> learnt_near = nowhere; drop_candidate() :: else fi;
  if :: does(act_start_run) -> candidate = from; candidate_near = near; run_length = 1 :: else fi;
  if :: does(act_count_run) -> run_length++ :: else fi;
  if
  :: does(act_learn) ->
     must(in_window, is_window_open);
     must(whole_run, in_sequence[candidate] >= needed);
     in_force = candidate; learnt_near = candidate_near; is_peer_learnt = (candidate == peer);
     drop_candidate()
  :: else
  fi
}

inline take(what) {
  event = what;
  latch(state, event);
  if :: actions == no_edge :: else -> act() fi;
  event = 0; actions = 0
}

#define is_open (state != state_shut && state != state_settled)

inline check() {
  must(never_outside, in_force != attacker || near_attacker != nowhere);
  must(authentic_only, !is_srtp || in_force != attacker);
  must(none_when_shut, (state == state_shut) == (in_force == nobody));
  must(nearer_wins, !has_peer_proved || near_peer <= near_attacker || in_force != attacker);
  must(first_wins, !is_peer_learnt || near_peer < near_attacker || in_force != attacker)
}

inline classify() {
  if
  :: candidate == from && is_next && run_length + 1 < needed -> event = event_next
  :: candidate == from && is_next && run_length + 1 >= needed && near == exact -> event = event_proven_top
  :: candidate == from && is_next && run_length + 1 >= needed && near != exact -> event = event_proven
  :: (candidate != from || !is_next) &&
     !((state == state_provisional || state == state_challenged) && near <= learnt_near) &&
     (candidate == nobody || candidate == from || near > candidate_near || is_silent) ->
     event = event_fresh
  :: else -> event = 0
  fi
}

/* A packet that is good, and authenticated where the stream is SRTP. */
inline receive() {
  if
  :: is_next && in_sequence[from] < needed -> in_sequence[from]++
  :: is_next && in_sequence[from] >= needed -> skip
  :: else -> in_sequence[from] = 1
  fi;
  if
  :: is_window_open && from == peer && in_sequence[peer] >= needed -> has_peer_proved = true
  :: else
  fi;
  if
  :: is_open && near != nowhere ->
     classify();
     if
     :: event == event_fresh && candidate != nobody && candidate != from && near <= candidate_near ->
        in_sequence[candidate] = 0 /* it was silent: no run goes on */
     :: else
     fi;
     if :: event != 0 -> take(event) :: else fi
  :: else
  fi
}

inline open_window_of_world() {
  is_window_open = true;
  in_sequence[peer] = 0; in_sequence[attacker] = 0;
  has_peer_proved = false; is_peer_learnt = false
}

init {
  atomic {
    if :: near_peer = 1 :: near_peer = 2 :: near_peer = 3 :: near_peer = exact fi;
    if :: near_attacker = nowhere :: near_attacker = 1 :: near_attacker = 2 :: near_attacker = 3 fi;
    if :: is_srtp = true; near_peer = exact :: is_srtp = false fi;
    packets[peer] = PACKETS; packets[attacker] = ATTACKS
  };
end:
  do
  :: atomic { packets[peer] > 0 ->
       packets[peer]--; from = peer; near = near_peer;
       if :: is_next = in_sequence[peer] > 0 :: is_next = false fi;
       if :: candidate != nobody && candidate != from -> is_silent = true :: is_silent = false fi;
       receive(); check(); from = 0; near = 0; is_next = false; is_silent = false }
  :: atomic { packets[attacker] > 0 ->
       packets[attacker]--; from = attacker; near = near_attacker;
       if :: is_next = in_sequence[attacker] > 0 :: is_next = false fi;
       if :: candidate != nobody && candidate != from -> is_silent = true :: is_silent = false fi;
       if
       :: is_srtp -> skip /* no packet of it is authentic */
       :: else -> receive()
       fi;
       check(); from = 0; near = 0; is_next = false; is_silent = false }
  :: atomic { is_window_open ->
       is_window_open = false;
       if :: is_open -> take(event_window_over) :: else fi;
       check() }
  :: atomic { offers > 0 ->
       offers--;
       if
       :: open_window_of_world(); take(event_offer_new)
       :: state != state_shut ->
          /* A source in force that sent lately. */
          if
          :: is_peer_learnt -> skip
          :: else -> if :: state == state_learning || state == state_proving -> open_window_of_world()
                        :: else fi
          fi;
          take(event_offer_same);
          must(one_window, !is_peer_learnt || candidate != attacker || near_attacker >= near_peer ||
                           state != state_proving)
       :: state != state_shut -> open_window_of_world(); take(event_offer_silent)
       :: is_window_open = false; has_peer_proved = false; is_peer_learnt = false;
          take(event_offer_none)
       fi;
       check() }
  od
}
