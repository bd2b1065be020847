/* A transfer that is made here (decision D23): a call, the one that is made for it, and the three who
 * talk.
 *
 * transfer() is made of dataplane/call/transfers/transfer_table.h by ./run; what the actions do is
 * written here as transfer.cc, join.cc and report.cc do it.
 *
 * Either peer of the call may hang up at any moment, and begin an INVITE within it that is over at
 * any moment. The target may ring, answer, refuse, and hang up before it is joined. What a CANCEL or
 * a BYE of ours meets on its way is the matter of b2bua.pml. A NOTIFY is confirmed in the end, since
 * its timer ends it.
 */
#include "tables.pml"

/* What must hold. */
#define joins_between 1001  /* nobody is joined while an INVITE is open, or with one who is not there */
#define told_once 1002      /* the transferor hears how it ended, once, unless its call is over */
#define nobody_alone 1003   /* once it is decided each of the three has a partner, or is in no call */
#define gives_back 1004     /* nothing is left of a transfer whose call is over */
#define must(property, claim) assert((property) == 0 || (claim))

mtype = { called, answered, joined, gone }; /* the target */

byte state = state_calling;
mtype target = called;
bool is_call = true;          /* the call of the one who transfers, or what is left of it */
bool has_transferor = true;
bool has_transferee = true;   /* in that call */
bool is_open = false;         /* an INVITE within it */
bool is_notified = false;     /* the last NOTIFY is on its way */
bool is_unheard = false;      /* there is nobody whom one could go to */
byte told = 0;
byte rings = 2;
byte invites = 3;

hidden int actions;
hidden byte event;

#define does(action) ((actions & (action)) != 0)
#define is_decided (state == state_reporting || state == state_ended)

/* All that is left of it; its transfer hears. */
inline end_call() {
  is_call = false; has_transferor = false; has_transferee = false; is_open = false;
  is_notified = false; event = event_call_ended
}

/* The transferor goes, and the transfer goes on: the transferee waits. */
inline transferor_hangs_up() {
  if
  :: has_transferee && !is_open && !is_decided -> has_transferor = false
  :: else -> end_call()
  fi
}

inline tell_result() {
  told++;
  if
  :: has_transferor -> is_notified = true
  :: else -> is_unheard = true
  fi
}

inline apply_transfer() {
  transfer(state, event);
  event = no_event;
  if
  :: actions == no_edge -> skip
  :: else ->
     if
     :: does(act_join) ->
        must(joins_between, !is_open && has_transferee && target == answered);
        has_transferee = false; target = joined
     :: else
     fi;
     if :: does(act_drop_target) && target != gone -> target = gone :: else fi;
     if :: does(act_report_progress) -> skip :: else fi;
     if :: does(act_report_success) || does(act_report_failure) -> tell_result() :: else fi;
     /* The transferee who waited for nothing gets BYE. */
     if :: does(act_restore) && is_call && !has_transferor -> end_call() :: else fi;
     if :: does(act_end_transfer) -> is_notified = false; is_unheard = false :: else fi
  fi;
  actions = 0
}

inline check() {
  must(gives_back, is_call || state == state_ended);
  must(nobody_alone, !is_decided || target == joined || target == gone);
  must(nobody_alone, !is_decided || !has_transferee || has_transferor);
  must(told_once, told <= 1);
  must(told_once, state != state_reporting || is_notified || is_unheard);
  must(told_once, state != state_ended || told == 1 || !is_call)
}

init {
end:
  do
  :: atomic {
       if
       :: rings > 0 && target == called -> rings--; event = event_progress
       :: target == called ->
          target = answered;
          if :: is_open -> event = event_answer_held :: else -> event = event_answer fi
       :: target == called || target == answered -> target = gone; event = event_target_ended
       :: invites > 0 && !is_open && has_transferor && has_transferee && state == state_calling ->
          invites--; is_open = true
       :: is_open -> is_open = false; event = event_call_is_free
       :: is_call && has_transferor -> transferor_hangs_up()
       :: is_call && has_transferee -> end_call()
       :: is_notified -> is_notified = false; event = event_reported
       fi;
       do
       :: event != no_event -> apply_transfer()
       :: event == no_event && is_unheard -> is_unheard = false; event = event_reported
       :: else -> break
       od;
       check()
     }
  od
}
