#!/usr/bin/env python3
"""A worker for Redis Streams in plain Python: one request at a time, no package. It keeps to docs/worker-protocol.md.

In a scenario: client = { program = ["python3", "docs/worker.py"] }
"""
import bisect, itertools, json, math, mmap, os, random, socket, struct, sys, threading, time

BEGUN, SEND, DELIVERY, SETTLEMENT, CONNECTION, GROUP, TEXT, MORE, FINISHED = range(1, 10)  # kinds of rows
OK, FAILED, INDETERMINATE = range(3)  # outcomes
PROCESSED = 5  # a settlement that asks nothing of the broker
CONNECTING, CONNECTED, LOST, ATTEMPT_FAILED, JOINED, LEFT = 0, 1, 2, 3, 0, 4  # events
HEAD = struct.Struct("<4sBxHHxxIQQQ")  # a payload's header, up to the checksum
now = time.monotonic_ns


class Journal:
    """Rows of 64 bytes in memory that the run reads. One thread writes."""

    def __init__(self, path):
        self.bytes = mmap.mmap(os.open(path, os.O_RDWR), 0)
        self.words, self.next, self.texts = memoryview(self.bytes).cast("Q"), 0, {None: 0}
        magic, version, width, self.rows = struct.unpack_from("<8sIIQ", self.bytes)
        if (magic, version, width) != (b"HRNSJRNL", 1, 64):
            raise OSError(f"{path} is no journal of version 1")

    def put(self, kind, what=0, outcome=0, flags=0, partition=0, producer=0, seq=0, first=0, second=0, third=0, place=0,
            count=0, consumer=0, text=0, carried=b""):
        rows = [struct.pack("<4B2H5Q2HI", kind, what, outcome, flags, partition, producer, seq, first, second, third,
                            place, count, consumer, text)]
        rows += [struct.pack("<B7x48s", MORE, carried[at:at + 48]) for at in range(0, len(carried), 48)]
        while self.next + len(rows) > self.words[8] + self.rows and not self.words[16]:
            time.sleep(0.0005)  # until the run has taken more, or takes no more
        for row in rows:
            at = 4096 + self.next % self.rows * 64
            self.bytes[at + 8:at + 64] = row
            self.next += 1
            self.words[at // 8] = self.next  # last, for it makes the row whole

    def text(self, words):
        if words not in self.texts:
            data = words.encode()[:4096]
            self.put(TEXT, count=len(data), text=len(self.texts), carried=data)
            self.texts[words] = len(self.texts)
        return self.texts[words]


class Refused(Exception):
    """The server said no."""


class Worker:
    def __init__(self, assignment):
        self.spec, self.trial, self.name = assignment["connection"], assignment["trial"], assignment["worker"]
        self.policy, self.journal = self.spec["policy"], Journal(assignment["journal"])
        self.epoch = int(self.spec["settings"]["position-epoch-ms"])
        self.streams = [f"{self.spec['topic']}:{partition}" for partition in range(self.spec["partitions"])]
        self.start_at, self.stopped, self.finished, self.failures, self.told = None, False, False, 0, 0
        self.totals = dict(sent=0, acknowledged=0, failed=0, indeterminate=0, settled=False, delivered=0)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for message in map(json.loads, sys.stdin):
            self.start_at = message.get("at_ns", self.start_at)
            self.stopped |= message["type"] in ("stop", "finish")
            self.finished |= message["type"] == "finish"
        self.stopped = self.finished = True  # the end of the input is an order too

    def rest(self, until):
        """Sleeps until an instant, at most 50 ms, and says how far it is a few times a second."""
        if now() - self.told > 200_000_000:
            self.told = now()
            say("progress", **self.totals)
        time.sleep(max(0, min(until - now(), 50_000_000)) / 1e9)

    def note(self, event, error=None):
        peer, error = self.journal.text("main"), self.journal.text(error and type(error).__name__)
        self.journal.put(CONNECTION, event, third=now(), place=peer, text=error)

    def connect(self):
        self.note(CONNECTING)
        try:
            host, port = self.spec["address"].rsplit(":", 1)
            self.socket = socket.create_connection((host, int(port)), self.policy["connect_timeout_ns"] / 1e9)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.settimeout(self.policy["request_timeout_ns"] / 1e9)
            self.answers = self.socket.makefile("rb")
            self.ask("DBSIZE")
        except OSError as error:
            self.note(ATTEMPT_FAILED, error)
            raise
        self.note(CONNECTED)
        self.failures = 0

    def reconnect(self, error):
        """By the policy, until it succeeds or the worker is to come to its end."""
        self.note(LOST, error)
        while not self.finished:
            wait = self.policy["backoff_first_ns"] * self.policy["backoff_factor"] ** min(self.failures, 64)
            vary = 1 + self.policy["backoff_jitter"] * random.uniform(-1, 1)
            until, self.failures = now() + min(wait, self.policy["backoff_max_ns"]) * vary, self.failures + 1
            while now() < until and not self.finished:
                self.rest(until)
            try:
                return self.connect()
            except OSError:
                continue

    def ask(self, *words):
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        lines = [b"*%d\r\n" % len(words), *(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)]
        self.socket.sendall(b"".join(lines))
        return self.answer()

    def answer(self):
        line = self.answers.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionResetError
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise Refused(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self.answers.read(int(rest) + 2)[:-2]
        return [self.answer() for _ in range(max(0, int(rest)))] if kind == b"*" else rest

    def place(self, entry):
        """An entry ID as one ordered number: milliseconds since the trial's epoch, and the number within them."""
        ms, seq = map(int, entry.split(b"-"))
        return ms - self.epoch << 32 | seq

    def produce(self, task):
        due = itertools.islice(zip(times(task), places(task, len(self.streams))), task["first"], None)
        begin = list(itertools.islice(due, 1))  # weighs the keys, and passes over what others have sent: that takes a while
        self.connect()
        say("ready")
        while self.start_at is None and not self.stopped:
            self.rest(now() + 10_000_000)
        content = contents(task)
        self.fields = [text for header in task.get("headers", {}).items() for text in header]
        for offset, (partition, seq, key) in itertools.chain(begin, due):
            while not self.stopped and now() < self.start_at + offset:
                self.rest(self.start_at + offset)
            if self.stopped:
                break
            self.send(task["producer"], (partition, seq, key), self.start_at + offset, content(partition, seq))
        self.totals["settled"] = True
        while not self.finished:
            self.rest(now() + 50_000_000)

    def send(self, producer, place, intended, filler):
        partition, seq, key = place
        head = HEAD.pack(b"HRNS", 1, producer, partition, 44 + len(filler), self.trial, seq, intended)
        payload = head + struct.pack("<I", crc32c(head + filler)) + filler
        row = dict(partition=partition, producer=producer, seq=seq, first=intended, second=now())
        self.journal.put(BEGUN, **row)
        self.totals["sent"] += 1
        outcome, position, error = OK, None, None
        try:
            position = self.place(self.ask("XADD", self.streams[partition], "*", "p", payload, *key, *self.fields))
        except Refused as refusal:
            outcome, error = FAILED, str(refusal)
        except OSError as lost:
            outcome, error = INDETERMINATE, lost
        text = self.journal.text(type(error).__name__ if outcome == INDETERMINATE else error)
        flags = int(position is not None)
        self.journal.put(SEND, 0, outcome, flags, third=now(), place=position or 0, text=text, **row)
        self.totals[("acknowledged", "failed", "indeterminate")[outcome]] += 1
        if outcome == INDETERMINATE:
            self.reconnect(error)

    def consume(self, task):
        self.connect()
        partitions = struct.pack(f"<{len(self.streams)}H", *range(len(self.streams)))
        self.journal.put(GROUP, JOINED, third=now(), count=len(self.streams), consumer=task["consumer"], carried=partitions)
        say("ready")
        after = "0"  # first what it was given before and has not acknowledged, then what is new
        while not self.finished:
            self.rest(0)
            try:
                self.socket.settimeout(self.policy["request_timeout_ns"] / 1e9 + 0.2)
                asked = now()
                found = self.ask("XREADGROUP", "GROUP", self.spec["group"], self.name, "COUNT", 100, "BLOCK", 200,
                                 "STREAMS", *self.streams, *[after] * len(self.streams))
                received, entries = now(), [(stream, *entry) for stream, ids in found for entry in ids]
                for stream, entry, fields in entries:
                    times = dict(second=asked, third=received, count=int(after == ">"))
                    self.deliver(task, stream, entry, (fields or [b"p", b""])[1], times)
                after = "0" if entries and after == "0" else ">"
            except OSError as error:
                self.reconnect(error)
                after = "0"
        self.journal.put(GROUP, LEFT, third=now(), consumer=task["consumer"])

    def deliver(self, task, stream, entry, payload, times):
        partition = self.streams.index(stream.decode())
        head = payload[:40].ljust(40, b"\0")
        magic, version, producer, sent_to, length, trial, seq, intended = HEAD.unpack(head)
        intact = (magic, version, sent_to, length, trial) == (b"HRNS", 1, partition, len(payload), self.trial)
        intact = intact and payload[40:44] == struct.pack("<I", crc32c(head + payload[44:]))
        row = dict(partition=partition, producer=producer, seq=seq, place=self.place(entry), consumer=task["consumer"])
        self.journal.put(DELIVERY, flags=2 | intact, first=intended, **times, **row)
        self.totals["delivered"] += 1
        before, processing = task["ack"] == "before-processing", task["processing_ns"] / 1e9
        time.sleep(0 if before else processing)
        if task["ack"] != "never":
            asked, outcome = now(), INDETERMINATE
            try:
                self.ask("XACK", stream, self.spec["group"], entry)
                outcome = OK
            except Refused:
                outcome = FAILED
            finally:
                flags = 1 | 2 * intact
                self.journal.put(SETTLEMENT, 0, outcome, flags, second=asked, third=now(), **row)
        if before:
            begun = now()
            time.sleep(processing)
            self.journal.put(SETTLEMENT, PROCESSED, OK, 1 | 2 * intact, second=begun, third=now(), **row)


def times(task):
    """When this producer's messages are due, in ns from the start."""
    schedule, spans, at, due, number = task["schedule"], [], 0.0, 0.0, task["producer"]
    if schedule["arrivals"] != "even":
        raise OSError(f"this worker cannot draw {schedule['arrivals']} arrivals")
    for segment in schedule["segments"]:
        lasts, first, last = segment["lasts_ns"] / 1e9, segment["from"], segment["to"]
        spans.append((at, due, first, (last - first) / lasts))
        at, due = at + lasts, due + (first + last) / 2 * lasts
    again_at, again_due, *_ = spans[schedule.get("repeat_from", 0)]
    while True:
        repeats = "repeat_from" in schedule and number >= again_due
        rounds = math.floor((number - again_due) / (due - again_due)) if repeats else 0
        wanted = number - rounds * (due - again_due)
        begins, before, rate, slope = [span for span in spans if span[1] <= wanted][-1]
        root = math.sqrt(max(0.0, rate * rate + 2.0 * slope * (wanted - before)))
        if not rate + root and slope <= 0:
            return  # the rate is 0 from here on
        into = 2.0 * (wanted - before) / (rate + root) if rate + root else 0.0
        instant = round((rounds * (at - again_at) + begins + into) * 1e9)
        if instant >= schedule["end_ns"]:
            return
        yield instant
        number += task["producers"]


def places(task, partitions):
    """Where this producer's messages go, as which of that partition, and the field of its key: in turn, or by keys."""
    counts = [0] * partitions
    for nth, key in enumerate(draw_keys(task) if "keys" in task else itertools.repeat(None)):
        partition = (nth + task["producer"] if key is None else crc32c(key.encode())) % partitions
        yield partition, counts[partition], () if key is None else ("k", key)
        counts[partition] += 1


def draw_keys(task):
    ((kind, keys),) = task["keys"].items()
    state, count = task["seed"] ^ task["producer"] << 48, keys["count"]
    added = list(itertools.accumulate((key + 1) ** -keys.get("exponent", 0) for key in range(count)))
    while True:
        state = state + 0x9E3779B97F4A7C15 & (1 << 64) - 1
        mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & (1 << 64) - 1
        share = ((mixed ^ mixed >> 31) >> 11) / (1 << 53)
        drawn = bisect.bisect_right(added, share * added[-1]) if kind == "zipf" else int(share * count)
        yield f"key-{min(drawn, count - 1)}"


def contents(task):
    """What a message carries behind its header: a line of a file, or a filler of the size that it is to have."""
    def drawn(what, count, partition, seq):
        identity = struct.pack("<QHHQ", task["seed"], task["producer"], partition, seq)
        return crc32c(what + identity) * count >> 32

    if records := task.get("records"):
        with open(records["file"], "rb") as file:
            content = file.read()
        if crc32c(content) != records["crc32c"]:
            raise OSError(f"{records['file']} has changed since the run began")
        lines = [line.removesuffix(b"\r") for line in content.split(b"\n")]
        lines = [line for line in lines if line]
        return lambda partition, seq: lines[drawn(b"record", len(lines), partition, seq)]
    largest, seed = task["message_bytes"], task["seed"]
    smallest = min(task.get("smallest_bytes", largest), largest)
    filler = random.Random(seed).randbytes(max(0, largest - 44))
    spread = largest - smallest
    return lambda *place: filler[: max(0, smallest - 44 + (drawn(b"size", spread + 1, *place) if spread else 0))]


TABLE = []
for value in range(256):
    for _ in range(8):
        value = value >> 1 ^ 0x82F63B78 * (value & 1)
    TABLE.append(value)


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ TABLE[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


def say(kind, **fields):
    print(json.dumps({"type": kind, **fields}), flush=True)


try:
    assignment = json.loads(sys.stdin.readline())
    if assignment.get("protocol") != 4:
        raise OSError(f"this worker speaks protocol 4, the assignment is in protocol {assignment.get('protocol')}")
    worker, ((kind, task),) = Worker(assignment), assignment["task"].items()
    (worker.produce if kind == "produce" else worker.consume)(task)
    say("progress", **worker.totals)
    worker.journal.put(FINISHED, third=now())
    say("done")
except (OSError, Refused, ValueError) as error:
    say("error", message=f"{error or type(error).__name__}", cause="work")
    sys.exit(4)
