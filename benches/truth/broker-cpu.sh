#!/usr/bin/env bash
# Reads from outside what CPU time brokers use from the load's begin to its end, as the kernel counts it for their containers, and
# compares it with what the harness reports: to within 5 %. The harness reads once a second, so that its time is up to a second
# off at either end. Exit 1 where they differ by more.
#
#   benches/truth/broker-cpu.sh [HARNESS]     (target/release/harness; the engine must run: make setup)
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
harness="${1:-$here/../../target/release/harness}"
[ -x "$harness" ] || { echo "$harness is not there: cargo build --release --package harness, or name another one" >&2; exit 2; }
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here" python3 - "$harness" "$here/broker-cpu.toml" "$work" <<'PYTHON'
import sys
from outside import Watched, table

TOLERANCE = 0.05
NODES = {"redis": "redis-0", "kafka": "kafka-0"}

read = {}
with Watched(*sys.argv[1:4], "--environment", "containers") as run:
    for system, node in NODES.items():
        process = run.node(system, node)
        begin, end = process.load
        run.sleep_until(begin)
        before = process.cpu_of_container(), process.cpu_of_process()
        run.sleep_until(end)
        after = process.cpu_of_container(), process.cpu_of_process()
        read[system] = [(late - early) / 1e9 for early, late in zip(before, after)]
    result = run.result()

rows, wrong = [], 0
for trial in result["trials"]:
    container, process = read[trial["system"]]
    reported = sum(used["cpu_ns"] for used in trial["resources"] if used["role"] == "broker") / 1e9
    off = reported / container - 1
    wrong += abs(off) > TOLERANCE
    verdict = "as it is" if abs(off) <= TOLERANCE else "WRONG"
    rows.append([trial["system"], f"{reported:.2f} s", f"{container:.2f} s", f"{process:.2f} s", f"{off:+.1%}", verdict])
table(["CPU time of", "reported", "container", "process", "off", ""], rows)
sys.exit(1 if wrong or len(rows) < len(NODES) else 0)
PYTHON
