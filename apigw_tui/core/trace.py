"""An X-Ray trace: its segment documents as one tree of segments, timed from the start of the request.

A document is a JSON object with subsegments in it; other documents hang below a segment by its `parent_id`. Times
are epoch seconds with a fraction. Any of it may be missing, contradict itself or come twice: first while the work
was in progress, later when it was done. Source: AWS, "X-Ray segment documents".
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from apigw_tui.core.text import sanitise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

SegmentOutcome = Literal["ok", "error", "fault", "throttle", "in_progress"]
"""As X-Ray marks them: 4xx, 5xx, 429, and what had not ended when it was asked."""

_LATEST_S: Final = 253_402_300_800
"""Year 10000."""
_LONGEST_NAME: Final = 200
_LONGEST_DETAIL: Final = 1_000
_FAILED_STATUS: Final = 400
_MARKS: Final[tuple[SegmentOutcome, ...]] = ("throttle", "fault", "error")
_GRAVITY: Final[Mapping[SegmentOutcome, int]] = {"fault": 0, "error": 1, "throttle": 1, "in_progress": 2, "ok": 3}
_TRACE_ID: Final = re.compile(r"(?<![0-9A-Za-z])1-([0-9a-f]{8})-?([0-9a-f]{24})(?![0-9A-Za-z])", re.IGNORECASE)
_W3C_ID: Final = re.compile(r"(?<![0-9A-Za-z-])([0-9a-f]{8})([0-9a-f]{24})(?![0-9A-Za-z-])", re.IGNORECASE)
_SAMPLED: Final = r"[^\n]{0,120}?\bSampled[=:] ?(0|1|true|false)\b"

NOT_SAMPLED: Final = "X-Ray did not sample this request: its trace header says so."

Node = dict[str, Any]


@dataclass(frozen=True)
class TraceSegment:
    """One segment or subsegment, below the one before it that has a smaller `depth`.

    `origin` is the AWS resource type, for subsegments their namespace (`aws`, `remote`). `start_ms` counts from the
    start of the request and may be negative: clocks differ.
    """

    name: str
    origin: str | None
    start_ms: int | None
    duration_ms: int | None
    outcome: SegmentOutcome
    depth: int
    detail: str | None


@dataclass(frozen=True)
class Trace:
    """What X-Ray told of a request. `segments` is None when it was not asked or did not answer.

    `note` says in one sentence why there are none, or why there may be more.
    """

    trace_id: str
    segments: tuple[TraceSegment, ...] | None = None
    note: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether X-Ray has not heard the end of it."""
        return not self.segments or any(segment.outcome == "in_progress" for segment in self.segments)


def segments_json(trace: Trace | None) -> list[dict[str, Any]] | None:
    """The `segments` of a story's JSON; None when X-Ray was not asked or did not answer."""
    if trace is None or trace.segments is None:
        return None
    return [asdict(segment) for segment in trace.segments]


def normal_trace_id(text: str | None) -> str | None:
    """`1-65f0c2a1-4b7d…` out of `Root=1-…;Sampled=1`, `1-…` or the 32 digits of W3C; None where there is none."""
    found = _TRACE_ID.search(text or "") or _W3C_ID.search(text or "")
    return f"1-{found[1]}-{found[2]}".lower() if found else None


def is_sampled(texts: Iterable[str], trace_id: str) -> bool | None:
    """Whether X-Ray records this trace, as headers and REPORT lines tell; None when none of them does.

    Who called may have decided against it, and a function for it: one yes is enough.
    """
    pattern = re.compile(re.escape(trace_id) + _SAMPLED, re.IGNORECASE)
    said = {match[1].lower() in ("1", "true") for text in texts for match in pattern.finditer(text)}
    return any(said) if said else None


def unsampled(texts: Iterable[str], trace_id: str | None) -> Trace | None:
    """The trace that X-Ray does not record, as the request's own lines tell; None where they do not say so."""
    normal = normal_trace_id(trace_id)
    if normal is None or is_sampled(texts, normal) is not False:
        return None
    return Trace(normal, None, NOT_SAMPLED)


def segments_of(documents: Iterable[str | Mapping[str, Any]], *, started_at: int | None) -> tuple[TraceSegment, ...]:
    """All segments in tree order: each below its parent, siblings by their start; the order given does not matter.

    `started_at` in epoch ms; without it the earliest segment starts at 0. What is no JSON object is left out: see
    `count_unread`.
    """
    nodes = _nodes(_read(document) for document in documents)
    _fold_inferred(nodes)
    zero = _zero(nodes.values(), started_at)
    return tuple(_segment(node, depth, zero) for node, depth in _in_tree_order(nodes))


def count_unread(documents: Iterable[str | Mapping[str, Any]]) -> int:
    """How many documents are no JSON objects."""
    return sum(_read(document) is None for document in documents)


@dataclass
class _Node:
    """A segment on its way into the tree. `parent` and `key` name nodes: by ID, else by what they hold."""

    key: str
    parent: str | None
    values: Node
    text: str
    folded_origin: str | None = None

    @property
    def rank(self) -> tuple[bool, int, str, str]:
        """Of two with the same ID the one with the highest rank tells more: it has ended, it says more."""
        has_ended = _seconds(self.values.get("end_time")) is not None
        return (has_ended, len(self.text), self.text, self.parent or "")

    @property
    def order(self) -> tuple[float, float, str]:
        """Siblings by start, the longer first."""
        start, end = _seconds(self.values.get("start_time")), _seconds(self.values.get("end_time"))
        return (math.inf if start is None else start, -math.inf if end is None else -end, self.text)


def _read(document: str | Mapping[str, Any]) -> Node | None:
    if not isinstance(document, str):
        return dict(document)
    try:
        read = json.loads(document)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _nodes(documents: Iterable[Node | None]) -> dict[str, _Node]:
    """Every segment and subsegment once, by its key."""
    nodes: dict[str, _Node] = {}
    seen: Counter[tuple[str | None, str]] = Counter()
    pending: list[tuple[Node, str | None]] = [(document, None) for document in documents if document is not None]
    while pending:
        values, parent = pending.pop()
        node = _node(values, parent, seen)
        known = nodes.get(node.key)
        if known is None or node.rank > known.rank:
            nodes[node.key] = node
        inner = values.get("subsegments")
        if isinstance(inner, list):
            pending.extend((each, node.key) for each in inner if isinstance(each, dict))
    return nodes


def _node(values: Node, parent: str | None, seen: Counter[tuple[str | None, str]]) -> _Node:
    own = {name: value for name, value in values.items() if name != "subsegments"}
    if parent is None and isinstance(values.get("parent_id"), str):
        parent = values["parent_id"]
    key = values.get("id")
    if not isinstance(key, str) or not key:
        place = (parent, _canonical(values))
        key = f"\0{parent}\0{seen[place]}\0{place[1]}"
        seen[place] += 1
    return _Node(key, parent, own, _canonical(own))


def _canonical(values: Node) -> str:
    """The same text for the same content, in whatever order members and subsegments come."""
    inner = values.get("subsegments")
    own = {name: value for name, value in values.items() if name != "subsegments"}
    try:
        if isinstance(inner, list):
            own["subsegments"] = sorted(_canonical(each) if isinstance(each, dict) else str(each) for each in inner)
        return json.dumps(own, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):
        return str(sorted(map(str, own)))


def _fold_inferred(nodes: dict[str, _Node]) -> None:
    """X-Ray makes segments up for services that send none: what they tell beside their subsegment is the origin."""
    parents = {node.parent for node in nodes.values()}
    for key, node in sorted(nodes.items()):
        caller = nodes.get(node.parent or "")
        if node.values.get("inferred") is True and caller is not None and caller is not node and key not in parents:
            caller.folded_origin = caller.folded_origin or _text(node.values.get("origin"), _LONGEST_NAME)
            del nodes[key]


def _in_tree_order(nodes: Mapping[str, _Node]) -> Iterator[tuple[_Node, int]]:
    """Each node with its depth. Where parents go round in a circle, the earliest of them comes first."""
    children: defaultdict[str | None, list[_Node]] = defaultdict(list)
    for node in nodes.values():
        children[node.parent if node.parent in nodes else None].append(node)
    visited: set[str] = set()
    left = sorted(nodes.values(), key=_order)
    for root in [*sorted(children[None], key=_order), *left]:
        pending = [(root, 0)]
        while pending:
            node, depth = pending.pop()
            if node.key in visited:
                continue
            visited.add(node.key)
            yield node, depth
            below = sorted(children[node.key], key=_order, reverse=True)
            pending.extend((child, depth + 1) for child in below)


def _order(node: _Node) -> tuple[tuple[float, float, str], str]:
    return node.order, node.key


def _zero(nodes: Iterable[_Node], started_at: int | None) -> float | None:
    """The start of the request in epoch seconds."""
    if started_at is not None:
        return started_at / 1000
    starts = (_seconds(node.values.get("start_time")) for node in nodes)
    return min((start for start in starts if start is not None), default=None)


def _segment(node: _Node, depth: int, zero: float | None) -> TraceSegment:
    values = node.values
    start, end = _seconds(values.get("start_time")), _seconds(values.get("end_time"))
    in_progress = values.get("in_progress") is True or (end is None and start is not None)
    took = None if in_progress or start is None or end is None or end < start else round((end - start) * 1000)
    return TraceSegment(
        name=_text(values.get("name"), _LONGEST_NAME) or "unnamed",
        origin=_text(values.get("origin"), _LONGEST_NAME)
        or node.folded_origin
        or _text(values.get("namespace"), _LONGEST_NAME),
        start_ms=None if start is None or zero is None else round((start - zero) * 1000),
        duration_ms=took,
        outcome=_outcome(values, in_progress=in_progress),
        depth=depth,
        detail=_detail(values),
    )


def _outcome(values: Node, *, in_progress: bool) -> SegmentOutcome:
    marked: SegmentOutcome | None = next((mark for mark in _MARKS if values.get(mark) is True), None)
    return marked or ("in_progress" if in_progress else "ok")


def _detail(values: Node) -> str | None:
    """What was called, and the exception or status with which it failed."""
    told = [text for text in (_called(values), _exception(values) or _failed_status(values)) if text]
    return _text(": ".join(told), _LONGEST_DETAIL)


def _called(values: Node) -> str | None:
    """A call of another service: operation and resource, the SQL statement, or method and URL."""
    aws, sql = _member(values, "aws"), _member(values, "sql")
    operation = aws.get("operation")
    if isinstance(operation, str):
        names = (aws.get(name) for name in ("table_name", "queue_url", "topic_arn", "bucket_name", "function_name"))
        target = next((name for name in names if isinstance(name, str)), "")
        return f"{operation} {target}".strip()
    if isinstance(sql.get("sanitized_query"), str):
        return str(sql["sanitized_query"])
    request = _member(_member(values, "http"), "request")
    if values.get("namespace") == "remote" and isinstance(request.get("url"), str):
        return f"{request.get('method') or ''} {request['url']}".strip()
    return None


def _exception(values: Node) -> str | None:
    exceptions = _member(values, "cause").get("exceptions")
    for exception in exceptions if isinstance(exceptions, list) else ():
        if isinstance(exception, dict):
            told = [str(exception[name]) for name in ("type", "message") if isinstance(exception.get(name), str)]
            if told:
                return ": ".join(told)
    return None


def _failed_status(values: Node) -> str | None:
    status = _member(_member(values, "http"), "response").get("status")
    is_failed = isinstance(status, int) and _FAILED_STATUS <= status < 2 * _FAILED_STATUS
    return f"status {status}" if is_failed else None


def _member(values: Node, name: str) -> Node:
    member = values.get(name)
    return member if isinstance(member, dict) else {}


def _seconds(value: object) -> float | None:
    """Epoch seconds that a clock can have shown."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LATEST_S:
        return None
    return float(value)


def _text(value: object, longest: int) -> str | None:
    """Foreign text on one line, safe to show."""
    if not isinstance(value, str):
        return None
    flat = " ".join(sanitise(value[: longest * 4]).split())
    return (flat if len(flat) <= longest else f"{flat[: longest - 1]}…") or None


def shortlisted(segments: Sequence[TraceSegment], most: int) -> tuple[TraceSegment, ...]:
    """At most so many, in their order: those that failed worst, the deepest first, then where the time went."""
    if len(segments) <= most:
        return tuple(segments)
    own = _own_ms(segments)

    def weight(place: int) -> tuple[int, int, int, int]:
        segment = segments[place]
        return (_GRAVITY[segment.outcome], 0 if segment.outcome == "ok" else -segment.depth, -own[place], place)

    return subset(segments, sorted(range(len(segments)), key=weight)[: max(most, 0)])


def _own_ms(segments: Sequence[TraceSegment]) -> list[int]:
    """How long each took without those directly below it; 0 where that is not known."""
    own = [segment.duration_ms or 0 for segment in segments]
    above: list[int] = []
    for place, segment in enumerate(segments):
        while above and segments[above[-1]].depth >= segment.depth:
            above.pop()
        if above:
            own[above[-1]] -= segment.duration_ms or 0
        above.append(place)
    return own


def subset(segments: Sequence[TraceSegment], places: Collection[int]) -> tuple[TraceSegment, ...]:
    """The segments at these places, each as deep as there are segments above it among them."""
    wanted = set(places)
    kept: list[TraceSegment] = []
    above: list[int] = []
    for place, segment in enumerate(segments):
        while above and segments[above[-1]].depth >= segment.depth:
            above.pop()
        if place in wanted:
            kept.append(replace(segment, depth=sum(each in wanted for each in above)))
        above.append(place)
    return tuple(kept)
