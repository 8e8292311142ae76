#!/bin/sh
# Other load generators beside the harness, on one Redis and one Kafka of this comparison's own: what each can send or receive,
# and what a message costs it.
#
#   benches/peers/compare.sh [ROUNDS]
#
# All tools run in turn, ROUNDS times each (5 where it is not given), so that what disturbs one disturbs the others; medians and
# their ratios to the harness's are printed. Each tool is a file in tools/; one that is not installed is named and left out. The
# brokers are containers of the images that `make setup` builds. They and all else are removed at the end, and on Ctrl-C.
#
# HARNESS names the program (default: target/release/harness), TOOLS the tools (default: all). A round of all takes about seven
# minutes on two cores, and Redis needs 4 GiB of memory.
#
# Exit: 0 the figures are there · 1 a tool failed, or a broker · 2 the command line is wrong · 4 something is missing ·
# 130 interrupted.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

refuse() {
  echo "$2" >&2
  exit "$1"
}

rounds=${1:-5}
case $rounds in
  -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
  '' | *[!0-9]* | 0*) refuse 2 "rounds are a number from 1 on, as in: benches/peers/compare.sh 5" ;;
esac
[ $# -le 1 ] || refuse 2 "one argument at most: how many rounds"

HARNESS=${HARNESS:-$root/target/release/harness}
. "$root/docker/versions.env"
[ -x "$HARNESS" ] || refuse 4 "there is no $HARNESS: build it (make run), or name one by HARNESS=…"
for program in python3 setsid; do
  command -v "$program" >/dev/null || refuse 4 "$program is missing (Debian: python3, util-linux)"
done
command -v docker >/dev/null && docker version >/dev/null 2>&1 ||
  refuse 4 "no container engine answers to \`docker\`: run make setup, which says what is missing"
for image in "$REDIS_IMAGE" "$KAFKA_IMAGE"; do
  docker image inspect "$image" >/dev/null 2>&1 || refuse 4 "the image $image is missing: run make setup"
done

CACHE=$root/target/peers
LABEL=harness.peers=$$
WORK=$(mktemp -d "${TMPDIR:-/tmp}/peers.XXXXXX")
mkdir -p "$CACHE"
export HARNESS CACHE LABEL WORK REDIS_IMAGE KAFKA_IMAGE KAFKA_VERSION
. "$here/brokers.sh"

running=
leave() {
  trap '' INT TERM HUP
  # A measurement is a session of its own: all its processes are in its group.
  if [ -n "$running" ] && kill -s TERM -- "-$running" 2>/dev/null; then
    patience=50
    while [ $patience -gt 0 ] && kill -s 0 -- "-$running" 2>/dev/null; do
      sleep 0.1
      patience=$((patience - 1))
    done
    kill -s KILL -- "-$running" 2>/dev/null || true
  fi
  remove_containers
  rm -rf "$WORK"
}
trap leave EXIT
trap 'exit 130' INT TERM HUP

# Runs in a session of its own, and can be interrupted meanwhile: a shell takes a signal while it waits, not while it runs.
apart() {
  setsid "$@" &
  running=$!
  code=0
  wait "$running" || code=$?
  running=
  return $code
}

# Whether what a tool printed are figures: a row, and three numbers above nothing. What else it printed is shown as its last words.
whole() {
  awk 'NF != 4 || !($2 + 0 > 0 && $3 + 0 > 0 && $4 + 0 > 0) { print "this is no figure: " $0; wrong = 1 } END { exit wrong || !NR }' "$1" >>"$WORK/log"
}

tools=
for tool in ${TOOLS:-harness $(cd "$here/tools" && ls | sed -n '/^harness.sh$/d;s/\.sh$//p')}; do
  [ -f "$here/tools/$tool.sh" ] || refuse 2 "there is no tool $tool; there are: $(cd "$here/tools" && ls | sed 's/\.sh$//' | xargs)"
  lacks=$("$here/measure.sh" "$tool" missing)
  if [ -n "$lacks" ]; then
    echo "left out: $tool: $lacks" | tee -a "$WORK/left-out" >&2
  elif apart "$here/measure.sh" "$tool" prepare; then
    tools="$tools $tool"
    "$here/measure.sh" "$tool" rows | sed "s/^/$tool|/" >>"$WORK/rows"
  else
    echo "left out: $tool: it could not be prepared, see above" | tee -a "$WORK/left-out" >&2
  fi
done

[ -n "$tools" ] || refuse 4 "no tool is left"

echo "starting Redis and Kafka" >&2
apart "$here/measure.sh" - start || refuse 1 "a broker did not start: the end of its log is above"
failed=0
round=1
while [ "$round" -le "$rounds" ]; do
  # Whatever comes after something else comes before it in the next round.
  turns=
  for tool in $tools; do
    for what in $("$here/measure.sh" "$tool" measurements); do
      if [ $((round % 2)) -eq 1 ]; then turns="$turns $tool:$what"; else turns="$tool:$what $turns"; fi
    done
  done
  for turn in $turns; do
    echo "round $round of $rounds: ${turn%%:*}, ${turn#*:}" >&2
    cut -d ' ' -f 1 /proc/loadavg >>"$WORK/load"
    if apart "$here/measure.sh" "${turn%%:*}" measure "${turn#*:}" >"$WORK/measured" 2>"$WORK/log" && whole "$WORK/measured"; then
      sed "s/^/$round ${turn%%:*} /" "$WORK/measured" >>"$WORK/figures"
    else
      tail -n 20 "$WORK/log" >&2
      echo "failed in round $round: ${turn%%:*}, ${turn#*:}: its last words are above" | tee -a "$WORK/left-out" >&2
      failed=1
    fi
  done
  round=$((round + 1))
done
"$here/measure.sh" - versions >"$WORK/versions"
[ -s "$WORK/figures" ] || refuse 1 "nothing was measured"
python3 "$here/figures.py" "$WORK"
exit $failed
