# shellcheck shell=bash
# Starts and stops the two programs in the sbc namespace. Sourced by ./lab.

START_SECONDS=${DEMARC_LAB_START_SECONDS:-30}
MEMORY_PAGES=256

# spawn SIDE NAME COMMAND...: runs in the background; NAME.pid and NAME.log in the run folder.
spawn() {
  local side=$1 name=$2
  shift 2
  ip netns exec "$(lab_ns "$side")" "$@" </dev/null >"$LAB_RUN/$name.log" 2>&1 &
  echo $! >"$LAB_RUN/$name.pid"
  disown
}

# alive NAME: whether the process of NAME.pid is there and still one of the lab's.
alive() {
  local pid
  pid=$(cat "$LAB_RUN/$1.pid" 2>/dev/null) || return 1
  [[ " $(namespace_pids | tr '\n' ' ') " == *" $pid "* ]]
}

# programs_try DRIVER HUGEPAGES: 0 when both run and the API says ready. A refused start (the
# driver, the memory) shows as a program that ended.
programs_try() {
  local deadline
  secure_certificates
  sed -e "s/@DRIVER@/$1/" -e "s/@HUGEPAGES@/$2/" -e "s|@RUN@|$LAB_RUN|" \
    "$LAB_ROOT/deploy/lab/demarc.toml.in" >"$LAB_RUN/demarc.toml"
  ingress_drop pbx "$1"
  ingress_drop itsp "$1"
  rm -f "$LAB_RUN/dataplane.sock" "$LAB_RUN/api.sock"
  spawn sbc dataplane "$LAB_BUILD/dataplane/demarc-dataplane" \
    --socket "$LAB_RUN/dataplane.sock" --state-dir "$LAB_STATE"
  spawn sbc controlplane "$LAB_BUILD/controlplane/demarc-controlplane" \
    --config "$LAB_RUN/demarc.toml" --run-dir "$LAB_RUN" --state-dir "$LAB_STATE"
  deadline=$((SECONDS + START_SECONDS))
  while ((SECONDS < deadline)); do
    if python3 "$LAB_ROOT/deploy/lab/api.py" "$LAB_RUN/api.sock" ready; then
      return 0
    fi
    alive dataplane && alive controlplane || return 1
    sleep 0.1
  done
  return 1
}

# programs_start DRIVER HUGEPAGES, each a name or auto: af_xdp first, af_packet where that does not
# start; 2 MB pages first, ordinary memory where there are none. $LAB_RUN/chosen says which.
programs_start() {
  local drivers=("$1") memories=(no) driver memory name
  [[ $1 == auto ]] && drivers=(af_xdp af_packet)
  if [[ $2 != no ]] && hugepages_up "$MEMORY_PAGES"; then
    memories=(yes no)
  fi
  if [[ $2 == yes ]]; then
    [[ ${memories[0]} == yes ]] || lab_fail "no 2 MB hugepages to be had"
    memories=(yes)
  fi
  for memory in "${memories[@]}"; do
    for driver in "${drivers[@]}"; do
      if programs_try "$driver" "$memory"; then
        echo "driver=$driver hugepages=$memory" >"$LAB_RUN/chosen"
        lab_say "ports by $driver, memory from" \
          "$([[ $memory == yes ]] && echo '2 MB hugepages' || echo 'ordinary pages (--no-huge)')"
        return 0
      fi
      programs_stop
      for name in dataplane controlplane; do
        cp "$LAB_RUN/$name.log" "$LAB_RUN/$name-$driver-$memory.log"
      done
      lab_say "did not start with $driver, hugepages=$memory: see" \
        "$LAB_RUN/{dataplane,controlplane}-$driver-$memory.log"
    done
  done
  tail -n 5 "$LAB_RUN/dataplane.log" "$LAB_RUN/controlplane.log" >&2
  return 1
}

# programs_stop: the data plane drains on SIGTERM; after ten seconds it is ended.
programs_stop() {
  local name _
  for name in controlplane dataplane; do
    alive "$name" || continue
    kill -TERM "$(cat "$LAB_RUN/$name.pid")" 2>/dev/null || true
    for _ in {1..100}; do
      alive "$name" || break
      sleep 0.1
    done
    if alive "$name"; then
      kill -KILL "$(cat "$LAB_RUN/$name.pid")" 2>/dev/null || true
    fi
    rm -f "$LAB_RUN/$name.pid"
  done
}
