"""What a story says of other requests: those with the same ID, and those of its WebSocket connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apigw_tui.core.units import clock, count
from apigw_tui.tui.line import cut_line
from apigw_tui.tui.story_rows import DrawnRow

if TYPE_CHECKING:
    from datetime import tzinfo

    from apigw_tui.core.kin import Connection, Namesake
    from apigw_tui.core.story import Story
    from apigw_tui.tui.glyphs import Glyphs
    from apigw_tui.tui.line import Line

_MOST_ROWS: Final = 3
_EVENTS: Final = {"CONNECT": "$connect", "MESSAGE": "message", "DISCONNECT": "$disconnect"}


def kin_rows(story: Story, width: int, *, zone: tzinfo, glyphs: Glyphs) -> tuple[DrawnRow, ...]:
    """A row on the connection, and one for each of the first requests that used the same ID."""
    kin = story.kin
    lines: list[Line] = []
    if kin.connection is not None:
        lines.append(_of_connection(story, kin.connection, zone))
    lines += [_of_namesake(other, zone, glyphs) for other in kin.namesakes[:_MOST_ROWS]]
    more = len(kin.namesakes[_MOST_ROWS:]) + kin.more_namesakes
    if more:
        lines.append((("    ", ""), (f"and {count(more)} more", "ink-muted")))
    if kin.namesakes:
        why = "API Gateway gives this ID to every request whose own is no UUID" if kin.replaced else "clients choose it"
        lines.append((("    ", ""), (f"told apart by their extended IDs: {why}", "ink-faint")))
    return tuple(DrawnRow(cut_line(line, width - 2)) for line in lines)


def _of_connection(story: Story, connection: Connection, zone: tzinfo) -> Line:
    event = _EVENTS.get(str(story.row["event_type"]), "")
    route = story.request.get("route")
    said = " ".join(dict.fromkeys(part for part in (event, route) if part)) or "request"
    began, ended = connection.connected_at, connection.disconnected_at
    times = "" if began is None else f", connected {clock(began, zone, millis=False)}"
    times += "" if ended is None else f", disconnected {clock(ended, zone, millis=False)}"
    return (
        ("  ", ""),
        (said, "ink"),
        (f"  {count(connection.place)} of {count(connection.requests)} of its connection  ", "ink-muted"),
        ("C", "accent"),
        (f" all{times}  ", "ink-muted"),
        (connection.connection_id, "ink-faint"),
    )


def _of_namesake(other: Namesake, zone: tzinfo, glyphs: Glyphs) -> Line:
    words = [clock(other.started_at, zone)] if other.started_at is not None else []
    words += [str(word) for word in (other.status, other.method, other.path) if word is not None]
    extended = f"  extended ID {other.extended_request_id}" if other.extended_request_id else ""
    return (
        ("  ", ""),
        (f"{glyphs.client_error} ", "status-4xx"),
        ("another request used the same ID: ", "ink"),
        (" ".join(words), "ink"),
        (extended, "ink-muted"),
    )
