# shellcheck shell=bash
# Plays calls with SIPp from one side to the other. Sourced by ../quickstart.
# Files go to $LAB_RUN/calls/: FROM-TO.{uac,uas}.{log,stat.csv,errors}, FROM-TO.rtt.csv

SIPP_AUDIO=/usr/share/sip-tester/g711a.pcap
# The recording is 7 s long in packets of 30 ms: 4.5 s of it end before the call does.
SIPP_AUDIO_PACKETS=150

# calls_prepare COUNT: the audio, and the numbers called.
calls_prepare() {
  local folder=$LAB_RUN/calls
  mkdir -p "$folder"
  [[ -r $SIPP_AUDIO ]] || lab_fail "$SIPP_AUDIO is missing (package sip-tester)"
  # SIPp looks for audio beside the scenario.
  cp "$LAB_ROOT"/deploy/lab/sipp/*.xml "$folder"
  tcpdump -r "$SIPP_AUDIO" -c "$SIPP_AUDIO_PACKETS" -w "$folder/audio.pcap" 2>/dev/null
  {
    echo SEQUENTIAL
    seq -f '+44207946%04g' 0 $(($1 - 1))
  } >"$folder/numbers.csv"
}

# calls_play FROM TO FROM_TARGET COUNT RATE: FROM calls COUNT numbers at RATE a second by way of
# FROM_TARGET (demarc's address on its side); TO answers. Fails when a call failed.
calls_play() {
  local from=$1 to=$2 target=$3 count=$4 rate=$5 name=$1-$2 result=0 uas uac started live
  cd "$LAB_RUN/calls"
  ip netns exec "$(lab_ns "$to")" sipp -sf uas.xml \
    -i "10.20.${LAB_NET[$to]}.2" -p 5060 -mi "10.20.${LAB_NET[$to]}.2" -mp 30000 \
    -nostdin -trace_err -error_file "$name.uas.errors" -trace_stat \
    -stf "$name.uas.stat.csv" -fd 1 </dev/null >"$name.uas.log" 2>&1 &
  uas=$!
  until [[ -n $(ip netns exec "$(lab_ns "$to")" ss -Hlun 'sport = :5060') ]]; do
    kill -0 "$uas" 2>/dev/null || lab_fail "SIPp did not start: see $PWD/$name.uas.log"
    sleep 0.05
  done
  started=$SECONDS
  ip netns exec "$(lab_ns "$from")" sipp "$target" -sf uac.xml \
    -inf numbers.csv -i "10.20.${LAB_NET[$from]}.2" -p 5060 -mi "10.20.${LAB_NET[$from]}.2" \
    -mp 20000 -m "$count" -r "$rate" -l "$count" -recv_timeout 40000 \
    -timeout 90 -nostdin -trace_err -error_file "$name.uac.errors" -trace_stat \
    -stf "$name.uac.stat.csv" -fd 1 -trace_rtt -rtt_freq 1 </dev/null >"$name.uac.log" 2>&1 &
  uac=$!
  while kill -0 "$uac" 2>/dev/null; do
    sleep 1
    live=$(tail -n 1 "$name.uac.stat.csv" 2>/dev/null | cut -d ';' -f 14)
    lab_say "$from -> $to: $((SECONDS - started)) s, ${live:-0} calls up"
  done
  wait "$uac" || result=$?
  mv -f uac_*_rtt.csv "$name.rtt.csv" 2>/dev/null || true
  kill -TERM "$uas" 2>/dev/null || true
  wait "$uas" 2>/dev/null || true
  return "$result"
}
