"""Errors that functions log: type, message and stack trace, as each of Lambda's runtimes writes them.

Node.js and Go write JSON objects, Python and Java rows of text, and with JSON log formats all of them an entry
with the error in it, under names that differ by runtime and by logging library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apigw_tui.core.text import sanitise

FUNCTION_LEAD: Final = re.compile(
    r"(?:\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]*\t(?P<level>[A-Z]+)\t"
    r"|\[(?P<mark>[A-Z]+)\]\s+(?:\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]*\t)?)"
)
"""Time, ID and level in front of what a function prints."""

_ROWS: Final = re.compile(r"\r\n|\n|\r")
_FRAME: Final = re.compile(r'[\s\xa0]*(?:at\s+\S|File ".*", line \d+|from \S+:\d+|\S+\.go:\d+|\S+\.rb:\d+:in )')
_TRACE_BEGINS: Final = re.compile(
    r'[\s\xa0]+at\s+\S|Traceback \(most recent call last\)|[\s\xa0]+File ".*", line \d+|goroutine \d+ \['
    r"|[\s\xa0]+from \S+:\d+|\S+\.rb:\d+:in "
)
_KIND: Final = re.compile(r"(?P<kind>[A-Za-z_$][\w.$:]*?)(?: \[\w+\])?(?:: (?P<message>.*)|:?)", re.DOTALL)
_SURE_KIND: Final = re.compile(r"[\w.$:]*(?:Error|Exception|Fault|Failure|Timeout|Interrupt|Exit|Panic)|panic")
_SAID_BEFORE: Final = re.compile(
    r'(?:Invoke Error|Uncaught Exception|Unhandled Promise Rejection|Exception in thread "[^"]*"'
    r"|Unhandled exception[.:]?|Uncaught)\s+"
)
_PROCESS: Final = re.compile(
    r"RequestId: \S+ (?:Error: )?(?P<message>(?:Runtime exited|Process exited)[^\r\n]*)(?P<rest>[\s\S]*)"
)

_KINDS: Final = ("errorType", "exception_name", "error_type", "name", "type", "class")
_MESSAGES: Final = ("errorMessage", "error_message", "message", "value", "msg")
_STACKS: Final = ("stackTrace", "stack", "stack_trace", "stacktrace", "exception", "frames", "backtrace")
_WITHIN: Final = ("message", "error", "err", "exception", "stack_trace", "errorObject", "exc_info")
_DEEPEST: Final = 3


@dataclass(frozen=True)
class FunctionError:
    """An error; `frames` are the rows of its stack trace as they were logged."""

    kind: str | None
    message: str
    frames: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Type and message, as far as they are known."""
        return ": ".join(part for part in (self.kind, self.message) if part)

    @property
    def depth(self) -> int:
        """How many calls the stack trace tells: a call may take two rows."""
        calls = sum(_FRAME.match(row) is not None for row in self.frames)
        return calls or sum(not row.startswith("Traceback") for row in self.frames)


def error_in(message: str) -> FunctionError | None:
    """Return the error that a function's line tells; None for a line that tells none for sure."""
    text = message.rstrip()
    if (ended := _PROCESS.match(text)) is not None:
        return FunctionError(ended["rest"].strip() or None, ended["message"])
    lead = FUNCTION_LEAD.match(text)
    body = text[lead.end() :] if lead else text
    before = _SAID_BEFORE.match(body)
    body = body[before.end() :] if before else body
    if body.startswith("{"):
        return _of_json(body)
    return _of_text(body, is_error=lead is not None or before is not None)


def _of_text(text: str, *, is_error: bool) -> FunctionError | None:
    rows = _ROWS.split(text)
    first = next((place for place, row in enumerate(rows) if _TRACE_BEGINS.match(row)), None)
    if first is None:
        kind, message = _named(text)
        return FunctionError(kind, message) if is_error and kind and _SURE_KIND.fullmatch(kind) else None
    said, frames = [row for row in rows[:first] if row.strip()], rows[first:]
    told = _told_last(frames) if len(said) <= 1 and not _is_named(said) else len(frames)
    if not said and told == len(frames):
        return None
    kind, message = _named(": ".join(part for part in ("\n".join(said), "\n".join(frames[told:]).strip()) if part))
    frames = frames[:told]
    return FunctionError(kind, message, tuple(row.rstrip() for row in frames if row.strip()))


def _told_last(frames: Sequence[str]) -> int:
    """Where Python's own traceback says what happened: in its last row that is not set in."""
    if not frames[0].startswith("Traceback"):
        return len(frames)
    told = (place for place in range(len(frames) - 1, 0, -1) if frames[place] and not frames[place][0].isspace())
    return next(told, len(frames))


def _is_named(said: Sequence[str]) -> bool:
    kind, _ = _named("\n".join(said))
    return kind is not None and _SURE_KIND.fullmatch(kind) is not None


def _named(text: str) -> tuple[str | None, str]:
    """Type and message of `TypeError: a message`."""
    found = _KIND.fullmatch(text)
    if found is None or (found["message"] is None and not _SURE_KIND.fullmatch(found["kind"])):
        return None, text
    return found["kind"], found["message"] or ""


def _of_json(text: str) -> FunctionError | None:
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _in_entry(entry, 0) if isinstance(entry, dict) else None


def _in_entry(entry: Mapping[str, Any], depth: int) -> FunctionError | None:
    """The error that an entry is, or that lies within it."""
    frames = next((rows for name in _STACKS if (rows := _frames(entry.get(name)))), ())
    kind = _first_text(entry, _KINDS[:3] if depth == 0 and not frames else _KINDS)
    message = _first_text(entry, _MESSAGES)
    if kind is not None and message is not None and (frames or _SURE_KIND.fullmatch(kind) or "errorType" in entry):
        return _without_title(FunctionError(kind, message, frames))
    for name in _WITHIN if depth < _DEEPEST else ():
        inner = _loaded(entry.get(name))
        found = _in_entry(inner, depth + 1) if inner is not None else None
        if found is not None:
            return found
    if not frames:
        logged = entry.get("message")
        return _of_text(sanitise(logged), is_error=False) if isinstance(logged, str) else None
    said = frames[0] if not _TRACE_BEGINS.match(frames[0]) else message or ""
    kind, told = _named(said)
    return _without_title(FunctionError(kind, told or said, frames))


def _first_text(entry: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """The first of these that is a text, safe to show: what JSON escapes can hide anything."""
    return next((sanitise(value) for name in names if isinstance(value := entry.get(name), str) and value), None)


def _loaded(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def _frames(value: Any) -> tuple[str, ...]:
    """A stack trace as rows, from a text, a list of texts, or a list of its calls' parts."""
    if isinstance(value, str):
        rows = _ROWS.split(sanitise(value.rstrip()))
        return tuple(rows) if any(_FRAME.match(row) for row in rows) else ()
    if not isinstance(value, list):
        return ()
    rows = [row for each in value for row in _ROWS.split(sanitise(_call(each).rstrip()))]
    return tuple(row for row in rows if row.strip())


def _call(part: Any) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        part = dict(zip(("file", "line", "function", "statement"), part, strict=False))
    if not isinstance(part, dict):
        return str(part)
    where = next((str(part[name]) for name in ("path", "file", "fileName") if part.get(name)), "")
    line = next((f":{part[name]}" for name in ("line", "lineNumber") if part.get(name)), "")
    what = next((str(part[name]) for name in ("label", "function", "methodName") if part.get(name)), "")
    return f"at {what} ({where}{line})" if where else f"at {what}"


def _without_title(error: FunctionError) -> FunctionError:
    """Node.js repeats type and message as the first row of the stack."""
    rows = error.frames
    repeated = _ROWS.split(error.message)
    if rows and not _TRACE_BEGINS.match(rows[0]) and not _FRAME.match(rows[0]):
        rows = rows[len(repeated) :] if rows[0].endswith(repeated[0]) else rows
    return FunctionError(error.kind, error.message, rows)
