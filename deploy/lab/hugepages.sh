# shellcheck shell=bash
# 2 MB hugepages when the machine gives them. Sourced by ./lab.
# What was added is noted in $LAB_RUN/hugepages.added and given back by hugepages_down.

HUGE_KNOB=/proc/sys/vm/nr_hugepages

hugepages_free() { awk '/^HugePages_Free/ {print $2}' /proc/meminfo; }

# hugepages_up PAGES: true when that many are free and a hugetlbfs is mounted afterwards.
hugepages_up() {
  local pages=$1 free before after
  grep -qE '^Hugepagesize: +2048 kB' /proc/meminfo || return 1
  free=$(hugepages_free)
  if ((free < pages)); then
    before=$(cat "$HUGE_KNOB")
    echo $((before + pages - free)) 2>/dev/null >"$HUGE_KNOB" || return 1
    after=$(cat "$HUGE_KNOB")
    echo $((after - before)) >"$LAB_RUN/hugepages.added"
    if (($(hugepages_free) < pages)); then
      hugepages_down
      return 1
    fi
  fi
  grep -q ' hugetlbfs ' /proc/mounts && return 0
  mkdir -p "$LAB_RUN/hugepages"
  if ! mount -t hugetlbfs -o pagesize=2M none "$LAB_RUN/hugepages" 2>/dev/null; then
    hugepages_down
    return 1
  fi
}

hugepages_down() {
  local added
  if grep -q " $LAB_RUN/hugepages hugetlbfs " /proc/mounts; then
    umount "$LAB_RUN/hugepages"
  fi
  if [[ -s $LAB_RUN/hugepages.added ]]; then
    added=$(cat "$LAB_RUN/hugepages.added")
    echo $(($(cat "$HUGE_KNOB") - added)) >"$HUGE_KNOB" || true
    rm -f "$LAB_RUN/hugepages.added"
  fi
}
