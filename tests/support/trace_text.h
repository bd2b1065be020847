// An entry of a trace as a line of text: "call 0: trying + progress -> proceeding". For whoever
// shows one: ladders that fail. The names are those of the tables.
#pragma once

#include <string>
#include <string_view>

#include "dataplane/call/bridge_table.h"
#include "dataplane/call/exchange_table.h"
#include "dataplane/trace/trace.h"
#include "dataplane/transaction/spelling.h"

namespace demarc::support {

struct StepNames {
  std::string_view table, state, event, next;
};

inline StepNames names_of(const trace::Entry& entry) {
  switch (entry.kind) {
    case trace::Kind::transaction:
      return {transaction::machine_names[entry.table], transaction::state_names[entry.state],
              transaction::event_names[entry.event], transaction::state_names[entry.next]};
    case trace::Kind::call:
      return {"call", call::spelling(static_cast<call::State>(entry.state)),
              call::spelling(static_cast<call::Event>(entry.event)),
              call::spelling(static_cast<call::State>(entry.next))};
    default:
      return {"exchange", call::spelling(static_cast<call::ExchangeState>(entry.state)),
              call::spelling(static_cast<call::ExchangeEvent>(entry.event)),
              call::spelling(static_cast<call::ExchangeState>(entry.next))};
  }
}

inline std::string text_of(const trace::Entry& entry) {
  std::string text;
  if (entry.kind == trace::Kind::received || entry.kind == trace::Kind::sent) {
    text = entry.kind == trace::Kind::received ? "received " : "sent ";
    return text.append(entry.head.data(), entry.head.size());
  }
  const StepNames names = names_of(entry);
  text.append(names.table).append(" ").append(std::to_string(entry.subject)).append(": ");
  text.append(names.state).append(" + ").append(names.event);
  return text.append(" -> ").append(names.next);
}

}  // namespace demarc::support
