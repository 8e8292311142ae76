# shellcheck shell=bash
# What the user sees while it runs, where logs go, and what is left behind at the end: nothing but logs.

state_folder=${XDG_STATE_HOME:-${HOME:-/var/tmp}/.local/state}/harness
work_folder=
step_group=

say() { printf 'setup: %s\n' "$*" >&2; }

# stop_because WHAT-HAPPENED WHAT-TO-DO: the environment cannot be had.
stop_because() {
  say "$1"
  say "what to do: $2"
  exit 4
}

# Logs stay here after the end, because the user may have to read them.
open_state_folder() {
  [ -z "$work_folder" ] || return 0
  mkdir -p "$state_folder" ||
    stop_because "cannot create $state_folder for logs" "set XDG_STATE_HOME to a folder that can be written"
  # A large base is unpacked here, which a /tmp in memory may not hold.
  work_folder=$(mktemp -d "${TMPDIR:-/var/tmp}/harness-setup.XXXXXX") ||
    stop_because "cannot create a temporary folder" "set TMPDIR to a folder that can be written"
  trap clean_up EXIT
  trap 'say "interrupted: cleaning up"; exit 130' INT
  trap 'exit 143' TERM HUP
}

# One invocation at a time. What outlives this script must not inherit descriptor 9, or it would hold the lock for ever.
take_turn() {
  # macOS has no flock; two invocations at once then build twice, which costs time and does no harm.
  command -v flock >/dev/null || return 0
  exec 9>"$state_folder/setup.lock"
  flock --nonblock 9 && return
  say "waiting for another docker/setup.sh to finish"
  flock 9
}

# step TITLE LOG COMMAND...: runs the command with its output in the log; on failure the log's tail is shown.
step() {
  local title=$1 log=$2 began=$SECONDS status=0
  shift 2
  say "$title ... (log: $log)"
  # Its own process group, so that an interrupt can end all of it; and in the background, so that traps run at once.
  set -m
  "$@" >"$log" 2>&1 </dev/null 9>&- &
  step_group=$!
  set +m
  wait "$step_group" || status=$?
  step_group=
  if [ "$status" -eq 0 ]; then
    say "$title: done in $((SECONDS - began)) s"
  else
    say "$title: failed after $((SECONDS - began)) s"
    show_tail "$log"
  fi
  return "$status"
}

show_tail() {
  say "the last lines of $1:"
  tail -n 25 "$1" | sed 's/^/  | /' >&2
}

# limited SECONDS COMMAND...: macOS has no timeout; the command then takes the time that it takes.
limited() {
  if command -v timeout >/dev/null; then
    timeout "$@"
  else
    shift
    "$@"
  fi
}

clean_up() {
  if [ -n "$step_group" ]; then
    end_group "$step_group"
  fi
  [ -n "$work_folder" ] || return 0
  # An interrupted bootstrap may leave the host's /proc mounted here: removing through a mount must never happen.
  if [ -r /proc/self/mounts ]; then
    mounts_below "$work_folder" | sort -r | while read -r mount_point; do umount "$mount_point" || true; done
    if [ -n "$(mounts_below "$work_folder")" ]; then
      say "something is still mounted below $work_folder: unmount it, then remove that folder"
      return 0
    fi
  fi
  rm -rf "$work_folder"
}

# All of it must be gone before its folder is removed; what ignores the first signal gets the one that it cannot.
end_group() {
  local round
  kill -TERM -- "-$1" 2>/dev/null || true
  for round in $(seq 50); do
    kill -0 -- "-$1" 2>/dev/null || break
    [ "$round" -lt 50 ] || kill -KILL -- "-$1" 2>/dev/null || true
    sleep 0.1
  done
  wait "$1" 2>/dev/null || true
}

mounts_below() {
  awk -v folder="$1/" 'index($2, folder) == 1 { print $2 }' /proc/self/mounts
}
