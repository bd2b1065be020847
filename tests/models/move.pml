/* A leg that goes from a call of one worker ("here") to a call of another ("there"), for an attended
 * transfer (decisions D60, D61).
 *
 * away() is made of dataplane/call/transfers/away_table.h by ./run; what the actions do, and the
 * other worker, is written here as departure.cc and arrival.cc do it.
 *
 * Letters and notes are in order each, and overtake one another. The peer of the leg, the call here
 * and the call there may end at any moment: before the image is sent, while it is on its way, while
 * the answer is. The peer may repeat its BYE as long as a request may be repeated, which the time of
 * the row outlasts. Who asked and was refused may ask again.
 */
#include "tables.pml"

#ifndef ASKS
#define ASKS 2
#endif

/* What must hold. */
#define one_call 1001       /* the leg is in both calls only while the answer is on its way */
#define nobody_alone 1002   /* with nothing on its way, the peer is in a call if one has its leg */
#define row_given_back 1003 /* and the row is there if the leg is there, or was lately */
#define transfer_told 1004  /* who asked hears what came of it */
#define notes_fit 1005      /* no worker has more notes for the other than there is room for a row */
#define repeats_passed 1006 /* a BYE that comes again is heard by who took the first */
#define must(property, claim) assert((property) == 0 || (claim))

mtype = { image, bye, joined, refused, forgotten, gone };

#define row_notes 2 /* that a row may cause on one way, post/post.h */
chan letters_there = [3] of { mtype };
chan notes_there = [row_notes] of { mtype };
chan notes_here = [row_notes] of { mtype };

byte asks = ASKS;
byte row = state_free;
bool is_waiting = false;  /* the transfer, for the answer */
bool is_here = true;      /* the leg is in the call here, which is live */
bool is_there = false;
bool is_call_there = true;
bool is_peer_up = true;
bool may_repeat = false;  /* the BYE of the peer, which the other worker got */

hidden int actions;
hidden byte event;

#define does(action) ((actions & (action)) != 0)
#define is_quiet (len(letters_there) + len(notes_there) + len(notes_here) == 0)

inline put_note(way, note) {
  must(notes_fit, len(way) < row_notes);
  way ! note
}

/* The call here is over: nobody waits for an answer any more. */
inline end_here() {
  is_here = false; is_waiting = false
}

inline end_there() {
  is_call_there = false;
  if
  :: is_there -> is_there = false; put_note(notes_here, forgotten)
  :: else
  fi
}

inline apply_away() {
  away(row, event);
  if
  :: actions == no_edge -> skip
  :: else ->
     if
     :: does(act_hand_over) -> must(transfer_told, is_waiting); is_here = false; is_waiting = false
     :: else
     fi;
     if :: does(act_tell_gone) -> put_note(notes_there, gone) :: else fi;
     if :: does(act_report_refusal) -> is_waiting = false :: else fi;
     if :: does(act_start_time) -> skip :: else fi;
     if :: does(act_give_back) -> skip :: else fi
  fi;
  actions = 0; event = 0
}

inline receive_here(note) {
  if
  :: note == joined && is_waiting -> event = event_joined
  :: note == joined && !is_waiting -> event = event_joined_late
  :: note == refused -> event = event_refused
  :: note == forgotten -> event = event_forgotten
  fi
}

#define is_passed_on (row == state_away || row == state_leaving)

/* The dialog of the peer names the worker here. */
inline bye_comes() {
  if
  :: is_here -> end_here()
  :: !is_here && is_passed_on ->
     letters_there ! bye; may_repeat = true
  :: else -> skip /* 481 */
  fi
}

inline bye_is_repeated() {
  must(repeats_passed, is_passed_on);
  letters_there ! bye
}

inline receive_there(letter) {
  if
  :: letter == image && is_call_there -> is_there = true; put_note(notes_here, joined)
  :: letter == image -> put_note(notes_here, refused) /* gone, busy, no ports */
  :: letter == bye -> if :: is_there -> end_there() :: else fi
  fi
}

inline check() {
  must(one_call, !(is_here && is_there) || row == state_asked);
  must(nobody_alone, !is_quiet || is_peer_up == (is_here || is_there));
  must(row_given_back, !is_quiet || row == state_free || row == state_leaving || (row == state_away && is_there));
  must(transfer_told, !is_quiet || !is_waiting)
}

init {
  mtype message;
end:
  do
  :: atomic {
       if
       :: asks > 0 && is_here && row == state_free ->
          asks--; row = state_asked; is_waiting = true; letters_there ! image
       :: is_peer_up -> is_peer_up = false; bye_comes()
       :: may_repeat -> may_repeat = false; bye_is_repeated()
       :: is_here -> is_peer_up = false; end_here() /* BYE to the peer */
       :: is_call_there -> is_peer_up = is_peer_up && !is_there; end_there()
       :: notes_here ? message -> receive_here(message)
       :: letters_there ? message -> receive_there(message)
       :: notes_there ? gone -> if :: is_there -> end_there() :: else fi
       :: row == state_leaving && !may_repeat && len(letters_there) == 0 -> event = event_time_over
       fi;
       if :: event != no_event -> apply_away() :: else fi;
       check();
       message = 0
     }
  od
}
