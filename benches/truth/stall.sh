#!/usr/bin/env bash
# Lets a broker stand still for one second of twenty, and compares the response times that the harness reports with those that
# follow: what was due in that second waits for its end. Exit 1 where they do not agree.
#
#   benches/truth/stall.sh [HARNESS [SYSTEM]]     (target/release/harness, redis or kafka; the engine must run: make setup)
#
# At a constant rate, messages that are due in a pause of D seconds wait evenly between D and 0, the others no longer than before. So of
# T seconds a quantile p above 1 - D/T is D - (1 - p) T and the mean D²/2T, each and what a quiet broker takes. When the pause begins and
# ends is seen from outside: each millisecond the kernel is asked whether the process is stopped.
#
# To within what: the pause is known to the moments at which it was looked at, and times of messages to the space between two of them.
# Then the broker must work off what has piled up, for which it gets 30 ms here, and what nine of ten messages take at most before
# the fault. And a report's percentile is up to a thousandth above the exact one.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
harness="${1:-$here/../../target/release/harness}"
system="${2:-redis}"
[ -x "$harness" ] || { echo "$harness is not there: cargo build --release --package harness, or name another one" >&2; exit 2; }
case "$system" in redis | kafka) ;; *) echo "$system is no system of stall.toml: redis or kafka" >&2; exit 2 ;; esac
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here" python3 - "$harness" "$here/stall.toml" "$work" "$system" <<'PYTHON'
import sys, time
from outside import Watched, now, table

PILE_NS = 30_000_000
PRECISION = 0.001
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99_9": 0.999, "p99_99": 0.9999, "max": 1.0}
harness, scenario, work, system = sys.argv[1:5]


def change(run, process, wanted):
    """The last moment at which the process was not seen so, and the first at which it was."""
    before = now()
    while process.is_stopped() != wanted:
        before = now()
        run.must_go_on()
        time.sleep(0.001)
    return before, now()


with Watched(harness, scenario, work, "--environment", "containers", "--system", system) as run:
    process = run.node(system, f"{system}-0")
    run.sleep_until(process.load[0])
    begin, end = change(run, process, True), change(run, process, False)
    result = run.result()

trial = result["trials"][0]
told = trial["latency_ns"]["response"]
quiet = next(phase for phase in trial["phases"] if phase["name"] == "before pause-1")["latency_ns"]["response"]
load_ns = process.load[1] - process.load[0]
space_ns = load_ns / told["count"]
shortest, longest = end[0] - begin[1], end[1] - begin[0]
likely = (shortest + longest) / 2


def bounds(name):
    """What follows for a figure: computed, at least, at most."""
    if name == "mean":
        of_pause = [pause**2 / (2 * load_ns) for pause in (likely, shortest, longest)]
        return of_pause[0] + quiet["mean"], of_pause[1], of_pause[2] + 2 * quiet["mean"] + PILE_NS * longest / load_ns
    above_ns = (1 - SHARES[name]) * load_ns
    if above_ns >= longest:
        return quiet["p50"] if name == "p50" else quiet["p90"], 0, PILE_NS
    return likely - above_ns + quiet["p50"], shortest - above_ns - space_ns, longest - above_ns + quiet["p90"] + PILE_NS


rows, wrong = [], 0
for name in [*SHARES, "mean"]:
    computed, least, most = bounds(name)
    holds = least <= told[name] <= most * (1 + PRECISION)
    wrong += not holds
    times = [f"{time_ns / 1e6:.2f} ms" for time_ns in (told[name], computed, least, most)]
    rows.append([name.replace("_", "."), *times, "as it is" if holds else "WRONG"])
fault = trial["faults"][0]
since = [(moment - process.load[0]) / 1e6 for moment in (begin[1], end[1])]
print(f"{system} stood still from {since[0]:.1f} to {since[1]:.1f} ms of the load, for {shortest / 1e6:.1f} to {longest / 1e6:.1f} ms;")
print(f"the report has it as confirmed at {(fault['injected_ns'] or 0) / 1e6:.1f} and as over at {(fault['healed_ns'] or 0) / 1e6:.1f} ms")
print(f"of {told['count']} messages {likely / space_ns:.0f} were due meanwhile")
table(["response", "reported", "computed", "at least", "at most", ""], rows)
sys.exit(1 if wrong else 0)
PYTHON
