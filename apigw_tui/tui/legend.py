"""The legend: how many of each class there are, and the causes that made most of the failing ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apigw_tui.core import units
from apigw_tui.core.cause_texts import CAUSES
from apigw_tui.tui.glyphs import UNICODE, Glyphs, StatusClass, colour_of
from apigw_tui.tui.line import Line, Span, between, cut
from apigw_tui.tui.painted import Painted

if TYPE_CHECKING:
    from apigw_tui.core.stats import Legend as LegendCounts

WITH_SHARE: Final = 37
WITH_CAUSES: Final = 29
CLASSES_ONLY: Final = 17
"""Widths, each with one blank at the right."""

_SHARE_FROM: Final = 118
_CAUSES_FROM: Final = 97
_SMALL_ROWS: Final = 3
_GAP_FROM_ROWS: Final = 8
_TOP_CAUSES: Final = 3
_SHARE_WIDTH: Final = 4
_LABEL_WIDTH: Final = 19
_REFUSALS: Final = frozenset(
    {
        "backend_client_error",
        "authorizer_unauthorized",
        "authorizer_denied",
        "resource_policy_denied",
        "missing_authentication_token",
        "invalid_signature",
        "expired_token",
        "invalid_api_key",
        "throttled",
        "quota_exceeded",
        "waf_blocked",
        "bad_request_body",
        "bad_request_parameters",
        "unsupported_media_type",
        "request_too_large",
        "resource_not_found",
    }
)
"""Causes that API Gateway or the backend answers with 4xx."""


def class_of_cause(code: str) -> StatusClass:
    """Return the class of status a cause ends in; `none` for `unknown`, which may be either."""
    if code == "unknown":
        return "none"
    return "4xx" if code in _REFUSALS else "5xx"


def legend_width(main_width: int) -> int:
    """Return the width of the legend beside a histogram in a main area."""
    if main_width >= _SHARE_FROM:
        return WITH_SHARE
    return WITH_CAUSES if main_width >= _CAUSES_FROM else CLASSES_ONLY


class Legend(Painted):
    """Classes with count and share, then the top three causes."""

    DEFAULT_CSS = """
    Legend { height: 7; background: $background; color: $ink; }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE, widget_id: str | None = None) -> None:
        super().__init__(glyphs=glyphs, widget_id=widget_id)
        self._counts: LegendCounts | None = None

    def show(self, counts: LegendCounts) -> None:
        """Show the counts of what the query matches."""
        if counts != self._counts:
            self._counts = counts
            self.repaint()

    def paint(self, width: int, height: int, /) -> list[Line]:
        """Return the lines."""
        return [] if self._counts is None else legend_lines(self._counts, width, height, self.glyphs)


def legend_lines(counts: LegendCounts, width: int, height: int, glyphs: Glyphs = UNICODE) -> list[Line]:
    """Return the legend for a size: the share goes first, then 3xx and the causes."""
    small = height <= _SMALL_ROWS or width < WITH_CAUSES
    third: StatusClass = "1xx" if counts.classes.get("1xx") and not counts.classes.get("3xx") else "3xx"
    classes: tuple[StatusClass, ...] = ("5xx", "4xx", "2xx") if small else ("5xx", "4xx", third, "2xx")
    total = counts.total if width >= WITH_SHARE else None
    lines: list[Line] = []
    for name in classes:
        label: Line = (_sign(name, glyphs), (name, _sign(name, glyphs)[1]))
        lines.append(between(label, _numbers(counts.classes.get(name, 0), total, name), width - 1))
    if small:
        return lines
    if height >= _GAP_FROM_ROWS:
        lines.append(())
    for code, count in counts.causes[: max(0, min(_TOP_CAUSES, height - len(lines)))]:
        name = class_of_cause(code)
        label = (_sign(name, glyphs), (cut(CAUSES[code].label, _LABEL_WIDTH), _value_ink(name)))
        lines.append(between(label, _numbers(count, total, name), width - 1))
    return lines


def _sign(name: StatusClass, glyphs: Glyphs) -> Span:
    weight = "bold " if name == "5xx" else ""
    return f"{glyphs.of_class(name)} ", f"{weight}{colour_of(name)}"


def _value_ink(name: StatusClass) -> str:
    return {"5xx": "ink-strong", "4xx": "ink", "none": "ink"}.get(name, "ink-muted")


def _numbers(count: int, total: int | None, name: StatusClass) -> Line:
    """Return a count and, where a total is given, its share."""
    ink = _value_ink(name) if count else "ink-faint"
    number: Span = (units.count(count), ink)
    if total is None:
        return (number,)
    if not count or not total:
        return (number, (" " * (_SHARE_WIDTH + 4), ""))
    value = units.share(count, total).removesuffix(" %")
    share_ink = "ink" if ink == "ink-strong" else ink
    return (number, (value.rjust(_SHARE_WIDTH + 2), share_ink), (" %", "ink-faint"))
