"""What sets requests apart, as lines of the screen: since when, then a value per row with both its shares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from apigw_tui.core import units
from apigw_tui.core.onset import Onset
from apigw_tui.tui.board_cells import Head, Look, fitted, heads, percent, placed
from apigw_tui.tui.line import Line, between, cut, cut_line, cut_middle, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apigw_tui.core.difference import Difference
    from apigw_tui.core.difference_sides import Differences, Sides

    DifferenceRow = Onset | Difference

NONE: Final = "none"
"""What a missing value is called."""

_HEADS: Final = {"cause": "WITH IT", "matching": "MATCHING"}
_RIGHT_EDGE: Final = 1
_LEAST_VALUE: Final = 20
_LEAST_SAME: Final = 14
_LOUD_LIFT: Final = 2.0
_MOST_LIFT: Final = 1_000


def rows_of(differences: Differences) -> tuple[DifferenceRow, ...]:
    """The rows: since when, if that is known, then the values."""
    compared = differences.compared
    return (*((compared.onset,) if compared.onset else ()), *compared.rows)


def name_of(row: DifferenceRow) -> tuple[str, str | None]:
    """What a row is known by while its numbers change."""
    return ("since", None) if isinstance(row, Onset) else row.name


def title(differences: Differences, width: int) -> Line:
    """What is compared with what, and at the right what else could be."""
    compared, (one, other) = differences.compared, differences.sides.told
    left: Line = (
        ("What differs", "bold accent"),
        (f"  {units.count(compared.failing)} ", "ink-strong"),
        (one, "ink-strong"),
        (f" against {units.count(compared.rest)} of {other}", "ink-muted"),
    )
    others = [sides.told[0] for sides in differences.choices if sides != differences.sides]
    note = ", ".join(others)
    if not note or width_of(left) + width_of(((note, ""),)) + 8 > width:
        return cut_line(left, width)
    return between(left, (("tab", "accent"), (f"  {note}", "ink-muted")), width)


def head(differences: Differences, width: int, look: Look) -> Line:
    """The titles of the columns."""
    return heads(_columns(differences.sides, width), look.glyphs)


def line(row: DifferenceRow, differences: Differences, width: int, look: Look) -> Line:
    """One row."""
    if isinstance(row, Onset):
        return cut_line(_since(row, differences.sides, width, look), width - _RIGHT_EDGE)
    columns = _columns(differences.sides, width)
    loud = row.lift is None or row.lift >= _LOUD_LIFT
    room = columns[1].width
    shorten = cut_middle if row.field in ("ip", "path", "agent") else cut
    value = shorten(NONE if row.value is None else row.value, room, look.glyphs.ellipsis)
    named: Line = ((value, ("bold ink-strong" if loud else "ink") if row.value is not None else "ink-muted"),)
    cells: list[Line] = [
        ((cut(row.field.removeprefix("access."), columns[0].width, look.glyphs.ellipsis), "ink-muted"),),
        (*named, *_same(row, room - width_of(named), look)),
        percent(row.share, "bold ink-strong" if loud else "ink"),
        percent(row.rest_share, "ink-muted"),
        ((lift_text(row.lift), "ink-strong" if loud else "ink-muted"),),
    ]
    return placed(columns, cells)


def lift_text(lift: float | None) -> str:
    """`×5.9`; `only` where none of the rest has it."""
    if lift is None:
        return "only"
    return f"×{lift:.1f}" if lift < _MOST_LIFT else f">×{units.count(_MOST_LIFT)}"


def nothing_told(differences: Differences) -> tuple[str, str]:
    """What an empty comparison says, and the next useful step."""
    compared, (one, other) = differences.compared, differences.sides.told
    if not differences.choices:
        return "Nothing fails here, so there is nothing to compare.", "A query such as latency>1s gives two sides."
    told = f"Nothing sets them apart: the {units.count(compared.failing)} {one} have no value more often than {other},"
    return f"{told} beyond chance.", "More requests tell more: a longer range by 4 5 6, or another query."


def untold(differences: Differences, look: Look) -> str:
    """What was left out."""
    since = differences.entries_since
    if since is None:
        return ""
    clock = units.clock(since, look.zone, millis=False)
    return f"Fields of the access format are compared of the requests since {clock} only."


def _same(row: Difference, room: int, look: Look) -> Line:
    """The other values of the same requests, as many as there is room for."""
    if not row.same or room < _LEAST_SAME:
        return ()
    return cut_line((("  = ", "ink-faint"), (", ".join(_pairs(row.same)), "ink-muted")), room, look.glyphs.ellipsis)


def _pairs(rows: Iterable[Difference]) -> list[str]:
    return [f"{row.field.removeprefix('access.')} {NONE if row.value is None else row.value}" for row in rows]


def _since(row: Onset, sides: Sides, width: int, look: Look) -> Line:
    columns = _columns(sides, width)
    start = _clock(row.start, look)
    until = "" if row.end is None else f" – {_clock(row.end, look)}"
    share, before = units.share(row.share, 1), units.share(row.share_before, 1)
    label = "since" if row.end is None else "mostly"
    return (
        (label.ljust(columns[0].width + columns[1].gap), "ink-muted"),
        (f"{start}{until}", "bold ink-strong"),
        (f"   {share} are {sides.told[0]}", "ink"),
        (f", before {before}", "ink-muted"),
    )


def _clock(ms: int, look: Look) -> str:
    clock = units.clock(ms, look.zone, millis=False)[:5]
    day = units.day(ms, look.zone)
    return clock if day == look.today else f"{day[5:]} {clock}"


def _columns(sides: Sides, width: int) -> tuple[Head, ...]:
    wide = width >= 100  # noqa: PLR2004 - as wide as the list has its columns apart
    columns = (
        Head("field", "FIELD", 16 if wide else 13, gap=0, right=False),
        Head("value", "VALUE", 0, right=False),
        Head("failing", _HEADS.get(sides.side, sides.side), 9, gap=2 if wide else 1),
        Head("rest", "OTHERS", 8, gap=2 if wide else 1),
        Head("lift", "LIFT", 7, gap=2 if wide else 1),
    )
    return fitted(tuple(replace(column) for column in columns), width - _RIGHT_EDGE, _LEAST_VALUE)
