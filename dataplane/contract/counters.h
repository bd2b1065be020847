// Counters: what workers and stream threads count, in shared memory. Plain increments by the owner,
// atomic ones where stream threads share a block; relaxed reads by anybody, never reset. An
// enumerator, its name and its sentence stand on one line, here only.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace demarc::contract {

// Of one worker.
#define DEMARC_WORKER_COUNTERS(X) \
  X(frames_in, "frames taken from the ports") \
  X(frames_out, "frames given to the ports") \
  X(frames_punted, "frames passed to the kernel through the TAP twin") \
  X(frames_handed_off, "frames passed to the worker that owns them") \
  X(frame_malformed, "dropped: Ethernet, IP or UDP header that can not be right") \
  X(frame_not_ours, "dropped: destination MAC or IP address that is not ours") \
  X(frame_fragment, "dropped: fragment of a UDP datagram") \
  X(frame_bad_checksum, "dropped: wrong IP or UDP checksum") \
  X(udp_no_listener, "dropped: UDP to a port where nothing listens") \
  X(punt_ring_full, "dropped: ring to the punt thread full") \
  X(punt_rate_exceeded, "dropped: more frames of one class than the kernel is given") \
  X(handoff_ring_full, "dropped: ring to another worker full") \
  X(tx_full, "dropped: the port took no more frames") \
  X(neighbour_unresolved, "dropped: no neighbour for the next hop") \
  X(adjacency_full, "dropped: table of next hops full") \
  X(frame_unusable, "dropped: frame in pieces, or with its tag beside it, not joined") \
  X(mbuf_exhausted, "dropped: no buffer for an outgoing frame") \
  X(trunk_full, "refused with 503: a trunk has all the calls it may have") \
  X(bandwidth_full, "refused: a trunk has all the bandwidth it may have") \
  X(number_unusable, "numbers of which a rule made none that could be sent") \
  X(sip_backlog_full, "dropped: SIP faster than it could be worked off") \
  X(allocated_octets, "memory taken by a worker after its start; must stay 0") \
  X(sip_in, "SIP messages received") \
  X(sip_out, "SIP messages sent, retransmissions included") \
  X(sip_retransmitted, "SIP messages sent again by a timer or for a retransmission") \
  X(sip_absorbed, "retransmissions received and absorbed") \
  X(sip_keepalive, "datagrams of line ends only") \
  X(sip_unknown_source, "dropped: SIP from a source that is no trunk's") \
  X(sip_unparsable, "dropped: no SIP message could be framed") \
  X(sip_malformed_request, "requests refused by the rules of the grammar") \
  X(sip_malformed_response, "dropped: response that breaks the rules") \
  X(sip_stray_response, "dropped: response to no transaction of ours") \
  X(sip_stray_ack, "dropped: ACK to no dialog or transaction of ours") \
  X(stream_ring_full, "SIP messages for which the stream thread had no room") \
  X(sip_undelivered, "requests that no connection brought to their peer") \
  X(sip_too_long, "dropped: message that does not fit a datagram buffer") \
  X(header_field_dropped, "header fields that should have crossed a call and could not") \
  X(datagram_pool_empty, "refused: no buffer to keep a message in") \
  X(transaction_table_full, "refused with 503: transaction table full") \
  X(call_table_full, "refused with 503: call table full, or too many calls ringing") \
  X(record_ring_full, "refused with 503: no room for the call's record") \
  X(media_ports_exhausted, "refused with 503: no media ports left in the realm") \
  X(refused_draining, "refused with 503: the box or the trunk takes no new calls") \
  X(media_no_slot, "dropped: RTP or RTCP to a media port that no call uses") \
  X(media_works_exhausted, "streams whose payload passed as it is: no room for its work") \
  X(digits_lost, "digits that found no room on their way") \
  X(made_pool_full, "lost: packets of our own making for which there was no room") \
  X(srtp_keys_exhausted, "refused with 503: all SRTP keys of the worker are in use") \
  X(command_unknown, "commands of a kind that this release does not know") \
  X(event_ring_full, "events lost: ring to the control plane full") \
  X(transfer_moved, "legs of calls that went to a call of another worker") \
  X(transfer_not_moved, "legs that could not: their transfer failed and changed nothing") \
  X(sip_passed_on, "SIP messages passed on to the worker that their leg went to") \
  X(post_full, "dropped: SIP message for which the ring to another worker had no room") \
  X(outside_refused, "requests of the control plane that could not be sent") \
  X(registers_in, "REGISTERs of peers given to the control plane") \
  X(registers_unanswered, "of those, answered 503 as it said nothing in time or had no room") \
  X(unknown_account, \
    "calls refused with 404: for none of the accounts that we have with the peer") \
  X(unregistered_source, "SIP messages dropped: from where nobody is registered") \
  X(exchange_pool_full, \
    "requests within calls not carried, or not made: too many of all calls under way") \
  X(early_pool_full, \
    "provisional responses without room for an early dialog: those of further forks are not " \
    "shown") \
  X(transfer_pool_full, "refused with 503: too many of all calls are being transferred") \
  X(media_sources_exhausted, \
    "streams of latching trunks that keep the signalled source: too many are open") \
  X(line_pool_full, \
    "refused with 503, or a fork not shown: no room for one more m-line of a " \
    "call, or for one more offer") \
  X(tone_detectors_exhausted, \
    "streams in which no digits are heard: all detectors of the worker are in use") \
  X(repacketizers_exhausted, \
    "streams whose packets keep their length: all repacketizers of the worker are in use") \
  X(stream_rows_full, "calls of which not each m-line is shown: too many have several") \
  X(attempts_forgotten, \
    "targets tried that no call record has: too many of all calls have tried several")

// Of one trunk on one worker. rtp_* count RTP and RTCP datagrams together unless named.
#define DEMARC_TRUNK_COUNTERS(X) \
  X(attempts_in, "calls that the trunk's peer attempted") \
  X(attempts_out, "calls attempted towards the trunk's peer") \
  X(answered_in, "calls from the peer that were answered") \
  X(answered_out, "calls to the peer that were answered") \
  X(failed_in, "calls from the peer that ended without an answer") \
  X(failed_out, "calls to the peer that ended without an answer") \
  X(live, "calls in progress (the one value that also goes down)") \
  X(sip_in, "SIP messages received from the peer") \
  X(sip_out, "SIP messages sent to the peer") \
  X(options_in, "OPTIONS of the peer outside of calls") \
  X(rtp_packets_in, "RTP and RTCP packets that arrived for the trunk's calls") \
  X(rtp_octets_in, "payload octets of them") \
  X(rtp_packets_out, "RTP and RTCP packets of those that were relayed on") \
  X(rtp_octets_out, "payload octets of them") \
  X(rtp_drop_unauthenticated, "dropped: SRTP with a wrong tag or MKI") \
  X(rtp_drop_replayed, "dropped: SRTP that came before, or too late to tell") \
  X(rtp_drop_no_key, "dropped: SRTP before its key was known") \
  X(rtp_drop_key_spent, "dropped: SRTP index used before, or key at its end") \
  X(rtp_made, "RTP and RTCP packets of our own making for the trunk's calls") \
  X(rtp_absorbed, \
    "packets taken in and not relayed: RTP for which others went, RTCP of which nothing could " \
    "cross") \
  X(rtp_lost, "RTP packets missing in the sequence that the peer sent") \
  X(rtp_drop_wrong_source, "dropped: from another source than the one signalled") \
  X(rtp_drop_learning, "dropped: from a source that was still being learnt") \
  X(rtp_drop_not_ready, "dropped: before the other side's address was known") \
  X(rtp_drop_malformed, "dropped: no RTP or RTCP header") \
  X(rtp_drop_no_route, "dropped: no way to the other side's address") \
  X(rtp_drop_tx_full, "dropped: the outgoing port took no more")

// Of the stream threads together: connections of TCP and TLS.
#define DEMARC_STREAM_COUNTERS(X) \
  X(connections, "connections that there are (the one value that also goes down)") \
  X(accepted, "connections that peers made") \
  X(connected, "connections that we made") \
  X(secured, "TLS handshakes that succeeded") \
  X(resumed, "of those, with a ticket of an earlier session") \
  X(messages_in, "SIP messages received on connections") \
  X(messages_out, "SIP messages given to connections") \
  X(pings, "keep-alives answered") \
  X(unknown_source, "refused: connection from a source that is no trunk's") \
  X(too_many, "refused: as many connections as there may be, of one source or of all") \
  X(too_many_handshakes, "refused: as many TLS handshakes under way as one source may have") \
  X(too_fast, "refused: more new connections a second than one source may make") \
  X(not_dealt, "refused: the stream thread whose it would be is behind") \
  X(connect_failed, "closed: the peer could not be connected to") \
  X(handshake_failed, "closed: TLS could not be agreed on, or no good certificate") \
  X(wrong_name, "closed: certificate without a name that the peer may have") \
  X(distrusted, "closed or soon to be: a new ca, crl or peer_names refuses the certificate") \
  X(unavailable, "soon to be closed: their peer answered 503 with Retry-After") \
  X(broken, "closed: octets that are no SIP") \
  X(memory_full, "closed: more octets waited than those of one source, or of all, may") \
  X(late, "closed: too slow, in a handshake, a message or in reading") \
  X(idle, "closed: nothing was heard for long") \
  X(cut, "closed by the peer or the network within a message, which is dropped") \
  X(lost, "closed by the peer or the network while answers were awaited") \
  X(undelivered, "messages that no connection could take") \
  X(queue_full, "closed: the peer reads slower than we write") \
  X(worker_full, "times that reading waited since a worker was behind") \
  X(listen_failed, "listeners that could not be opened")

#define DEMARC_ENUMERATOR(name, help) name,
enum class WorkerCounter : uint16_t { DEMARC_WORKER_COUNTERS(DEMARC_ENUMERATOR) count };
enum class TrunkCounter : uint16_t { DEMARC_TRUNK_COUNTERS(DEMARC_ENUMERATOR) count };
enum class StreamCounter : uint16_t { DEMARC_STREAM_COUNTERS(DEMARC_ENUMERATOR) count };
#undef DEMARC_ENUMERATOR

inline constexpr unsigned worker_counter_count = static_cast<unsigned>(WorkerCounter::count);
inline constexpr unsigned trunk_counter_count = static_cast<unsigned>(TrunkCounter::count);
inline constexpr unsigned stream_counter_count = static_cast<unsigned>(StreamCounter::count);

struct CounterText {
  std::string_view name;
  std::string_view help;
};
CounterText text_of(WorkerCounter counter);
CounterText text_of(TrunkCounter counter);
CounterText text_of(StreamCounter counter);

// A block of counters indexed by their enum. The owner adds; anybody reads.
template <class Name, unsigned size>
struct alignas(64) CounterBlock {
  std::atomic<uint64_t> values[size];

  void add(Name name, uint64_t amount = 1) {
    std::atomic<uint64_t>& value = values[static_cast<unsigned>(name)];
    value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  uint64_t get(Name name) const {
    return values[static_cast<unsigned>(name)].load(std::memory_order_relaxed);
  }
};
// One that several threads add to; ordinary ones, for which an atomic addition is nothing.
template <class Name, unsigned size>
struct SharedCounterBlock : CounterBlock<Name, size> {
  void add(Name name, uint64_t amount = 1) {
    this->values[static_cast<unsigned>(name)].fetch_add(amount, std::memory_order_relaxed);
  }
};
using StreamCounters = SharedCounterBlock<StreamCounter, stream_counter_count>;
using WorkerCounters = CounterBlock<WorkerCounter, worker_counter_count>;
using TrunkCounters = CounterBlock<TrunkCounter, trunk_counter_count>;

}  // namespace demarc::contract
