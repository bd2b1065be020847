# shellcheck shell=bash
# Three network namespaces joined by veth pairs: pbx <-> sbc <-> itsp. Sourced by ./lab.

# network_up QUEUES DRIVER: both sides, each with demarc's port in the sbc namespace.
network_up() {
  local queues=$1 driver=$2 side
  for side in pbx sbc itsp; do
    ip netns add "$(lab_ns "$side")"
    ip -n "$(lab_ns "$side")" link set lo up
  done
  for side in pbx itsp; do
    port_up "$side" "$queues"
    peer_up "$side" 24 64
    twin_up "$side"
    ingress_drop "$side" "$driver"
  done
}

# network_direct: pbx and itsp on one wire without demarc, to prove the players themselves.
network_direct() {
  local side
  for side in pbx itsp; do
    ip netns add "$(lab_ns "$side")"
    ip -n "$(lab_ns "$side")" link set lo up
  done
  ip -n "$(lab_ns pbx)" link add eth0 type veth peer name eth0 netns "$(lab_ns itsp)"
  for side in pbx itsp; do
    peer_up "$side" 16 16
  done
}

# port_up SIDE QUEUES: the veth pair. demarc's end carries no address: the kernel must neither
# answer ARP nor IPv6 there, its TAP twin does.
port_up() {
  local side=$1 queues=$2 sbc port
  sbc=$(lab_ns sbc)
  port=demarc-$side
  ip -n "$sbc" link add "$port" numtxqueues "$queues" numrxqueues "$queues" type veth \
    peer name eth0 numtxqueues "$queues" numrxqueues "$queues" netns "$(lab_ns "$side")"
  ip netns exec "$sbc" sysctl -qw "net.ipv6.conf.$port.disable_ipv6=1"
  ip -n "$sbc" link set "$port" arp off up
}

# peer_up SIDE BITS4 BITS6: the kernel's end. Its checksums must be real: no card will add them.
peer_up() {
  local side=$1 ns net
  ns=$(lab_ns "$side")
  net=${LAB_NET[$side]}
  ip netns exec "$ns" ethtool -K eth0 \
    tx off tso off gso off gro off txvlan off rxvlan off >/dev/null
  ip -n "$ns" link set eth0 up
  for host in 2 9; do
    ip -n "$ns" addr add "10.20.$net.$host/$2" dev eth0
    ip -n "$ns" addr add "fd20:$net::$host/$3" dev eth0 nodad
  done
}

# twin_up SIDE: the persistent TAP with the port's MAC address and the realm's addresses.
twin_up() {
  local side=$1 sbc mac net
  sbc=$(lab_ns sbc)
  net=${LAB_NET[$side]}
  mac=$(ip netns exec "$sbc" cat "/sys/class/net/demarc-$side/address")
  ip -n "$sbc" tuntap add dev "${side}0" mode tap
  ip -n "$sbc" link set "${side}0" address "$mac" up
  ip -n "$sbc" addr add "10.20.$net.1/24" dev "${side}0"
  ip -n "$sbc" addr add "fd20:$net::1/64" dev "${side}0" nodad
}

# ingress_drop SIDE DRIVER: under af_packet the kernel sees every frame of the port too, and would
# answer ping twice and our UDP ports with ICMP; a filter behind the packet tap drops them.
# `ip netns exec` mounts a /sys of the namespace, so the names below are those of the namespace.
ingress_drop() {
  local sbc port
  sbc=$(lab_ns sbc)
  port=demarc-$1
  ip netns exec "$sbc" tc qdisc del dev "$port" clsact 2>/dev/null || true
  if [[ $2 == af_packet ]]; then
    ip netns exec "$sbc" tc qdisc add dev "$port" clsact
    ip netns exec "$sbc" tc filter add dev "$port" ingress protocol all \
      bpf da bytecode '1,6 0 0 2'
  fi
}

# namespace_pids: every process inside the lab's namespaces; nothing else runs there.
namespace_pids() {
  local side
  for side in pbx sbc itsp; do
    ip netns pids "$(lab_ns "$side")" 2>/dev/null || true
  done
}

# network_down: works on whatever part is there, also after a crashed run.
network_down() {
  local pids side _
  pids=$(namespace_pids)
  if [[ -n $pids ]]; then
    # shellcheck disable=SC2086  # a list of numbers
    kill -TERM $pids 2>/dev/null || true
    for _ in {1..30}; do
      [[ -n $(namespace_pids) ]] || break
      sleep 0.1
    done
    pids=$(namespace_pids)
    # shellcheck disable=SC2086
    [[ -z $pids ]] || kill -KILL $pids 2>/dev/null || true
  fi
  for side in pbx sbc itsp; do
    if [[ -e /run/netns/$(lab_ns "$side") ]]; then
      ip netns del "$(lab_ns "$side")"
    fi
  done
}
