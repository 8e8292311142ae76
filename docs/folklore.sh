#!/bin/sh
# Runs the scenarios that docs/folklore/claims.txt names, and writes docs/folklore.md from their results.
set -eu

usage() {
  cat <<'USAGE'
Runs the scenarios that docs/folklore/claims.txt names, and writes docs/folklore.md from their results.

Usage: docs/folklore.sh [RUNS]

  RUNS    where runs are kept, each in a folder of its scenario's name (default: runs/folklore). A scenario that has a result there is
          not run again, so that `harness run scenarios/ --out RUNS` serves it too

Environment:
  HARNESS_PROGRAM   the harness (default: target/release/harness)

Exit: 0 written · 1 a figure is missing, or a scenario could not be run.
USAGE
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
esac
root=$(cd "$(dirname "$0")/.." && pwd)
runs=${1:-$root/runs/folklore}
harness=${HARNESS_PROGRAM:-$root/target/release/harness}
claims=$root/docs/folklore/claims.txt
table=$root/docs/folklore.md

fail() {
  echo "docs/folklore.sh: $*" >&2
  exit 1
}

# The folder of a scenario's run: its name and what its options say.
folder() {
  name=$(basename "$1" .toml)
  shift
  echo "$runs/$name$(echo "$*" | sed 's/^--profile //; s/[^a-z0-9-]\{1,\}/-/g; s/^\(.\)/-\1/')"
}

# A verdict is not asked for here: a run that failed is told in the table. One that could not be done has no result.
run() {
  to=$(folder "$@")
  [ -e "$to/result.json" ] && return
  echo "running $*" >&2
  (cd "$root" && "$harness" run "$@" --quiet --out "$to" >/dev/null) || true
  [ -e "$to/result.json" ] || fail "no result of $*: run it by hand to see why"
}

# Every figure of a result.json on a line of its own: its path, a tab, its value. The file is indented by two spaces a level.
flat() {
  awk '
    function path(  text, level) {
      text = ""
      for (level = 1; level <= depth; level++) text = text (level > 1 ? "." : "") part[level]
      return text
    }
    {
      line = $0
      sub(/^ +/, "", line)
      sub(/,$/, "", line)
      if (line ~ /^[]}]+$/) { depth--; next }
      key = ""
      if (match(line, /^"[^"]*": /)) {
        key = substr(line, 2, RLENGTH - 4)
        line = substr(line, RLENGTH + 1)
      }
      if (key == "") key = count[depth]++
      if (line == "{" || line == "[") {
        depth++
        part[depth] = key
        count[depth] = 0
        first[depth] = 1
        next
      }
      gsub(/^"|"$/, "", line)
      if (first[depth] && key ~ /^(system|client|fault|consumer|name|words)$/) part[depth] = line
      first[depth] = 0
      print path() (depth ? "." : "") key "\t" line
    }' "$1" | sed 's/^[^.\t]*\.//'
}

# Fills in the figures of a result, for people to read.
filled() {
  flat "$1/result.json" | awk -v text="$2" '
    BEGIN { FS = "\t" }
    { value[$1] = $2 }
    function time(ns) {
      if (ns >= 1e9) return sprintf("%.1f s", ns / 1e9)
      if (ns >= 1e6) return sprintf("%.0f ms", ns / 1e6)
      return sprintf("%.0f µs", ns / 1e3)
    }
    function thousands(number,  text) {
      text = number
      while (match(text, /[0-9][0-9][0-9][0-9]+($|,)/)) {
        sub(/[0-9][0-9][0-9]($|,)/, ",&", text)
      }
      return text
    }
    function shown(name,  found) {
      if (!(name == "verdict" || ("trials." name) in value)) {
        print "no figure " name > "/dev/stderr"
        missing = 1
        return "?"
      }
      found = name == "verdict" ? value["verdict"] : value["trials." name]
      if (found == "null") return "never"
      if (name ~ /_ns$/) return time(found)
      return found ~ /^[0-9]+$/ ? thousands(found) : found
    }
    END {
      while (match(text, /\{[^}]*\}/)) {
        begin = RSTART # what is shown is matched too
        end = RSTART + RLENGTH
        text = substr(text, 1, begin - 1) shown(substr(text, begin + 1, end - begin - 2)) substr(text, end)
      }
      print text
      exit missing
    }'
}

# One row of the table for each scenario that asks.
row() {
  echo "| $claim | $1 | $2 |"
  claim=
}

rows() {
  claim= scenario=
  while read -r word rest; do
    case "$word" in
      says) claim=$rest ;;
      asks) scenario=$rest ;;
      open) row "not asked yet" "$rest" ;;
      found)
        # The options are words of their own.
        # shellcheck disable=SC2086
        at=$(folder $scenario)
        words=$(filled "$at" "$rest") || fail "docs/folklore/claims.txt names a figure that $at/result.json does not have"
        verdict=$(filled "$at" '{verdict}')
        [ "$verdict" = pass ] || words="$words **The run's verdict is $verdict.**"
        row "\`harness run $scenario\`" "$words"
        ;;
      '' | '#'*) ;;
      *) fail "docs/folklore/claims.txt: $word is none of says, asks, found, open" ;;
    esac
  done <"$claims"
}

grep '^asks' "$claims" | sort -u | while read -r _ scenario; do
  # shellcheck disable=SC2086
  run $scenario
done
new=$(mktemp)
trap 'rm -f "$new"' EXIT
rows >"$new.rows" || { rm -f "$new.rows"; exit 1; }
any=$(grep -m 1 '^asks' "$claims" | sed 's/^asks *//')
# shellcheck disable=SC2086
host=$(flat "$(folder $any)/result.json" | awk 'BEGIN { FS = "\t" } { value[$1] = $2 } END {
  print value["run.host.cores"] " cores (" value["run.host.cpu"] "), Linux " value["run.host.kernel"] ", " substr(value["run.started"], 1, 10) }')
cat >"$new" <<HEAD
# Folklore

What people say of message brokers and their clients, the scenario that asks, and what was measured. This page is made by
\`docs/folklore.sh\`, which runs these scenarios and takes each figure from \`result.json\`; do not edit it. The sentences are in
\`docs/folklore/claims.txt\`.

One run of each, on $host. Clients, proxy and brokers shared these cores.
Counts of lost messages are exact for their run. Times, and how many messages somebody had in hand, differ from run to run: run the command.

| people say | asked by | measured |
|---|---|---|
HEAD
cat "$new.rows" >>"$new"
rm -f "$new.rows"
cat "$new" >"$table"
echo "written: $table" >&2
