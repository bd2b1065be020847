#include "dataplane/contract/fields.h"

#include <algorithm>
#include <array>

#include "dataplane/contract/route_fields.h"
#include "dataplane/contract/section.h"

namespace demarc::contract {
namespace {

using enum FieldType;
using enum Change;

constexpr BlockKind kinds[] = {
    {"platform", BlockForm::single,
     "What the dataplane is started with: workers, memory and the sizes of its tables."},
    {"port", BlockForm::named, "An Ethernet port that the dataplane drives."},
    {"realm", BlockForm::named, "A side of the box: addresses of ours on a port."},
    {"trunk", BlockForm::named, "A peer, and how calls with it are handled."},
    {"tls", BlockForm::named, "How TLS is spoken with the peers of the trunks that name it."},
    {"user", BlockForm::named, "An account of a peer that registers with us."},
    {"table", BlockForm::named,
     "Numbers and what stands in their place, or their names, from a file of CSV."},
    {"costs", BlockForm::named,
     "What calls cost by the called number's prefix, from a file of CSV."},
    {"prefixes", BlockForm::named,
     "Prefixes of called numbers for routes, from a file of CSV: up to 2,000,000, where the text "
     "of a configuration, 16 MiB in all, has room for some 400,000 routes."},
    {"group", BlockForm::named, "Trunks that routes name together."},
    {"prefix_limit", BlockForm::repeated,
     "What calls of a trunk to numbers that begin alike may be at once and in a second."},
    {"route", BlockForm::repeated,
     "Which trunks a call of a trunk goes to. INVITE alone is routed; other requests stay with "
     "the call that they are of."},
    {"header", BlockForm::repeated, "What becomes of a header field of a trunk's messages."},
    {"test", BlockForm::named,
     "A call and where it must go, every peer taken for reachable and every limit for open. A "
     "configuration that sends it elsewhere is refused by `demarc check`, `apply` and SIGHUP; a "
     "start and a rollback do not ask."},
};

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
    {"platform", "tone_detectors_per_worker", integer, "streams", "0", 0, max_stream_parts, "",
     false, restart,
     "Directions of calls that one worker listens to for digits as tones at once, at half a KiB "
     "each; 0: a quarter of `calls_per_worker`. Beyond, a call goes on and its tones stay tones."},
    {"platform", "repacketizers_per_worker", integer, "streams", "0", 0, max_stream_parts, "",
     false, restart,
     "Directions of calls that one worker cuts to another packet length at once, at half a KiB "
     "each; 0: a quarter of `calls_per_worker`. Beyond, packets keep the length that they come "
     "in."},
    {"platform", "trunk_capacity", integer, "trunks", "256", 1, 65534, "", false, restart,
     "Trunks that the configuration may grow to without a restart."},
    {"platform", "target_capacity", integer, "targets", "1024", 1, 1048576, "", false, restart,
     "Addresses of trunks that may be in use at once."},
    {"platform", "limit_capacity", integer, "limits", "256", 1, max_limits, "", false, restart,
     "Prefix limits, and limits a second of groups, that the configuration may grow to without a "
     "restart."},
    {"platform", "media_addresses", integer, "addresses", "64", 1, 512, "", false, restart,
     "Media addresses of all realms together that there is room for, at about 0.6 MB each; a "
     "configuration with more is refused."},
    {"platform", "stream_threads", integer, "threads", "1", 1, 16, "", false, restart,
     "Threads that serve TCP and TLS; all connections of one peer address are on one of them."},
    {"platform", "record_ring", integer, "records", "8192", 64, 16777216, "", false, restart,
     "Call records that one worker holds for their reader; rounded up to a power of two."},
    {"platform", "spool_mb", integer, "MB", "64", 1, 1048576, "", false, restart,
     "Size of the file that keeps call records while the control plane is away."},
    {"platform", "drain_seconds", integer, "s", "3600", 0, 604800, "", false, restart,
     "How long live calls may go on after a drain began."},
    {"platform", "dns_servers", addresses, "", "", 0, 0, "", false, live,
     "DNS servers for peers that are given by name; default: those of /etc/resolv.conf.", 8},
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
     "Our addresses for media, all of one IP version; default: the signalling address. All realms "
     "together have at most "
     "media_addresses of platform."},
    {"realm", "advertise_media", addresses, "", "", 0, 0, "", false, live,
     "What SDP shows for each media address; default: advertise, else the address itself."},
    {"realm", "media_ports", port_range, "", "16384-32767", 1024, 65535, "", false, live,
     "UDP ports for media, low even and high odd."},
    {"realm", "media_dscp", integer, "", "46", 0, 63, "", false, live,
     "DSCP of RTP and RTCP that we send; 46 is EF."},
    {"realm", "signalling_dscp", integer, "", "24", 0, 63, "", false, live,
     "DSCP of SIP that we send; 24 is CS3."},
    {"trunk", "realm", name, "", "", 0, 0, "realm", true, live, "The side that the peer is on."},
    {"trunk", "peer", endpoints, "", "", 0, 0, "", false, live,
     "The peer's address or host name and its port; several are tried in their order. A name "
     "without a port is looked up by NAPTR and SRV (RFC 3263). Every trunk has one but a "
     "registrar.",
     max_targets_per_trunk},
    {"trunk", "port", integer, "", "5060", 1, 65535, "", false, live,
     "Our port for this trunk; 5061 where the transport is TLS and none is given."},
    {"trunk", "peer_domain", text, "", "", 0, 253, "", false, live,
     "The host name or address in Request-URI and To of what begins at us, instead of the first "
     "peer; peer is where it is sent then."},
    {"trunk", "peer_contact", text, "", "", 0, 253, "", false, live,
     "Of trunks that share a source: calls whose Contact shows this host name or address are its."},
    {"trunk", "sources", addresses, "", "", 0, 0, "", false, live,
     "Further addresses or prefixes that the peer sends from, any port."},
    {"trunk", "preset", choice, "", "none", 0, 0, "none|teams|lync2013", false, live,
     "Defaults for a well-known peer; a field that is given counts."},
    {"trunk", "transport", choice, "", "udp", 0, 0, "udp|tcp|tls", false, live,
     "What carries SIP to and from the peer."},
    {"trunk", "tls", name, "", "", 0, 0, "tls", false, live,
     "The [tls.NAME] block that says how TLS is spoken with the peer."},
    {"trunk", "reuse_connections", boolean, "", "true", 0, 0, "", false, live,
     "Whether a connection that the peer made carries our requests, too, if it says alias."},
    {"trunk", "close_on_503", boolean, "", "false", 0, 0, "", false, live,
     "Whether a 503 with Retry-After ends the connection that it came on: what begins goes over "
     "another, what has begun has 32 s more. Where several servers share an address, as Teams "
     "has it, the next connection leads to another one. "
     "Beside others the target is tried last for the time of Retry-After."},
    {"trunk", "keepalive_s", integer, "s", "0", 0, 3600, "", false, live,
     "How often a connection to the peer is asked for a sign of life (RFC 5626); 0 is never."},
    {"trunk", "large_over_tcp", boolean, "", "false", 0, 0, "", false, live,
     "Whether a UDP trunk's requests of more than 1300 octets go over TCP."},
    {"trunk", "sips", choice, "", "refused", 0, 0, "refused|accepted", false, live,
     "What becomes of a request to a sips URI: 416, or a call that goes on over TLS only."},
    {"trunk", "user_phone", boolean, "", "false", 0, 0, "", false, live,
     "Whether Request-URI, From and To say user=phone to the peer."},
    {"trunk", "tenant", text, "", "", 0, 62, "", false, live, "Whom the trunk belongs to."},
    {"trunk", "state", choice, "", "enabled", 0, 0, "enabled|draining|disabled", false, live,
     "Whether it has new calls: draining has none, disabled no registration and no probes either. "
     "Calls in progress go on."},
    {"trunk", "max_calls", integer, "calls", "0", 0, 16777216, "", false, live,
     "Calls at once in both directions; 0 is no limit."},
    {"trunk", "max_calls_in", integer, "calls", "0", 0, 16777216, "", false, live,
     "Calls at once from the peer; 0 is no limit."},
    {"trunk", "max_calls_out", integer, "calls", "0", 0, 16777216, "", false, live,
     "Calls at once to the peer; 0 is no limit. A full trunk is passed over."},
    {"trunk", "calls_per_second_in", integer, "", "0", 0, 100000, "", false, live,
     "New calls a second from the peer; 0 is no limit."},
    {"trunk", "calls_per_second_out", integer, "", "0", 0, 100000, "", false, live,
     "New calls a second to the peer; 0 is no limit."},
    {"trunk", "bandwidth_kbps", integer, "kbit/s", "0", 0, 100000000, "", false, live,
     "What the media of its calls may take in one direction, with the headers of IP, UDP and RTP; "
     "0 is no limit. A call counts by the first codec of its offer, and once it is answered by "
     "that of the answer; media that goes past us does not count."},
    {"trunk", "call_burst", integer, "calls", "1", 1, 100000, "", false, live,
     "New calls that may come at once where there is a limit a second."},
    {"trunk", "limit_status", integer, "", "503", 400, 699, "", false, live,
     "What a call beyond a limit of the trunk gets: one from its peer at once, one to it when no "
     "other trunk takes it."},
    {"trunk", "limit_retry_after_s", integer, "s", "0", 0, 3600, "", false, live,
     "Retry-After with it; 0 sends none."},
    {"trunk", "t1_ms", integer, "ms", "500", 1, 60000, "", false, live, "Timer T1 of RFC 3261."},
    {"trunk", "t2_ms", integer, "ms", "4000", 1, 600000, "", false, live,
     "Timer T2 of RFC 3261; at least T1."},
    {"trunk", "t4_ms", integer, "ms", "5000", 0, 600000, "", false, live, "Timer T4 of RFC 3261."},
    {"trunk", "no_response_ms", integer, "ms", "32000", 100, 600000, "", false, live,
     "How long a peer that answers nothing at all is tried; failover_ms may end that sooner."},
    {"trunk", "ring_timeout_ms", integer, "ms", "180000", 1000, 3600000, "", false, live,
     "How long a peer that answered provisionally may take to its final response."},
    {"trunk", "media_timeout_ms", integer, "ms", "30000", 0, 3600000, "", false, live,
     "Silence of RTP and RTCP that ends a call. That of both peers: after the longer of both "
     "trunks' times, and never where one says 0. That of this trunk's peer alone: see "
     "media_timeout_alone."},
    {"trunk", "media_timeout_alone", choice, "", "after_rtcp", 0, 0, "never|after_rtcp|always",
     false, live,
     "Whether the silence of this peer ends a call though the other one is heard: never; where it "
     "had sent RTCP until then and nobody is on hold; or whenever it may send, which is for peers "
     "that always send RTP or RTCP: others are lost while they are muted."},
    {"trunk", "srtp", choice, "", "off", 0, 0, "off|optional|required", false, live,
     "Whether media with the peer is SRTP with keys in SDP: never, where the peer has it, always."},
    {"trunk", "srtp_suites", texts, "",
     "AEAD_AES_256_GCM, AEAD_AES_128_GCM, AES_256_CM_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_80", 1, 32,
     "", false, live, "Suites of SRTP that are offered and taken, best first.", srtp_suite_count},
    {"trunk", "media_source", choice, "", "fixed", 0, 0, "fixed|latching", false, live,
     "Who may send media: the signalled address and port, or, behind NAT, a source that is "
     "learnt."},
    {"trunk", "media_sources", addresses, "", "", 0, 0, "", false, live,
     "With latching: further addresses or prefixes that the peer's media may come from.",
     max_media_sources},
    {"trunk", "latch_packets", integer, "packets", "5", min_latch_packets, max_latch_packets, "",
     false, live, "With latching: good packets in sequence before a source is learnt."},
    {"trunk", "latch_window_ms", integer, "ms", "10000", 100, max_latch_window_ms, "", false, live,
     "With latching: how long after an offer or answer a source may be learnt."},
    {"trunk", "failover_ms", integer, "ms", "10000", 0, 600000, "", false, live,
     "Without progress of a call in this time, or in ring_timeout_ms if that is less, the next "
     "target is tried; with none left the caller gets 408. 0 is off."},
    {"trunk", "progress", choice, "", "session", 0, 0, "any|session", false, live,
     "What counts as progress: any provisional response, or one from 101 to 199."},
    {"trunk", "failover_codes", integers, "", "408, 503, 504", 300, 699, "", false, live,
     "Final responses after which the next target is tried; failover_timeouts says the same of "
     "time that passes without one.",
     max_failover_codes},
    {"trunk", "failover_timeouts", texts, "", "no_response, no_progress", 1, 16, "", false, live,
     "After which of these the next target is tried: \"no_response\" (no_response_ms), "
     "\"no_progress\" (failover_ms), \"no_answer\" (ring_timeout_ms).",
     failover_timeout_count},
    {"trunk", "cause_rules", texts, "", "486 Q.850/34 -> 503", 1, 40, "", false, live,
     "What a failure with this status and this cause in Reason counts as; the first match wins.",
     max_cause_rules},
    {"trunk", "redirects", choice, "", "refused", 0, 0, "refused|passed|followed", false, live,
     "What becomes of a 3xx: 480, the caller's matter, or its Contacts are targets if the "
     "trunk's."},
    {"trunk", "reliable_provisionals", choice, "", "supported", 0, 0, "off|supported|required",
     false, live,
     "How far PRACK (RFC 3262) is used with the peer. Not asked of a called peer where an INVITE "
     "without SDP comes from who knows none."},
    {"trunk", "session_timer", boolean, "", "false", 0, 0, "", false, live,
     "Whether we ask for session timers (RFC 4028); a peer that asks gets them in any case."},
    {"trunk", "session_expires_s", integer, "s", "1800", 90, 86400, "", false, live,
     "The session interval that we ask for; at least min_se_s."},
    {"trunk", "min_se_s", integer, "s", "90", 90, 86400, "", false, live,
     "The shortest session interval that we take (Min-SE)."},
    {"trunk", "max_early_dialogs", integer, "dialogs", "20", 1, max_early_dialogs, "", false, live,
     "Early dialogs of one INVITE, by forking or failover, that the peer is shown; one of each "
     "target in any case. Reliable responses of others get no PRACK: such a fork gives up."},
    {"trunk", "delayed_offer", choice, "", "passed", 0, 0, "passed|refused|made", false, live,
     "An INVITE without SDP that would go to the peer: passed on, 488, or an offer is made."},
    {"trunk", "transfer", choice, "", "refused", 0, 0, "refused|passed|handled|passed_or_handled",
     false, live,
     "What becomes of a REFER within a call: 405, the other side's matter, done here, or done here "
     "where the other side takes none."},
    {"trunk", "replaces", boolean, "", "false", 0, 0, "", false, live,
     "Whether the peer's INVITE may take a call over (Replaces); true where REFER may be handled."},
    {"trunk", "passes_unknown_methods", boolean, "", "false", 0, 0, "", false, live,
     "Whether requests of unknown methods cross within a dialog; otherwise they get 501."},
    {"trunk", "trusted", boolean, "", "false", 0, 0, "", false, live,
     "Whether the peer is of our trust domain (RFC 3325)."},
    {"trunk", "keeps_identity", boolean, "", "false", 0, 0, "", false, live,
     "Whether P-Asserted-Identity crosses from and to the peer, which must be trusted."},
    {"trunk", "call_history", choice, "", "none", 0, 0, "none|diversion|history_info", false, live,
     "The form in which the peer is told by whom a call was diverted."},
    {"trunk", "passes_location", boolean, "", "false", 0, 0, "", false, live,
     "Whether the peer is told where a caller is: Geolocation and PIDF-LO beside the SDP (RFC "
     "6442)."},
    {"trunk", "contact_host", text, "", "", 0, 253, "", false, live,
     "The host name that Contact shows instead of our address."},
    {"trunk", "from_domain", text, "", "", 0, 253, "", false, live,
     "The host name or address that From and other identities show the peer instead of ours."},
    {"tls", "certificate", text, "", "", 1, 4095, "", true, live,
     "File with our certificate and its chain, PEM."},
    {"tls", "key", text, "", "", 1, 4095, "", true, live,
     "File with the certificate's private key, PEM, without a passphrase."},
    {"tls", "ca", text, "", "", 0, 4095, "", false, live,
     "File with the CAs that may vouch for the peer, PEM."},
    {"tls", "crl", text, "", "", 0, 4095, "", false, live,
     "File with certificate revocation lists of those CAs, PEM."},
    {"tls", "ocsp_staple", text, "", "", 0, 4095, "", false, live,
     "File with an OCSP response for our certificate, DER, that is sent with it."},
    {"tls", "verify", choice, "", "required", 0, 0, "off|optional|required", false, live,
     "Whether the peer must show a certificate: mutual TLS is required."},
    {"tls", "peer_names", texts, "", "", 1, 253, "", false, live,
     "Names of which the peer's certificate must hold one; without them any of those CAs will do.",
     max_peer_names},
    {"tls", "wildcards", boolean, "", "false", 0, 0, "", false, live,
     "Whether *.example.com in the peer's certificate stands for one label."},
    {"tls", "server_name", text, "", "", 0, 253, "", false, live,
     "The name that we ask the peer for (SNI)."},
    {"tls", "oldest", choice, "", "1.2", 0, 0, "1.2|1.3", false, live, "Oldest version of TLS."},
    {"tls", "newest", choice, "", "1.3", 0, 0, "1.2|1.3", false, live, "Newest version of TLS."},
    {"tls", "ciphers", texts, "",
     "ECDHE-RSA-AES256-GCM-SHA384, ECDHE-RSA-AES128-GCM-SHA256, ECDHE-RSA-AES256-SHA384, "
     "ECDHE-RSA-AES128-SHA256, ECDHE-ECDSA-AES256-GCM-SHA384, ECDHE-ECDSA-AES128-GCM-SHA256",
     1, 63, "", false, live, "Cipher suites of TLS 1.2, in order of preference.", 32},
    {"tls", "tickets", boolean, "", "true", 0, 0, "", false, live,
     "Whether sessions are resumed by tickets."},
    {"trunk", "codecs", texts, "", "", 1, max_codec_name, "", false, live,
     "Encoding names of the audio that may cross, in the order that the peer is offered; none is "
     "all.",
     max_codecs},
    {"trunk", "add_codecs", texts, "", "", 4, 4, "", false, live,
     "Of PCMU and PCMA, what the peer is offered beside the other, which is transcoded.", 2},
    {"trunk", "ptime_ms", integer, "ms", "0", 0, max_cut_ptime_ms, "", false, live,
     "Length of G.711 packets to the peer, cut anew, a multiple of 10; 0 leaves them as they "
     "come."},
    {"trunk", "comfort_noise", boolean, "", "false", 0, 0, "", false, live,
     "Whether the peer may send CN (RFC 3389) where the other side takes none: we make the noise."},
    {"trunk", "fill_silence", boolean, "", "false", 0, 0, "", false, live,
     "Whether the peer hears quiet noise while the other side sends no G.711 and no CN either: as "
     "CN where it takes that, else as G.711, for at most 30 s."},
    {"trunk", "dtmf", choice, "", "rfc4733", 0, 0, "rfc4733|info_relay|info_dtmf|inband", false,
     live, "How the peer sends and takes digits: as events in RTP, in INFO, or as tones in G.711."},
    {"trunk", "dtmf_payload_type", integer, "", "0", 0, 127, "", false, live,
     "Payload type of telephone-event towards the peer, 96 to 127; 0 is that of the other side."},
    {"trunk", "media", choice, "", "relayed", 0, 0, "relayed|bypassed", false, live,
     "Whether media may go from peer to peer past us, which it does if both trunks say bypassed."},
    {"trunk", "bypass_with", names, "", "", 0, 0, "trunk", false, live,
     "With media = \"bypassed\", the trunks and groups that it holds with; none is all.",
     max_bypass_names},
    {"trunk", "rtcp", choice, "", "relayed", 0, 0, "relayed|ensured", false, live,
     "Whether the peer gets RTCP reports of ours as long as the other side sends none."},
    {"trunk", "media_dscp", integer, "", "64", 0, 64, "", false, live,
     "DSCP of RTP and RTCP that the peer is sent; 64 is that of the realm."},
    {"trunk", "probe_interval_s", integer, "s", "0", 0, 3600, "", false, live,
     "Time between OPTIONS to each target that no call proves; 0 sends none."},
    {"trunk", "probe_timeout_ms", integer, "ms", "4000", 100, 32000, "", false, live,
     "How long the answer to an OPTIONS may take."},
    {"trunk", "probe_failures", integer, "", "3", 1, 100, "", false, live,
     "Unanswered OPTIONS or INVITEs in a row after which a target is tried last."},
    {"trunk", "probe_successes", integer, "", "2", 1, 100, "", false, live,
     "Answered ones in a row after which such a target is as good as the others again."},
    {"trunk", "probe_always", boolean, "", "false", 0, 0, "", false, live,
     "Whether OPTIONS are sent also while answered calls prove the target: Teams counts them."},
    {"trunk", "peer_probe_interval_s", integer, "s", "0", 0, 3600, "", false, live,
     "How often the peer sends OPTIONS of its own. When one that sent some sends neither OPTIONS "
     "nor calls for three times as long, the trunk is tried last until it does; 0: nobody minds."},
    {"trunk", "register", boolean, "", "false", 0, 0, "", false, live,
     "Whether we register with the peer (RFC 3261 section 10). A 3xx to REGISTER is followed only "
     "to "
     "an address that is a target of the trunk already."},
    {"trunk", "user", text, "", "", 0, 64, "", false, live,
     "The name of our account with the peer: in REGISTER, Contact and digest."},
    {"trunk", "password", text, "", "", 0, 128, "", false, live,
     "The account's password; it answers challenges to REGISTER and INVITE and is shown nowhere.",
     1024, true},
    {"trunk", "aor", text, "", "", 0, 255, "", false, live,
     "The address of record that we register; default: sip:USER@HOST of peer_domain or the first "
     "peer."},
    {"trunk", "expires_s", integer, "s", "3600", 60, 86400, "", false, live,
     "How long a registration is asked for; the peer's answer decides."},
    {"trunk", "allows_md5", boolean, "", "true", 0, 0, "", false, live,
     "Whether challenges of MD5 are answered; SHA-256 and SHA-512-256 always are."},
    {"trunk", "unregister", boolean, "", "true", 0, 0, "", false, live,
     "Whether the registration is taken away when the trunk leaves the configuration."},
    {"trunk", "register_numbers", boolean, "", "false", 0, 0, "", false, live,
     "Whether the registration is for all numbers that the peer has for the account (RFC 6140): "
     "calls then come with the number alone, for no account. A registrar that can not do it is "
     "not registered with."},
    {"trunk", "registrar", boolean, "", "false", 0, 0, "", false, live,
     "Whether the peer registers with us, from one of sources and as one of the [user.NAME] of "
     "this trunk (RFC 3261 section 10.3)."},
    {"trunk", "registrar_realm", text, "", "demarc", 1, 128, "", false, live,
     "The realm of the challenges that it gets."},
    {"trunk", "registrar_digest", choice, "", "any", 0, 0, "any|md5|sha256", false, live,
     "What they may be answered with; md5 is one challenge alone, for a peer that stumbles over "
     "several (RFC 8760)."},
    {"trunk", "registrar_expires_s", integer, "s", "3600", 10, 86400, "", false, live,
     "How long a binding lasts that asks for no time."},
    {"trunk", "registrar_min_s", integer, "s", "60", 10, 86400, "", false, live,
     "The shortest time that may be asked for; less gets 423 with Min-Expires."},
    {"trunk", "registrar_max_s", integer, "s", "3600", 10, 86400, "", false, live,
     "The longest time that is given."},
    {"trunk", "max_bindings", integer, "bindings", "1", 1, max_targets_per_trunk, "", false, live,
     "Bindings at once. Of one the newest counts; of several one more gets 403."},
    {"trunk", "registrar_nat", boolean, "", "false", 0, 0, "", false, live,
     "Whether who gives an address in Contact that it does not send from is reached where it sends "
     "from; otherwise it gets 403."},
    {"trunk", "called_in", texts, "", "", 1, max_number_rule_text, "", false, live,
     "What is made of the called numbers of the peer's calls: \"PATTERN -> REPLACEMENT\", "
     "\"prefix 00 -> +\" or \"table NAME\", tried in this order; the first match counts.",
     max_rules_per_set},
    {"trunk", "calling_in", texts, "", "", 1, max_number_rule_text, "", false, live,
     "The same of the calling numbers of the peer's calls; \"-> anonymous\" hides the caller.",
     max_rules_per_set},
    {"trunk", "called_out", texts, "", "", 1, max_number_rule_text, "", false, live,
     "What is made of the called numbers of calls to the peer.", max_rules_per_set},
    {"trunk", "calling_out", texts, "", "", 1, max_number_rule_text, "", false, live,
     "What is made of the calling numbers of calls to the peer.", max_rules_per_set},
    {"trunk", "caller_names", texts, "", "", 1, max_number_rule_text, "", false, live,
     "The caller's display name in From and P-Asserted-Identity to the peer, by the number there: "
     "'PATTERN -> \"NAME $1\"', 'PATTERN -> keep' or 'remove', the same of \"prefix +44\", or "
     "\"table NAME\"; the first match counts. No rule names a caller who wants privacy.",
     max_rules_per_set},
    {"trunk", "called_names", texts, "", "", 1, max_number_rule_text, "", false, live,
     "The same of the display name in To, by the called number that the peer is sent. keep shows "
     "what the caller wrote; without a match there is none.",
     max_rules_per_set},
    {"trunk", "extensions", choice, "", "kept", 0, 0, "kept|dropped", false, live,
     "Whether the peer is shown the extension of a number (;ext=)."},
    {"trunk", "usages", texts, "", "", 1, 62, "", false, live,
     "Names of usages: the peer's calls may take the routes that serve one of them, those of the "
     "first one first; later ones stand in when all trunks of an earlier route have failed.",
     max_usages},
    {"trunk", "costs", name, "", "", 0, 0, "costs", false, live,
     "The [costs.NAME] block that says what calls to the peer cost, where hunt is lowest_cost."},
    {"user", "trunk", name, "", "", 0, 0, "trunk", true, live,
     "The trunk that is reached by what this account registers."},
    {"user", "name", text, "", "", 0, 64, "", false, live,
     "The user in To and in the digest; default: the name of the block."},
    {"user", "password", text, "", "", 1, 128, "", true, live,
     "The account's password, which is shown nowhere.", 1024, true},
    {"group", "trunks", names, "", "", 0, 0, "trunk", true, live, "The trunks of the group.",
     1 + max_next_trunks},
    {"group", "hunt", choice, "", "ordered", 0, 0,
     "ordered|round_robin|weighted|least_busy|lowest_cost|shuffled", false, live,
     "Which of them is tried first when a route goes to the group."},
    {"group", "weights", integers, "", "", 1, 65535, "", false, live,
     "One for each of them, where hunt is weighted or least_busy; default: 1.",
     1 + max_next_trunks},
    {"group", "max_calls", integer, "calls", "0", 0, 16777216, "", false, live,
     "Calls at once of all of them together, to and from them; 0 is no limit. A call from one gets "
     "what its trunk says, one to them is passed over; one between two of them counts twice. So it "
     "is "
     "with all limits of a group."},
    {"group", "max_calls_in", integer, "calls", "0", 0, 16777216, "", false, live,
     "Calls at once from the peers of all of them together; 0 is no limit."},
    {"group", "max_calls_out", integer, "calls", "0", 0, 16777216, "", false, live,
     "Calls at once to the peers of all of them together; 0 is no limit."},
    {"group", "calls_per_second", integer, "", "0", 0, 100000, "", false, live,
     "New calls a second of all of them together, to and from them; a call between two of them is "
     "one. 0 is no limit."},
    {"group", "calls_per_second_in", integer, "", "0", 0, 100000, "", false, live,
     "New calls a second from their peers; 0 is no limit."},
    {"group", "calls_per_second_out", integer, "", "0", 0, 100000, "", false, live,
     "New calls a second to their peers, however many of them each tries; 0 is no limit."},
    {"group", "bandwidth_kbps", integer, "kbit/s", "0", 0, 100000000, "", false, live,
     "What the media of their calls may take together, counted as bandwidth_kbps of a trunk: twice "
     "for a call between two of them."},
    {"group", "call_burst", integer, "calls", "1", 1, 100000, "", false, live,
     "New calls that may come at once where there is a limit a second."},
    {"prefix_limit", "trunk", name, "", "", 0, 0, "trunk", true, live,
     "Whose calls are counted, from its peer and to it. A call from it that is beyond the limit "
     "gets what the trunk says, for one to it the trunk is passed over."},
    {"prefix_limit", "prefix", text, "", "", 1, 32, "", true, live,
     "First digits of the called number, as the rules of the caller's trunk left it. The longest "
     "match of the trunk counts, and no other."},
    {"prefix_limit", "max_calls", integer, "calls", "0", 0, 16777216, "", false, live,
     "Calls at once; 0 is no limit. Those that began before the limit did are not counted."},
    {"prefix_limit", "calls_per_second", integer, "", "0", 0, 100000, "", false, live,
     "New calls a second; 0 is no limit."},
    {"prefix_limit", "call_burst", integer, "calls", "1", 1, 100000, "", false, live,
     "New calls that may come at once where there is a limit a second."},
};

constexpr auto all_fields = [] {
  std::array<Field, std::size(table) + std::size(route_fields)> all{};
  std::copy(std::begin(route_fields), std::end(route_fields),
            std::copy(std::begin(table), std::end(table), all.begin()));
  return all;
}();

}  // namespace

std::span<const BlockKind> block_kinds() {
  return kinds;
}

std::span<const Field> fields() {
  return all_fields;
}

const Field* find_field(std::string_view block, std::string_view name) {
  for (const Field& field : all_fields) {
    if (field.block == block && field.name == name) return &field;
  }
  return nullptr;
}

}  // namespace demarc::contract
