"""What ./run checks, and the mistakes that it must find."""

from typing import NamedTuple


class Model(NamedTuple):
    name: str         # NAME.pml
    tables: tuple     # of the code
    unreached: dict   # edges that no run takes: why
    beyond: tuple = ()  # states and events that it leaves out


class Mutation(NamedTuple):
    model: str
    name: str
    finds: str           # the property that must be found broken
    edges: dict = {}     # edges of the code's tables that are changed (promela.mutated)
    source: tuple = ()   # (piece of the model, what stands there instead)


MODELS = (
    Model("invite_transaction", ("client_invite", "server_invite"), {
        "client_invite: completed + success": "the one server gives one final response",
        "client_invite: accepted + failure": "the one server gives one final response",
        "server_invite: proceeding + ack": "no client acknowledges what it has not got",
    }),
    Model("b2bua", ("bridge",), {
        "bridge: proceeding + no_response": "timer B is stopped by the provisional before",
        "bridge: cancelling + no_response": "timer B is stopped by the provisional before",
        "bridge: trying + prack_timeout": "a provisional waits for its PRACK, and ends trying",
        "bridge: trying + answer_held": "a provisional waits for its PRACK, and ends trying",
        "bridge: cancel_waiting + answer_held": "a refused caller is not waited for",
        "bridge: cancelling + answer_held": "a refused caller is not waited for",
        # A transfer is a matter of two calls: ladders and the simulator.
    }, ("waiting", "parted", "transferor_left", "transfer_failed", "joined", "picked_up",
        "farewell")),
    Model("offer_answer", ("offer_step",), {
        "offer_step: idle + send_answer": "there is an answer to an offer only",
        "offer_step: idle + receive_answer": "there is an answer to an offer only",
        "offer_step: idle + withdraw": "there is a refusal of an offer only",
        "offer_step: received + receive_offer": "a peer has one offer out at a time",
        "offer_step: sent + send_offer": "a peer has one offer out at a time",
        "offer_step: sent + send_answer": "the peer answers what we offered",
        "offer_step: received + receive_answer": "we answer what the peer offered",
    }),
    Model("latch", ("latch",), {}),
    Model("move", ("away",), {}),
    Model("exchange", ("exchange",), {
        "exchange: proceeding + no_response": "timer B is stopped by the provisional before",
        "exchange: cancelling + no_response": "timer B is stopped by the provisional before",
        "exchange: proceeding + provisional": "several say no more than one",
    }),
    Model("transfer", ("transfer",), {
        "transfer: joining + answer": "a target answers once; of other workers' calls see move",
    }),
)

MUTATIONS = (
    Mutation("invite_transaction", "the client has no Accepted state", "late_2xx_expected", {
        "client_invite: calling + success": "terminated: stop_retransmit drop_kept pass",
        "client_invite: proceeding + success": "terminated: drop_kept pass",
    }),
    Mutation("invite_transaction", "the server has no Accepted state", "one_transaction", {
        "server_invite: proceeding + send_success": "terminated: send",
    }),
    Mutation("invite_transaction", "the server has no Confirmed state", "one_transaction", {
        "server_invite: completed + ack": "terminated: absorb stop_retransmit",
    }),
    Mutation("invite_transaction", "Accepted absorbs a late 2xx unacknowledged",
             "each_2xx_acknowledged", {
        "client_invite: accepted + success": "accepted: absorb",
    }),
    Mutation("invite_transaction", "a failure that comes again is not acknowledged",
             "each_failure_acknowledged", {
        "client_invite: completed + failure": "completed: absorb",
    }),
    Mutation("invite_transaction", "a failure after 1xx is not acknowledged",
             "each_failure_acknowledged", {
        "client_invite: proceeding + failure": "completed: pass start_d",
    }),
    Mutation("invite_transaction", "the request is dropped before its ACK", "kept_while_needed", {
        "client_invite: calling + failure":
            "completed: stop_retransmit drop_kept send_ack pass start_d",
    }),
    Mutation("invite_transaction", "timer B goes on after a 1xx", "arrow_for_all", {
        "client_invite: calling + provisional": "proceeding: stop_retransmit pass",
    }),
    Mutation("invite_transaction", "the client's Completed never ends", "all_end", {
        "client_invite: calling + failure": "completed: stop_retransmit send_ack pass",
    }),
    Mutation("invite_transaction", "the server waits for an ACK for ever", "all_end", {
        "server_invite: proceeding + send_failure": "completed: keep send start_g",
    }),
    Mutation("invite_transaction", "an ACK does not stop timer H", "same_for_both", {
        "server_invite: completed + ack": "completed: absorb stop_retransmit",
    }),
    Mutation("invite_transaction", "a repeated INVITE ends the transaction", "all_end", {
        "server_invite: proceeding + request": "terminated: absorb",
    }),
    Mutation("b2bua", "a 2xx that crosses the CANCEL gets no BYE", "no_leg_left", {
        "bridge: cancelling + answer": "ended: ack_out finish",
    }),
    Mutation("b2bua", "a 2xx that crosses the CANCEL gets no ACK", "answer_acknowledged", {
        "bridge: cancelling + answer": "ended: finish",
    }),
    Mutation("b2bua", "a 2xx that crosses the CANCEL is passed", "one_final_for_caller", {
        "bridge: cancelling + answer": "answered: ack_out pass_answer",
    }),
    Mutation("b2bua", "a 2xx before the CANCEL could go gets no BYE", "no_leg_left", {
        "bridge: cancel_waiting + answer": "ended: ack_out finish",
    }),
    Mutation("b2bua", "CANCEL goes before a provisional came", "cancel_after_provisional", {
        "bridge: trying + cancel": "cancelling: refuse_in cancel_out",
    }),
    Mutation("b2bua", "a cancelling caller gets no final response", "no_leg_left", {
        "bridge: proceeding + cancel": "cancelling: cancel_out",
        "bridge: cancelling + failure": "ended: finish",
    }),
    Mutation("b2bua", "a call that rings too long is cancelled only outside", "no_leg_left", {
        "bridge: proceeding + ring_timeout": "cancelling: cancel_out",
    }),
    Mutation("b2bua", "progress reaches a caller that has its final response",
             "no_progress_after_final", {
                 "bridge: cancel_waiting + progress": "cancelling: cancel_out pass_progress",
             }),
    Mutation("b2bua", "the caller gets BYE before its ACK came", "bye_after_ack", {
        "bridge: answered + bye_out": "ended: bye_in_leg finish",
    }),
    Mutation("b2bua", "a BYE does not reach the other leg", "no_leg_left", {
        "bridge: confirmed + bye_in": "ended: finish",
    }),
    Mutation("b2bua", "who hung up gets BYE, too", "bye_in_dialog_only", {
        "bridge: confirmed + bye_out": "ended: bye_in_leg bye_out_leg finish",
    }),
    Mutation("b2bua", "a releasing call gets a second BYE", "bye_in_dialog_only", {
        "bridge: releasing + ack": "ended: bye_in_leg bye_out_leg finish",
    }),
    Mutation("b2bua", "the ACK does not stop the timer for it", "timers_known", {
        "bridge: answered + ack": "confirmed:",
    }),
    Mutation("b2bua", "a releasing call waits for an ACK for ever", "timers_known", {
        "bridge: releasing + ack_timeout": None,
    }),
    Mutation("b2bua", "silence of the called after CANCEL ends nothing", "timers_known", {
        "bridge: cancelling + cancel_timeout": None,
    }),
    Mutation("b2bua", "a failed call keeps its slot", "finished_once", {
        "bridge: proceeding + failure": "ended: pass_failure",
    }),
    Mutation("b2bua", "a 2xx does not wait for the PRACK", "answer_after_prack", {
        "bridge: proceeding + answer_held": "answered: ack_out pass_answer",
    }),
    Mutation("b2bua", "a CANCEL that meets a held 2xx leaves the called in the call",
             "no_leg_left", {
        "bridge: held + cancel": "ended: refuse_in finish",
    }),
    Mutation("b2bua", "nobody ends a call whose PRACK never comes", "timers_known", {
        "bridge: held + prack_timeout": None,
    }),
    Mutation("b2bua", "the caller hears of a target that is given up", "one_final_for_caller", {
        "bridge: proceeding + next_target": "trying: pass_failure try_next",
    }),
    Mutation("offer_answer", "an offer that meets another is passed on", "one_offer_per_leg",
             source=("(verdict & (act_glare | act_busy | act_unexpected)) != 0 -> send",
                     "false -> send")),
    Mutation("offer_answer", "the table sees no glare", "one_offer_per_leg", {
        "offer_step: sent + receive_offer": "received:",
        "offer_step: received + send_offer": "sent:",
    }),
    Mutation("offer_answer", "an answer leaves the offer open", "prack_offer_taken", {
        "offer_step: received + send_answer": "received:",
    }),
    Mutation("offer_answer", "both wait equally long after a 491", "non-progress cycle",
             source=("on_the_way == 0 &&\n              (me == called || !waits_to_retry[called])",
                     "(me == caller || on_the_way == 0)")),
    Mutation("offer_answer", "the box sends its PRACK before the caller's", "prack_offer_taken",
             source=("me == called && !is_prack_due", "me == called")),
    Mutation("offer_answer", "media flows before the answer", "answer_before_media",
             source=("  leg_state[leg] = step_state[0];",
                     "  leg_state[leg] = step_state[0]; is_media_open[leg] = true;")),
    Mutation("offer_answer", "a refused offer changes the session", "same_session",
             source=("box_gets(from, refusal) ->",
                     "box_gets(from, refusal) -> seen_by_box[0]++; seen_by_box[1]++;")),
    Mutation("offer_answer", "a 491 stays in the box", "all_settled",
             source=("          take(from, kind)",
                     "          if :: kind == busy -> leg_state[0] = state_idle; "
                     "leg_state[1] = state_idle :: else -> take(from, kind) fi")),
    Mutation("offer_answer", "a refused offer stays open in the box", "all_settled",
             source=("          take(from, kind)",
                     "          if :: kind == refusal -> send_to_peer(other(from), refusal) "
                     ":: else -> take(from, kind) fi")),
    Mutation("latch", "one packet is enough", "whole_run", {
        "latch: learning + fresh": "provisional: start_run learn",
    }),
    Mutation("latch", "the window never ends", "in_window", {
        "latch: proving + window_over": None,
    }),
    Mutation("latch", "a learnt source may be challenged for ever", "in_window", {
        "latch: challenged + window_over": None,
    }),
    Mutation("latch", "what was learnt first stays", "nearer_wins", {
        "latch: provisional + fresh": None,
    }),
    Mutation("latch", "a refresh is as good as a new offer", "in_window",
             source=("event = event_offer_same",
                     "event = event_offer_new /* not event_offer_same */")),
    Mutation("latch", "hold keeps the learnt source", "none_when_shut", {
        "latch: provisional + offer_none": "shut:",
    }),
    Mutation("latch", "any address may be learnt", "never_outside",
             source=("  :: is_open && near != nowhere ->", "  :: is_open ->")),
    Mutation("latch", "packets are learnt from before they are authenticated", "authentic_only",
             source=(":: from == attacker && is_srtp -> skip", ":: false -> skip")),
    Mutation("latch", "one as near takes the learnt one's place", "first_wins",
             source=("near <= learnt_near", "near < learnt_near")),
    Mutation("move", "a leg whose peer left meanwhile stays there", "nobody_alone", {
        "away: asked + joined_late": "gone:",
    }),
    Mutation("move", "the leg stays in the call here, too", "nobody_alone", {
        "away: asked + joined": "away:",
    }),
    Mutation("move", "who asked does not hear of a refusal", "transfer_told", {
        "away: asked + refused": "free: give_back",
    }),
    Mutation("move", "a refused leg keeps its row", "row_given_back", {
        "away: asked + refused": "asked: report_refusal",
    }),
    Mutation("move", "the row ends with the call there", "repeats_passed", {
        "away: away + forgotten": "free: give_back",
    }),
    Mutation("move", "the row of a leg that had gone stays", "row_given_back", {
        "away: gone + forgotten": None,
    }),
    Mutation("move", "the other worker does not say that its call is over", "row_given_back",
             source=("is_there = false; put_note(notes_here, forgotten)", "is_there = false")),
    Mutation("move", "a BYE is not passed on", "nobody_alone",
             source=("     letters_there ! bye; may_repeat = true", "     skip")),
    Mutation("transfer", "who answers is joined in the middle of an INVITE", "joins_between", {
        "transfer: calling + answer_held": "reporting: report_success join",
    }),
    Mutation("transfer", "a refusal is not reported", "told_once", {
        "transfer: calling + target_ended": "reporting: restore",
    }),
    Mutation("transfer", "the transferee of a failed transfer waits on", "nobody_alone", {
        "transfer: calling + target_ended": "reporting: report_failure",
    }),
    Mutation("transfer", "the target outlives the call", "nobody_alone", {
        "transfer: calling + call_ended": "ended: end_transfer",
    }),
    Mutation("transfer", "a target that has answered outlives the call", "nobody_alone", {
        "transfer: joining + call_ended": "ended: end_transfer",
    }),
    Mutation("transfer", "a transfer outlives its call", "gives_back", {
        "transfer: reporting + call_ended": None,
    }),
    Mutation("exchange", "CANCEL does not wait for a 1xx", "cancel_after_1xx", {
        "exchange: waiting + cancel": "cancelling: send_cancel",
    }),
    Mutation("exchange", "an INVITE that rings too long is forgotten", "late_2xx_expected", {
        "exchange: proceeding + patience": "ended: give_up end_exchange",
    }),
    Mutation("exchange", "another INVITE goes on beside an open one", "one_at_a_time",
             source=(":: is_open(1 - n) ->", ":: false ->")),
    Mutation("exchange", "a 2xx that comes again before the ACK is not acknowledged",
             "each_2xx_acknowledged", {
        "exchange: answered + success": "answered:",
    }),
    Mutation("exchange", "a 2xx that comes again after the ACK is not acknowledged",
             "each_2xx_acknowledged", {
        "exchange: settled + success": "settled:",
    }),
    Mutation("exchange", "a 2xx after the end of the call is not acknowledged",
             "each_2xx_acknowledged", {
        "exchange: orphaned + success": "ended: end_exchange",
    }),
    Mutation("exchange", "the call ends without the ACK that is owed", "each_2xx_acknowledged",
             source=("if :: owes_ack(i) -> acknowledge(i) :: else fi;", "")),
    Mutation("exchange", "the end of the call answers nobody", "one_final", {
        "exchange: waiting + call_ended": "orphaned:",
    }),
    Mutation("exchange", "a 2xx that crosses the CANCEL is taken for its refusal",
             "each_2xx_acknowledged", {
        "exchange: cancelling + success": "ended: pass_rejection end_exchange",
    }),
    Mutation("exchange", "who sent the INVITE is refused what was accepted", "same_session", {
        "exchange: waiting + success": "settled: pass_rejection settle",
    }),
    Mutation("exchange", "a sender who never acknowledges keeps the call",
             "each_2xx_acknowledged", {
        "exchange: answered + patience": "ended: end_exchange",
    }),
    Mutation("exchange", "nobody hears that an INVITE was not answered", "one_final", {
        "exchange: cancel_waiting + no_response": "ended: end_exchange",
    }),
)
