// The catalog of metrics: each one with its type, unit, labels and sentence, once. docs/metrics.md
// and HELP of a scrape are made of it. Used by families.h and, for the page, by the CLI.
//
// What is counted in shared memory has its name and sentence in contract/counters.h already: a
// counter there that says what it dropped, refused or closed is a `reason` of one metric, any other
// is a metric of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/contract/counters.h"

namespace demarc::metrics {

enum class Kind : uint8_t { counter, gauge, histogram };

// name without demarc_, kind, unit, labels, sentence. Labels of trunks, groups and profiles are
// names of the configuration; no label holds a number, an address or anything else of a call.
#define DEMARC_METRICS(X) \
  X(build_info, gauge, "none", "version", "always 1; the label is the control plane's release") \
  X(ready, gauge, "boolean", "", "new calls are taken, and by the configuration in force") \
  X(controlplane_start_timestamp_seconds, gauge, "seconds", "", \
    "when the control plane started, as Unix time") \
  X(dataplane_attached, gauge, "boolean", "", \
    "the control plane sees the dataplane; without it, what the dataplane counts is missing") \
  X(dataplane_state, gauge, "boolean", "state", "1 at the state that the dataplane is in") \
  X(dataplane_restarts_total, counter, "restarts", "", \
    "times that another dataplane took the place of one, since the control plane started") \
  X(config_revision, gauge, "revision", "", "the revision of the configuration in force") \
  X(config_loaded_timestamp_seconds, gauge, "seconds", "", \
    "when the configuration in force was loaded, as Unix time") \
  X(config_refused, gauge, "boolean", "", \
    "the last load was not taken, as it had mistakes or did not fit") \
  X(config_pending_confirm, gauge, "boolean", "", \
    "the configuration in force is taken back unless somebody confirms it") \
  X(config_needs_restart, gauge, "fields", "", \
    "changed fields that wait for a restart of the dataplane") \
  X(published_generation, gauge, "generation", "", "the last that every worker acknowledged") \
  X(publication_failing, gauge, "boolean", "", \
    "the connection to the dataplane or the last publication failed; status says why") \
  X(records_written_total, counter, "records", "", "call records written") \
  X(records_already_known_total, counter, "records", "", \
    "call records that came again and were written before") \
  X(records_pending, gauge, "records", "", "call records that wait in the dataplane's rings") \
  X(records_failing, gauge, "boolean", "", "call records can not be written; status says why") \
  X(records_spool_bytes, gauge, "bytes", "", \
    "what the dataplane had spooled when the control plane last attached to it") \
  X(log_lines_total, counter, "lines", "level", "lines that the control plane logged") \
  X(events_total, counter, "events", "kind", "events noted since the control plane started") \
  X(certificate_expiry_timestamp_seconds, gauge, "seconds", "tls", \
    "when the certificate of the profile ends, as Unix time") \
  X(certificate_left_days, gauge, "days", "tls", \
    "whole days that it is still good for; negative when it has expired") \
  X(worker_calls, gauge, "calls", "worker", "calls in progress") \
  X(worker_transactions, gauge, "transactions", "worker", "SIP transactions in progress") \
  X(worker_free_datagrams, gauge, "buffers", "worker", "buffers left to keep messages in") \
  X(worker_free_tone_detectors, gauge, "streams", "worker", \
    "directions that could still be listened to for digits as tones") \
  X(worker_free_repacketizers, gauge, "streams", "worker", \
    "directions that could still be cut to another packet length") \
  X(worker_generation, gauge, "generation", "worker", "the snapshot that the worker runs with") \
  X(worker_loops_total, counter, "loops", "worker", "turns of its loop") \
  X(worker_busy_seconds_total, counter, "seconds", "worker", \
    "time in turns that found work; its rate is the busy share") \
  X(worker_drops_total, counter, "packets", "worker reason", "frames and messages dropped") \
  X(worker_refusals_total, counter, "requests", "worker reason", \
    "requests refused for want of room or of a right") \
  X(worker_relay_delay_seconds, histogram, "seconds", "worker", \
    "delay of media packets from the poll that took them to the port; its sum is to within 1/16") \
  X(worker_relay_delay_longest_seconds, gauge, "seconds", "worker", \
    "the longest such delay since the dataplane started") \
  X(streams_connections, gauge, "connections", "", "connections of TCP and TLS") \
  X(streams_refused_total, counter, "connections", "reason", "connections refused") \
  X(streams_closed_total, counter, "connections", "reason", "connections closed for a fault") \
  X(trunk_state, gauge, "boolean", "trunk state", \
    "1 at the state that the configuration gives it: enabled, draining or disabled") \
  X(trunk_up, gauge, "boolean", "trunk", \
    "some target of it is not known to be down; a trunk that is not up is still tried; missing " \
    "of " \
    "one that is disabled") \
  X(trunk_targets, gauge, "targets", "trunk health", "its targets, by their health") \
  X(trunk_options_round_trip_seconds, gauge, "seconds", "trunk", \
    "of the last OPTIONS that was answered, at the slowest target") \
  X(trunk_calls, gauge, "calls", "trunk direction", "calls in progress") \
  X(trunk_calls_limit, gauge, "calls", "trunk direction", \
    "how many there may be; direction \"both\" limits the sum; missing without a limit") \
  X(trunk_bandwidth_bytes_per_second, gauge, "bytes per second", "trunk", \
    "promised to the media of its calls in one direction, where that is limited") \
  X(trunk_bandwidth_limit_bytes_per_second, gauge, "bytes per second", "trunk", \
    "how much that may be; missing without a limit") \
  X(trunk_call_attempts_total, counter, "calls", "trunk direction", \
    "calls that its peer attempted (in), and calls attempted towards it (out)") \
  X(trunk_calls_answered_total, counter, "calls", "trunk direction", "of them, those answered") \
  X(trunk_calls_failed_total, counter, "calls", "trunk direction", \
    "of them, those that ended without an answer") \
  X(trunk_sip_messages_total, counter, "messages", "trunk direction", \
    "SIP messages received from its peer (in) and sent to it (out)") \
  X(trunk_options_total, counter, "messages", "trunk", "OPTIONS of its peer outside of calls") \
  X(trunk_rtp_packets_total, counter, "packets", "trunk direction", \
    "RTP and RTCP packets that arrived for its calls (in), and of those the relayed ones (out)") \
  X(trunk_rtp_bytes_total, counter, "bytes", "trunk direction", "payload of them") \
  X(trunk_rtp_drops_total, counter, "packets", "trunk reason", \
    "RTP and RTCP packets that arrived and did not go on") \
  X(trunk_rtp_made_total, counter, "packets", "trunk", \
    "RTP and RTCP packets of our own making for its calls") \
  X(trunk_rtp_absorbed_total, counter, "packets", "trunk", \
    "packets taken in and not relayed: RTP for which others went, RTCP of which nothing could " \
    "cross") \
  X(trunk_rtp_lost_total, counter, "packets", "trunk", \
    "RTP packets missing in the sequence that its peer sent") \
  X(trunk_registration_up, gauge, "boolean", "trunk", "our registration with its peer holds") \
  X(trunk_registration_state, gauge, "boolean", "trunk state", \
    "1 at the state that our registration is in") \
  X(trunk_registration_left_seconds, gauge, "seconds", "trunk", \
    "for which the registration still holds; 0 when it does not") \
  X(trunk_registration_next_seconds, gauge, "seconds", "trunk", \
    "until it is refreshed, or tried again") \
  X(trunk_registration_failures, gauge, "rounds", "trunk", \
    "rounds over all targets that failed in a row") \
  X(trunk_bindings, gauge, "bindings", "trunk", "contacts that peers of it registered with us") \
  X(group_calls, gauge, "calls", "group direction", \
    "calls in progress of all trunks of the group") \
  X(group_calls_limit, gauge, "calls", "group direction", \
    "how many there may be; direction \"both\" limits the sum; missing without a limit") \
  X(group_bandwidth_bytes_per_second, gauge, "bytes per second", "group", \
    "promised to the media of their calls in one direction, where that is limited") \
  X(group_bandwidth_limit_bytes_per_second, gauge, "bytes per second", "group", \
    "how much that may be; missing without a limit") \
  X(trunk_calls_ended_total, counter, "calls", "trunk direction end", \
    "calls ended, as their records say, since the control plane started; so are the following") \
  X(trunk_call_failures_total, counter, "calls", "trunk class", \
    "calls from its peer without an answer, by the class of what the peer got") \
  X(trunk_target_failures_total, counter, "attempts", "trunk class", \
    "targets of it tried in vain, by the class of their response; \"none\": none came in time") \
  X(trunk_limits_met_total, counter, "calls", "trunk limit", \
    "calls from its peer that met a limit: of it (in), or of a trunk that they were to go to " \
    "(out)") \
  X(trunk_post_dial_delay_seconds, histogram, "seconds", "trunk direction", \
    "from an INVITE to its first 180 or 183: of calls of its peer (in), whatever was tried " \
    "meanwhile, and of each target of it that was tried (out)") \
  X(trunk_setup_seconds, histogram, "seconds", "trunk direction", \
    "from an INVITE to its answer: the caller's (in), and that to the target that answered " \
    "(out)") \
  X(trunk_call_duration_seconds, histogram, "seconds", "trunk direction", \
    "from the answer to the end, of answered calls") \
  X(trunk_rtp_loss_ratio, histogram, "ratio", "trunk", \
    "RTP lost on the way from its peer, of what the peer sent; one value for each call") \
  X(trunk_rtp_worst_loss_ratio, histogram, "ratio", "trunk", \
    "the same of the m-line that lost most, of calls with several") \
  X(trunk_silent_streams_total, counter, "calls", "trunk", \
    "of those, the ones with an m-line of which nothing went on though its peer was to send") \
  X(trunk_rtp_jitter_seconds, histogram, "seconds", "trunk", \
    "jitter at a call's end (RFC 3550), as its RTP arrives from the peer") \
  X(trunk_rtp_round_trip_seconds, histogram, "seconds", "trunk", \
    "between us and its peer, by RTCP; the last of a call in which it could be measured") \
  X(trunk_rtp_duplicates_total, counter, "packets", "trunk", \
    "RTP packets that its peer's calls brought twice") \
  X(trunk_rtp_late_total, counter, "packets", "trunk", \
    "RTP packets of its peer's calls that came behind later ones") \
  X(trunk_rtp_burst_packets_total, counter, "packets", "trunk", \
    "RTP packets that were due within bursts of losses (RFC 3611)") \
  X(trunk_rtp_burst_lost_total, counter, "packets", "trunk", "of those, the lost ones") \
  X(trunk_mos, histogram, "MOS", "trunk", \
    "listening quality of a call as it arrives from the peer (G.107), where it is known")

#define DEMARC_ENUMERATOR(name, kind, unit, labels, help) name,
enum class Metric : uint16_t { DEMARC_METRICS(DEMARC_ENUMERATOR) count };
#undef DEMARC_ENUMERATOR

struct Description {
  std::string name;
  Kind kind = Kind::counter;
  std::string_view unit;
  std::vector<std::string> labels;
  std::string help;
};

// Those of Metric in its order, then those that counters are.
const std::vector<Description>& catalog();

// Where a counter is shown. `reason` is empty where it has a metric of its own.
struct Place {
  size_t metric = 0;  // of catalog()
  std::string_view reason;
};
Place place_of(contract::WorkerCounter counter);
Place place_of(contract::StreamCounter counter);

// docs/metrics.md, in Markdown.
std::string reference_page();

}  // namespace demarc::metrics
