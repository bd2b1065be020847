// Descriptors of routes and of what routes are decided by: tables of numbers and costs, prefix
// lists, rules of header fields. A part of fields(); used by fields.cc alone.
#pragma once

#include "dataplane/contract/fields.h"
#include "dataplane/contract/section.h"

namespace demarc::contract {

inline constexpr Field route_fields[] = {
    {"table", "file", FieldType::text, "", "", 1, 4096, "", true, Change::live,
     "Path of a CSV file: a number and its replacement in each row; \"44*\" is a prefix."},
    {"table", "holds", FieldType::choice, "", "numbers", 0, 0, "numbers|names", false, Change::live,
     "What the second column has: numbers, or display names for caller_names and called_names."},
    {"costs", "file", FieldType::text, "", "", 1, 4096, "", true, Change::live,
     "Path of a CSV file: a prefix and a cost such as 0.0125 in each row; the longest prefix "
     "counts."},
    {"prefixes", "file", FieldType::text, "", "", 1, 4096, "", true, Change::live,
     "Path of a CSV file: a prefix in the first column of each row; further columns are not read, "
     "so it may be a file of costs, too. A row that begins with # is a comment: quote such a "
     "prefix. "
     "The last * of one is left out."},
    {"route", "name", FieldType::text, "", "", 0, 30, "", false, Change::live,
     "What the route is called in records and traces."},
    {"route", "from", FieldType::name, "", "", 0, 0, "trunk", false, Change::live,
     "The trunk that calls us, or a group of them; without it `usages` say whose calls."},
    {"route", "usages", FieldType::texts, "", "", 1, 62, "", false, Change::live,
     "Usages that the route serves: calls of each trunk that has one of them may take it.",
     max_usages},
    {"route", "to", FieldType::names, "", "", 0, 0, "trunk", true, Change::live,
     "The trunk or group that is called; of several, the next one when a call failed at those "
     "before it.",
     1 + max_next_trunks},
    {"route", "prefix", FieldType::text, "", "", 0, 32, "", false, Change::live,
     "First digits of the called number; the longest match wins; none matches all."},
    {"route", "prefixes", FieldType::name, "", "", 0, 0, "prefixes", false, Change::live,
     "A [prefixes.NAME] block instead of a prefix: the route is one for each prefix of its file."},
    {"route", "strip", FieldType::integer, "digits", "0", 0, 32, "", false, Change::live,
     "Characters taken off the front of the called number."},
    {"route", "add", FieldType::text, "", "", 0, 32, "", false, Change::live,
     "Put before the called number after the strip."},
    {"route", "priority", FieldType::integer, "", "100", 0, 65535, "", false, Change::live,
     "Routes of a lower one are tried first; among equals the longer prefix, then the earlier "
     "one."},
    {"route", "called", FieldType::text, "", "", 0, max_pattern_length, "", false, Change::live,
     "A regular expression that the called number has, instead of a prefix."},
    {"route", "calling", FieldType::text, "", "", 0, max_pattern_length, "", false, Change::live,
     "A regular expression that the calling number has."},
    {"route", "calling_prefix", FieldType::text, "", "", 0, 32, "", false, Change::live,
     "First digits of the calling number."},
    {"route", "except_called", FieldType::texts, "", "", 1, max_pattern_length, "", false,
     Change::live, "Regular expressions of called numbers that the route is not for.",
     max_route_exceptions},
    {"route", "except_calling", FieldType::texts, "", "", 1, max_pattern_length, "", false,
     Change::live, "Regular expressions of calling numbers that the route is not for.",
     max_route_exceptions},
    {"route", "headers", FieldType::texts, "", "", 1, 512, "", false, Change::live,
     "What the INVITE must have: \"X-Site = ^berlin\", \"X-Site\", \"X-Site != ^berlin\" or "
     "\"!X-Site\"; all of them.",
     max_header_conditions},
    {"route", "hours", FieldType::texts, "", "", 1, 62, "", false, Change::live,
     "When the route is open: \"mon-fri 08:00-18:00\", \"sat,sun\", \"22:00-06:00\"; none is "
     "always.",
     max_route_hours},
    {"route", "time_zone", FieldType::text, "", "", 0, 62, "", false, Change::live,
     "Whose clock `hours` go by, such as \"Europe/Berlin\"; default: that of the box."},
    {"route", "hunt", FieldType::choice, "", "ordered", 0, 0,
     "ordered|round_robin|weighted|least_busy|lowest_cost|shuffled", false, Change::live,
     "Which of several trunks is tried first."},
    {"route", "weights", FieldType::integers, "", "", 1, 65535, "", false, Change::live,
     "One for each trunk of `to`, where hunt is weighted or least_busy; default: 1.",
     1 + max_next_trunks},
    {"route", "emergency", FieldType::boolean, "", "false", 0, 0, "", false, Change::live,
     "Whether limits do not refuse these calls. A number that is just the prefix, or has the "
     "called pattern, takes this route before all others of its trunk. A full table of calls has "
     "no "
     "reserve for them."},
    {"route", "suppress_caller_id", FieldType::boolean, "", "false", 0, 0, "", false, Change::live,
     "Whether the called side is shown alternate_caller_id instead of the caller."},
    {"route", "alternate_caller_id", FieldType::text, "", "", 0, 62, "", false, Change::live,
     "The number that is shown then."},
    {"header", "trunk", FieldType::name, "", "", 0, 0, "trunk", true, Change::live,
     "Whose messages the rule is for."},
    {"header", "side", FieldType::choice, "", "to_peer", 0, 0, "from_peer|to_peer", false,
     Change::live, "Whether the rule is for what the peer sends or for what it is sent."},
    {"header", "action", FieldType::choice, "", "pass", 0, 0, "pass|remove|add|replace|copy", false,
     Change::live,
     "What is done with the field; add of to_peer also in requests of our own, but not ACK."},
    {"header", "name", FieldType::text, "", "", 1, max_header_rule_text, "", true, Change::live,
     "The header field's name; one '*' at its end stands for any rest."},
    {"header", "pattern", FieldType::text, "", "", 0, max_header_rule_text, "", false, Change::live,
     "The value that the field must have, '*' for any characters; without it any value."},
    {"header", "value", FieldType::text, "", "", 0, max_header_rule_text, "", false, Change::live,
     "The value that add and replace give."},
    {"header", "source", FieldType::text, "", "", 0, max_header_rule_text, "", false, Change::live,
     "The header field whose value copy takes."},
    {"header", "methods", FieldType::texts, "", "", 1, 32, "", false, Change::live,
     "The requests, and responses to them, that the rule is for; without it all.", 16},
    {"test", "from", FieldType::name, "", "", 0, 0, "trunk", true, Change::live,
     "The trunk whose peer calls."},
    {"test", "called", FieldType::text, "", "", 1, 128, "", true, Change::live,
     "The called number as the peer dials it."},
    {"test", "calling", FieldType::text, "", "", 0, 128, "", false, Change::live,
     "The calling number as the peer gives it; without it the caller is unknown."},
    {"test", "headers", FieldType::texts, "", "", 1, 512, "", false, Change::live,
     "Header fields of the INVITE, \"X-Site: berlin\".", 16},
    {"test", "at", FieldType::text, "", "", 0, 25, "", false, Change::live,
     "When it calls, \"2026-11-30T10:00:00+01:00\"; required where routes have hours."},
    {"test", "trunk", FieldType::name, "", "", 0, 0, "trunk", false, Change::live,
     "The trunk that must be tried first."},
    {"test", "route", FieldType::text, "", "", 0, 30, "", false, Change::live,
     "The name of the route that it must take there."},
    {"test", "number", FieldType::text, "", "", 0, 128, "", false, Change::live,
     "The called number as that trunk's peer must be shown it."},
    {"test", "caller", FieldType::text, "", "", 0, 128, "", false, Change::live,
     "The calling number as it must be shown it, or \"anonymous\"."},
    {"test", "refused", FieldType::boolean, "", "false", 0, 0, "", false, Change::live,
     "Whether the call must go nowhere: no route, a number of no use, or no trunk that takes it."},
};

}  // namespace demarc::contract
