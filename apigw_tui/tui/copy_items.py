"""What can be copied of a request, an event or a view: IDs, JSON, Markdown, commands, queries, links."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from apigw_tui.core.story_markdown import story_markdown
from apigw_tui.core.text import count_secrets, mask_secrets
from apigw_tui.core.units import count, size
from apigw_tui.tui.rows import one_line
from apigw_tui.tui.story_tabs import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_tui.core.story import Story

_PAIR: Final = re.compile(r"(?:^|, )([A-Za-z0-9-]+)=(.*?)(?=, [A-Za-z0-9-]+=|$)", re.DOTALL)
_HOPS: Final = ("host", "via", "content-length", "forwarded", "connection", "accept-encoding")
_HOP_PREFIXES: Final = ("x-forwarded-", "x-amzn-", "x-amz-cf-", "cloudfront-")
_WINDOW_MS: Final = 60_000
_CONSOLES: Final = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}


@dataclass(frozen=True)
class CopyItem:
    """One entry of the copy menu: `preview` is shown, `text` is copied; blocks are set apart."""

    key: str
    label: str
    preview: str
    text: str
    block: int


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


@dataclass(frozen=True)
class CopyMenuContent:
    """The title of a copy menu, its items and how many secrets are masked in them."""

    status: int | None
    title: str
    items: tuple[CopyItem, ...]
    secrets: int


def story_items(story: Story, context: CopyContext) -> CopyMenuContent:
    """Everything that can be copied of a request whose story is stitched."""
    request = story.request
    items = _id_items(request)
    json_copied = json_text(story, reveal=context.reveal)
    value, unit = size(len(json_copied.encode()))
    markdown = story_markdown(story, reveal=context.reveal)
    lines = markdown.count("\n")
    items += [
        _item("u", "curl", curl(story, context), 1),
        CopyItem(
            "j", "JSON", f"the request with phases and {_lines(len(story.lines))}, {value} {unit}", json_copied, 1
        ),
        CopyItem("m", "Markdown", f"the story for a ticket, {_lines(lines)}", markdown, 1),
    ]
    if story.cause and story.cause.evidence:
        items.append(_item("r", "raw line", _safe(story.cause.evidence, context), 1))
    items += _command_items(story.row, context)
    secrets = sum(count_secrets(line.message) for line in story.lines)
    return CopyMenuContent(request.get("status"), _title(request), _present(items), secrets)


def row_items(row: Mapping[str, Any], context: CopyContext) -> CopyMenuContent:
    """What can be copied of a request of which only its row is known."""
    request = {**row, "integration": {"request_id": row["integration_request_id"]}}
    items = _id_items(request)
    if row["evidence"]:
        items.append(_item("r", "raw line", _safe(row["evidence"], context), 1))
    items += _command_items(row, context)
    return CopyMenuContent(row["status"], _title(row), _present(items), count_secrets(row["evidence"] or ""))


def event_items(event: Mapping[str, Any], context: CopyContext) -> CopyMenuContent:
    """What can be copied of a single event, from a row of EVENTS."""
    items = [_item("c", "request ID", event["request_id"], 0)] if event["request_id"] else []
    items.append(_item("r", "raw line", _safe(event["message"], context), 1))
    items += _command_items({**event, "started_at": event["timestamp"], "ended_at": event["timestamp"]}, context)
    title = str(event["log_group"] or "")
    return CopyMenuContent(None, title, _present(items), count_secrets(event["message"]))


def show_command(request_id: str, context: CopyContext) -> str:
    """The command that prints this story elsewhere."""
    return shlex.join(["apigw-tui", "show", request_id, *shlex.split(context.target), *context.options])


def insights_query(request_id: str) -> str:
    """A Logs Insights query that finds every line of the request."""
    quoted = request_id.replace("\\", "\\\\").replace('"', '\\"')
    return f'fields @timestamp, @message | filter @message like "{quoted}" | sort @timestamp asc'


def console_link(request_id: str, log_group: str, region: str, window: tuple[int, int]) -> str:
    """The log group in the AWS console, filtered for the request; `window` in epoch milliseconds.

    The console keeps its state behind `#`, percent-encoded twice with `$` for the second `%`.
    """
    host = next((name for prefix, name in _CONSOLES.items() if region.startswith(prefix)), "console.aws.amazon.com")
    pattern = quote(f'"{request_id}"', safe="")
    state = f"?filterPattern={pattern}&start={window[0]}&end={window[1]}"
    group = quote(quote(log_group, safe=""), safe="").replace("%", "$")
    search = quote(state, safe="").replace("%", "$")
    return (
        f"https://{region}.{host}/cloudwatch/home?region={region}"
        f"#logsV2:log-groups/log-group/{group}/log-events{search}"
    )


def curl(story: Story, context: CopyContext) -> str | None:
    """The request as a curl command, as far as it was logged; None where its address is unknown."""
    request = story.request
    url = _url(story, context)
    if url is None:
        return None
    method = request.get("method") or "GET"
    words = ["curl"] if method == "GET" else ["curl", "-X", method]
    words.append(_safe(url, context))
    for name, value in _headers(_logged(story, "request_headers") or ""):
        words += ["-H", _safe(f"{name}: {value}", context)]
    body = _logged(story, "request_body")
    if body:
        words += ["--data-raw", _safe(body, context)]
    return shlex.join(words)


def _id_items(request: Mapping[str, Any]) -> list[CopyItem | None]:
    extended = request.get("extended_request_id")
    if extended == request.get("request_id"):
        extended = None
    integration = request.get("integration") or {}
    return [
        _item("c", "request ID", request.get("request_id"), 0),
        _item("x", "extended request ID", extended, 0),
        _item("l", "Lambda request ID", integration.get("request_id"), 0),
        _item("t", "X-Ray trace ID", request.get("trace_id"), 0),
    ]


def _command_items(row: Mapping[str, Any], context: CopyContext) -> list[CopyItem | None]:
    request_id = row.get("request_id") or row.get("extended_request_id")
    items = [_item("v", "view as a command", context.view, 2)]
    if not request_id:
        return items
    items.insert(0, _item("s", "command", show_command(request_id, context), 2))
    if context.region is None:
        return items
    items.append(_item("i", "Insights query", insights_query(request_id), 2))
    started, ended = row.get("started_at"), row.get("ended_at")
    if context.log_group and started is not None:
        window = (started - _WINDOW_MS, (ended or started) + _WINDOW_MS)
        items.append(_item("o", "console link", console_link(request_id, context.log_group, context.region, window), 2))
    return items


def _item(key: str, label: str, text: str | None, block: int) -> CopyItem | None:
    return None if not text else CopyItem(key, label, one_line(text), text, block)


def _present(items: list[CopyItem | None]) -> tuple[CopyItem, ...]:
    return tuple(item for item in items if item is not None)


def _safe(text: str, context: CopyContext) -> str:
    return text if context.reveal else mask_secrets(text)


def _lines(number: int) -> str:
    return f"{count(number)} line{'' if number == 1 else 's'}"


def _title(request: Mapping[str, Any]) -> str:
    words = (request.get("method") or request.get("event_type"), request.get("path") or request.get("route"))
    return " ".join(str(word) for word in words if word)


def _url(story: Story, context: CopyContext) -> str | None:
    request = story.request
    path, stage, api_id = request.get("path"), request.get("stage"), request.get("api_id")
    if not path or not path.startswith("/"):
        return None
    query = _query_string(story)
    domain = next((value for name, value in story.access.items() if name.lower() in ("domainname", "domain")), None)
    if isinstance(domain, str) and "." in domain:
        return f"https://{domain}{path}{query}"
    if not (api_id and stage and context.region):
        return None
    prefix = "" if path == f"/{stage}" or path.startswith(f"/{stage}/") or stage == "$default" else f"/{stage}"
    return f"https://{api_id}.execute-api.{context.region}.amazonaws.com{prefix}{path}{query}"


def _query_string(story: Story) -> str:
    logged = _logged(story, "request_query") or ""
    pairs = [f"{quote(name)}={quote(value)}" for name, value in _pairs(logged)]
    return f"?{'&'.join(pairs)}" if pairs else ""


def _logged(story: Story, line_kind: str) -> str | None:
    """What the data trace logged of a request, as it came; None when API Gateway cut it."""
    line = next((line for line in story.lines if line.line_kind == line_kind), None)
    return None if line is None or line.truncated else line.text.partition(":")[2].strip()


def _headers(logged: str) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in _pairs(logged)
        if name.lower() not in _HOPS and not name.lower().startswith(_HOP_PREFIXES)
    ]


def _pairs(logged: str) -> list[tuple[str, str]]:
    """Names and values of a map as API Gateway logs it: `{a=1, b=2}`."""
    inner = logged.removeprefix("{").removesuffix("}")
    return [(match[1], match[2]) for match in _PAIR.finditer(inner)]
