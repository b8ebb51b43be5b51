"""What can be copied of a request, an event or a view: IDs, JSON, Markdown, commands, queries, links."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.console_links import group_link, trace_link
from apigw_tui.core.id_searches import lines_query
from apigw_tui.core.records import event_json, request_json
from apigw_tui.core.secrets import mask_value
from apigw_tui.core.story_markdown import story_markdown
from apigw_tui.core.text import count_secrets, mask_secrets
from apigw_tui.core.trace import normal_trace_id
from apigw_tui.core.units import count, size
from apigw_tui.tui.copy_curl import curl_of
from apigw_tui.tui.copy_view import CopyItem, CopyView, marked_items, view_items
from apigw_tui.tui.rows import one_line
from apigw_tui.tui.story_tabs import json_text, masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from apigw_tui.core.story import Story, StoryLine

_WINDOW_MS: Final = 60_000
_IDS, _MARKED, _CONTENT, _COMMANDS, _QUERIES, _LINKS = range(6)
"""The blocks of the menu, the likeliest first."""


@dataclass(frozen=True)
class CopyContext:
    """What the app knows beside the request.

    `target` is what was opened and `options` what a colleague needs too (`--profile shop`); `view` is the
    command of the whole view; `region` None (a file, the demo) leaves out what only the real account has.
    """

    target: str
    options: tuple[str, ...] = ()
    view: str | None = None
    region: str | None = None
    log_group: str | None = None
    reveal: bool = False
    line: str | None = None
    """What stands under the cursor of the story, secrets masked as shown."""
    cell: tuple[str, str] | None = None
    """Name and whole value of the cell under the cell cursor, or of the access field in a story."""
    marked: tuple[str, ...] = ()
    """The IDs of the marked requests, the oldest first."""
    searched: CopyView | None = None
    """What CloudWatch can be asked of the view; None where nothing comes from there."""


@dataclass(frozen=True)
class CopyMenuContent:
    """The title of a copy menu, its items and how many secrets are found, and masked unless `revealed`."""

    status: int | None
    title: str
    items: tuple[CopyItem, ...]
    secrets: int
    revealed: bool = False


def story_items(story: Story, context: CopyContext) -> CopyMenuContent:
    """Everything that can be copied of a request whose story is stitched."""
    markdown = story_markdown(story, reveal=context.reveal, region=context.region)
    told = f"the request with phases and {_lines(len(story.lines))}"
    evidence = story.cause.evidence if story.cause else None
    items = [
        *_curl_items(story.request, story.lines, context),
        _sized("j", "JSON", told, json_text(story, reveal=context.reveal)),
        _sized("k", "row JSON", "the request alone", _json(story.request, context)),
        CopyItem("m", "Markdown", f"the story for a ticket, {_lines(markdown.count(chr(10)))}", markdown, _CONTENT),
        *_item("r", "raw line", _safe(evidence, context), _CONTENT),
        *_item("a", "line under cursor", context.line, _CONTENT),
    ]
    secrets = sum(count_secrets(line.message) for line in story.lines)
    return _request_content(story.row, items, context, secrets=secrets, group=_group_of(story))


def row_items(row: Mapping[str, Any], context: CopyContext) -> CopyMenuContent:
    """What can be copied of a request of which only its row is known."""
    access = row.get("access")
    # What was not read is unknown: neither no line of a function nor no field of the entry.
    request = request_json(row, access=access)
    request["counts"]["lambda"] = None
    request["access"] = dict(access) if access else None
    items = [
        *_curl_items(request, (), context),
        _sized("k", "row JSON", "the request as far as it is known", _json(request, context)),
        *_item("r", "raw line", _safe(row["evidence"], context), _CONTENT),
    ]
    secrets = count_secrets(json.dumps(request, default=str))
    return _request_content(row, items, context, secrets=secrets, group=context.log_group)


def event_items(event: Mapping[str, Any], context: CopyContext) -> CopyMenuContent:
    """What can be copied of a single event, from a row of EVENTS."""
    row = {**event, "started_at": event["timestamp"], "ended_at": event["timestamp"]}
    items = [
        *_item("c", "request ID", event["request_id"], _IDS, whole=True),
        *_cell_items(context),
        *marked_items(context.marked, _MARKED),
        *_item("r", "raw line", _safe(event["message"], context), _CONTENT),
        _sized("k", "row JSON", "the event", _json(event_json(event), context)),
        *_search_items(row, context, group=event["log_group"] or context.log_group),
    ]
    secrets = count_secrets(event["message"])
    return CopyMenuContent(None, str(event["log_group"] or ""), tuple(items), secrets, context.reveal)


def view_content(context: CopyContext) -> CopyMenuContent:
    """What can be copied where no row is under the cursor: the view itself."""
    items = [*marked_items(context.marked, _MARKED), *_search_items({}, context, group=None)]
    return CopyMenuContent(None, "this view", tuple(items), 0, context.reveal)


def show_command(request_id: str, context: CopyContext) -> str:
    """The command that prints this story elsewhere."""
    return shlex.join(["apigw-tui", "show", request_id, *shlex.split(context.target), *context.options])


def _request_content(
    row: Mapping[str, Any], content: Iterable[CopyItem], context: CopyContext, *, secrets: int, group: str | None
) -> CopyMenuContent:
    items = [
        *_id_items(row),
        *_cell_items(context),
        *marked_items(context.marked, _MARKED),
        *content,
        *_search_items(row, context, group=group),
    ]
    return CopyMenuContent(row.get("status"), _title(row), tuple(items), secrets, context.reveal)


def _id_items(row: Mapping[str, Any]) -> list[CopyItem]:
    extended = row.get("extended_request_id")
    ids = (
        ("c", "request ID", row.get("request_id")),
        ("x", "extended request ID", None if extended == row.get("request_id") else extended),
        ("l", "Lambda request ID", row.get("integration_request_id")),
        ("h", "authorizer Lambda ID", row.get("authorizer_request_id")),
        ("t", "X-Ray trace ID", row.get("trace_id")),
        ("n", "connection ID", row.get("connection_id")),
    )
    return [item for key, label, text in ids for item in _item(key, label, text, _IDS, whole=True)]


def _cell_items(context: CopyContext) -> list[CopyItem]:
    if context.cell is None:
        return []
    name, text = context.cell
    shown = text if context.reveal else mask_value(name, text)
    return _item("e", f"cell {name}", shown, _IDS, whole=True)


def _curl_items(request: Mapping[str, Any], lines: Sequence[StoryLine], context: CopyContext) -> list[CopyItem]:
    curl = curl_of(request, lines, region=context.region, reveal=context.reveal)
    if curl is None:
        return []
    preview = f"{curl.lacks}: {curl.command}" if curl.lacks else curl.command
    told = f"curl {curl.lacks}" if curl.lacks else ""
    return [CopyItem("u", "curl", one_line(preview), curl.text, _CONTENT, told)]


def _search_items(row: Mapping[str, Any], context: CopyContext, *, group: str | None) -> list[CopyItem]:
    """Commands, queries and links that find the request, or the view, again."""
    request_id = row.get("request_id") or row.get("extended_request_id")
    items = _item("s", "command", show_command(request_id, context) if request_id else None, _COMMANDS)
    items += _item("v", "view as a command", context.view, _COMMANDS)
    if context.searched is not None:
        items += _item("i", "Insights query", _lines_query(row, request_id), _QUERIES)
        items += view_items(context.searched, _QUERIES)
    return items + (_link_items(row, context, context.region, group=group) if context.region else [])


def _link_items(row: Mapping[str, Any], context: CopyContext, region: str, *, group: str | None) -> list[CopyItem]:
    request_id = row.get("request_id") or row.get("extended_request_id")
    started, ended = row.get("started_at"), row.get("ended_at")
    items = []
    if group and request_id and started is not None:
        window = (started - _WINDOW_MS, (ended or started) + _WINDOW_MS)
        items += _item("o", "console link", group_link(f'"{request_id}"', group, region, window), _LINKS)
    items += _item("w", "trace link", trace_link(normal_trace_id(row.get("trace_id")), region), _LINKS)
    view = context.searched.link(region) if context.searched else None
    return items + _item("z", "view: Insights link", view, _LINKS)


def _lines_query(row: Mapping[str, Any], request_id: str | None) -> str | None:
    """The request's lines, those of its functions too: there they go by an ID of their own."""
    ids = (request_id, row.get("integration_request_id"), row.get("authorizer_request_id"))
    return lines_query([each for each in ids if each]) if request_id else None


def _group_of(story: Story) -> str | None:
    """Where the line that proves the cause is, else the first execution line, else any."""
    lines = sorted(story.lines, key=lambda line: (not line.evidence, line.kind != "execution"))
    own = (line for line in lines if line.kind != "lambda" and line.log_group)
    return next((line.log_group for line in own), None)


def _item(key: str, label: str, text: str | None, block: int, *, whole: bool = False) -> list[CopyItem]:
    """An item where there is something to copy; `whole` where the report names what was copied itself."""
    if not text:
        return []
    shown = one_line(text)
    return [CopyItem(key, label, shown, text, block, shown if whole else "")]


def _sized(key: str, label: str, preview: str, text: str) -> CopyItem:
    value, unit = size(len(text.encode()))
    return CopyItem(key, label, f"{preview}, {value} {unit}", text, _CONTENT)


def _json(value: Mapping[str, Any], context: CopyContext) -> str:
    shown = dict(value) if context.reveal else masked(dict(value))
    return json.dumps(shown, indent=2, ensure_ascii=False, default=str)


def _safe(text: str | None, context: CopyContext) -> str | None:
    return text if text is None or context.reveal else mask_secrets(text)


def _lines(number: int) -> str:
    return f"{count(number)} line{'' if number == 1 else 's'}"


def _title(request: Mapping[str, Any]) -> str:
    words = (request.get("method") or request.get("event_type"), request.get("path") or request.get("route"))
    return " ".join(str(word) for word in words if word)
