#!/usr/bin/env python3
"""A worker for Redis Streams in plain Python: one send at a time, no package. docs/worker-protocol.md is what it keeps to.

In a scenario:  client = { program = ["python3", "docs/worker.py"] }
"""
import json, math, mmap, os, random, socket, struct, sys, threading, time

BEGUN, SEND, DELIVERY, SETTLEMENT, CONNECTION, GROUP, TEXT, MORE, FINISHED = range(1, 10)  # kinds of rows
OK, FAILED, INDETERMINATE = range(3)  # outcomes
CONNECTING, CONNECTED, LOST, ATTEMPT_FAILED = range(4)
JOINED, LEFT, ACK = 0, 4, 0
PAYLOAD = struct.Struct("<4sBxHHxxIQQQ")  # and the checksum
TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ TABLE[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


class Journal:
    """Rows of 64 bytes in memory that the run reads. Written by one thread."""

    def __init__(self, path):
        self.map = mmap.mmap(os.open(path, os.O_RDWR), 0)
        self.words = memoryview(self.map).cast("Q")
        magic, version, width, self.rows = struct.unpack_from("<8sIIQ", self.map)
        if (magic, version, width) != (b"HRNSJRNL", 1, 64):
            raise SystemExit(f"{path} is no journal of version 1")
        self.next, self.texts = 0, {}

    def put(self, kind, what=0, outcome=0, flags=0, partition=0, producer=0, seq=0, first=0, second=0, third=0, place=0,
            count=0, consumer=0, text=0, carried=b""):
        rows = [struct.pack("<4B2H5Q2HI", kind, what, outcome, flags, partition, producer, seq, first, second, third, place,
                            count, consumer, text)]
        rows += [struct.pack("<B7x48s", MORE, carried[at:at + 48]) for at in range(0, len(carried), 48)]
        while self.next + len(rows) > self.words[8] + self.rows and not self.words[16]:
            time.sleep(0.0005)  # until the run has taken more, or takes no more
        for row in rows:
            at = 4096 + self.next % self.rows * 64
            self.map[at + 8:at + 64] = row
            self.words[at // 8] = self.next = self.next + 1  # last: it makes the row whole

    def text(self, words):
        if words is not None and words not in self.texts:
            data = words.encode()[:4096]
            self.put(TEXT, count=len(data), text=len(self.texts) + 1, carried=data)
            self.texts[words] = len(self.texts) + 1
        return self.texts[words] if words is not None else 0


class Refused(Exception):
    """The server said no."""


class Worker:
    def __init__(self, assignment):
        self.spec, self.trial, self.name = assignment["connection"], assignment["trial"], assignment["worker"]
        self.policy, self.journal = self.spec["policy"], Journal(assignment["journal"])
        self.streams = [f"{self.spec['topic']}:{partition}" for partition in range(self.spec["partitions"])]
        self.started, self.start_at = threading.Event(), None
        self.stopped, self.finished = threading.Event(), threading.Event()
        self.totals = dict(sent=0, acknowledged=0, failed=0, indeterminate=0, settled=False, delivered=0)
        self.told = self.failures = 0
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in sys.stdin:
            message = json.loads(line)
            if message["type"] == "start":
                self.start_at = message["at_ns"]
                self.started.set()
            elif message["type"] in ("stop", "finish"):
                (self.stopped if message["type"] == "stop" else self.finished).set()
        self.finished.set()  # the end of the input is an order

    def rest(self, until=0):
        """Sleeps until an instant, at most 50 ms, and tells how far it is a few times a second."""
        now = time.monotonic_ns()
        if now - self.told > 200_000_000:
            self.told = now
            say("progress", **self.totals)
        time.sleep(max(0, min(until - now, 50_000_000)) / 1e9)

    def note(self, event, error=None):
        texts = dict(place=self.journal.text("main"), text=self.journal.text(error))
        self.journal.put(CONNECTION, event, third=time.monotonic_ns(), **texts)

    def connect(self):
        self.note(CONNECTING)
        try:
            host, port = self.spec["address"].rsplit(":", 1)
            self.socket = socket.create_connection((host, int(port)), self.policy["connect_timeout_ns"] / 1e9)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.settimeout(self.policy["request_timeout_ns"] / 1e9)
            self.answers = self.socket.makefile("rb")
            self.ask("PING")
        except OSError as error:
            self.note(ATTEMPT_FAILED, type(error).__name__)
            raise
        self.note(CONNECTED)
        self.failures = 0

    def reconnect(self, error):
        """By the policy, until it succeeds or the worker is to come to its end."""
        self.note(LOST, type(error).__name__)
        while not self.finished.is_set():
            policy = self.policy
            wait = min(policy["backoff_first_ns"] * policy["backoff_factor"] ** self.failures, policy["backoff_max_ns"])
            until = time.monotonic_ns() + wait * (1 + policy["backoff_jitter"] * random.uniform(-1, 1))
            self.failures += 1
            while time.monotonic_ns() < until and not self.finished.is_set():
                self.rest(until)
            try:
                return self.connect()
            except OSError:
                pass

    def ask(self, *words):
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
        return self.answer()

    def answer(self):
        line = self.answers.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise Refused(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self.answers.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self.answer() for _ in range(max(0, int(rest)))]
        return rest

    def produce(self, task):
        self.connect()
        say("ready")
        while not (self.started.is_set() or self.stopped.is_set() or self.finished.is_set()):
            self.rest(time.monotonic_ns() + 10_000_000)
        filler = random.Random(task["seed"]).randbytes(max(0, task["message_bytes"] - 44))
        for nth, offset in enumerate(times(task) if self.started.is_set() else []):
            intended = self.start_at + offset
            while (late := time.monotonic_ns() - intended) < 0 and not (self.stopped.is_set() or self.finished.is_set()):
                self.rest(intended)
            if late < 0 or self.stopped.is_set() or self.finished.is_set():
                break
            partition = (nth + task["producer"]) % len(self.streams)
            self.send(task["producer"], partition, nth // len(self.streams), intended, filler)
        self.totals["settled"] = True
        self.finished.wait(0) or self.wait_for_finish()

    def wait_for_finish(self):
        while not self.finished.is_set():
            self.rest(time.monotonic_ns() + 50_000_000)

    def send(self, producer, partition, seq, intended, filler):
        head = PAYLOAD.pack(b"HRNS", 1, producer, partition, 44 + len(filler), self.trial, seq, intended)
        payload = head + struct.pack("<I", crc32c(head + filler)) + filler
        row = dict(partition=partition, producer=producer, seq=seq, first=intended, second=time.monotonic_ns())
        self.journal.put(BEGUN, **row)
        self.totals["sent"] += 1
        outcome, position, error = OK, None, None
        try:
            position = place(self.ask("XADD", self.streams[partition], "*", "p", payload))
        except Refused as refusal:
            outcome, error = FAILED, refusal
        except OSError as lost:
            outcome, error = INDETERMINATE, lost
        words = error and (str(error) if outcome == FAILED else type(error).__name__)
        self.journal.put(SEND, outcome=outcome, flags=int(position is not None), third=time.monotonic_ns(),
                         place=position or 0, text=self.journal.text(words), **row)
        self.totals[("acknowledged", "failed", "indeterminate")[outcome]] += 1
        if outcome == INDETERMINATE:
            self.reconnect(error)

    def consume(self, task):
        self.connect()
        partitions = struct.pack(f"<{len(self.streams)}H", *range(len(self.streams)))
        membership = dict(third=time.monotonic_ns(), consumer=task["consumer"])
        self.journal.put(GROUP, JOINED, count=len(self.streams), carried=partitions, **membership)
        say("ready")
        after = "0"  # first what it was given before and has not acknowledged, then what is new
        while not self.finished.is_set():
            self.rest()
            try:
                self.socket.settimeout(self.policy["request_timeout_ns"] / 1e9 + 0.2)
                read = self.ask("XREADGROUP", "GROUP", self.spec["group"], self.name, "COUNT", 100, "BLOCK", 200,
                                "STREAMS", *self.streams, *[after] * len(self.streams))
                received, entries = time.monotonic_ns(), [(stream, *entry) for stream, ids in read for entry in ids]
                for stream, entry, fields in entries:
                    self.deliver(task, stream.decode(), entry, dict(zip(fields[::2], fields[1::2])), received, after)
                after = after if entries and after == "0" else ">"
            except OSError as error:
                self.reconnect(error)
                after = "0"
        self.journal.put(GROUP, LEFT, **membership | dict(third=time.monotonic_ns()))

    def deliver(self, task, stream, entry, fields, received, after):
        partition, payload = self.streams.index(stream), fields.get(b"p", b"")
        row = dict(partition=partition, place=place(entry), consumer=task["consumer"])
        head, message = payload[:40], {}
        if len(payload) >= 44:
            magic, version, producer, sent_to, length, trial, seq, intended = PAYLOAD.unpack(head)
            right = (magic, version, sent_to, length, trial) == (b"HRNS", 1, partition, len(payload), self.trial)
            intact = right and payload[40:44] == struct.pack("<I", crc32c(head + payload[44:]))
            message = dict(producer=producer, seq=seq)
            self.journal.put(DELIVERY, flags=int(intact), first=intended, third=received, count=int(after == ">"),
                             **row | message | dict(partition=sent_to))
        else:
            self.journal.put(DELIVERY, third=received, count=int(after == ">"), **row)
        self.totals["delivered"] += 1
        self.rest(0)
        processing = task["processing_ns"] / 1e9
        if task["ack"] != "before-processing":
            time.sleep(processing)
        if task["ack"] != "never":
            asked, outcome = time.monotonic_ns(), INDETERMINATE
            try:
                self.ask("XACK", stream, self.spec["group"], entry)
                outcome = OK
            except Refused:
                outcome = FAILED
            finally:
                self.journal.put(SETTLEMENT, ACK, outcome, flags=1 | 2 * bool(message), second=asked,
                                 third=time.monotonic_ns(), **row | message)
        if task["ack"] == "before-processing":
            time.sleep(processing)


def place(entry):
    """An entry ID as one ordered number."""
    ms, seq = entry.split(b"-")
    return int(ms) << 20 | int(seq)


def times(task):
    """When this producer's messages are due, in ns from the start."""
    schedule, spans, at, due = task["schedule"], [], 0.0, 0.0
    if schedule["arrivals"] != "even":
        raise SystemExit(f"this worker cannot draw {schedule['arrivals']} arrivals")
    for segment in schedule["segments"]:
        lasts, first, last = segment["lasts_ns"] / 1e9, segment["from"], segment["to"]
        spans.append((at, due, first, (last - first) / lasts))
        at, due = at + lasts, due + (first + last) / 2 * lasts
    again = schedule.get("repeat_from")
    number = task["producer"]
    while True:
        wanted, rounds, period = float(number), 0.0, 0.0
        if again is not None and wanted > due:
            rounds = math.floor((wanted - spans[again][1]) / (due - spans[again][1]))
            period, wanted = at - spans[again][0], wanted - rounds * (due - spans[again][1])
        begins, before, rate, slope = [span for span in spans if span[1] <= wanted][-1]
        within = wanted - before
        root = math.sqrt(max(0.0, rate * rate + 2.0 * slope * within))
        instant = round((rounds * period + begins + 2.0 * within / (rate + root)) * 1e9)
        if instant >= schedule["end_ns"]:
            return
        yield instant
        number += task["producers"]


def say(kind, **fields):
    print(json.dumps({"type": kind, **fields}), flush=True)


def main():
    assignment = json.loads(sys.stdin.readline())
    if assignment.get("protocol") != 2:
        say("error", message=f"this worker speaks protocol 2, the assignment is in {assignment.get('protocol')}")
        raise SystemExit(4)
    worker, (kind, task) = Worker(assignment), *assignment["task"].items()
    try:
        (worker.produce if kind == "produce" else worker.consume)(task)
    except (OSError, Refused) as error:
        say("error", message=f"{assignment['connection']['address']}: {error or type(error).__name__}")
        raise SystemExit(4)
    say("progress", **worker.totals)
    worker.journal.put(FINISHED, third=time.monotonic_ns())
    say("done")


main()
