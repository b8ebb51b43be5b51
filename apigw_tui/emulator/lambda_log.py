"""Writes what Lambda and the functions log of one invocation: as text (Node.js, Python) or as JSON."""

from __future__ import annotations

import json
import math
import random
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Any, Final

from apigw_tui.emulator.batches import Line
from apigw_tui.emulator.calls import Call, Run
from apigw_tui.emulator.details import CRASHES, KEYS_UNREACHABLE, REFUSED, Crash
from apigw_tui.emulator.dice import hex_digest
from apigw_tui.emulator.feed import ACCOUNT_ID, REGION

WAIT_WARNINGS_MS: Final = (5_000, 10_000, 20_000, 28_000)
"""How long an invocation of orders-write has waited when it says so."""


def iso(at: float) -> str:
    """A time as Lambda writes it."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{int(at) % 1000:03d}Z"


def run_lines(run: Run, call: Call, rng: random.Random) -> list[Line]:
    """The lines of one invocation, by time."""
    journal = _JsonJournal(run, call) if run.function.runtime == "json" else _TextJournal(run, call)
    journal.begin()
    _report_work(journal, rng)
    crash = _crash(run, call)
    if crash is not None:
        journal.crash(crash)
    journal.finish(rng)
    return journal.lines


def _crash(run: Run, call: Call) -> Crash | None:
    if run.end != "error":
        return None
    if run is call.authorizer_run:
        return KEYS_UNREACHABLE if call.outcome.name == "authorizer_down" else REFUSED
    return CRASHES[call.detail]


def _report_work(journal: _Journal, rng: random.Random) -> None:
    """What the function itself says while it works."""
    run, call = journal.run, journal.call
    if run is call.authorizer_run:
        return
    journal.say(run.started_at + 1, "INFO", f"{_subject(call)} apigw={call.request_id}")
    if call.outcome.name == "hung":
        _report_waiting(journal, rng)
        return
    if call.path.startswith("/carts") and rng.randrange(4) == 0:
        items = rng.randrange(1, 6)
        journal.say(run.started_at + 2, "INFO", f"cart {{\r  items: {items},\r  currency: 'EUR'\r}}")
    if run.end == "success" and rng.randrange(3) == 0:
        rows = rng.randrange(1, 60)
        journal.say(run.ended_at - 1, "INFO", f"{rows} rows in {run.duration_ms * 0.7:.1f} ms")


def _subject(call: Call) -> str:
    if call.connection_id is not None and call.route is not None:
        return f"{call.route.key} connection={call.connection_id}"
    return f"{call.method} {call.path}"


def _report_waiting(journal: _Journal, rng: random.Random) -> None:
    run = journal.run
    database = "orders-db.internal.example:5432"
    for waited in WAIT_WARNINGS_MS:
        waiting = 14 + waited // 1000 + rng.randrange(9)
        text = f"connection pool exhausted: 20 of 20 in use, {waiting} waiting, {waited // 1000} s for "
        journal.say(run.started_at + waited + rng.randrange(30), "WARNING", text + database)
    if run.end == "success":
        text = f"order stored after waiting {run.duration_ms / 1000:.1f} s for a connection"
        journal.say(run.ended_at - 1, "WARNING", text)


class _Journal(ABC):
    """The lines of one invocation so far."""

    def __init__(self, run: Run, call: Call) -> None:
        self.run = run
        self.call = call
        self.lines: list[Line] = []

    @abstractmethod
    def begin(self) -> None:
        """Container and invocation start."""

    @abstractmethod
    def say(self, at: int, level: str, text: str) -> None:
        """The function writes a line."""

    @abstractmethod
    def crash(self, crash: Crash) -> None:
        """The function throws."""

    @abstractmethod
    def finish(self, rng: random.Random) -> None:
        """The invocation ends and is billed."""

    @property
    def runtime_arn(self) -> str:
        """Which build of the runtime this is."""
        build = hex_digest(self.run.function.runtime_version, 1) + hex_digest(self.run.function.runtime_version, 2)
        return f"arn:aws:lambda:{REGION}::runtime:{build}"

    @property
    def billed_ms(self) -> int:
        """Duration and start of the container, in full ms."""
        return math.ceil(self.run.duration_ms) + math.ceil(self.run.init_ms or 0)

    @property
    def init_at(self) -> int:
        """When the container began to start."""
        return self.run.started_at - int(self.run.init_ms or 0)


class _TextJournal(_Journal):
    def begin(self) -> None:
        run = self.run
        if run.init_ms is not None:
            version = f"Runtime Version: {run.function.runtime_version}"
            self.lines.append((self.init_at, f"INIT_START {version}\tRuntime Version ARN: {self.runtime_arn}\n"))
        self.lines.append((run.started_at, f"START RequestId: {run.request_id} Version: {run.version}\n"))

    def say(self, at: int, level: str, text: str) -> None:
        if self.run.function.runtime == "python":
            self.lines.append((at, f"[{level}]\t{iso(at)}\t{self.run.request_id}\t{text}\n"))
        else:
            self.lines.append((at, f"{iso(at)}\t{self.run.request_id}\t{level}\t{text}\n"))

    def crash(self, crash: Crash) -> None:
        at = self.run.ended_at
        if self.run.function.runtime == "python":
            self.lines.append((at, f"[ERROR] {crash.kind}: {crash.message}\n{_traceback(crash)}"))
            return
        stack = [f"{crash.kind}: {crash.message}"]
        stack += [f"    at {name} ({file}:{line}:17)" for file, line, name in crash.stack]
        error = {"errorType": crash.kind, "errorMessage": crash.message, "stack": stack}
        text = json.dumps(error, separators=(",", ":"))
        self.lines.append((at, f"{iso(at)}\t{self.run.request_id}\tERROR\tInvoke Error \t{text}\n"))

    def finish(self, rng: random.Random) -> None:
        run, at = self.run, self.run.ended_at
        if run.end == "timeout":
            limit = f"{run.function.timeout_s:.2f} seconds"
            self.lines.append((at, f"{iso(at)} {run.request_id} Task timed out after {limit}\n\n"))
        self.lines.append((at, f"END RequestId: {run.request_id}\n"))
        used = run.function.used_mb + rng.randrange(6)
        report = (
            f"REPORT RequestId: {run.request_id}\tDuration: {run.duration_ms:.2f} ms\t"
            f"Billed Duration: {self.billed_ms} ms\tMemory Size: {run.function.memory_mb} MB\t"
            f"Max Memory Used: {used} MB\t"
        )
        if run.init_ms is not None:
            report += f"Init Duration: {run.init_ms:.2f} ms\t"
        if self.call.trace_id:
            segment = f"{rng.getrandbits(64):016x}"
            sampled = "true" if self.call.is_sampled else "false"
            report += f"\nXRAY TraceId: {self.call.trace_id}\tSegmentId: {segment}\tSampled: {sampled}\t"
        if run.end != "success":
            report += f"Status: {run.end}"
        self.lines.append((at, report + "\n"))


def _traceback(crash: Crash) -> str:
    """As Lambda prints it: indented with no-break spaces."""
    frames = "".join(f'\xa0\xa0File "{file}", line {line}, in {name}\n' for file, line, name in crash.stack[::-1])
    return f"Traceback (most recent call last):\n{frames}"


class _JsonJournal(_Journal):
    def _platform(self, at: int, kind: str, record: dict[str, Any]) -> None:
        entry = {"time": iso(at), "type": f"platform.{kind}", "record": record}
        self.lines.append((at, json.dumps(entry, separators=(",", ":")) + "\n"))

    def begin(self) -> None:
        run = self.run
        name = run.function.name
        if run.init_ms is not None:
            runtime = {"runtimeVersion": run.function.runtime_version, "runtimeVersionArn": self.runtime_arn}
            record = {"initializationType": "on-demand", "phase": "init", **runtime, "functionName": name}
            self._platform(self.init_at, "initStart", {**record, "functionVersion": run.version})
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}"
        start = {"requestId": run.request_id, "functionArn": arn, "version": run.version}
        self._platform(run.started_at, "start", start)

    def _entry(self, at: int, level: str, message: object) -> None:
        head = {"timestamp": iso(at), "level": level, "requestId": self.run.request_id}
        entry = {**head, "message": message, "userAgent": self.call.user_agent}
        self.lines.append((at, json.dumps(entry, separators=(",", ":")) + "\n"))

    def say(self, at: int, level: str, text: str) -> None:
        self._entry(at, level, text)

    def crash(self, crash: Crash) -> None:
        stack = [f"at {name} ({file}:{line}:17)" for file, line, name in crash.stack]
        error = {"errorType": crash.kind, "errorMessage": crash.message, "stackTrace": stack}
        self._entry(self.run.ended_at, "ERROR", error)

    def finish(self, rng: random.Random) -> None:
        run = self.run
        spent = {"durationMs": round(run.duration_ms, 3), "billedDurationMs": self.billed_ms}
        memory = {
            "memorySizeMB": run.function.memory_mb,
            "maxMemoryUsedMB": run.function.used_mb + rng.randrange(9),
        }
        init = {} if run.init_ms is None else {"initDurationMs": round(run.init_ms, 3)}
        result = {"requestId": run.request_id, "status": run.end}
        self._platform(run.ended_at, "runtimeDone", {**result, "metrics": {"durationMs": spent["durationMs"]}})
        self._platform(run.ended_at, "report", {**result, "metrics": {**spent, **memory, **init}})
