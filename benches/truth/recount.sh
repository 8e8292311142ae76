#!/usr/bin/env bash
# Runs a broker whose delays are known and a real one, and recounts their histories without the harness: all counts and rates must be
# those of the report, and each percentile of the report the exact one or up to a thousandth above, which is what its histogram
# resolves. Exit 1 where one is not.
#
#   benches/truth/recount.sh [HARNESS]        (target/release/harness; the engine must run: make setup; pyarrow: make python)
#
# The memory broker takes each message 20 to 100 ms after it was sent, evenly spread, drawn from the seed and the message's identity:
# the delay of each is computed again here. No message may take less. What one takes beyond its delay is what scheduling adds; the
# share of 0.1 % that it added most to shifts a percentile by as much of the delays. So a percentile lies between that of the delays
# and that of the delays at 0.1 % more, and what was added to the other 99.9 % at most.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
harness="${1:-$here/../../target/release/harness}"
python="${HARNESS_PYTHON:-$here/../../target/python}/bin/python"
[ -x "$harness" ] || { echo "$harness is not there: cargo build --release --package harness, or name another one" >&2; exit 2; }
[ -x "$python" ] || { echo "$python is not there: make python gets pyarrow" >&2; exit 2; }
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$harness" run "$here/recount.toml" --out "$work/run" >"$work/said" 2>&1 || {
  code=$?
  # A saturated machine leaves checks of speed unknown; what ended early is another matter.
  [ -e "$work/run/result.json" ] && [ "$code" != 2 ] && [ "$code" != 4 ] || { cat "$work/said" >&2; exit "$code"; }
}
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here" "$python" - "$work/run" <<'PYTHON'
import glob, json, math, os, sys
import numpy as np
import pandas as pd
import pyarrow as pa
from outside import table

PRECISION = 0.001
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99_9": 0.999, "p99_99": 0.9999, "max": 1.0}
LEAST_NS, MOST_NS = 20_000_000, 100_000_000
RARE = 0.001
MESSAGE = ["producer", "partition", "seq"]
run = sys.argv[1]
wrong = 0


def verdict(holds):
    global wrong
    wrong += not holds
    return "as it is" if holds else "WRONG"


def rows_of(folder, name):
    files = sorted(glob.glob(os.path.join(folder, "history", f"{name}.*.arrows")))
    return pd.concat([pa.ipc.open_stream(file).read_pandas() for file in files], ignore_index=True)


def quantile(times, share):
    """The smallest value that this share of all does not exceed."""
    return int(times[max(math.ceil(share * len(times) - 1e-9), 1) - 1])


def exact(times):
    times = np.sort(times)
    return {name: quantile(times, share) for name, share in SHARES.items()} | {"mean": float(times.mean()), "count": len(times)}


def crc32c(columns):
    """CRC-32C (Castagnoli) of rows of bytes, given as columns."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0x82F63B78), table >> 1)
    sums = np.full(len(columns[0]), 0xFFFFFFFF, dtype=np.uint32)
    for column in columns:
        sums = (sums >> 8) ^ table[(sums ^ column) & 0xFF]
    return sums ^ np.uint32(0xFFFFFFFF)


def delays(messages, seed):
    """How long the memory broker lets each message wait, in nanoseconds."""
    head = b"delay" + seed.to_bytes(8, "little")
    columns = [np.full(len(messages), byte, dtype=np.uint32) for byte in head]
    for name, width in (("producer", 2), ("partition", 2), ("seq", 8)):
        values = messages[name].to_numpy(dtype=np.uint64)
        columns += [((values >> np.uint64(8 * byte)) & np.uint64(0xFF)).astype(np.uint32) for byte in range(width)]
    sums = crc32c(columns).astype(np.uint64)
    return LEAST_NS + ((sums * np.uint64(MOST_NS - LEAST_NS + 1)) >> np.uint64(32)).astype(np.int64)


def recounted(trial, folder):
    """The figures of a trial by its history alone; and of all sends of the load what they took, each with its message."""
    facts = json.load(open(os.path.join(folder, "trial.json")))
    load = next(phase for phase in facts["phases"] if phase["name"] == "load")
    sends, deliveries = rows_of(folder, "sends"), rows_of(folder, "deliveries")
    sends["outcome"] = sends["outcome"].astype(str)
    valid = deliveries[deliveries.payload_ok].sort_values("received_ns", kind="stable")
    first = valid.drop_duplicates(MESSAGE)
    within = lambda rows, column: rows[(rows[column] >= load["from"]) & (rows[column] < load["to"])]
    judged = within(sends, "intended_ns")
    judged = judged[judged.outcome != "failed"]
    received = within(first, "intended_ns")
    ok = sends[sends.outcome == "ok"]
    times = {
        "response": (judged, (judged.settled_ns.astype("int64") - judged.intended_ns.astype("int64")).to_numpy()),
        "service": (judged, (judged.settled_ns.astype("int64") - judged.started_ns.astype("int64")).to_numpy()),
        "end_to_end": (received, (received.received_ns.astype("int64") - received.intended_ns.astype("int64")).to_numpy()),
    }
    lost = len(ok) - len(ok.merge(first[MESSAGE], on=MESSAGE))
    counts = {
        "offered": len(sends), "acknowledged": len(ok), "failed": int((sends.outcome == "failed").sum()),
        "indeterminate": int((sends.outcome == "indeterminate").sum()), "delivered": len(valid), "distinct": len(first),
        "lost": lost, "corrupted": int((~deliveries.payload_ok).sum()), "redelivered": len(valid) - len(first),
    }
    seconds = (load["to"] - load["from"]) / 1e9
    rates = {
        "offered": len(within(sends, "intended_ns")) / seconds, "sent": len(within(sends, "started_ns")) / seconds,
        "acknowledged": len(within(ok, "settled_ns")) / seconds, "consumed": len(within(first, "received_ns")) / seconds,
    }
    return counts, rates, times, facts["workload"]["seed"]


result = json.load(open(os.path.join(run, "result.json")))
for trial in result["trials"]:
    counts, rates, times, seed = recounted(trial, os.path.join(run, trial["folder"]))
    print(f"{trial['system']}: {counts['offered']} messages, {counts['delivered']} deliveries")
    rows = [[name, str(trial["counts"][name]), str(count), verdict(trial["counts"][name] == count)] for name, count in counts.items()]
    for name, rate in rates.items():
        told = trial["rates"][name]["msg_per_s"]
        rows.append([f"{name} a second", f"{told:.2f}", f"{rate:.2f}", verdict(abs(told - rate) < 1e-6 * max(rate, 1))])
    for kind, (_, values) in times.items():
        told, found = trial["latency_ns"][kind], exact(values)
        for name, value in found.items():
            room = 0 if name == "count" else max(PRECISION * value, 1)
            least = value - (room if name == "mean" else 0)
            rows.append([f"{kind} {name}", str(round(told[name])), str(round(value)), verdict(least <= told[name] <= value + room)])
    table(["", "reported (ns)", "recounted (ns)", ""], rows)
    if trial["system"] != "memory":
        continue
    rows = []
    for kind, (messages, values) in times.items():
        drawn = delays(messages, seed)
        added = np.sort(values - drawn)
        usual = quantile(added, 1 - RARE)
        print(f"{kind}: beyond its delay a message took {added[0] / 1e6:.3f} ms at least, {quantile(added, 0.5) / 1e6:.3f} in the middle, "
              f"{usual / 1e6:.3f} at p99.9, {added[-1] / 1e6:.3f} at most: {verdict(added[0] >= 0)}")
        drawn = np.sort(drawn)
        # By how much the share of drawn delays below any bound may differ from an even spread (Dvoretzky, Kiefer, Wolfowitz; one in a thousand).
        chance = math.sqrt(math.log(2 / 0.001) / (2 * len(drawn)))
        for name, share in SHARES.items():
            told, least = trial["latency_ns"][kind][name], quantile(drawn, share)
            most = quantile(drawn, share + RARE) + usual if share + RARE <= 1 else int(drawn[-1] + added[-1])
            even = LEAST_NS + share * (MOST_NS - LEAST_NS)
            is_even = abs(least - even) <= chance * (MOST_NS - LEAST_NS)
            holds = least <= told <= most * (1 + PRECISION) and is_even
            rows.append([f"{kind} {name}", *(f"{time / 1e6:.3f}" for time in (told, least, most, even)), f"{told / least - 1:+.2%}", verdict(holds)])
    table(["ms", "reported", "drawn", "at most", "evenly", "above drawn", ""], rows)
sys.exit(1 if wrong or len(result["trials"]) < 2 else 0)
PYTHON
