"""The glyphs: one cell each, none drawn as emoji, with an ASCII set for the Linux console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

StatusClass = Literal["5xx", "4xx", "3xx", "2xx", "1xx", "none"]

CLASSES: Final[tuple[StatusClass, ...]] = ("5xx", "4xx", "3xx", "2xx", "1xx", "none")
_BY_HUNDREDS: Final[dict[int, StatusClass]] = {5: "5xx", 4: "4xx", 3: "3xx", 2: "2xx", 1: "1xx"}


@dataclass(frozen=True)
class Glyphs:
    """Every glyph by what it means."""

    server_error: str = "✗"
    client_error: str = "!"
    redirect: str = "→"
    success: str = "·"
    informational: str = "↑"
    in_flight: str = "…"
    no_status: str = "?"
    live: str = "●"
    waiting: str = "○"
    paused: str = "‖"
    bar: str = "▌"
    mark: str = "◆"
    late: str = "↳"
    opened: str = "▾"
    closed: str = "▸"
    gap: str = "╌"
    silence: str = "┊"
    evidence: str = "← evidence"
    done: str = "✓"
    pointer: str = "▴"
    span_ends: tuple[str, str, str] = ("└", "─", "┘")
    thumb: str = "▐"
    rule: str = "─"
    newer: str = "↓"
    at_most: str = "≤"
    ellipsis: str = "…"
    newline: str = "⏎"
    minus: str = "−"
    unread: str = "░"
    client_error_shade: str = "▓"
    rest_shade: str = "░"
    eighths: str = " ▁▂▃▄▅▆▇█"
    left_eighths: str = " ▏▎▍▌▋▊▉█"
    quadrant: str = "▖"
    ascii: bool = False

    def of_class(self, status_class: StatusClass) -> str:
        """Return the glyph that stands beside a status."""
        return {
            "5xx": self.server_error,
            "4xx": self.client_error,
            "3xx": self.redirect,
            "2xx": self.success,
            "1xx": self.informational,
            "none": self.no_status,
        }[status_class]


UNICODE: Final = Glyphs()
ASCII: Final = Glyphs(
    server_error="x",
    redirect=">",
    success=".",
    informational="^",
    in_flight="~",
    live="*",
    waiting="o",
    paused="=",
    bar="|",
    mark="#",
    late="+",
    opened="v",
    closed=">",
    gap="-",
    silence=":",
    evidence="<- evidence",
    done="ok",
    pointer="^",
    span_ends=("[", "-", "]"),
    thumb="|",
    rule="-",
    newer="v",
    at_most="<",
    ellipsis="~",
    newline="$",
    minus="-",
    unread=":",
    client_error_shade="+",
    rest_shade=".",
    eighths=" ____===#",
    left_eighths=" |||====#",
    quadrant="+",
    ascii=True,
)


def glyphs(*, ascii_only: bool) -> Glyphs:
    """Return the ASCII set (for `TERM=linux`, whose font lacks the others) or the full one."""
    return ASCII if ascii_only else UNICODE


def class_of(status: int | None) -> StatusClass:
    """Return `5xx` for 500 to 599 and so on; `none` for no status or one outside HTTP."""
    return _BY_HUNDREDS.get((status or 0) // 100, "none")


def colour_of(status_class: StatusClass) -> str:
    """Return the palette name for the text of a class: `status-5xx`."""
    if status_class in ("5xx", "4xx", "3xx", "2xx"):
        return f"status-{status_class}"
    return "ink-muted"
