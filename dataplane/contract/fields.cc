#include "dataplane/contract/fields.h"

namespace demarc::contract {
namespace {

using enum FieldType;
using enum Change;

constexpr Field table[] = {
    {"platform", "workers", integer, "", "1", 1, 64, "", false, restart,
     "Worker threads, each on a core of its own."},
    {"platform", "cores", text, "", "", 0, 255, "", false, restart,
     "CPUs of the workers in order, \"2,3\"; without it the last ones of the machine."},
    {"platform", "idle", choice, "", "spin", 0, 0, "spin|sleep", false, restart,
     "What a worker without work does: spin on a core of its own, sleep on a shared one."},
    {"platform", "hugepages", choice, "", "auto", 0, 0, "auto|yes|no", false, restart,
     "Whether DPDK's memory is in 2 MB hugepages; auto takes them when the machine has enough."},
    {"platform", "memory_mb", integer, "MB", "512", 64, 1048576, "", false, restart,
     "DPDK's memory."},
    {"platform", "calls_per_worker", integer, "calls", "4096", 1, 16777216, "", false, restart,
     "Calls that one worker holds at once."},
    {"platform", "transactions_per_worker", integer, "transactions", "16384", 4, 67108864, "",
     false, restart, "SIP transactions that one worker holds at once."},
    {"platform", "datagrams_per_worker", integer, "datagrams", "16384", 4, 67108864, "", false,
     restart, "Messages that one worker keeps for retransmission at once."},
    {"platform", "trunk_capacity", integer, "trunks", "256", 1, 65534, "", false, restart,
     "Trunks that the configuration may grow to without a restart."},
    {"platform", "target_capacity", integer, "targets", "1024", 1, 1048576, "", false, restart,
     "Addresses of trunks that may be in use at once."},
    {"platform", "record_ring", integer, "records", "8192", 64, 16777216, "", false, restart,
     "Call records that one worker holds for their reader; rounded up to a power of two."},
    {"platform", "spool_mb", integer, "MB", "64", 1, 1048576, "", false, restart,
     "Size of the file that keeps call records while the control plane is away."},
    {"platform", "drain_seconds", integer, "s", "3600", 0, 604800, "", false, restart,
     "How long live calls may go on after a drain began."},
    {"port", "device", text, "", "", 1, 255, "", true, restart,
     "The Ethernet port: a PCI address, af_xdp:IFACE, af_packet:IFACE, or a DPDK vdev string."},
    {"port", "twin", text, "", "", 1, 15, "", false, restart,
     "Name of the kernel TAP that carries everything but SIP and media; default dm-PORT."},
    {"port", "queues", integer, "queues", "1", 1, 64, "", false, restart,
     "Receive and transmit queues; one per worker where the port has them."},
    {"port", "mtu", integer, "octets", "1500", 576, 9216, "", false, restart,
     "Largest IP packet that is sent."},
    {"realm", "port", name, "", "", 0, 0, "port", true, live, "The Ethernet port of this side."},
    {"realm", "vlan", integer, "", "0", 0, 4094, "", false, live,
     "802.1Q tag of this side; 0 is untagged."},
    {"realm", "address", address, "", "", 0, 0, "", true, live,
     "Our address for signalling; the kernel must hold it on the port's twin."},
    {"realm", "advertise", address, "", "", 0, 0, "", false, live,
     "The address that Via, Contact and SDP show when the realm sits behind NAT."},
    {"realm", "media", addresses, "", "", 0, 0, "", false, live,
     "Our addresses for media; default: the signalling address."},
    {"realm", "advertise_media", addresses, "", "", 0, 0, "", false, live,
     "What SDP shows for each media address; default: advertise, else the address itself."},
    {"realm", "media_ports", port_range, "", "16384-32767", 1024, 65535, "", false, live,
     "UDP ports for media, low even and high odd."},
    {"realm", "media_dscp", integer, "", "46", 0, 63, "", false, live,
     "DSCP of RTP and RTCP that we send; 46 is EF."},
    {"realm", "signalling_dscp", integer, "", "24", 0, 63, "", false, live,
     "DSCP of SIP that we send; 24 is CS3."},
    {"trunk", "realm", name, "", "", 0, 0, "realm", true, live, "The side that the peer is on."},
    {"trunk", "peer", endpoint, "", "", 0, 0, "", true, live,
     "The peer's address, and its port when that is not 5060."},
    {"trunk", "port", integer, "", "5060", 1, 65535, "", false, live,
     "Our UDP port for this trunk."},
    {"trunk", "sources", addresses, "", "", 0, 0, "", false, live,
     "Further addresses or prefixes that the peer sends from, any port."},
    {"trunk", "tenant", text, "", "", 0, 62, "", false, live, "Whom the trunk belongs to."},
    {"trunk", "max_calls", integer, "calls", "0", 0, 16777216, "", false, live,
     "Calls at once in both directions; 0 is no limit."},
    {"trunk", "t1_ms", integer, "ms", "500", 1, 60000, "", false, live, "Timer T1 of RFC 3261."},
    {"trunk", "t2_ms", integer, "ms", "4000", 1, 600000, "", false, live,
     "Timer T2 of RFC 3261; at least T1."},
    {"trunk", "t4_ms", integer, "ms", "5000", 0, 600000, "", false, live, "Timer T4 of RFC 3261."},
    {"trunk", "no_response_ms", integer, "ms", "32000", 100, 600000, "", false, live,
     "How long a peer that answers nothing at all is tried."},
    {"trunk", "ring_timeout_ms", integer, "ms", "180000", 1000, 3600000, "", false, live,
     "How long a peer that answered provisionally may take to its final response."},
    {"trunk", "media_timeout_ms", integer, "ms", "30000", 0, 3600000, "", false, live,
     "Silence of both RTP and RTCP that ends a call; 0 is off."},
    {"route", "from", name, "", "", 0, 0, "trunk", true, live, "The trunk that calls us."},
    {"route", "to", name, "", "", 0, 0, "trunk", true, live, "The trunk that is called."},
    {"route", "prefix", text, "", "", 0, 32, "", false, live,
     "First digits of the called number; the longest match wins; none matches all."},
    {"route", "strip", integer, "digits", "0", 0, 32, "", false, live,
     "Characters taken off the front of the called number."},
    {"route", "add", text, "", "", 0, 32, "", false, live,
     "Put before the called number after the strip."},
};

}  // namespace

std::span<const Field> fields() {
  return table;
}

const Field* find_field(std::string_view block, std::string_view name) {
  for (const Field& field : table) {
    if (field.block == block && field.name == name) return &field;
  }
  return nullptr;
}

}  // namespace demarc::contract
