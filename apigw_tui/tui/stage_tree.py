"""What can be opened, as a tree: API → stage, and the log groups; and what is known of each stage's logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from apigw_tui.core.access_format import AccessFormat

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage

TYPE_NAMES: Final = {"REST": "REST", "HTTP": "HTTP", "WEBSOCKET": "WebSocket"}
_STYLE_NAMES: Final = {
    "json": "JSON",
    "clf": "CLF",
    "xml": "XML",
    "csv": "CSV",
    "kv": "key=value",
    "text": "text",
}
_DELIVERY: Final = ":firehose:"


@dataclass(frozen=True)
class Offer:
    """What can be opened: `functions` are those known for a stage's scope, empty until one was seen."""

    stages: tuple[Stage, ...] = ()
    groups: tuple[str, ...] = ()
    functions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ApiNode:
    """An API; its stages follow when it is open."""

    api_id: str
    name: str
    api_type: str
    is_open: bool


@dataclass(frozen=True)
class StageNode:
    """A stage."""

    stage: Stage


@dataclass(frozen=True)
class GroupsNode:
    """The heading of the log groups."""

    count: int
    is_open: bool


@dataclass(frozen=True)
class GroupNode:
    """A log group."""

    name: str


Node = ApiNode | StageNode | GroupsNode | GroupNode


@dataclass(frozen=True)
class Badge:
    """One of A E L X: on, off though it could be on, or not possible; `told` says why or what."""

    letter: str
    is_on: bool
    is_possible: bool
    told: str
    detail: str = ""
    is_alarming: bool = False

    @property
    def sign(self) -> str:
        """The letter, `·` for off, `–` for not possible."""
        if self.is_on:
            return self.letter
        return "·" if self.is_possible else "–"


def tree(
    offer: Offer, *, closed: frozenset[str] = frozenset(), groups_open: bool = False, text: str = ""
) -> tuple[Node, ...]:
    """The nodes in view; with a filter text everything that matches is open."""
    wanted = text.strip().casefold()
    nodes: list[Node] = []
    for api_id, stages in _by_api(offer.stages).items():
        matching = [stage for stage in stages if _matches(stage, wanted)]
        if not matching:
            continue
        is_open = bool(wanted) or api_id not in closed
        first = stages[0]
        nodes.append(ApiNode(api_id, first.api_name, TYPE_NAMES[first.api_type], is_open))
        nodes += [StageNode(stage) for stage in matching] if is_open else []
    groups = [name for name in offer.groups if wanted in name.casefold()]
    if groups or not wanted:
        is_open = groups_open or bool(wanted)
        nodes.append(GroupsNode(len(groups), is_open))
        nodes += [GroupNode(name) for name in groups] if is_open else []
    return tuple(nodes)


def opened_stages(offer: Offer, targets: Sequence[str]) -> tuple[Stage, ...]:
    """The stages that these targets name, one by one or by their API."""
    wanted = frozenset(targets)
    return tuple(
        stage
        for stage in offer.stages
        if not wanted.isdisjoint((stage.title, stage.scope, stage.api_name, stage.api_id))
    )


def badges(stage: Stage, functions: tuple[str, ...] = ()) -> tuple[Badge, ...]:
    """What a stage logs, and why a badge is off."""
    return (_access(stage), _execution(stage), _functions(functions), _tracing(stage))


def kept(stage: Stage) -> str:
    """How long its access log is kept."""
    return "" if stage.retention_days is None else f"kept {stage.retention_days} days"


@lru_cache(maxsize=256)
def format_told(source: str) -> tuple[str, int]:
    """The style of an access format, as people call it, and how many fields it has."""
    compiled = AccessFormat.compile(source)
    return _STYLE_NAMES.get(compiled.style, compiled.style), len(compiled.fields)


def access_told(stage: Stage) -> str:
    """`JSON, 21 fields`, `CLF`, `off` or where else it goes."""
    access = stage.access
    if access is None:
        return "off"
    if access.log_group is None:
        return "to Firehose" if _DELIVERY in access.destination else "elsewhere"
    style, fields = format_told(access.format)
    return f"{style}, {fields} fields" if style in ("JSON", "XML", "key=value") else style


def execution_told(stage: Stage) -> str:
    """`INFO + data trace`, `ERROR`, `off` or why there is none."""
    if stage.api_type == "HTTP":
        return "none for HTTP APIs"
    if stage.execution.level == "OFF":
        return "off"
    return f"{stage.execution.level}{' + data trace' if stage.execution.data_trace else ''}"


def _access(stage: Stage) -> Badge:
    access = stage.access
    if access is None:
        return Badge("A", is_on=False, is_possible=True, told="access log off")
    if access.log_group is None:
        told = f"access {access_told(stage)}"
        where = access.destination
        return Badge("A", is_on=False, is_possible=True, told=told, detail=where, is_alarming=True)
    detail = access_told(stage).replace(", ", " · ")
    return Badge("A", is_on=True, is_possible=True, told=access.log_group, detail=detail)


def _execution(stage: Stage) -> Badge:
    if stage.api_type == "HTTP":
        return Badge("E", is_on=False, is_possible=False, told="none for HTTP APIs")
    is_on = stage.execution.level != "OFF" and stage.execution.log_group is not None
    told = execution_told(stage) if is_on else "execution log off"
    return Badge("E", is_on=is_on, is_possible=True, told=told, detail=stage.scope if is_on else "")


def _functions(functions: tuple[str, ...]) -> Badge:
    if not functions:
        return Badge("L", is_on=False, is_possible=True, told="no function seen yet")
    more = len(functions) - 1
    noun = "function" if more == 1 else "functions"
    return Badge("L", is_on=True, is_possible=True, told=functions[0], detail=f"{more} more {noun}" if more else "")


def _tracing(stage: Stage) -> Badge:
    if stage.api_type != "REST":
        name = TYPE_NAMES[stage.api_type]
        return Badge("X", is_on=False, is_possible=False, told=f"none for {name} APIs")
    return Badge("X", is_on=stage.tracing, is_possible=True, told=f"tracing {'on' if stage.tracing else 'off'}")


def _by_api(stages: tuple[Stage, ...]) -> dict[str, list[Stage]]:
    grouped: dict[str, list[Stage]] = {}
    for stage in stages:
        grouped.setdefault(stage.api_id, []).append(stage)
    return grouped


def _matches(stage: Stage, wanted: str) -> bool:
    if not wanted:
        return True
    logged = stage.access.log_group if stage.access else None
    places = (stage.title, stage.scope, logged or "", stage.execution.log_group or "")
    return any(wanted in place.casefold() for place in places)
