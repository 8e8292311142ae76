# rdkafka_performance: librdkafka's own load generator, of the same source as the librdkafka in the harness. Built once.
# The harness gives no priority to the threads that send to Kafka either.
priority=


program=$CACHE/rdkafka_performance
messages=1000000
source_folder=$(ls -d "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/rdkafka-sys-*/librdkafka 2>/dev/null | tail -n 1)

missing() {
  [ ! -x "$program" ] || return 0
  [ -n "$source_folder" ] || { echo "the source of the crate rdkafka-sys is not there: run cargo fetch"; return 0; }
  for needed in make cc c++; do
    command -v $needed >/dev/null || { echo "$needed is missing, which builds it (Debian: build-essential)"; return 0; }
  done
}

prepare() {
  [ ! -x "$program" ] || return 0
  echo "building rdkafka_performance, which takes a minute or two" >&2
  rm -rf "$CACHE/librdkafka"
  cp -R "$source_folder" "$CACHE/librdkafka"
  cd "$CACHE/librdkafka"
  # As the crate builds its library, without what no figure here needs.
  { ./configure --disable-ssl --disable-gssapi --disable-curl --disable-zstd --disable-lz4-ext && make -j2 -C src librdkafka.a &&
    make -C examples rdkafka_performance; } >"$CACHE/rdkafka_performance.log" 2>&1 ||
    { tail -n 20 "$CACHE/rdkafka_performance.log" >&2; return 1; }
  cp examples/rdkafka_performance "$program"
  cd "$here"
  rm -rf "$CACHE/librdkafka"
}

rows() {
  cat <<'ROWS'
kafka-alone|kafka|alone|8192 in flight, where it polls for 10 ms when that is full; one payload, not copied
kafka-alone-queue|kafka|alone|100,000 in flight, as it comes; one payload, not copied
kafka-consumed-queue|kafka|consumed|100,000 in flight, as it comes; one payload, not copied
kafka-receive|kafka-receive|a backlog|commits each 5 s
ROWS
}

# Arguments: the topic, then others.
produce() {
  topic=$1
  shift
  timed "$program" -P -q -b "127.0.0.1:$KAFKA_PORT" -t "$topic" -p 0 -s 1024 -c "$messages" -a -1 \
    -X enable.idempotence=false -X linger.ms=5 -X socket.nagle.disable=true -X broker.address.family=v4 "$@"
}

consume() {
  timed "$program" -G "$1" -q -b "127.0.0.1:$KAFKA_PORT" -X auto.offset.reset=earliest -X broker.address.family=v4 -t "$1" \
    -c "$messages"
}

# … in 20681ms: 29011 msgs/s and …
figure() {
  rate=$(sed -n 's/.* in [0-9]*ms: \([0-9]*\) msgs\/s.*/\1/p' "$WORK/out" | tail -n 1)
  echo "$1 $rate $(cpu_seconds) $messages"
}

measure() {
  topic=$(fresh_topic)
  case $1 in
    kafka-receive)
      produce "$topic" >"$WORK/out"
      consume "$topic" >"$WORK/out" ;;
    kafka-alone) produce "$topic" -X queue.buffering.max.messages=8192 >"$WORK/out" ;;
    *)
      case $1 in *consumed*) beside "$program" -G "$topic" -q -b "127.0.0.1:$KAFKA_PORT" -X auto.offset.reset=earliest -t "$topic" ;; esac
      produce "$topic" >"$WORK/out"
      case $1 in *consumed*) end_beside ;; esac ;;
  esac
  figure "$1"
}
