"""The medians of all rounds, and how many times a tool's rate the harness's is; read by compare.sh."""

import collections
import pathlib
import statistics
import sys

MESSAGE_BYTES = 1024
# What is compared, in the order in which it is printed; a tool's rows name the question by its key.
QUESTIONS = {
    "redis-8192": "Redis Streams, one producer on one connection, XADD of 1 KiB, 8192 under way",
    "redis-128": "Redis Streams, one producer on one connection, XADD of 1 KiB, 128 under way",
    "kafka": "Kafka, one producer, one partition, 1 KiB, acks = all, not idempotent, linger 5 ms",
    "kafka-receive": "Kafka, one consumer in a group, one partition, 1 KiB",
}


def read(work: pathlib.Path):
    """Rows as they are declared, by tool and row; and what was measured, by tool and row, then round: rate and CPU µs."""
    rows, measured = {}, collections.defaultdict(dict)
    for line in (work / "rows").read_text().splitlines():
        tool, row, question, meanwhile, note = line.split("|")
        rows[tool, row] = (question, meanwhile, note)
    for line in (work / "figures").read_text().splitlines():
        round_, tool, row, rate, cpu, messages = line.split()
        if (tool, row) not in rows or float(rate) <= 0 or float(messages) <= 0:
            sys.exit(f"{tool} printed what is no figure of its rows: {line}")
        measured[tool, row][int(round_)] = (float(rate), float(cpu) / float(messages) * 1e6)
    return rows, measured


def table(question: str, rows: dict, measured: dict):
    """Prints the rows of one question."""
    mine = [key for key in rows if rows[key][0] == question and key in measured]
    # The harness's own, by who consumed meanwhile.
    harness = {rows[key][1]: measured[key] for key in mine if key[0] == "harness"}
    if not mine:
        return
    print(f"\n{QUESTIONS.get(question, question)}")
    print(f"  {'':28}{'consumed':>15}{'msg/s':>10}{'MB/s':>7}{'least to most msg/s':>24}{'harness':>9}{'CPU µs a':>10}")
    print(f"  {'':28}{'':>15}{'':>10}{'':>7}{'':>24}{'is ×':>9}{'message':>10}")
    notes = []
    for key in mine:
        _, meanwhile, note = rows[key]
        rates = [rate for rate, _ in measured[key].values()]
        rate, cpu = statistics.median(rates), statistics.median(cpu for _, cpu in measured[key].values())
        # Within a round, so that what slows a whole round down slows both.
        beside = harness.get(meanwhile) or next(iter(harness.values()), {})
        ratios = [beside[one][0] / measured[key][one][0] for one in measured[key] if one in beside]
        times = f"{statistics.median(ratios):.2f}" if ratios and key[0] != "harness" else "–"
        if note not in notes:
            notes.append(note)
        words = {"alone": "by nobody", "consumed": "meanwhile"}.get(meanwhile, meanwhile)
        span = f"{min(rates):,.0f} to {max(rates):,.0f}"
        name = f"{key[0]} [{notes.index(note) + 1}]"
        print(f"  {name:28}{words:>15}{rate:10,.0f}{rate * MESSAGE_BYTES / 1e6:7.0f}{span:>24}{times:>9}{cpu:10.2f}")
    for number, note in enumerate(notes, 1):
        print(f"  [{number}] {note}")


def main(work: pathlib.Path):
    """Prints a table for each question."""
    rows, measured = read(work)
    rounds = len({one for values in measured.values() for one in values})
    versions = ", ".join((work / "versions").read_text().split("\n")).strip(", ")
    load = [float(line) for line in (work / "load").read_text().split()]
    print(f"Medians of {rounds} rounds in turn; {versions}; load average before a measurement {min(load):.1f} to {max(load):.1f}. CPU: user and")
    print("system time of the tool's process alone; the harness's is that of its producer or consumer over the load phase, other tools' of")
    print("their whole life.")
    for question in dict.fromkeys([*QUESTIONS, *(question for question, _, _ in rows.values())]):
        table(question, rows, measured)
    left_out = work / "left-out"
    if left_out.exists():
        print(f"\n{left_out.read_text().strip()}")


main(pathlib.Path(sys.argv[1]))
