"""Records as plain columns for people, one line each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from apigw_tui.core import units
from apigw_tui.core.diagnosis import CAUSES
from apigw_tui.core.stage import obstacle_of_class

Record = Mapping[str, Any]

_WIDTHS: Final = ("<12", "<5", "<7", "<28", ">9", ">9", "<24")
GLYPHS: Final = {"5": "✗", "4": "!", "3": "→", "2": "·", "1": "↑"}
COLORS: Final = {"5": "1;31", "4": "33"}
KIND_LETTERS: Final = {"access": "A", "execution": "E", "lambda": "L"}


@dataclass(frozen=True)
class TextStyle:
    """The zone of the times, and whether the terminal shows colours."""

    zone: tzinfo
    color: bool = False

    def paint(self, text: str, sgr: str | None) -> str:
        """The text in a colour, where there are colours."""
        return f"\x1b[{sgr}m{text}\x1b[0m" if self.color and sgr else text

    def clock(self, rfc3339: str | None) -> str:
        """`14:03:11.120` in the zone."""
        return units.clock(_epoch_ms(rfc3339), self.zone)

    def day(self, rfc3339: str | None) -> str:
        """`2026-03-09` in the zone."""
        return units.day(_epoch_ms(rfc3339), self.zone)


def text_style(zone: tzinfo, *, color: bool) -> TextStyle:
    """Colours only on a terminal."""
    return TextStyle(zone, color=color and sys.stdout.isatty())


def request_lines(records: Iterable[Record], style: TextStyle) -> Iterator[str]:
    """One line per request; a line with the date where the day changes."""
    day = None
    heads = zip(("TIME", "ST", "METHOD", "ROUTE", "LATENCY", "INTEGR", "CAUSE"), _WIDTHS, strict=True)
    head = "  ".join([*(f"{title:{width}}" for title, width in heads), "REQUEST ID"])
    for record in records:
        if day is None:
            yield head
        if (today := style.day(record["started_at"])) != day:
            day = today
            yield style.paint(f"-- {day}", "2")
        yield request_line(record, style)


def request_line(record: Record, style: TextStyle) -> str:
    """Time, status, method, route, latencies, cause and the whole request ID."""
    status = record["status"]
    code = str(status) if status is not None else "–"
    sgr = COLORS.get(code[0])
    glyph = GLYPHS.get(code[0], "…" if record["state"] == "in_flight" else "?")
    route = record["route"] or record["path"] or "–"
    return "  ".join(
        (
            style.clock(record["started_at"]),
            style.paint(f"{glyph} {code:<3}", sgr),
            f"{record['method'] or '–':<7}",
            f"{route:<28}",
            f"{duration_text(record['latency_ms']):>9}",
            f"{duration_text(record['integration_latency_ms']):>9}",
            style.paint(f"{_note(record):<24}", sgr),
            record["request_id"] or record["extended_request_id"] or "–",
        )
    )


def event_lines(records: Iterable[Record], style: TextStyle) -> Iterator[str]:
    """Time, kind letter and message; what follows a line break is indented."""
    for record in records:
        letter = KIND_LETTERS.get(record["kind"], "?")
        message = record["message"].rstrip("\n").replace("\n", "\n" + " " * 16)
        yield f"{style.clock(record['timestamp'])}  {letter} {message}"


def stage_lines(records: Iterable[Record], style: TextStyle) -> Iterator[str]:
    """One line per stage: where its logs go."""
    rows = [("STAGE", "TYPE", "API ID", "ACCESS LOG", "EXECUTION LOG", "LEVEL", "TRACING", "KEPT", "DOMAINS")]
    for record in records:
        access, execution = record["access"], record["execution"]
        level = execution["level"] if execution["log_group"] else "–"
        rows.append(
            (
                f"{record['api_name']}/{record['stage']}",
                record["type"],
                record["api_id"],
                _access_target(access),
                _group(execution) or "–",
                f"{level} + data trace" if execution["data_trace"] else level,
                "on" if record["tracing"] else "off",
                "–" if record["retention_days"] is None else f"{record['retention_days']} d",
                "  ".join(record["domains"]),
            )
        )
    for index, line in enumerate(aligned(rows)):
        yield style.paint(line, "2") if index == 0 else line


def cache_lines(records: Iterable[Record], style: TextStyle) -> Iterator[str]:
    """One line per log group: from when to when its events are kept; `*` where there are holes between."""
    rows = [("ACCOUNT", "REGION", "LOG GROUP", "FROM", "TO", "EVENTS", "SIZE")]
    for record in records:
        first, last = (
            "–" if record[name] is None else f"{style.day(record[name])} {style.clock(record[name])[:8]}"
            for name in ("start", "end")
        )
        holes = " *" if record["spans"] > 1 else ""
        size = " ".join(units.size(record["bytes"]))
        events = units.count(record["events"])
        rows.append((record["account"], record["region"], record["log_group"], first, last + holes, events, size))
    for index, line in enumerate(aligned(rows, right=(5, 6))):
        yield style.paint(line, "2") if index == 0 else line


def stats_lines(record: Record, style: TextStyle) -> Iterator[str]:
    """The board: totals, classes, causes, routes, tops."""
    window = record["window"]
    if window["start"] is not None:
        yield f"{style.day(window['start'])} {style.clock(window['start'])} – {style.clock(window['end'])}"
    yield ", ".join(f"{units.count(record[name])} {name}" for name in ("requests", "events", "unparsed"))
    yield ""
    total = record["requests"]
    classes = [("CLASS", "REQUESTS", "SHARE")]
    classes += [(name, units.count(n), units.share(n, total)) for name, n in record["classes"].items()]
    yield from aligned(classes, right=(1, 2))
    if record["causes"]:
        yield ""
        causes = [("CAUSE", "REQUESTS", "SHARE")]
        causes += [(c["code"], units.count(c["requests"]), units.share(c["requests"], total)) for c in record["causes"]]
        yield from aligned(causes, right=(1, 2))
    yield ""
    routes: list[tuple[str, ...]] = [("METHOD", "ROUTE", "REQUESTS", "4XX", "5XX", "P50", "P95", "P99", "MAX")]
    routes += [_route_row(route) for route in record["routes"]]
    yield from aligned(routes, right=(2, 3, 4, 5, 6, 7, 8))
    for title, name in (("CLIENT", "source_ips"), ("API KEY", "api_keys"), ("USER AGENT", "user_agents")):
        if record[name]:
            yield ""
            tops = [(title, "REQUESTS", "4XX", "5XX")]
            tops += [
                (
                    top["value"],
                    units.count(top["requests"]),
                    units.count(top["errors_4xx"]),
                    units.count(top["errors_5xx"]),
                )
                for top in record[name][:5]
            ]
            yield from aligned(tops, right=(1, 2, 3))


def _route_row(route: Record) -> tuple[str, ...]:
    return (
        route["method"] or "–",
        route["route"] or "–",
        units.count(route["requests"]),
        units.count(route["errors_4xx"]),
        units.count(route["errors_5xx"]),
        *(duration_text(route[name]) for name in ("p50_ms", "p95_ms", "p99_ms", "max_ms")),
    )


def _note(record: Record) -> str:
    cause = record["cause"]
    if cause:
        return CAUSES[cause["code"]].label
    state: str = record["state"]
    return "in flight" if state == "in_flight" else ""


def _access_target(access: Record | None) -> str:
    if access is None:
        return "off"
    return _group(access) or f"{access['destination']} (not readable here)"


def _group(log: Record) -> str:
    """A log's group, and its class where that cannot be read."""
    obstacle = obstacle_of_class(log["log_group_class"])
    return f"{log['log_group']} ({obstacle.told}: not readable here)" if obstacle else log["log_group"] or ""


def duration_text(ms: float | None) -> str:
    """Value and unit, a dash for what is not known."""
    return " ".join(part for part in units.duration(ms) if part)


def aligned(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), indent: str = "") -> Iterator[str]:
    """Rows as columns of equal width, some of them set to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
    for row in rows:
        cells = (
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield (indent + "  ".join(cells)).rstrip()


def _epoch_ms(rfc3339: str | None) -> int | None:
    if rfc3339 is None:
        return None
    return round(datetime.fromisoformat(rfc3339).timestamp() * 1000)
