"""The picker's table: every API and stage with what it logs, how long it is kept and its last event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from apigw_tui.core.units import UNKNOWN
from apigw_tui.tui.line import cut, cut_middle, fitted
from apigw_tui.tui.rows import Row, rule
from apigw_tui.tui.stage_findings import stage_findings
from apigw_tui.tui.stage_tree import (
    ApiNode,
    GroupNode,
    Node,
    Offer,
    StageNode,
    access_told,
    badges,
    execution_told,
    format_told,
    kept,
    last_event,
)

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.tui.glyphs import Glyphs
    from apigw_tui.tui.line import Line
    from apigw_tui.tui.stage_tree import Badge

_DETAIL_SPLIT: Final = 69
_LABELS: Final = {"A": "access", "E": "execution", "L": "functions", "X": "tracing"}


@dataclass(frozen=True)
class Columns:
    """Where each column of the table starts; 0 where it is left out."""

    kind: int
    logs: int
    access: int
    execution: int
    kept: int
    last: int

    @classmethod
    def for_width(cls, width: int) -> Columns:
        """The columns for a table's width: execution goes first, then how long logs are kept."""
        if width >= 116:  # noqa: PLR2004 - the width of the whole table
            return cls(kind=28, logs=40, access=50, execution=74, kept=94, last=103)
        if width >= 94:  # noqa: PLR2004 - without the execution log's level
            return cls(kind=24, logs=36, access=46, execution=0, kept=72, last=81)
        return cls(kind=22, logs=34, access=44, execution=0, kept=0, last=66)


@dataclass(frozen=True)
class TableRows:
    """The nodes of the tree as rows of the table."""

    nodes: tuple[Node, ...]
    offer: Offer
    now: int
    glyphs: Glyphs

    def __len__(self) -> int:
        return len(self.nodes)

    def stops(self, index: int) -> bool:  # noqa: ARG002 - the same for each
        """The cursor stands on every node."""
        return True

    def row(self, index: int, width: int, *, cursor: bool) -> Row:
        """Draw one node."""
        node = self.nodes[index]
        bar: Line = ((self.glyphs.bar if cursor else " ", "accent"), (" ", ""))
        ground = "cursor" if cursor else ""
        if isinstance(node, StageNode):
            return Row((*bar, *self._stage(node.stage, Columns.for_width(width), strong=cursor)), ground)
        if isinstance(node, GroupNode):
            return Row((*bar, ("    ", ""), *self._group(node, width - 8)), ground)
        sign = self.glyphs.opened if node.is_open else self.glyphs.closed
        if isinstance(node, ApiNode):
            name = fitted(node.name, Columns.for_width(width).kind - 4)
            kind = fitted(node.api_type, Columns.for_width(width).logs - Columns.for_width(width).kind)
            line: Line = ((f"{sign} ", "ink-muted"), (name, "bold ink-strong"), (kind, "ink-muted"))
            return Row((*bar, *line, (node.note, "ink-faint")), ground)
        heading = (f"{sign} ", "ink-muted"), ("Log groups", "ink"), (f"  {node.counted}", "ink-muted")
        return Row((*bar, *heading), ground)

    def _group(self, node: GroupNode, width: int) -> Line:
        """A group's name, whose it is, and why it cannot be read."""
        marks: Line = ()
        if node.owner:
            marks = ((f"  account {node.owner}", "ink-muted"),)
        if node.group.obstacle is not None:
            marks = (*marks, (f"  {self.glyphs.client_error} {node.group.obstacle.told}", "status-4xx"))
        return ((cut_middle(node.name, width - sum(len(text) for text, _ in marks)), "ink"), *marks)

    def _stage(self, stage: Stage, columns: Columns, *, strong: bool) -> Line:
        ink = "ink-strong" if strong else "ink-muted"
        known = badges(stage, self.offer.functions.get(stage.scope, ()))
        signs: Line = tuple(
            (f"{badge.sign} ", ("ink-strong" if strong else "ink") if badge.is_on else "ink-faint") for badge in known
        )
        name = fitted(stage.name, columns.logs - 6)
        line: Line = (("    ", ""), (name, "bold ink-strong" if strong else "ink"), *signs)
        line = (
            *line,
            ("  ", ""),
            *self._access(stage, (columns.execution or columns.kept or columns.last) - columns.access, ink),
        )
        if columns.execution:
            told = execution_told(stage)
            quiet = told == "off" or stage.api_type == "HTTP"
            shade = "ink-faint" if quiet else ink
            if stage.execution.obstacle is not None:
                told, shade = f"{self.glyphs.client_error} {stage.execution.obstacle.told}", "status-4xx"
            line = (*line, (fitted(told, columns.kept - columns.execution), shade))
        if columns.kept:
            line = (*line, *_number(stage.retention_days, 3, strong=strong), ("   ", ""))
        return (*line, *self._last(stage, strong=strong))

    def _access(self, stage: Stage, width: int, ink: str) -> Line:
        told = access_told(stage)
        if stage.access is not None and stage.access.obstacle is not None:
            sign = f"{self.glyphs.client_error} {told}"
            return ((fitted(sign, width), "status-4xx"),)
        return ((fitted(told, width), "ink-faint" if told == "off" else ink),)

    def _last(self, stage: Stage, *, strong: bool) -> Line:
        since = last_event(stage, self.offer, now=self.now, glyphs=self.glyphs)
        value, _, unit = since.rpartition(" ") if since != UNKNOWN else (since, "", "")
        ink = "ink-faint" if value == UNKNOWN else "bold ink-strong" if strong else "ink"
        return ((value.rjust(7), ink), (f" {unit}", "ink-muted"))


def table_head(width: int) -> Row:
    """The heads of the columns."""
    columns = Columns.for_width(width)
    heads = [
        (2, "API / STAGE"),
        (columns.kind, "TYPE"),
        (columns.logs, "LOGS"),
        (columns.access, "ACCESS LOG"),
    ]
    heads += [(columns.execution, "EXECUTION"), (columns.kept, "KEPT"), (columns.last - 2, "LAST EVENT")]
    text = ""
    for start, head in heads:
        text = f"{text.ljust(start)}{head}" if start else text
    return Row(((text, "ink-faint"),), stop=False)


def detail_rows(node: Node | None, offer: Offer, width: int) -> list[Row]:
    """What is known of the stage under the cursor: where each log goes, and what that gives."""
    if isinstance(node, GroupNode):
        return _group_rows(node, width)
    if not isinstance(node, StageNode):
        return []
    stage = node.stage
    functions = offer.functions.get(stage.scope, ())
    api: Line = ((f"{stage.api_name}/", "ink"), (stage.name, "bold ink-strong"))
    rows = [Row(rule(width, api), stop=False)]
    split = min(_DETAIL_SPLIT, width * 6 // 10)
    for badge in badges(stage, functions):
        letter = (badge.letter, "bold ink-strong") if badge.is_on else (badge.sign, "ink-faint")
        what, gives = _what(badge, stage, functions), _gives(badge, stage, functions)
        ink = "ink" if badge.is_on else "status-4xx" if badge.is_alarming else "ink-muted"
        rows.append(
            Row(
                (
                    ("  ", ""),
                    letter,
                    ("  ", ""),
                    (_LABELS[badge.letter].ljust(12), "ink-muted"),
                    (fitted(cut_middle(what, split - 19), split - 17), ink),
                    (cut(gives, width - split - 1), "ink-muted"),
                ),
                stop=False,
            )
        )
    if stage.domains or offer.domains_trouble:
        names, ink = ("  ".join(stage.domains), "ink") if stage.domains else (offer.domains_trouble, "ink-muted")
        named: Line = (("     ", ""), ("domains".ljust(12), "ink-muted"), (cut(names, width - 20), ink))
        rows.append(Row(named, stop=False))
    return [*rows, *_untold_rows(stage, width)]


def _untold_rows(stage: Stage, width: int) -> list[Row]:
    """What its logs cannot tell, the worst first, in one row."""
    findings = stage_findings(stage)
    if not findings:
        return []
    titles = ", ".join(dict.fromkeys(finding.title for finding in findings))
    ink = {"error": "status-5xx", "warning": "status-4xx"}.get(findings[0].severity, "ink-muted")
    untold: Line = (("     ", ""), ("untold".ljust(12), "ink-muted"), (cut(titles, width - 20), ink))
    return [Row(untold, stop=False)]


def _group_rows(node: GroupNode, width: int) -> list[Row]:
    group = node.group
    facts = [
        f"account {group.account}" if group.account else "",
        f"kept {group.retention_days} days" if group.retention_days else "",
    ]
    told = "  ".join(fact for fact in facts if fact)
    rows = [Row(rule(width, ((cut_middle(group.name, width - 8), "bold ink-strong"),)), stop=False)]
    if told:
        rows.append(Row((("  ", ""), (told, "ink-muted")), stop=False))
    if group.obstacle is not None:
        rows.append(Row((("  ", ""), (cut(f"It {group.obstacle.sentence}.", width - 3), "status-4xx")), stop=False))
        rows.append(Row((("  ", ""), (cut(group.obstacle.remedy, width - 3), "ink-muted")), stop=False))
    return rows


def _what(badge: Badge, stage: Stage, functions: tuple[str, ...]) -> str:
    if badge.letter == "A":
        return badge.detail if badge.is_alarming else badge.told
    if badge.letter == "E" and (badge.is_on or badge.is_alarming):
        return stage.execution.log_group or badge.told
    if badge.letter == "L" and badge.is_on:
        return "  ".join(functions)
    return badge.told.removeprefix("tracing ") if badge.letter == "X" else badge.told


def _gives(badge: Badge, stage: Stage, functions: tuple[str, ...]) -> str:
    if not badge.is_on:
        return _missing(badge, stage)
    if badge.letter == "A" and stage.access is not None:
        style, fields = format_told(stage.access.format)
        joins = "joins on requestId" if stage.access.joinable else "cannot be joined: no $context.requestId"
        return f"{style}, {fields} fields, {joins}"
    if badge.letter == "E":
        days = kept(stage)
        trace = "data trace on" if stage.execution.data_trace else "data trace off"
        return ", ".join(part for part in (stage.execution.level, trace, days) if part)
    if badge.letter == "L":
        noun = "group" if len(functions) == 1 else "groups"
        return f"{len(functions)} {noun}, fetched when a request is opened"
    return "trace IDs can be copied"


def _missing(badge: Badge, stage: Stage) -> str:
    if not badge.is_possible:
        return ""
    obstacle = stage.access.obstacle if badge.letter == "A" and stage.access else None
    obstacle = stage.execution.obstacle if badge.letter == "E" else obstacle
    if obstacle is not None:
        return obstacle.remedy
    told = {
        "A": "without it latency and client stay unknown",
        "E": "without it most causes stay unknown",
        "L": "learnt from the requests that are read",
        "X": "no trace ID is logged",
    }
    return told[badge.letter]


def _number(value: int | None, width: int, *, strong: bool) -> Line:
    if value is None:
        return ((UNKNOWN.rjust(width), "ink-faint"), ("  ", ""))
    return ((str(value).rjust(width), "ink-strong" if strong else "ink"), (" d", "ink-muted"))
