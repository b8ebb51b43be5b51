"""What can be opened, as a tree: API → stage, and the log groups; and what is known of each stage's logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from apigw_tui.core.units import UNKNOWN, age, count
from apigw_tui.tui import later

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.log_groups import LogGroup
    from apigw_tui.sources.stages import Api, StageDirectory
    from apigw_tui.tui.glyphs import Glyphs

TYPE_NAMES: Final = {"REST": "REST", "HTTP": "HTTP", "WEBSOCKET": "WebSocket"}
_STYLE_NAMES: Final = {
    "json": "JSON",
    "clf": "CLF",
    "xml": "XML",
    "csv": "CSV",
    "kv": "key=value",
    "text": "text",
}


@dataclass(frozen=True)
class Offer:
    """What can be opened: `functions` are those known for a stage's scope, empty until one was seen.

    `apis` also has those without stages, or whose stages are not in `read`. `last_events` are times (ms) by
    scope at which a stage had logged, and maybe later too. `account` owns the groups that are not linked.
    """

    stages: tuple[Stage, ...] = ()
    groups: tuple[LogGroup, ...] = ()
    functions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    apis: tuple[Api, ...] = ()
    read: frozenset[str] = frozenset()
    last_events: Mapping[str, int] = field(default_factory=dict)
    account: str | None = None
    has_more_groups: bool = False
    domains_trouble: str = ""
    """Why custom domain names are not known."""

    @classmethod
    def of(cls, directory: StageDirectory, before: Offer | None = None) -> Offer:
        """What a directory lists, with what was learnt of its stages `before`."""
        return cls(
            stages=directory.stages,
            groups=directory.groups,
            functions=before.functions if before else {},
            apis=directory.apis,
            read=frozenset(directory.read_at),
            last_events=before.last_events if before else {},
            account=directory.account,
            has_more_groups=not directory.groups_are_complete,
            domains_trouble=directory.domains_error.message if directory.domains_error else "",
        )


@dataclass(frozen=True)
class ApiNode:
    """An API; its stages follow when it is open. `note` says why none would."""

    api_id: str
    name: str
    api_type: str
    is_open: bool
    note: str = ""


@dataclass(frozen=True)
class StageNode:
    """A stage."""

    stage: Stage


@dataclass(frozen=True)
class GroupsNode:
    """The heading of the log groups."""

    count: int
    is_open: bool
    has_more: bool = False

    @property
    def counted(self) -> str:
        """How many there are, as far as is known."""
        number = count(self.count)
        return f"more than {number}" if self.has_more and self.count else number


@dataclass(frozen=True)
class GroupNode:
    """A log group; `owner` is the number of the linked account that it is in, empty for this one."""

    group: LogGroup
    owner: str = ""

    @property
    def name(self) -> str:
        """Its name."""
        return self.group.name

    @property
    def target(self) -> str:
        """The word that opens it: a linked account's group is known by its ARN only."""
        return self.group.arn if self.owner and self.group.arn else f"log-group:{self.group.name}"


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
    by_api = _by_api(offer.stages)
    for api_id, name, api_type in _apis(offer):
        stages = by_api.get(api_id, [])
        matching = [stage for stage in stages if _matches(stage, wanted)]
        if not matching and (stages or wanted not in f"{name} {api_id}".casefold()):
            continue
        is_open = bool(stages) and (bool(wanted) or api_id not in closed)
        note = "" if stages else "no stages" if api_id in offer.read else "stages not read yet"
        nodes.append(ApiNode(api_id, name, TYPE_NAMES[api_type], is_open, note))
        nodes += [StageNode(stage) for stage in matching] if is_open else []
    groups = [group for group in offer.groups if wanted in group.name.casefold()]
    if groups or not wanted:
        is_open = groups_open or bool(wanted)
        nodes.append(GroupsNode(len(groups), is_open, offer.has_more_groups))
        nodes += [GroupNode(group, _owner(group, offer.account)) for group in groups] if is_open else []
    return tuple(nodes)


def same_place(nodes: Sequence[Node], before: Node | None) -> int | None:
    """Where what the cursor stood on is now; None when it is gone."""
    identity = _identity(before)
    return None if before is None else next((at for at, node in enumerate(nodes) if _identity(node) == identity), None)


def last_event(stage: Stage, offer: Offer, *, now: int, glyphs: Glyphs) -> str:
    """The age of a stage's last event: exact where it is read, `≤ 4 m` where CloudWatch told, which it does late."""
    if stage.last_event_at is not None:
        return age(now - stage.last_event_at)
    told = offer.last_events.get(stage.scope)
    return UNKNOWN if told is None else f"{glyphs.at_most} {age(now - told)}"


def opened_stages(offer: Offer, targets: Sequence[str]) -> tuple[Stage, ...]:
    """The stages that these targets name, one by one or by their API."""
    wanted = frozenset(targets)
    return tuple(
        stage
        for stage in offer.stages
        if not wanted.isdisjoint((stage.title, stage.scope, stage.api_name, stage.api_id, *stage.domains))
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
    compiled = later.AccessFormat.compile(source)
    return _STYLE_NAMES.get(compiled.style, compiled.style), len(compiled.fields)


def access_told(stage: Stage) -> str:
    """`JSON, 21 fields`, `CLF`, `off` or where else it goes."""
    access = stage.access
    if access is None:
        return "off"
    if access.obstacle is not None:
        return access.obstacle.told
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
    if access.obstacle is not None:
        told = f"access {access.obstacle.told}"
        where = access.log_group or access.destination
        return Badge("A", is_on=False, is_possible=True, told=told, detail=where, is_alarming=True)
    detail = access_told(stage).replace(", ", " · ")
    return Badge("A", is_on=True, is_possible=True, told=access.log_group or "", detail=detail)


def _execution(stage: Stage) -> Badge:
    if stage.api_type == "HTTP":
        return Badge("E", is_on=False, is_possible=False, told="none for HTTP APIs")
    obstacle = stage.execution.obstacle
    if obstacle is not None:
        where = stage.execution.log_group or ""
        return Badge("E", is_on=False, is_possible=True, told=obstacle.told, detail=where, is_alarming=True)
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


def _apis(offer: Offer) -> list[tuple[str, str, str]]:
    """ID, name and type of each API: those that were listed, or else those of the stages."""
    if offer.apis:
        return [(api.api_id, api.name, api.api_type) for api in offer.apis]
    return list({stage.api_id: (stage.api_id, stage.api_name, stage.api_type) for stage in offer.stages}.values())


def _owner(group: LogGroup, account: str | None) -> str:
    return group.account if group.account and group.account != account else ""


def _identity(node: Node | None) -> tuple[str, ...]:
    if isinstance(node, StageNode):
        return ("stage", node.stage.scope)
    if isinstance(node, ApiNode):
        return ("api", node.api_id)
    if isinstance(node, GroupNode):
        return ("group", node.owner, node.name)
    return ("groups",)


def _by_api(stages: tuple[Stage, ...]) -> dict[str, list[Stage]]:
    grouped: dict[str, list[Stage]] = {}
    for stage in stages:
        grouped.setdefault(stage.api_id, []).append(stage)
    return grouped


def _matches(stage: Stage, wanted: str) -> bool:
    if not wanted:
        return True
    logged = stage.access.log_group if stage.access else None
    places = (stage.title, stage.scope, logged or "", stage.execution.log_group or "", *stage.domains)
    return any(wanted in place.casefold() for place in places)
