"""What the stage picker says above its table: the account, how far it is read, and what could not be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final

from apigw_tui.core.units import age, clock, count
from apigw_tui.tui.rows import folded, spread

if TYPE_CHECKING:
    from apigw_tui.errors import AppError
    from apigw_tui.tui.glyphs import Glyphs
    from apigw_tui.tui.line import Line
    from apigw_tui.tui.stage_tree import Offer

_OLD_MS: Final = 60_000


@dataclass(frozen=True)
class PickerHeading:
    """What the picker says about the account; None for what is not known (yet).

    `as_of` is when the oldest of what is shown was read, `progress` how many APIs of how many have been read
    again while that goes on.
    """

    version: str
    now: int
    zone: tzinfo = UTC
    account: str | None = None
    profile: str | None = None
    region: str | None = None
    read_ms: int | None = None
    demo: bool = False
    as_of: int | None = None
    progress: tuple[int, int] | None = None
    troubles: tuple[AppError, ...] = ()


def top_line(heading: PickerHeading, width: int) -> Line:
    """Program, account and clock."""
    left: Line = ((" ", ""), ("apigw-tui", "bold ink-strong"), (f"  {heading.version}", "ink-muted"))
    if heading.demo:
        left = (*left, ("    ", ""), (" DEMO ", "badge-ink on tint-accent"))
    account: Line = ()
    if heading.account:
        digits = heading.account
        grouped = " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
        account = (("account ", "ink-muted"), (grouped, "ink"), ("   │   ", "rule"))
    zone = clock(heading.now, heading.zone, millis=False)
    name = datetime.fromtimestamp(heading.now / 1000, heading.zone).tzname() or ""
    return spread(left, (*account, (zone, "ink-strong"), (f" {name}", "ink-muted"), (" ", "")), width)


def title_line(heading: PickerHeading, width: int) -> Line:
    """What to do here, and in which profile and region."""
    right: Line = ()
    for label, value, key in (("profile", heading.profile, "P"), ("region", heading.region, "R")):
        if value:
            gap = "    " if right else ""
            right = (*right, (f"{gap}{label} ", "ink-muted"), (value, "ink-strong"), (f"  {key} ", "ink-faint"))
    title = (("  ", ""), ("Pick a stage to watch", "bold ink-strong"))
    return spread(title, (*right, (" ", "")), width)


def told(heading: PickerHeading, offer: Offer | None) -> str:
    """How much there is, and how old or how complete that is."""
    if offer is None:
        return "Reading the APIs, stages and log groups of this account."
    apis = len(offer.apis) or len({stage.api_id for stage in offer.stages})
    groups = _counted(len(offer.groups), "log group")
    if offer.has_more_groups and offer.groups:
        groups = f"more than {groups}"
    what = f"{_counted(apis, 'API')}, {_counted(len(offer.stages), 'stage')} and {groups}"
    old = None if heading.as_of is None else heading.now - heading.as_of
    is_old = old is not None and old > _OLD_MS
    if heading.progress is not None:
        done, total = heading.progress
        since = f" as of {age(old)} ago, refreshing" if is_old else " so far"
        return f"{what}{since}: stages of {count(done)} of {_counted(total, 'API')} read."
    if heading.read_ms is None:
        return f"{what}{f' as of {age(old)} ago' if is_old else ''}. {_NOTHING_FETCHED}"
    oldest = f", the oldest {age(old)} ago" if is_old else ""
    return f"{what}, read in {heading.read_ms / 1000:.1f} s{oldest}. {_NOTHING_FETCHED}"


def trouble_lines(error: AppError, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """What failed, and what to do, in as few rows as it fits."""
    sign = f"{glyphs.client_error} "
    rows = folded(f"{error.message} {error.hint}".strip(), width - len(sign))
    inks = ("ink", *(["ink-muted"] * (len(rows) - 1)))
    signs = (sign, *([" " * len(sign)] * (len(rows) - 1)))
    return tuple(((start, "status-4xx"), (row, ink)) for start, row, ink in zip(signs, rows, inks, strict=True))


_NOTHING_FETCHED: Final = "Nothing is fetched from a stage before it is opened."


def _counted(number: int, noun: str) -> str:
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"
