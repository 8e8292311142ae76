#!/bin/sh
# One step of compare.sh, which alone calls it: measure.sh TOOL missing | prepare | rows | measurements | measure WHAT, and for the
# brokers measure.sh - start | versions. A tool is a file in tools/ with these functions:
#
#   missing        prints what is missing and how to get it; nothing where all is there
#   prepare        builds or fetches what is not there yet
#   rows           prints ROW|QUESTION|MEANWHILE|NOTE: rows of one question are compared
#   measurements   prints the names of what is to be measured (default: the rows' names)
#   measure WHAT   prints ROW MESSAGES-A-SECOND CPU-SECONDS MESSAGES for each row
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/brokers.sh"
[ ! -e "$WORK/ports" ] || know_ports

# The harness lets its threads that send to Redis come first where that is allowed, so the script does the same for other tools.
priority=
[ -n "$(nice -n -10 true 2>&1)" ] || priority='nice -n -10'

# What a program's own CPU time was, user and system: the last line of `times`, of a shell that has had no other child.
timing='file=$1; shift; code=0; "$@" || code=$?; times >"$file"; exit $code'

# Runs a program of this machine, and keeps its CPU time.
timed() {
  sh -c "$timing" timed "$WORK/times" $priority "$@"
}

# Runs a program of an image, and keeps its CPU time. Arguments: the image, then the program and its arguments.
timed_in() {
  image=$1
  shift
  docker run --rm --label "$LABEL" --network host --cap-add SYS_NICE --volume "$WORK:$WORK" "$image" \
    sh -c "$timing" timed "$WORK/times" $priority "$@"
}

# The CPU time that was kept, in seconds.
cpu_seconds() {
  sed 's/[ms]/ /g' "$WORK/times" | awk 'END { print $1 * 60 + $2 + $3 * 60 + $4 }'
}

# Runs a program of this machine beside the measurement, until `end_beside`.
beside() {
  "$@" >/dev/null 2>&1 &
  beside=$!
}

end_beside() {
  kill -TERM "$beside" 2>/dev/null || true
  wait "$beside" 2>/dev/null || true
}

prepare() { :; }
measurements() { rows | cut -d '|' -f 1; }

if [ "$1" != - ]; then
  . "$here/tools/$1.sh"
  shift
  "$@"
elif [ "$2" = start ]; then
  start_brokers
else
  redis INFO server | tr -d '\r' | sed -n 's/^redis_version:/Redis /p'
  echo "Kafka $KAFKA_VERSION"
fi
