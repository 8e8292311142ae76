#!/usr/bin/env bash
# Runs 50,000 messages a second for one minute and for ten, on Redis, and judges both histories again: how much memory the workers and the
# judge take, how many bytes of history a message takes, how fast it is judged. Exit 1 where a figure is not what it must be: workers
# within 64 MiB, at most 16 bytes a message, and a judge whose memory does not grow with the run.
#
#   benches/long/long.sh [HARNESS [MINUTES]]      (target/release/harness, 10; the engine must run: make setup)
#
# Ten minutes take 13 in all, and need 4 GiB of memory and 1 GB of disk.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
harness="${1:-$here/../../target/release/harness}"
minutes="${2:-10}"
[ -x "$harness" ] || { echo "$harness is not there: cargo build --release --package harness, or name another one" >&2; exit 2; }
case "$minutes" in '' | *[!0-9]* | 0* | 1) echo "minutes are a number from 2 on, not '$minutes'" >&2; exit 2 ;; esac
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
PYTHONDONTWRITEBYTECODE=1 python3 - "$harness" "$here/long.toml" "$work" "$minutes" <<'PYTHON'
import json, os, pathlib, subprocess, sys, time

MIB = 1 << 20
WORKER_MIB, HISTORY_BYTES, GROWTH = 64, 16, 1.1
harness, scenario, work, minutes = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])


def judged(folder):
    """Seconds, CPU seconds and MiB at most of judging a history again."""
    begun = time.monotonic()
    process = subprocess.Popen([harness, "judge", folder], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1, 3):
        sys.exit(1)
    return time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


figures = {}
for long in (1, minutes):
    out = f"{work}/{long}"
    code = subprocess.run([harness, "run", scenario, "--set", f"phases.load={long}m", "--out", out], stdout=sys.stderr).returncode
    if code not in (0, 1, 3):
        sys.exit(code)
    (trial,) = json.load(open(f"{out}/result.json"))["trials"]
    history = pathlib.Path(out, trial["folder"], "history")
    begun = trial["counts"]["offered"]
    sizes = {}
    for file in history.iterdir():
        table = file.name.split(".")[0]
        sizes[table] = sizes.get(table, 0) + file.stat().st_size
    size = sum(sizes.values())
    seconds, cpu, mib = judged(out)
    files = json.load(open(f"{out}/{trial['folder']}/trial.json"))["files"]
    rows = sum(file["end"]["rows"] for file in files if file.get("end"))
    workers = {one["process"]: one["rss_max"] / MIB for one in trial["resources"] if one["role"] == "generator"}
    used = {one["process"]: one["cpu_s_per_million"] for one in trial["resources"]}
    figures[long] = mib, max(workers.values()), size / begun
    checks = ", ".join(f"{check['name']} {check['verdict']}" for check in trial["checks"] if check["verdict"] != "pass") or "all passed"
    print(f"{long} min: {begun:,} messages, {trial['rates']['acknowledged']['msg_per_s']:,.0f} acknowledged a second, checks: {checks}")
    print("  memory    " + ", ".join(f"{name} {mib:.1f} MiB" for name, mib in workers.items()))
    print("  CPU       " + ", ".join(f"{name} {cost:.2f} µs a message" for name, cost in used.items() if cost is not None))
    largest = sorted(sizes.items(), key=lambda one: -one[1])[:4]
    print(f"  history   {size / begun:.1f} bytes a message: " + ", ".join(f"{table} {taken / begun:.1f}" for table, taken in largest))
    print(f"  judging   {rows / seconds / 1e6:.1f} million rows a second in {seconds:.1f} s ({cpu:.1f} s of CPU), {mib:.1f} MiB", flush=True)

wrong = 0
for told, is_so in (
    (f"workers within {WORKER_MIB} MiB", all(worker <= WORKER_MIB for _, worker, _ in figures.values())),
    (f"at most {HISTORY_BYTES} bytes of history a message", all(size <= HISTORY_BYTES for _, _, size in figures.values())),
    (f"judging takes at most {GROWTH} times the memory for {minutes} minutes", figures[minutes][0] <= GROWTH * figures[1][0]),
):
    wrong += not is_so
    print(f"{told}: {'as it is' if is_so else 'WRONG'}")
sys.exit(1 if wrong else 0)
PYTHON
