# shellcheck shell=bash
# Names, paths and addresses of the lab; every script of this folder reads them from here.
# A second lab (the system tests have one) runs beside the first under another prefix and folders.
# shellcheck disable=SC2034  # all of these are read by the scripts that source this file

LAB_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
LAB_PREFIX=${DEMARC_LAB_PREFIX:-demarc}
LAB_RUN=${DEMARC_LAB_RUN:-/run/demarc-lab}
LAB_STATE=${DEMARC_LAB_STATE:-/var/lib/demarc-lab}
LAB_BUILD=${DEMARC_BUILD:-$LAB_ROOT/build}

# side -> third octet of 10.20.x.0/24 and last group of fd20:x::/64; .1 is demarc, .2 the peer,
# .9 an address that no trunk knows.
declare -A LAB_NET=([pbx]=1 [itsp]=2)

lab_ns() { echo "$LAB_PREFIX-$1"; }
lab_say() { echo "lab: $*"; }
lab_fail() {
  echo "lab: $*" >&2
  exit 1
}
