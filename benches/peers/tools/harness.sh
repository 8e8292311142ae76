# The harness, with its whole history on. Its figures are those of result.json, for the load phase.

missing() { :; }

rows() {
  cat <<'ROWS'
redis-8192-alone|redis-8192|alone|a history of every message
redis-8192-consumed|redis-8192|consumed|a history of every message; consumed without XACK
redis-8192-own|redis-8192|by its own|a history of every message; its own consumer, which acknowledges
redis-128-alone|redis-128|alone|a history of every message
redis-128-consumed|redis-128|consumed|a history of every message; consumed without XACK
redis-128-own|redis-128|by its own|a history of every message; its own consumer, which acknowledges
kafka-alone|kafka|alone|a history of every message; 8192 in flight
kafka-consumed|kafka|consumed|a history of every message; 8192 in flight
kafka-receive|kafka-receive|while produced|commits each 100 ms; a history of every message
ROWS
}

# What is received is measured with what is sent.
measurements() {
  rows | cut -d '|' -f 1 | sed '/^kafka-receive$/d'
}

measure() {
  out=$WORK/run
  system=${1%%-*}
  in_flight=8192 profile=
  case $1 in redis-128-*) in_flight=128 ;; esac
  # What consumes for the other tools of Redis consumes for it, too.
  case $1 in *-alone | redis-*-consumed) profile='--profile alone' ;; esac
  fresh_stream
  case $1 in redis-*-consumed) consume_new_stream ;; esac
  code=0
  PEERS_REDIS=127.0.0.1:$REDIS_PORT PEERS_KAFKA=127.0.0.1:$KAFKA_PORT "$HARNESS" run "$here/$system.toml" \
    --environment external --quiet --out "$out" --set workload.in-flight=$in_flight $profile >&2 || code=$?
  case $1 in redis-*-consumed) end_consumer ;; esac
  # A check that fails (a generator that cannot keep up is what is asked for) leaves figures all the same.
  [ -e "$out/result.json" ] || return "$code"
  python3 - "$out/result.json" "$1" <<'READ'
import json
import sys

trial = json.load(open(sys.argv[1]))["trials"][0]
rates, cpu = trial["rates"], {one["process"]: one["cpu_ns"] / 1e9 for one in trial["resources"]}
for row, rate, process in ((sys.argv[2], "acknowledged", "producer-0"), ("kafka-receive", "consumed", "consumer-0")):
    if row != "kafka-receive" or sys.argv[2] == "kafka-consumed":
        a_second = rates[rate]["msg_per_s"]
        print(row, a_second, cpu[process], round(a_second * rates["seconds"]))
READ
  rm -rf "$out"
}
