# shellcheck shell=bash disable=SC2154 # setup.sh, which reads this file, sets what is not set here
# A container engine that answers: found, or on Debian as root installed and started.

engine_answers() {
  command -v docker >/dev/null && limited 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

# One line that says why the engine does not answer.
engine_complaint() {
  if command -v docker >/dev/null; then
    { limited 10 docker version --format '{{.Server.Version}}' 2>&1 >/dev/null || true; } | tail -n 1
  else
    echo "there is no docker command"
  fi
}

# Only called when no engine answers.
raise_engine() {
  local complaint
  complaint=$(engine_complaint)
  if [ -n "${DOCKER_HOST:-}" ]; then
    stop_because "the engine at DOCKER_HOST=$DOCKER_HOST does not answer: $complaint" \
      "start that engine, or unset DOCKER_HOST; the docker command must be installed"
  fi
  if [ "$(uname -s)" != Linux ]; then
    stop_because "no container engine answers: $complaint" \
      "install and start Docker Desktop or a compatible engine, then run this again"
  fi
  if [ "$(id -u)" -ne 0 ]; then
    stop_because "no container engine answers: $complaint" \
      "start the engine, or add your user to the group docker and log in again, or run this as root: sudo docker/setup.sh"
  fi
  if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then install_engine "$complaint"; fi
  start_engine
}

install_engine() {
  host_is_debian || stop_because "no container engine answers: $1" \
    "install Docker Engine the way your distribution describes it, start it, then run this again"
  local packages=(docker.io iptables ca-certificates)
  say "no container engine is installed; installing Debian's packages: ${packages[*]} (and docker-cli where it is separate)"
  install_packages "${packages[@]}" --optional docker-cli ||
    stop_because "the container engine could not be installed" \
      "see the log above; installing docker.io by hand, or setting DOCKER_HOST to an engine elsewhere, will do as well"
}

start_engine() {
  local began=$SECONDS
  # The package's own service script, or systemd, may already be at it.
  if [ -d /run/systemd/system ] && systemctl cat docker.service >/dev/null 2>&1; then
    say "starting the service docker"
    systemctl start docker.service 9>&- || true
  elif ! grep -qsx dockerd /proc/[0-9]*/comm; then
    start_daemon || start_daemon_without_bridge ||
      stop_because "dockerd does not start (log: $state_folder/dockerd.log)" \
        "see the log's tail above; in a container, dockerd needs --privileged; or set DOCKER_HOST to an engine elsewhere"
  fi
  wait_for_engine "" 30 || stop_because "the container engine was started and does not answer: $(engine_complaint)" \
    "look at the engine's log: journalctl -u docker, /var/log/docker.log or $state_folder/dockerd.log"
  say "the container engine answers after $((SECONDS - began)) s"
}

# start_daemon [OPTION...]: in a session of its own, so that it outlives this script and its terminal.
start_daemon() {
  local log=$state_folder/dockerd.log daemon
  remove_stale_pid_file /var/run/docker.pid dockerd
  remove_stale_pid_file /var/run/docker/containerd/containerd.pid containerd
  say "starting dockerd${*:+ $*} (log: $log)"
  setsid dockerd "$@" >"$log" 2>&1 </dev/null 9>&- &
  daemon=$!
  disown "$daemon"
  wait_for_engine "$daemon" 30 && return
  kill "$daemon" 2>/dev/null || true
  show_tail "$log"
  return 1
}

# Some sandboxes have no packet filter. The harness and the builds use the host's network, so they need no bridge.
start_daemon_without_bridge() {
  grep -qiE 'iptables|nftables|network controller|bridge' "$state_folder/dockerd.log" || return 1
  say "trying without the engine's own network: containers will only have the host's network or none"
  start_daemon --iptables=false --ip6tables=false --bridge=none
}

# wait_for_engine DAEMON-OR-EMPTY SECONDS
wait_for_engine() {
  local limit=$((SECONDS + $2))
  until engine_answers; do
    [ "$SECONDS" -lt "$limit" ] || return 1
    if [ -n "$1" ] && ! kill -0 "$1" 2>/dev/null; then return 1; fi
    sleep 0.1
  done
}

# After a crash or a restored snapshot the number in a PID file can belong to an unrelated process, and the engine
# would wait for it in vain.
remove_stale_pid_file() {
  local file=$1 program=$2 process
  [ -f "$file" ] || return 0
  process=$(cat "$file")
  [ "$(cat "/proc/$process/comm" 2>/dev/null)" = "$program" ] || rm -f "$file"
}
