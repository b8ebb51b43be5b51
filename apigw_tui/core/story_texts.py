"""The texts of a story's lines: as logged, or as read; what unfolds below each; secrets masked until wanted."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.function_errors import FUNCTION_LEAD, error_in
from apigw_tui.core.invocations import Invocation, report_facts
from apigw_tui.core.story_payloads import payload_in
from apigw_tui.core.text import mask_secrets, pretty_payload, sanitise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.story import StoryLine

_LEVEL_CELLS: Final = 6
_LARGEST_LAID_OUT: Final = 200_000
"""A longer message is shown as it is: laying it out would be felt."""
_PLATFORM_START: Final = re.compile(r'\{\s*"time"\s*:\s*"[^"]*"\s*,\s*"type"\s*:\s*"platform\.start"')


@dataclass(frozen=True)
class Details:
    """What unfolds below a line: rows of text, and what they are (`frames`, `headers`, `rows`)."""

    rows: tuple[str, ...]
    noun: str
    number: int

    @property
    def label(self) -> str:
        """How much there is, in words."""
        noun = self.noun.removesuffix("s") if self.number == 1 else self.noun
        return f"{self.number} {noun}"


@dataclass(frozen=True)
class StoryTexts:
    """The texts of a story's lines; secrets stay masked until `reveal`."""

    lines: Sequence[StoryLine]
    evidence: str | None
    """What proves the cause: of a long access entry only this is shown in the story."""
    reveal: bool
    as_logged: bool
    """Whether functions' lines keep their time and ID in front, and access entries all their fields."""
    _headlines: dict[int, str] = field(default_factory=dict, compare=False, repr=False)
    _details: dict[int, Details | None] = field(default_factory=dict, compare=False, repr=False)

    def full(self, index: int) -> str:
        """The whole text of a line, its own line breaks in it."""
        line = self.lines[index]
        text = line.text
        if not self.as_logged:
            text = self._as_read(line, text)
        return self._masked(text)

    def headline(self, index: int) -> str:
        """What the row of a line says: of a function's error its type and message, of a REPORT its numbers."""
        text = self._headlines.get(index)
        if text is None:
            line = self.lines[index]
            told = None if self.as_logged or line.kind != "lambda" else _told(line)
            text = self._headlines[index] = self.full(index) if told is None else self._masked(told)
        return text

    def rows(self, index: int) -> tuple[str, ...]:
        """A line with all that it holds, row by row, where there is room for everything."""
        line, details = self.lines[index], self.details(index)
        if details is None or (details.noun == "rows" and payload_in(line) is None):
            return tuple(self.full(index).rstrip("\n").split("\n"))
        first = self.headline(index) if details.noun == "frames" else f"{line.text.partition(':')[0]}:"
        return (first, *details.rows)

    def details(self, index: int) -> Details | None:
        """What unfolds below a line; None where its row says all."""
        if index not in self._details:
            self._details[index] = self._laid_out(self.lines[index])
        return self._details[index]

    def _laid_out(self, line: StoryLine) -> Details | None:
        is_told = line.line_kind == "lambda_report" and not self.as_logged
        if len(line.message) > _LARGEST_LAID_OUT or is_told:
            return None
        error = error_in(line.message) if line.line_kind == "lambda_error" and not self.as_logged else None
        if error is not None and error.frames:
            said = error.title.split("\n")[1:]
            return Details(self._rows("\n".join((*said, *error.frames))), "frames", error.depth)
        payload = payload_in(line)
        text = pretty_payload(_body(line) if payload is None else payload)
        rows = self._rows(text)
        if len(rows) <= 1:
            return None
        is_map = payload is not None and "headers" in str(line.line_kind)
        return Details(rows, "headers" if is_map else "rows", len(rows))

    def _rows(self, text: str) -> tuple[str, ...]:
        return tuple(self._masked(text).rstrip().split("\n"))

    def _masked(self, text: str) -> str:
        return text if self.reveal else mask_secrets(text)

    def _as_read(self, line: StoryLine, text: str) -> str:
        if line.kind == "access" and line.evidence and self.evidence:
            return self.evidence
        prefix = function_prefix(line)
        if prefix is None:
            return text
        start, level = prefix
        return f"{_level(level)}{text[start:]}"


def function_prefix(line: StoryLine) -> tuple[int, str] | None:
    """How long the time, ID and level in front of a function's line are, and the level."""
    if line.kind != "lambda" or (match := FUNCTION_LEAD.match(line.message)) is None:
        return None
    return match.end(), match["level"] or match["mark"]


def level_of(line: StoryLine) -> str | None:
    """The level of a function's line, in text or JSON."""
    prefix = function_prefix(line)
    if prefix is not None:
        return prefix[1]
    level = _entry(line).get("level") if line.kind == "lambda" else None
    return level.upper() if isinstance(level, str) else None


def _level(level: str) -> str:
    return level.ljust(max(_LEVEL_CELLS, len(level) + 1))


def _body(line: StoryLine) -> str:
    prefix = function_prefix(line)
    return line.text if prefix is None else line.text[prefix[0] :]


def _entry(line: StoryLine) -> dict[str, Any]:
    """The object that a function's line in JSON is; empty for any other."""
    if not line.message.startswith("{") or len(line.message) > _LARGEST_LAID_OUT:
        return {}
    try:
        entry = json.loads(line.message)
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def _told(line: StoryLine) -> str | None:
    """What a function's line says, in one row; None where that is its own text."""
    whose = "(authorizer) " if line.function == "authorizer" else ""
    match line.line_kind:
        case "lambda_error":
            error = error_in(line.message)
            return None if error is None else f"{_level(level_of(line) or 'ERROR')}{error.title.partition(chr(10))[0]}"
        case "lambda_report":
            facts = report_facts(line.message)
            known = Invocation(line.request_id, None, line.log_group, line.function, (), **facts).facts
            return f"REPORT {whose or ' '}{', '.join(known)}" if known else None
        case "lambda_start":
            return _started(line, whose)
        case "lambda_end" if line.message.startswith("{"):
            return f"END RequestId: {line.request_id}"
    return _logged(line) if line.line_kind == "lambda_log" else None


def _started(line: StoryLine, whose: str) -> str:
    if not _PLATFORM_START.match(line.message):
        return line.text.replace("START ", f"START {whose}", 1)
    version = _entry(line).get("record", {}).get("version")
    return f"START {whose}RequestId: {line.request_id} Version: {version}"


def _logged(line: StoryLine) -> str | None:
    """Level and message of an entry in JSON."""
    entry = _entry(line)
    message, level = entry.get("message"), level_of(line)
    if level is None or not isinstance(message, str):
        return None
    return f"{_level(level)}{sanitise(message)}"
