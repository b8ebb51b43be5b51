"""The rows that a Logs Insights query works on: an event with the fields found in it, or a result of `stats`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from apigw_tui.emulator.feed import LoggedEvent
from apigw_tui.emulator.groups import Group

Value = str | int | float | bool
_TIMES: Final = frozenset({"@timestamp", "@ingestionTime"})


class Row:
    """Values by field name; an event's are looked up when they are asked for."""

    def __init__(self, values: Mapping[str, Value], event: LoggedEvent | None = None) -> None:
        self._values = dict(values)
        self._event = event
        self._group: Group | None = None

    @classmethod
    def of_event(cls, event: LoggedEvent, group: Group) -> Row:
        """The row of an event of a group."""
        row = cls({}, event)
        row._group = group
        return row

    def value(self, name: str) -> Value | None:
        """The value of a field; None when the row has none."""
        found = self._values.get(name)
        if found is not None or self._event is None:
            return found
        return self._of_event(name) if name.startswith("@") else self._discovered(name)

    def set(self, values: Mapping[str, Value]) -> None:
        """Give it more fields."""
        self._values.update(values)

    @property
    def names(self) -> list[str]:
        """The fields that were set, in order."""
        return list(self._values)

    @property
    def pointer(self) -> str | None:
        """What leads to the event; None for a result of `stats`."""
        if self._event is None or self._group is None:
            return None
        return base64.b64encode(f"{self._group.key} {self._event.event_id}".encode()).decode().rstrip("=")

    def _of_event(self, name: str) -> Value | None:
        event, group = self._event, self._group
        if event is None or group is None:
            return None
        values: dict[str, Value | None] = {
            "@timestamp": event.timestamp,
            "@ingestionTime": event.ingestion_time,
            "@message": event.message,
            "@logStream": event.log_stream,
            "@log": f"{group.info.account_id}:{group.name}",
            "@ptr": self.pointer,
        }
        return values.get(name)

    @cached_property
    def _document(self) -> Any:
        """The message as JSON, if it is an object; in groups of another class than STANDARD none is looked for."""
        if self._event is None or self._group is None or self._group.group_class != "STANDARD":
            return None
        text = self._event.message.strip()
        if not text.startswith("{"):
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None

    def _discovered(self, name: str) -> Value | None:
        found = self._document
        if isinstance(found, dict) and name in found:
            found = found[name]
        else:
            for part in name.split("."):
                found = _member(found, part)
        return found if isinstance(found, (str, int, float, bool)) else None


def _member(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isdigit() and int(name) < len(value):
        return value[int(name)]
    return None


def number_of(value: Value | None) -> float | None:
    """The number that a value is or spells; None when it is none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def text_of(value: Value) -> str:
    """A value as text."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.4f}".rstrip("0")
    return str(value)


def shown(name: str, value: Value) -> str:
    """A value as GetQueryResults returns it; times are UTC with milliseconds."""
    if isinstance(value, int) and (name in _TIMES or name.startswith("bin(")):
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{value % 1000:03}"
    return text_of(value)
