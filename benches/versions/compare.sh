#!/bin/sh
# Two builds of the harness beside each other, on real brokers: what one producer can send and what a message costs it, how
# punctual it is at 10,000 messages a second, how large the history is, and how long judging takes.
#
#   benches/versions/compare.sh OLD NEW [ROUNDS]
#
# OLD and NEW are programs (`target/release/harness` of two checkouts). They run in turn, ROUNDS times each (5 where it is not
# given), so that what disturbs one disturbs the other; the medians and their ratio are printed. `make setup` must have run.
set -eu
if [ $# -lt 2 ]; then
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
old=$1 new=$2 rounds=${3:-5}
command -v python3 >/dev/null || { echo "python3 is missing, which reads the results (Debian: python3)" >&2; exit 4; }
work=$(mktemp -d "${TMPDIR:-/tmp}/versions.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
round=1
while [ "$round" -le "$rounds" ]; do
  for which in old new; do
    if [ $which = old ]; then harness=$old; else harness=$new; fi
    for scenario in saturated steady; do
      echo "round $round of $rounds: $which, $scenario" >&2
      out=$work/$which-$scenario-$round
      code=0
      "$harness" run "$here/$scenario.toml" --quiet --out "$out" >"$work/log" 2>&1 || code=$?
      # A check that fails (a generator that cannot keep up is what is asked for) leaves figures all the same.
      if [ ! -e "$out/result.json" ]; then cat "$work/log" >&2; exit "$code"; fi
      begun=$(date +%s%N)
      "$harness" judge "$out" >/dev/null 2>&1 || true
      echo $(($(date +%s%N) - begun)) >"$out/judging-ns"
      du -sb "$out"/*/history | awk '{ sum += $1 } END { print sum }' >"$out/history-bytes"
      # Histories of millions of messages: only figures are kept.
      rm -rf "$out"/*/history
    done
  done
  round=$((round + 1))
done
python3 "$here/figures.py" "$work"
