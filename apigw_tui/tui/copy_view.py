"""What can be copied of a whole view: what CloudWatch can be asked for it, and the rows that are marked in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_tui.core.console_links import insights_link
from apigw_tui.core.id_searches import ids_pattern
from apigw_tui.core.query_targets import FilterPattern, InsightsQuery, filter_pattern, insights_query
from apigw_tui.core.units import count
from apigw_tui.tui.rows import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.query_ast import Query


@dataclass(frozen=True)
class CopyItem:
    """One entry of the copy menu: `preview` is shown, `text` is copied; blocks are set apart."""

    key: str
    label: str
    preview: str
    text: str
    block: int
    told: str = ""
    """What the report after the copy calls it; its label where this is empty."""

    @property
    def what(self) -> str:
        """What the report after the copy says was copied."""
        return self.told or self.label


@dataclass(frozen=True)
class CopyView:
    """A query over log groups and a time (epoch ms); the format of their access log where they have one in common."""

    query: Query
    access_format: AccessFormat | None
    log_groups: tuple[str, ...]
    window: tuple[int, int]

    @property
    def insights(self) -> InsightsQuery:
        """The query for Logs Insights."""
        return insights_query(self.query, self.access_format)

    @property
    def pattern(self) -> FilterPattern | None:
        """The query as a filter pattern, as far as there is one."""
        return filter_pattern(self.query, self.access_format)

    def link(self, region: str) -> str | None:
        """Where the console runs the query."""
        return insights_link(self.insights.text, self.log_groups, region, self.window)


def view_items(view: CopyView, block: int) -> list[CopyItem]:
    """The query of the view in the languages of CloudWatch, with what they leave out."""
    query, pattern = view.insights, view.pattern
    items = [_query_item("g", "view: Insights query", query, block)]
    if pattern is not None:
        items.append(_query_item("p", "view: filter pattern", pattern, block))
    return items


def marked_items(ids: Sequence[str], block: int) -> list[CopyItem]:
    """The IDs of marked rows, and a filter pattern that finds them."""
    if not ids:
        return []
    text, rows = "\n".join(ids), _rows(len(ids))
    items = [CopyItem("b", "marked rows: IDs", f"{count(len(ids))}: {one_line(text)}", text, block, f"IDs of {rows}")]
    pattern = ids_pattern(ids)
    if pattern is not None:
        part = "" if pattern.ids == len(ids) else f"the first {pattern.ids} of {count(len(ids))}: "
        told = f"filter pattern of {part.removesuffix(': ') or rows}"
        items.append(CopyItem("f", "marked rows: pattern", f"{part}{pattern.text}", pattern.text, block, told))
    return items


def _query_item(key: str, label: str, found: InsightsQuery | FilterPattern, block: int) -> CopyItem:
    left_out = " ".join(found.left_out)
    # The comment in the query says the same.
    text = found.text.partition("\n")[2] if left_out and found.text.startswith("#") else found.text
    preview = f"without {left_out}: {text}" if left_out else text
    told = f"{label} without {left_out}" if left_out else ""
    return CopyItem(key, label, one_line(preview), found.text, block, one_line(told))


def _rows(number: int) -> str:
    return f"{count(number)} marked row{'' if number == 1 else 's'}"
