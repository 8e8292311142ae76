# One Redis and one Kafka for all tools, as the harness itself would start them (harness/src/broker/redis_streams/launch.rs,
# harness/src/broker/kafka/properties.rs), and a fresh stream or topic for each measurement. Sourced; needs LABEL and WORK.

STREAM=peers
GROUP=peers

# The names of the containers, and of the file that knows the ports.
redis_container=peers-redis-${LABEL#*=}
kafka_container=peers-kafka-${LABEL#*=}

# Ports below those that the system gives to outgoing connections.
free_ports() {
  python3 -c '
import random, socket
taken = []
while len(taken) < 3:
    one = socket.socket()
    try:
        one.bind(("127.0.0.1", random.randrange(12000, 30000)))
        taken.append(one)
    except OSError:
        pass
print(*(one.getsockname()[1] for one in taken))'
}

know_ports() {
  read -r REDIS_PORT KAFKA_PORT CONTROLLER_PORT <"$WORK/ports"
}

# Arguments: how long to wait in seconds, then a command that succeeds when the broker is ready.
until_ready() {
  patience=$1
  shift
  until "$@" >/dev/null 2>&1; do
    patience=$((patience - 1))
    [ $patience -gt 0 ] || return 1
    sleep 1
  done
}

start_brokers() {
  free_ports >"$WORK/ports"
  know_ports
  docker run --detach --name "$redis_container" --label "$LABEL" --network host --volume /harness "$REDIS_IMAGE" \
    redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --protected-mode no --dir /harness --save '' --appendonly no \
    --appendfsync no >/dev/null
  docker run --detach --name "$kafka_container" --label "$LABEL" --network host --volume /harness \
    --env "PROPERTIES=$(kafka_properties)" "$KAFKA_IMAGE" sh -c '
      echo "$PROPERTIES" >/harness/server.properties
      java -XX:TieredStopAtLevel=1 -XX:SharedArchiveFile=/opt/kafka/storage.jsa -cp "/opt/kafka/libs/*" \
        kafka.tools.StorageTool format -t aGFybmVzcy1rYWZrYS0wMQ -c /harness/server.properties &&
      exec java -Xms1024m -Xmx1024m -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -Djava.awt.headless=true \
        -XX:SharedArchiveFile=/opt/kafka/kafka.jsa -cp "/opt/kafka/libs/*" kafka.Kafka /harness/server.properties' >/dev/null
  until_ready 30 redis PING || { docker logs "$redis_container" | tail -n 20 >&2; return 1; }
  until_ready 60 topics --list || { docker logs "$kafka_container" 2>&1 | tail -n 20 >&2; return 1; }
}

kafka_properties() {
  cat <<PROPERTIES
process.roles=broker,controller
node.id=0
controller.quorum.voters=0@127.0.0.1:$CONTROLLER_PORT
controller.listener.names=CONTROLLER
listeners=DIRECT://127.0.0.1:$KAFKA_PORT,CONTROLLER://127.0.0.1:$CONTROLLER_PORT
advertised.listeners=DIRECT://127.0.0.1:$KAFKA_PORT
listener.security.protocol.map=DIRECT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=DIRECT
log.dirs=/harness/data
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=500
group.min.session.timeout.ms=100
file.delete.delay.ms=1000
PROPERTIES
}

redis() {
  docker exec "$redis_container" redis-cli -p "$REDIS_PORT" "$@"
}

topics() {
  docker exec "$kafka_container" java -XX:TieredStopAtLevel=1 -cp '/opt/kafka/libs/*' \
    org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:$KAFKA_PORT" "$@"
}

# An empty stream with a group; what was there before is gone.
fresh_stream() {
  redis FLUSHALL SYNC >/dev/null
  redis XGROUP CREATE "$STREAM" "$GROUP" 0 MKSTREAM >/dev/null
}

# Reads the stream meanwhile, until `end_consumer`.
consume_stream() {
  rm -f "$WORK/consuming"
  beside read_stream "$STREAM"
}

# The same of a stream that somebody is about to make.
consume_new_stream() {
  rm -f "$WORK/consuming"
  beside read_new_stream
}

# Ends it. Fails where it never came to read.
end_consumer() {
  end_beside
  [ -e "$WORK/consuming" ] || { echo "nobody consumed: the stream was not found, or has no group" >&2; return 1; }
}

read_new_stream() {
  until new=$(redis KEYS '*' | tr -d '\r' | grep -vx "$STREAM"); do sleep 0.05; done
  redis XGROUP CREATE "$new" "$GROUP" 0
  read_stream "$new"
}

# Reads a thousand entries at once as the harness's consumer does; nothing is pending, so nothing is acknowledged. Does not return.
read_stream() {
  set -- -p "$REDIS_PORT" -c 1 -n 100000000 XREADGROUP GROUP "$GROUP" meanwhile COUNT 1000 BLOCK 200 NOACK STREAMS "$1" '>'
  touch "$WORK/consuming"
  if command -v redis-benchmark >/dev/null; then exec redis-benchmark "$@"; fi
  exec docker run --rm --init --label "$LABEL" --network host "$REDIS_IMAGE" redis-benchmark "$@"
}

# Prints the name of a topic that is new. What was there before is removed: it would fill the disk.
fresh_topic() {
  topics --delete --topic 'peers-.*' >/dev/null 2>&1 || true
  topic=peers-$(date +%s%N)
  topics --create --topic "$topic" --partitions 1 >/dev/null 2>&1
  echo "$topic"
}

remove_containers() {
  left=$(docker ps --all --quiet --filter "label=$LABEL" 2>/dev/null) || return 0
  # shellcheck disable=SC2086 # a list of ids
  [ -z "$left" ] || docker rm --force --volumes $left >/dev/null 2>&1 || true
}
