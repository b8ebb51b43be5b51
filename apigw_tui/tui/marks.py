"""Marks: rows that the user wants to find again, with a note each; they outlive a restart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.tui import later

if TYPE_CHECKING:
    from apigw_tui.core.view import View
    from apigw_tui.tui.session import Mode

LONGEST_NOTE: Final = 400
_MOST_OF_A_TARGET: Final = 2_000
_NAME_LENGTH: Final = 32
_NEAR_MS: Final = 300_000
"""A request may turn out to have started earlier, when its access entry comes after its lines."""


@dataclass(frozen=True)
class Mark:
    """What is marked, in words that a later run understands: row numbers and keys are of one run only.

    `name` is the ID of a request in its `scope`, or a digest of an event; `at` epoch ms.
    """

    mode: Mode
    name: str
    at: int
    scope: str = ""
    note: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Mark | None:
        """The mark of a row of requests or events; None for a row that nothing names."""
        if "message" in row:
            return cls("events", _digest(row), int(row["timestamp"]))
        name = row.get("request_id") or row.get("extended_request_id")
        if not name or row.get("started_at") is None:
            return None
        return cls("requests", str(name), int(row["started_at"]), str(row.get("scope") or ""))


@dataclass(frozen=True)
class Marks:
    """The marks of what is open: `placed` by the anchor of their row, `waiting` for rows that are not read (yet)."""

    placed: Mapping[int, Mark] = field(default_factory=dict)
    waiting: tuple[Mark, ...] = ()

    def __len__(self) -> int:
        return len(self.placed) + len(self.waiting)

    def __iter__(self) -> Any:
        """All of them, the oldest first."""
        return iter(sorted((*self.placed.values(), *self.waiting), key=lambda mark: (mark.at, mark.name)))

    def placed_requests(self) -> list[Mark]:
        """The marks of requests whose rows have come, the oldest first."""
        return [mark for mark in self if mark.mode == "requests" and mark not in self.waiting]

    def anchors(self, mode: Mode) -> frozenset[int]:
        """The rows of this view that are marked."""
        return frozenset(anchor for anchor, mark in self.placed.items() if mark.mode == mode)

    def at(self, anchor: object) -> Mark | None:
        """The mark of a row."""
        return self.placed.get(anchor) if isinstance(anchor, int) else None

    def added(self, anchor: int, mark: Mark) -> Marks:
        """With another mark, or this one in the place of an older one of the row."""
        return replace(self, placed={**self.placed, anchor: mark})

    def removed(self, anchor: int) -> Marks:
        """Without the mark of a row."""
        return replace(self, placed={other: mark for other, mark in self.placed.items() if other != anchor})

    def noted(self, anchor: int, note: str) -> Marks:
        """With this note at a row's mark; without a note there is no mark."""
        text = " ".join(note.split())[:LONGEST_NOTE]
        return self.added(anchor, replace(self.placed[anchor], note=text)) if text else self.removed(anchor)

    def found_in(self, view: View, requests: View) -> Marks:
        """With those placed whose rows have come."""
        placed, waiting = dict(self.placed), []
        for mark in self.waiting:
            anchor = _anchor_of(mark, view, requests)
            if anchor is None:
                waiting.append(mark)
            else:
                placed.setdefault(anchor, mark)
        return Marks(placed, tuple(waiting)) if len(waiting) < len(self.waiting) else self


def marks_record(marks: Iterable[Mark]) -> list[dict[str, Any]]:
    """Marks as JSON, the newest rows of very many."""
    return [
        {"mode": mark.mode, "name": mark.name, "at": mark.at, "scope": mark.scope, "note": mark.note}
        for mark in [*marks][-_MOST_OF_A_TARGET:]
    ]


def marks_of_record(records: object) -> tuple[Mark, ...]:
    """Marks out of JSON; what is no mark is left out."""
    marks = []
    for record in records if isinstance(records, list) else ():
        if not isinstance(record, dict) or record.get("mode") not in ("requests", "events"):
            continue
        name, at, texts = record.get("name"), record.get("at"), (record.get("scope", ""), record.get("note", ""))
        if isinstance(name, str) and name and isinstance(at, int) and all(isinstance(text, str) for text in texts):
            note = "".join(sign for sign in texts[1] if sign.isprintable())
            marks.append(Mark(record["mode"], name, at, texts[0], note[:LONGEST_NOTE]))
    return tuple(marks)


def _anchor_of(mark: Mark, view: View, requests: View) -> int | None:
    if mark.mode == "requests":
        near = requests.between(mark.at - _NEAR_MS, mark.at + _NEAR_MS)
        pl = later.pl
        name = pl.lit(mark.name)
        named = near.filter(
            ((pl.col("request_id") == name) | (pl.col("extended_request_id") == name))
            & (pl.col("scope").fill_null("") == pl.lit(mark.scope))
        )
        return int(named["key"][0]) if named.height else None
    if view.mode != "events":
        return None
    for row in view.between(mark.at, mark.at).iter_rows(named=True):
        if _digest(row) == mark.name:
            return int(row["arrival"])
    return None


def _digest(row: Mapping[str, Any]) -> str:
    """Names an event by its ID, or by its text where the source gives none; no text can be read out of it."""
    told = row.get("event_id") or row.get("message")
    parts = (row.get("log_group"), row.get("log_stream"), row.get("timestamp"), told)
    return hashlib.sha256(repr(parts).encode(errors="surrogatepass")).hexdigest()[:_NAME_LENGTH]
