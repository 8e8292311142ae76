# redis-rs, the library with which the harness sends to Redis, alone: one payload again and again, and nothing is kept. What the harness
# costs beyond its client is the difference. Built from benches/src/redis-rs.rs.

seconds=6
program=${CARGO_TARGET_DIR:-$root/target}/release/redis-rs

missing() {
  command -v cargo >/dev/null || [ -x "$program" ] || echo "cargo is missing, which builds it"
}

prepare() {
  ! command -v cargo >/dev/null ||
    cargo build --quiet --release --locked --manifest-path "$root/Cargo.toml" --package benches --bin redis-rs
}

rows() {
  note='pipelines as the harness has them; one payload, nothing kept'
  cat <<ROWS
redis-8192-alone|redis-8192|alone|$note
redis-8192-consumed|redis-8192|consumed|$note; consumed without XACK
redis-128-alone|redis-128|alone|$note
redis-128-consumed|redis-128|consumed|$note; consumed without XACK
ROWS
}

measure() {
  depth=${1#redis-}
  depth=${depth%%-*}
  fresh_stream
  case $1 in *consumed) consume_stream ;; esac
  timed "$program" "127.0.0.1:$REDIS_PORT" "$STREAM" "$depth" "$seconds" >"$WORK/out"
  case $1 in *consumed) end_consumer ;; esac
  read -r messages rate <"$WORK/out"
  echo "$1 $rate $(cpu_seconds) $messages"
}
