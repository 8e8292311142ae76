# kafka-producer-perf-test and kafka-consumer-perf-test: Kafka's own, in Java, of the image's jars. Their CPU time holds the JVM's
# start and compilation.
# The harness gives no priority to the threads that send to Kafka either.
priority=


messages=500000
jars=$CACHE/kafka-$KAFKA_VERSION

missing() { :; }

# This machine's Java runs them from copied jars; without one they run in the image.
prepare() {
  command -v java >/dev/null || return 0
  [ ! -d "$jars" ] || return 0
  made=$(docker create --label "$LABEL" "$KAFKA_IMAGE")
  docker cp "$made:/opt/kafka/libs" "$jars.part" >/dev/null
  docker rm "$made" >/dev/null
  mv "$jars.part" "$jars"
}

rows() {
  cat <<'ROWS'
kafka-alone|kafka|alone|8 MiB in flight; random payloads
kafka-consumed|kafka|consumed|8 MiB in flight; random payloads
kafka-receive|kafka-receive|a backlog|commits each 5 s
ROWS
}

# Arguments: how to run it (`timed` or `beside`), the class, its arguments.
perf() {
  how=$1 class=org.apache.kafka.tools.$2
  shift 2
  if command -v java >/dev/null; then
    "$how" java -cp "$jars/*" "$class" "$@"
  else
    "${how}_in" "$KAFKA_IMAGE" java -cp '/opt/kafka/libs/*' "$class" "$@"
  fi
}

# Arguments: how to run it, the topic, how many messages.
consume() {
  perf "$1" ConsumerPerformance --bootstrap-server "127.0.0.1:$KAFKA_PORT" --topic "$2" --num-records "$3" --group "$2" \
    --timeout 60000 --hide-header
}

produce() {
  perf timed ProducerPerformance --bootstrap-server "127.0.0.1:$KAFKA_PORT" --topic "$1" --num-records "$messages" --record-size 1024 \
    --throughput -1 --warmup-records $((messages / 5)) --command-property acks=all enable.idempotence=false linger.ms=5 \
    batch.size=1000000 buffer.memory=8388608
}

measure() {
  topic=$(fresh_topic)
  case $1 in
    kafka-receive)
      produce "$topic" >/dev/null
      consume timed "$topic" "$messages" >"$WORK/out"
      # Its last column leaves out the time in which it joins the group.
      rate=$(awk -F ', ' 'END { print $NF }' "$WORK/out") ;;
    *)
      case $1 in *consumed) consume beside "$topic" 1000000000 ;; esac
      produce "$topic" >"$WORK/out"
      case $1 in *consumed) end_beside ;; esac
      # Without the first fifth, in which the JVM compiles.
      rate=$(sed -n 's/.*steady state records sent, \([0-9.]*\) records.*/\1/p' "$WORK/out") ;;
  esac
  echo "$1 $rate $(cpu_seconds) $messages"
}
