"""The header: what is looked at, how it fares, and the proof of how complete it is, in one row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final, Literal

from apigw_tui.core import units
from apigw_tui.core.text import sanitise
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import Line, Span, cut_middle, whole_seconds, width_of
from apigw_tui.tui.painted import Painted

if TYPE_CHECKING:
    from apigw_tui.sources.base import LiveTailState

State = Literal["live", "paused", "waiting", "loading", "file"]

_TIGHT_BELOW: Final = 94
_STALE_LAG_MS: Final = 60_000
_LOUD_SHARE: Final = 0.01
_MINUTE_MS: Final = 60_000
_UNKNOWN: Final[Span] = (units.UNKNOWN, "ink-faint")

_DROPPED_FIRST_TO_LAST: Final = (
    "clock",
    "on demand",
    "no gaps",
    "late",
    "no live tail",
    "type",
    "profile",
    "region",
    "gaps",
    "lag",
    "live tail",
    "p95",
    "rate",
)


@dataclass(frozen=True)
class HeaderState:
    """What the header says. Times are epoch ms; `share_5xx` is a fraction; None is unknown."""

    api: str
    stage: str | None = None
    type: str | None = None
    region: str | None = None
    profile: str | None = None
    account: str | None = None
    state: State = "live"
    rate: float | None = None
    share_5xx: float | None = None
    p95_ms: float | None = None
    complete_to: int | None = None
    lag_ms: int | None = None
    late: int = 0
    gaps: int = 0
    sampled: bool = False
    on_demand: int = 0
    """Execution logs of which only single requests are read."""
    live_tail: LiveTailState | None = None
    demo: bool = False
    clock_ms: int | None = None
    zone: tzinfo = UTC


@dataclass(frozen=True)
class _Segment:
    name: str
    line: Line


_Groups = tuple[tuple[_Segment, ...], ...]
"""What, state, proof, clock."""


class Header(Painted):
    """One row: segments are dropped whole where there is no room, in a fixed order."""

    DEFAULT_CSS = """
    Header { height: 1; background: $surface; color: $ink; }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE, widget_id: str | None = None, opening: str = "") -> None:
        super().__init__(glyphs=glyphs, widget_id=widget_id)
        self._state: HeaderState | None = None
        self._opening = opening

    def show(self, state: HeaderState) -> None:
        """Show a state."""
        if state != self._state:
            self._state = state
            self.repaint()

    def announce(self, opening: str) -> None:
        """Say what is being opened, until there is a state; nothing with no text."""
        self._opening = opening
        self.repaint()

    def paint(self, width: int, _height: int, /) -> list[Line]:
        """Return the row."""
        if self._state is not None:
            return [header_line(self._state, width, self.glyphs)]
        return [opening_line(self._opening, width, self.glyphs)] if self._opening else []


def opening_line(what: str, width: int, glyphs: Glyphs = UNICODE) -> Line:
    """Return the header while this is being opened and nothing is known of it."""
    told = f"  opening {glyphs.ellipsis}"
    room = max(1, width - 2 - width_of(((told, ""),)))
    return ((" ", ""), (cut_middle(sanitise(what), room, glyphs.ellipsis), "bold ink-strong"), (told, "ink-muted"))


def header_line(state: HeaderState, width: int, glyphs: Glyphs = UNICODE) -> Line:
    """Return the header for a width: identity at the left, all else at the right."""
    tight = width < _TIGHT_BELOW
    groups: _Groups = (
        _what(state),
        _fares(state, glyphs, tight=tight),
        _proof(state, tight=tight),
        _clock(state),
    )
    dropped: set[str] = set()
    for name in ("", *_DROPPED_FIRST_TO_LAST):
        dropped.add(name)
        left, right = _joined(groups, dropped, tight=tight)
        if width_of(left) + _least_gap(right) + width_of(right) <= width - 2:
            break
    room = width - 2 - width_of(right) - _least_gap(right)
    if width_of(left) > room:
        left = _shortened(state, max(3, room), glyphs)
    blanks = max(1, width - 2 - width_of(left) - width_of(right))
    return ((" ", ""), *left, (" " * blanks, ""), *right)


def _least_gap(right: Line) -> int:
    return 3 if right else 0


def _joined(groups: _Groups, dropped: set[str], *, tight: bool) -> tuple[Line, Line]:
    """Return the identity, and the other groups as one line."""
    between_segments = 2 if tight else 3
    between_groups = 5 if tight else 6
    kept = [[segment.line for segment in group if segment.name not in dropped] for group in groups]
    left = _spaced(kept[0], 2)
    right = _spaced([_spaced(lines, between_segments) for lines in kept[1:] if lines], between_groups)
    return left, right


def _spaced(lines: list[Line], blanks: int) -> Line:
    spans: list[Span] = []
    for line in lines:
        if spans:
            spans.append((" " * blanks, ""))
        spans.extend(line)
    return tuple(spans)


def _identity(api: str, stage: str | None) -> Line:
    if stage is None:
        return ((api, "bold ink-strong"),)
    return ((api, "ink"), ("/", "ink-faint"), (stage, "bold ink-strong"))


def _shortened(state: HeaderState, room: int, glyphs: Glyphs) -> Line:
    """Return the identity with the API's name, then the stage's cut: only where nothing is left to drop."""
    stage = state.stage
    if stage is not None and len(stage) + 4 > room:
        stage = cut_middle(stage, max(1, room - 4), glyphs.ellipsis)
    api_room = room if stage is None else room - len(stage) - 1
    return _identity(cut_middle(state.api, max(1, api_room), glyphs.ellipsis), stage)


def _what(state: HeaderState) -> tuple[_Segment, ...]:
    segments = [_Segment("identity", _identity(state.api, state.stage))]
    for name in ("type", "region", "profile"):
        value = getattr(state, name)
        if value:
            segments.append(_Segment(name, ((value, "ink-muted"),)))
    return tuple(segments)


def _fares(state: HeaderState, glyphs: Glyphs, *, tight: bool) -> tuple[_Segment, ...]:
    segments = []
    if state.demo:
        segments.append(_Segment("demo", ((" DEMO ", "bold badge-ink on tint-accent"),)))
    segments.append(_Segment("state", _state_line(state.state, glyphs)))
    if state.sampled:
        segments.append(_Segment("sampled", (("SAMPLED", "bold status-4xx"),)))
    if state.live_tail is not None:
        segments.append(_live_tail(state.live_tail))
    rate: Span = _UNKNOWN if state.rate is None else (units.rate(state.rate), "ink-strong")
    unit = "/s" if tight else " req/s"
    segments.append(_Segment("rate", (rate, (unit, "ink-muted"))))
    segments.append(_Segment("5xx", (("5xx ", "ink-muted"), _share(state.share_5xx))))
    segments.append(_Segment("p95", (("p95 ", "ink-muted"), *_short_duration(state.p95_ms))))
    return tuple(segments)


def _state_line(state: State, glyphs: Glyphs) -> Line:
    glyph, word, spec = {
        "live": (glyphs.live, "LIVE", "live"),
        "paused": (glyphs.paused, "PAUSED", "accent"),
        "waiting": (glyphs.waiting, "WAITING", "status-4xx"),
        "loading": (glyphs.waiting, "LOADING", "ink-muted"),
        "file": (glyphs.waiting, "FILE", "ink-muted"),
    }[state]
    return ((f"{glyph} ", spec), (word, f"bold {spec}"))


def _live_tail(live_tail: LiveTailState) -> _Segment:
    """Return the minutes begun, for each of which AWS takes its price; or why it does not stream."""
    if live_tail.streaming:
        minutes = max(1, -(-live_tail.session_ms // _MINUTE_MS))
        spans: Line = (("live tail ", "ink-muted"), (units.count(minutes), "ink"), (" min", "ink-muted"))
        return _Segment("live tail", spans)
    reason = f": {live_tail.reason}" if live_tail.reason else ""
    return _Segment("no live tail", (("live tail off", "status-4xx"), (reason, "ink-muted")))


def _share(share: float | None) -> Span:
    if share is None:
        return _UNKNOWN
    if share == 0:
        return "0 %", "ink-muted"
    return units.share(share, 1), "bold status-5xx" if share >= _LOUD_SHARE else "ink-strong"


def _short_duration(ms: float | None) -> Line:
    if ms is None:
        return (_UNKNOWN,)
    value, unit = units.short_duration(ms)
    return ((value, "ink-strong"), (f" {unit}", "ink-muted"))


def _proof(state: HeaderState, *, tight: bool) -> tuple[_Segment, ...]:
    if state.state == "file":
        return ()
    word = "to " if tight else "complete to "
    segments = [_Segment("complete", ((word, "ink-muted"), _complete_to(state)))]
    if state.lag_ms is not None:
        stale = state.state == "waiting" or state.lag_ms >= _STALE_LAG_MS
        lag: Span = (" ".join(whole_seconds(state.lag_ms)), "bold status-4xx" if stale else "ink")
        segments.append(_Segment("lag", (("lag ", "ink-muted"), lag)))
    gaps_spec = "bold status-4xx" if state.gaps else "ink"
    segments.append(
        _Segment(
            "gaps" if state.gaps else "no gaps",
            (("gaps ", "ink-muted"), (units.count(state.gaps), gaps_spec)),
        )
    )
    segments.append(_Segment("late", (("late ", "ink-muted"), (units.count(state.late), "ink"))))
    if state.on_demand:
        segments.append(_Segment("on demand", (("execution ", "ink-muted"), ("on demand", "ink"))))
    return tuple(segments)


def _complete_to(state: HeaderState) -> Span:
    if state.complete_to is None:
        return _UNKNOWN
    time = units.clock(state.complete_to, state.zone, millis=False)
    date = units.day(state.complete_to, state.zone)
    is_today = state.clock_ms is None or date == units.day(state.clock_ms, state.zone)
    return (time if is_today else f"{date[5:]} {time}", "ink-strong")


def _clock(state: HeaderState) -> tuple[_Segment, ...]:
    if state.clock_ms is None:
        return ()
    zone = datetime.fromtimestamp(state.clock_ms / 1_000, tz=state.zone).tzname() or ""
    clock = units.clock(state.clock_ms, state.zone, millis=False)
    return (_Segment("clock", ((clock, "ink"), (f" {zone}", "ink-muted"))),)
