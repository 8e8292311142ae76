# memtier_benchmark: one thread and one connection, which keeps as many commands under way as it may.

seconds=6

missing() {
  command -v memtier_benchmark >/dev/null ||
    echo "memtier_benchmark is not installed: Debian has no package; see https://github.com/redis/memtier_benchmark"
}

rows() {
  cat <<'ROWS'
redis-8192-alone|redis-8192|alone|keeps histograms
redis-8192-consumed|redis-8192|consumed|keeps histograms; consumed without XACK
redis-128-alone|redis-128|alone|keeps histograms
ROWS
}

measure() {
  depth=${1#redis-}
  depth=${depth%%-*}
  fresh_stream
  case $1 in *consumed) consume_stream ;; esac
  timed memtier_benchmark --server 127.0.0.1 --port "$REDIS_PORT" --threads 1 --clients 1 --pipeline "$depth" \
    --command "XADD $STREAM * p __data__" --data-size 1024 --test-time "$seconds" --hide-histogram \
    --json-out-file "$WORK/memtier.json" >&2
  case $1 in *consumed) end_consumer ;; esac
  python3 - "$WORK/memtier.json" "$1" "$(cpu_seconds)" <<'READ'
import json
import sys

totals = json.load(open(sys.argv[1]))["ALL STATS"]["Totals"]
print(sys.argv[2], totals["Ops/sec"], sys.argv[3], totals["Count"])
READ
}
