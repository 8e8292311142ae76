#!/usr/bin/env bash
# Searches the highest rate that each broker holds several times over, and tries what was found: searches must agree to within 10 %,
# the rate that was found must hold again, in two of three runs, and 1.2 times the rate must not. Exit 1 where that is not so.
#
#   benches/truth/search.sh [HARNESS [SEARCHES [SYSTEM]]]     (target/release/harness, 3, redis and kafka; the engine must run: make setup)
#
# Each search of one system takes about a quarter of an hour.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
harness="${1:-$here/../../target/release/harness}"
searches="${2:-3}"
system="${3:-}"
[ -x "$harness" ] || { echo "$harness is not there: cargo build --release --package harness, or name another one" >&2; exit 2; }
case "$searches" in '' | *[!0-9]* | 0*) echo "searches are a number from 1 on, not '$searches'" >&2; exit 2 ;; esac
case "$system" in '' | redis | kafka) ;; *) echo "$system is no system of search.toml: redis or kafka" >&2; exit 2 ;; esac
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
PYTHONDONTWRITEBYTECODE=1 python3 - "$harness" "$here/search.toml" "$work" "$searches" "$system" <<'PYTHON'
import json, statistics, subprocess, sys

APART = 0.10
BEYOND = 1.2
# A rate holds where it does in most of so many runs, as a search demands of its answers: near a limit, chance decides a single one.
RUNS = 3
# Where each search begins; from anywhere else it takes more steps.
FROM = {"redis": 12000, "kafka": 26000}
harness, scenario, work, searches, only = sys.argv[1:6]


def run(*arguments):
    """What the harness says goes to the error output: a search takes long."""
    return subprocess.run([harness, *arguments], stdout=sys.stderr).returncode


def search(system):
    out = f"{work}/search-{system}"
    code = run("search", scenario, "--system", system, "--from", str(FROM[system]), "--searches", searches, "--step", "12s",
               "--hold", "20s", "--out", out)
    if code not in (0, 3):
        sys.exit(code)
    (found,) = json.load(open(f"{out}/search.json"))["systems"]
    return [walk["found"] for walk in found["walks"] if walk.get("found")]


def holds(system, rate, number):
    """Whether all that is expected holds at a rate, and nearly all that is due in the load is acknowledged and consumed in it."""
    out = f"{work}/{system}-{rate:.0f}-{number}"
    code = run("run", scenario, "--system", system, "--set", f"workload.rate={{ constant = {{ per-second = {rate} }} }}", "--set",
               "phases.load=20s", "--out", out)
    if code not in (0, 1, 3):
        sys.exit(code)
    (trial,) = json.load(open(f"{out}/result.json"))["trials"]
    rates = trial["rates"]
    carried = min(rates["acknowledged"]["msg_per_s"], rates["consumed"]["msg_per_s"]) / rates["offered"]["msg_per_s"]
    kept = all(check["verdict"] == "pass" for check in trial["checks"] if check["name"] == "latency")
    return kept and carried >= 0.98, carried, trial["latency_ns"]["end_to_end"]["p99"] / 1e6


wrong = 0
for system in [only] if only else FROM:
    found = [one["rate"] for one in search(system) if one.get("rate")]
    if len(found) < int(searches):
        print(f"{system:<6} {len(found)} of {searches} searches found a rate: WRONG")
        wrong += 1
        continue
    middle = statistics.median(found)
    apart = (max(found) - min(found)) / middle
    wrong += apart > APART
    told = ", ".join(f"{rate:,.0f}" for rate in found)
    print(f"{system:<6} {told} msg/s: {apart:.1%} apart: {'as it is' if apart <= APART else 'WRONG'}", flush=True)
    for factor, expected in ((1.0, True), (BEYOND, False)):
        held = 0
        for number in range(RUNS):
            holds_now, carried, p99 = holds(system, middle * factor, number)
            held += holds_now
            told = f"{carried:.1%} carried, end-to-end p99 {p99:,.0f} ms, {'holds' if holds_now else 'does not hold'}"
            print(f"{system:<6} {middle * factor:,.0f} msg/s: {told}", flush=True)
        right = (2 * held > RUNS) == expected
        wrong += not right
        print(f"{system:<6} {middle * factor:,.0f} msg/s held in {held} of {RUNS} runs: {'as it is' if right else 'WRONG'}", flush=True)
sys.exit(1 if wrong else 0)
PYTHON
