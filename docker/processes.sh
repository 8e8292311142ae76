#!/usr/bin/env bash
# Gets the programs with which brokers and proxy run as local processes, without containers. With nothing to do it does nothing.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

usage() {
  cat <<'USAGE'
Gets the programs with which brokers and proxy run as local processes: harness run --environment processes.

Usage: docker/processes.sh [--check]

  --check    change nothing, say what is missing
  --help     show this text

Into HARNESS_HOME (default: target/brokers) go Redis's server (a link), Kafka's jars and Toxiproxy's server. Kafka and
Toxiproxy are copied out of the images where an engine has them; else Maven and Go fetch and build the same versions.

Exit: 0 everything is there · 2 the command line is wrong · 4 the environment could not be had · 130 interrupted.
USAGE
}

docker_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${HARNESS_HOME:-$(dirname "$docker_folder")/target/brokers}
PATH=$home/bin:$PATH:/usr/local/go/bin:/usr/local/sbin:/usr/sbin:/sbin

# shellcheck source=setup/progress.sh
source "$docker_folder/setup/progress.sh"
# shellcheck source=setup/packages.sh
source "$docker_folder/setup/packages.sh"
# shellcheck source=setup/engine.sh
source "$docker_folder/setup/engine.sh"
# shellcheck source=setup/packets.sh
source "$docker_folder/setup/packets.sh"
# shellcheck source=setup/local.sh
source "$docker_folder/setup/local.sh"
# shellcheck disable=SC1091 # plain assignments
source "$docker_folder/versions.env"

prepare() {
  local missing
  ensure_nft
  missing=$(missing_programs)
  if [ -z "$missing" ]; then
    say "everything is there: redis-server, java, kafka $KAFKA_VERSION and toxiproxy $TOXIPROXY_VERSION in or beside $home"
    return
  fi
  open_state_folder
  take_turn
  mkdir -p "$home/bin" ||
    stop_because "cannot create $home" "set HARNESS_HOME to a folder that can be written, for this script and for the harness"
  install_missing_packages
  has_redis || link_redis
  has_toxiproxy || get_toxiproxy
  has_kafka || get_kafka
  missing=$(missing_programs)
  [ -z "$missing" ] || stop_because "still missing: $missing" "see what was said above"
  say "everything is there after $SECONDS s, in $home"
}

check() {
  local missing
  missing=$(missing_programs)
  [ -z "$missing" ] || stop_because "missing for local processes: $missing" "run docker/processes.sh"
}

case ${1:-} in
  "") prepare ;;
  --check) check ;;
  --help | -h) usage ;;
  *)
    say "unknown option $1 (docker/processes.sh --help shows what there is)"
    exit 2
    ;;
esac
