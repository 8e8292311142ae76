# shellcheck shell=bash disable=SC2154 # processes.sh, which reads this file, sets what is not set here
# The programs of local processes: what is here, and where the rest comes from.

# Kafka's brokers need this release of Java or a later one.
oldest_java=17

has_redis() { command -v redis-server >/dev/null; }

has_java() {
  local release
  release=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p') || return 1
  [ "${release:-0}" -ge "$oldest_java" ]
}

# The version stands beside what was fetched, so that another one in versions.env is fetched anew.
has_kafka() { [ "$(cat "$home/kafka/version" 2>/dev/null)" = "$KAFKA_VERSION" ]; }

has_toxiproxy() {
  case $(toxiproxy-server -version 2>/dev/null) in *"$TOXIPROXY_VERSION"*) ;; *) return 1 ;; esac
}

missing_programs() {
  {
    has_redis || echo redis-server
    has_java || echo "java $oldest_java or later"
    has_kafka || echo "kafka $KAFKA_VERSION"
    has_toxiproxy || echo "toxiproxy-server $TOXIPROXY_VERSION"
  } | paste -sd, - | sed 's/,/, /g'
}

engine_has() { engine_answers && docker image inspect "$1" >/dev/null 2>&1; }

# Redis's server is in redis-tools too, under another name; the package redis-server would start a service besides.
redis_in_tools=/usr/bin/redis-check-rdb

install_missing_packages() {
  local packages=()
  has_redis || [ -x "$redis_in_tools" ] || packages+=(redis-tools)
  has_java || packages+=(default-jre-headless)
  if ! has_kafka && ! engine_has "$KAFKA_IMAGE"; then
    command -v mvn >/dev/null || packages+=(maven)
    command -v zip >/dev/null || packages+=(zip)
  fi
  has_toxiproxy || engine_has "$TOXIPROXY_IMAGE" || command -v go >/dev/null || packages+=(golang-go)
  must_have_packages "${packages[@]}"
}

link_redis() {
  [ -x "$redis_in_tools" ] ||
    stop_because "no redis-server is here" "install Redis 7 or later, so that redis-server is on PATH"
  ln -sf "$redis_in_tools" "$home/bin/redis-server"
}

get_toxiproxy() {
  if engine_has "$TOXIPROXY_IMAGE"; then
    say "copying toxiproxy-server out of $TOXIPROXY_IMAGE"
    copy_from_image "$TOXIPROXY_IMAGE" /usr/local/bin/toxiproxy-server "$home/bin/toxiproxy-server"
  else
    step "building toxiproxy-server $TOXIPROXY_VERSION with Go" "$state_folder/toxiproxy.log" build_toxiproxy ||
      stop_because "Toxiproxy could not be built" "see the log above; it needs Go 1.23 or later"
  fi
}

build_toxiproxy() {
  CGO_ENABLED=0 GOBIN=$work_folder go install -trimpath \
    -ldflags "-s -w -X github.com/Shopify/toxiproxy/v2.Version=$TOXIPROXY_VERSION" \
    "github.com/Shopify/toxiproxy/v2/cmd/server@v$TOXIPROXY_VERSION" &&
    mv "$work_folder/server" "$home/bin/toxiproxy-server"
}

get_kafka() {
  rm -rf "$home/kafka"
  mkdir -p "$home/kafka"
  if engine_has "$KAFKA_IMAGE"; then
    say "copying Kafka's jars out of $KAFKA_IMAGE"
    copy_from_image "$KAFKA_IMAGE" /opt/kafka/libs "$home/kafka/libs"
  else
    step "fetching Kafka $KAFKA_VERSION with Maven" "$state_folder/kafka.log" fetch_kafka ||
      stop_because "Kafka could not be fetched" "see the log above; Maven must reach its repository"
  fi
  # A start without archives takes longer and is as good; those of the image are for its own JVM.
  step "archiving Kafka's classes" "$state_folder/kafka-classes.log" sh "$docker_folder/kafka/archive-classes.sh" "$home/kafka" ||
    rm -f "$home"/kafka/*.jsa
  printf '%s\n' "$KAFKA_VERSION" >"$home/kafka/version"
}

fetch_kafka() {
  mvn --batch-mode --no-transfer-progress -f "$docker_folder/kafka/pom.xml" \
    -Dkafka.version="$KAFKA_VERSION" -Dscala.version="$KAFKA_SCALA_VERSION" -Dlog4j.version="$KAFKA_LOG4J_VERSION" \
    -Daether.dependencyCollector.impl=bf -Daether.connector.basic.threads=8 \
    "org.apache.maven.plugins:maven-dependency-plugin:$KAFKA_DEPENDENCY_PLUGIN_VERSION:copy-dependencies" \
    -DincludeScope=runtime -DoutputDirectory="$home/kafka/libs" || return
  (cd "$docker_folder/kafka" && zip --quiet "$home/kafka/libs/harness-logging.jar" log4j2.properties)
}

# copy_from_image IMAGE FROM TO
copy_from_image() {
  local container status=0
  container=$(docker create "$1" true) || stop_because "no container could be made of $1" "look at the engine's log"
  docker cp "$container:$2" "$3" || status=$?
  docker rm "$container" >/dev/null
  [ "$status" -eq 0 ] || stop_because "$2 could not be copied out of $1" "build the image again: docker/setup.sh --rebuild"
}
