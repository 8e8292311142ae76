"""The medians of two builds' runs, and their ratios; read by compare.sh."""

import collections
import json
import pathlib
import statistics
import sys


def figures(run: pathlib.Path):
    """Each figure of one run, by its name."""
    result = json.loads((run / "result.json").read_text())
    rows = 0
    for trial in result["trials"]:
        system, rates, counts = trial["system"], trial["rates"], trial["counts"]
        rows += counts["offered"] + counts["delivered"]
        cost = {one["process"]: one for one in trial["resources"] if one["process"] == "producer-0"}
        if system in ("redis", "kafka"):
            yield f"{system}: acknowledged, messages/s", rates["acknowledged"]["msg_per_s"]
            yield f"{system}: a producer's CPU a message, µs", cost["producer-0"]["cpu_s_per_million"]
            yield f"{system}: a producer's memory, MiB", cost["producer-0"]["rss_max"] / 2**20
        else:
            lag = trial["generator"]["lag_ns"]
            yield f"{system}: lag p50, µs", lag["p50"] / 1e3
            yield f"{system}: lag p99, µs", lag["p99"] / 1e3
    if "saturated" in run.name:
        yield "history, bytes a send or delivery", int((run / "history-bytes").read_text()) / rows
        yield "judging, million sends and deliveries/s", rows / (int((run / "judging-ns").read_text()) / 1e9) / 1e6


def main(work: pathlib.Path):
    """Prints the table."""
    values = collections.defaultdict(lambda: collections.defaultdict(list))
    for run in sorted(work.glob("*/result.json")):
        which = run.parent.name.split("-")[0]
        for name, value in figures(run.parent):
            values[name][which].append(value)
    print(f"{'':44}{'old':>12}{'new':>12}{'new/old':>10}")
    for name, sides in values.items():
        old, new = statistics.median(sides["old"]), statistics.median(sides["new"])
        print(f"{name:44}{old:12.2f}{new:12.2f}{new / old:10.2f}")


main(pathlib.Path(sys.argv[1]))
