#!/usr/bin/env bash
# Injects a delay that is known, and compares what the harness reports with it: median service times must rise by 50 ms in each
# direction that is delayed, to within 2 ms. Exit 1 where they do not.
#
#   benches/truth/latency.sh [HARNESS]        (target/release/harness; the engine must run: make setup)
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
harness="${1:-$here/../../target/release/harness}"
[ -x "$harness" ] || { echo "$harness is not there: cargo build --release --package harness, or name another one" >&2; exit 2; }
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$harness" run "$here/latency.toml" --out "$work/run" >"$work/said" 2>&1 || {
  code=$?
  # Faults are injected, so checks may be unknown; what ended early is another matter.
  [ -e "$work/run/result.json" ] && [ "$code" != 2 ] && [ "$code" != 4 ] || { cat "$work/said" >&2; exit "$code"; }
}
python3 - "$work/run/result.json" <<'PYTHON'
import json, sys

TOLERANCE_MS = 2.0
EXPECTED_MS = {"downstream": 50.0, "upstream": 50.0, "both": 100.0}
trial = json.load(open(sys.argv[1]))["trials"][0]
median = {phase["name"]: phase["latency_ns"]["service"]["p50"] / 1e6 for phase in trial["phases"]}
before = median["before downstream"]
print(f"median service time before: {before:.2f} ms")
wrong = 0
for name, expected in EXPECTED_MS.items():
    rise = median[f"during {name}"] - before
    off = abs(rise - expected)
    wrong += off > TOLERANCE_MS
    print(f"{name:<10} rose by {rise:7.2f} ms, {expected:.0f} ms were injected: {'as it is' if off <= TOLERANCE_MS else 'WRONG'}")
sys.exit(1 if wrong else 0)
PYTHON
