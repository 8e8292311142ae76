"""A run of the harness and the processes of its brokers, looked at from outside: by the engine and the kernel alone."""

import json
import os
import signal
import subprocess
import sys
import time

TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def now():
    """The clock by which histories count, in nanoseconds."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def stop_because(*words):
    print(*words, file=sys.stderr)
    sys.exit(4)


def table(header, rows):
    """Prints rows below each other."""
    widths = [max(len(row[index]) for row in [header, *rows]) for index in range(len(header))]
    for row in [header, *rows]:
        cells = [cell.rjust(width) for cell, width in zip(row, widths)]
        print("  ".join([row[0].ljust(widths[0]), *cells[1:]]).rstrip())


class Broker:
    """The process of a node in a container."""

    def __init__(self, trial, node):
        load = next(phase for phase in trial["phases"] if phase["name"] == "load")
        self.load = load["from"], load["to"]
        labels = {"harness.run": trial["run"]["id"], "harness.node": node}
        filters = [word for key, value in labels.items() for word in ("--filter", f"label={key}={value}")]
        found = docker("ps", "--quiet", "--no-trunc", *filters).split()
        if len(found) != 1:
            stop_because(f"{len(found)} containers are {node} of {trial['run']['id']}, and one should be")
        self.pid = int(docker("inspect", "--format", "{{.State.Pid}}", found[0]))
        self.counter = counter_of(self.pid)

    def cpu_of_container(self):
        """Nanoseconds that everything in its container has used, by its control group."""
        text = open(self.counter).read()
        if self.counter.endswith("cpu.stat"):
            return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("usage_usec")) * 1000
        return int(text)

    def cpu_of_process(self):
        """Nanoseconds that the process itself has used, in steps of the kernel's ticks."""
        fields = self.stat()
        return (int(fields[11]) + int(fields[12])) * TICK_NS

    def is_stopped(self):
        """Whether a signal keeps it from running."""
        return self.stat()[0] == "T"

    def stat(self):
        # The name, in parentheses, may hold spaces.
        return open(f"/proc/{self.pid}/stat").read().rpartition(")")[2].split()


def docker(*arguments):
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout


def counter_of(pid):
    """The file in which the kernel counts CPU time for the control group of a process: of either version."""
    for line in open(f"/proc/{pid}/cgroup").read().splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            files = [f"/sys/fs/cgroup{path}/cpu.stat"]
        elif "cpuacct" in controllers.split(","):
            files = [f"/sys/fs/cgroup/{mount}{path}/cpuacct.usage" for mount in (controllers, "cpuacct")]
        else:
            continue
        for file in files:
            if os.path.exists(file):
                return file
    stop_because(f"the kernel's count of CPU time for the container of process {pid} was not found")


class Watched:
    """`harness run` going on; ended with the block."""

    def __init__(self, harness, scenario, work, *arguments):
        self.folder = os.path.join(work, "run")
        self.said = os.path.join(work, "said")
        with open(self.said, "w") as said:
            command = [harness, "run", scenario, "--out", self.folder, *arguments]
            self.run = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.run.poll() is None:
            self.run.send_signal(signal.SIGINT)
            self.run.wait()

    def must_go_on(self):
        if self.run.poll() is not None:
            stop_because(open(self.said).read(), f"\nthe run ended with exit code {self.run.returncode}")

    def trial(self, system):
        """`trial.json` of a system's only trial, as soon as its load is about to begin."""
        file = os.path.join(self.folder, f"{system}-1", "trial.json")
        while not os.path.exists(file):
            self.must_go_on()
            time.sleep(0.02)
        return json.load(open(file))

    def node(self, system, node):
        """The process of a node, as soon as the load is about to begin."""
        return Broker(self.trial(system), node)

    def sleep_until(self, at):
        while (left := at - now()) > 0:
            self.must_go_on()
            time.sleep(min(left / 1e9, 0.5))

    def result(self):
        """`result.json`, when the run is over. Checks may be unknown; what ended early is another matter."""
        code = self.run.wait()
        file = os.path.join(self.folder, "result.json")
        if code in (2, 4, 130) or not os.path.exists(file):
            self.must_go_on()
        return json.load(open(file))
