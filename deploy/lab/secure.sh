# shellcheck shell=bash
# The IP-PBX side once more, over TLS and with SRTP only, played by baresip; the ITSP side stays plain.
# Sourced by ../quickstart and ./programs.sh. Files go to $LAB_RUN/tls/ and $LAB_RUN/secure/.

# The one number that baresip answers to.
SECURE_NUMBER=+493012340000

# secure_sign NAME HOST: NAME.pem and NAME.key, signed by ca.pem.
secure_sign() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
    -keyout "$1.key" -out "$1.csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\n' "$2" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \
    -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}

# secure_certificates: an authority of this run, and what it signs for both ends.
secure_certificates() (
  [[ ! -e $LAB_RUN/tls/pbx.pem ]] || return 0
  mkdir -p "$LAB_RUN/tls"
  cd "$LAB_RUN/tls" || return
  umask 077
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=lab -days 30 \
    -keyout ca.key -out ca.pem 2>/dev/null
  secure_sign sbc sbc.lab.example
  secure_sign pbx pbx.lab.example
)

# secure_prepare COUNT: a PBX that answers so many calls at once, speaking a recording, and the
# number that leads to it, as often.
secure_prepare() {
  local folder=$LAB_RUN/secure i
  mkdir -p "$folder"
  cat "$LAB_RUN/tls/pbx.pem" "$LAB_RUN/tls/pbx.key" >"$folder/identity.pem"
  {
    echo SEQUENTIAL
    for ((i = 0; i < $1; ++i)); do echo "$SECURE_NUMBER"; done
  } >"$LAB_RUN/calls/secure-numbers.csv"
  # Half a minute of PCM, 16 bits, 8,000 a second: a saw tooth of 100 Hz.
  python3 - "$folder/speech.wav" <<'PYTHON'
import struct
import sys
import wave

with wave.open(sys.argv[1], "wb") as file:
    file.setparams((1, 2, 8000, 0, "NONE", "NONE"))
    file.writeframes(b"".join(struct.pack("<h", i % 80 * 200 - 8000) for i in range(240000)))
PYTHON
  # It listens for TLS at the port behind the one that it is given.
  cat >"$folder/config" <<CONFIG
sip_listen 10.20.${LAB_NET[pbx]}.2:5060
sip_certificate $folder/identity.pem
sip_cafile $LAB_RUN/tls/ca.pem
call_max_calls $(($1 + 1))
module_path /usr/lib/baresip/modules
module g711.so
module srtp.so
module aufile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
audio_source aufile,$folder/speech.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports 30000-31000
CONFIG
  cat >"$folder/accounts" <<ACCOUNT
<sip:$SECURE_NUMBER@10.20.${LAB_NET[pbx]}.2:5061;transport=tls>;regint=0;answermode=auto;mediaenc=srtp-mand;audio_codecs=PCMA/8000/1
ACCOUNT
}

# secure_pbx OPTION...: starts it in the background, for two minutes at most; its process is $!.
secure_pbx() {
  ip netns exec "$(lab_ns pbx)" timeout -k 5 120 baresip -f "$LAB_RUN/secure" "$@" </dev/null \
    >>"$LAB_RUN/secure/baresip.log" 2>&1 &
}

# secure_play COUNT RATE: the PBX calls the ITSP once, then the ITSP calls the PBX COUNT times. Fails
# when a call failed.
secure_play() {
  local count=$1 rate=$2 result=0 pbx uas
  local itsp=10.20.${LAB_NET[itsp]}.2
  cd "$LAB_RUN/calls" || return
  ip netns exec "$(lab_ns itsp)" sipp -sf uas.xml -m 1 -i "$itsp" -p 5060 -mi "$itsp" -mp 30000 \
    -timeout 40 -nostdin -trace_stat -stf tls-itsp.uas.stat.csv -fd 1 -trace_err \
    -error_file tls-itsp.uas.errors </dev/null >tls-itsp.uas.log 2>&1 &
  uas=$!
  secure_pbx -e "/dial sip:+442079460000@10.20.${LAB_NET[pbx]}.1:5061" -t 15
  pbx=$!
  lab_say "tls -> itsp: one call"
  wait "$uas" || result=$?
  wait "$pbx" || true
  secure_pbx
  pbx=$!
  until [[ -n $(ip netns exec "$(lab_ns pbx)" ss -Hlnt 'sport = :5061') ]]; do
    kill -0 "$pbx" 2>/dev/null || lab_fail "baresip did not start: see $LAB_RUN/secure/baresip.log"
    sleep 0.05
  done
  lab_say "itsp -> tls: $count calls"
  ip netns exec "$(lab_ns itsp)" sipp "10.20.${LAB_NET[itsp]}.1:5060" -sf uac.xml \
    -inf secure-numbers.csv -i "$itsp" -p 5060 -mi "$itsp" -mp 20000 -m "$count" -r "$rate" \
    -l "$count" -recv_timeout 40000 -timeout 90 -nostdin -trace_stat -stf itsp-tls.uac.stat.csv \
    -fd 1 -trace_err -error_file itsp-tls.uac.errors </dev/null >itsp-tls.uac.log 2>&1 ||
    result=$?
  kill -TERM "$pbx" 2>/dev/null || true
  wait "$pbx" || true
  return "$result"
}
