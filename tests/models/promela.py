"""Makes Promela of the tables that print_tables prints."""

import re
import subprocess
from typing import NamedTuple


class Edge(NamedTuple):
    table: str
    state: str
    event: str
    to: str
    actions: tuple

    @property
    def key(self):
        """What an edge is called in lists: "client_invite: calling + timer_a"."""
        return f"{self.table}: {self.state} + {self.event}"


def read_tables(program):
    """All edges of all tables, as the program prints them."""
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    edges = []
    for line in done.stdout.splitlines():
        table, state, event, to, *actions = line.split()
        edges.append(Edge(table, state, event, to, tuple(actions)))
    return edges


def within(edges, beyond):
    """Those that neither begin nor end in a state that is left out, nor need such an event."""
    return [edge for edge in edges if not {edge.state, edge.to, edge.event} & set(beyond)]


def mutated(edges, changes):
    """`changes`: {key: "next state: actions", or None for no such edge}."""
    by_key = {edge.key: edge for edge in edges}
    for key, change in changes.items():
        if key not in by_key:
            raise KeyError(key)  # the mutation speaks of what is not there
        if change is None:
            del by_key[key]
        else:
            to, actions = change.split(":")
            by_key[key] = by_key[key]._replace(to=to, actions=tuple(actions.split()))
    return list(by_key.values())


class Names(NamedTuple):
    """The words of the code's tables; a mutation uses no others."""
    states: list
    events: list
    actions: list


def names_of(edges):
    return Names(sorted({edge.state for edge in edges} | {edge.to for edge in edges}),
                 sorted({edge.event for edge in edges}),
                 sorted({action for edge in edges for action in edge.actions}))


def unmodelled(source, names):
    """Events and actions of the tables that the model never mentions: it would ignore them."""
    words = [f"event_{event}" for event in names.events] + [f"act_{a}" for a in names.actions]
    return [word for word in words if not re.search(rf"\b{word}\b", source)]


def tables(edges, names):
    """(the text of tables.pml, {its line: key of the edge there}).

    Names become numbers; a table becomes an inline that moves a state and sets `actions`."""
    text = ["#define no_edge (1 << 30)", "#define no_event 0", "#define no_timer 0"]
    text += [f"#define state_{name} {i}" for i, name in enumerate(names.states)]
    text += [f"#define event_{name} {i}" for i, name in enumerate(names.events, 1)]
    text += [f"#define act_{name} (1 << {i})" for i, name in enumerate(names.actions)]
    keys = {}
    for table in sorted({edge.table for edge in edges}):
        text += [f"inline {table}(state, event) {{", "  if"]
        for edge in edges:
            if edge.table != table:
                continue
            actions = " | ".join("act_" + action for action in edge.actions) or "0"
            text.append(f"  :: state == state_{edge.state} && event == event_{edge.event} -> "
                        f"state = state_{edge.to}; actions = {actions}")
            keys[len(text)] = edge.key
        text += ["  :: else -> actions = no_edge", "  fi", "}"]
    return "\n".join(text) + "\n", keys
