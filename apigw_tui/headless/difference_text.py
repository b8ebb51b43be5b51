"""What sets the failing requests apart, as JSON, as plain columns and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core import units
from apigw_tui.core.records import instant
from apigw_tui.core.text import mask_secrets
from apigw_tui.headless.text import aligned

if TYPE_CHECKING:
    from apigw_tui.core.difference import Difference
    from apigw_tui.core.difference_sides import Differences
    from apigw_tui.headless.text import TextStyle

MOST_TOLD: Final = 10
"""So many rows are for people; JSON has all."""

_DECIMALS: Final = 4
_HEADS: Final = ("FIELD", "VALUE", "FAILING", "REST", "LIFT", "ALSO")


def differences_json(differences: Differences) -> list[dict[str, Any]]:
    """A record per value, those that tell most first; the values of the same requests are rows, too."""
    rows = (each for row in differences.compared.rows for each in (row, *row.same))
    return [
        {
            "field": row.field,
            "value": row.value,
            "failing": round(row.share, _DECIMALS),
            "rest": round(row.rest_share, _DECIMALS),
            "lift": None if row.lift is None else round(row.lift, _DECIMALS),
        }
        for row in rows
    ]


def difference_lines(differences: Differences, style: TextStyle, *, reveal: bool) -> Iterator[str]:
    """A table under a heading, after an empty line; nothing where there are not two sides."""
    if not differences.choices:
        return
    yield ""
    yield f"WHAT DIFFERS  {sides_told(differences)}"
    if (since := _since(differences, style.clock)) is not None:
        yield since
    rows = differences.compared.rows
    if not rows:
        yield "  nothing sets them apart beyond chance"
        return
    yield from aligned([_HEADS, *(_cells(row, reveal=reveal) for row in rows[:MOST_TOLD])], right=(2, 3, 4))
    if len(rows) > MOST_TOLD:
        yield f"{len(rows) - MOST_TOLD} more"


def difference_markdown(differences: Differences, *, reveal: bool) -> Iterator[str]:
    """The same as a section of Markdown; log text stands in code."""
    if not differences.choices:
        return
    yield ""
    yield f"**What differs**: {sides_told(differences)}"
    yield ""
    if (since := _since(differences, str)) is not None:
        yield f"{since}\n"
    rows = differences.compared.rows
    if not rows:
        yield "Nothing sets them apart beyond chance."
        return
    yield "| field | value | failing | rest | lift | also |"
    yield "| --- | --- | ---: | ---: | ---: | --- |"
    for row in rows[:MOST_TOLD]:
        field, value, *shares, also = _cells(row, reveal=reveal)
        yield f"| {field} | {_code(value)} | {' | '.join(shares)} | {_code(also)} |"
    if len(rows) > MOST_TOLD:
        yield f"\n{len(rows) - MOST_TOLD} more."


def sides_told(differences: Differences) -> str:
    """`904 5xx against 8 552 of the rest`."""
    compared, (one, other) = differences.compared, differences.sides.told
    return f"{units.count(compared.failing)} {one} against {units.count(compared.rest)} of {other}"


def _since(differences: Differences, clock: Any) -> str | None:
    found = differences.compared.onset
    if found is None:
        return None
    until = "" if found.end is None else f" – {clock(instant(found.end))}"
    share, before = units.share(found.share, 1), units.share(found.share_before, 1)
    when = "since" if found.end is None else "mostly"
    return f"{when} {clock(instant(found.start))}{until}: {share} are {differences.sides.told[0]}, before {before}"


def _cells(row: Difference, *, reveal: bool) -> Sequence[str]:
    lift = "only" if row.lift is None else f"×{row.lift:.1f}"
    also = ", ".join(f"{each.field} {_value(each.value, reveal=reveal)}" for each in row.same)
    value = _value(row.value, reveal=reveal)
    return (row.field, value, units.share(row.share, 1), units.share(row.rest_share, 1), lift, also)


def _value(value: str | None, *, reveal: bool) -> str:
    if value is None:
        return "none"
    return value if reveal else mask_secrets(value)


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39)).replace('|', chr(92) + '|')}`" if text else ""
