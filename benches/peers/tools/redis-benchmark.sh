# redis-benchmark: one connection that sends N commands, waits for N answers and keeps nothing but a histogram.

# It is told how many, not how long: first it is tried with so many, then given as many as it takes this many seconds for.
tried=200000
seconds=6

missing() { :; }

rows() {
  note='batches, each sent when the last is answered; keeps nothing'
  cat <<ROWS
redis-8192-alone|redis-8192|alone|$note
redis-8192-consumed|redis-8192|consumed|$note; consumed without XACK
redis-128-alone|redis-128|alone|$note
redis-128-consumed|redis-128|consumed|$note; consumed without XACK
ROWS
}

# Prints the rate of so many messages in batches of so many; this machine's program, or the image's.
rate_of() {
  set -- redis-benchmark -p "$REDIS_PORT" -c 1 -n "$1" -P "$2" --csv XADD "$STREAM" '*' p "$(printf '%01024d' 0)"
  if command -v redis-benchmark >/dev/null; then timed "$@"; else timed_in "$REDIS_IMAGE" "$@"; fi >"$WORK/out"
  # "XADD …","rate","latencies"…
  tr -d '"' <"$WORK/out" | awk -F , '/^XADD/ { print $2 }'
}

measure() {
  depth=${1#redis-}
  depth=${depth%%-*}
  fresh_stream
  case $1 in *consumed) consume_stream ;; esac
  messages=$(rate_of $tried "$depth" | awk -v "seconds=$seconds" '{ print int($1 * seconds) }')
  rate=$(rate_of "$messages" "$depth")
  case $1 in *consumed) end_consumer ;; esac
  echo "$1 $rate $(cpu_seconds) $messages"
}
