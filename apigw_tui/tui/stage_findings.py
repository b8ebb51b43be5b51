"""What the logs of a stage cannot tell, in the few rows below its badges: the most serious, each with its variable."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from apigw_tui.tui import later
from apigw_tui.tui.line import cut
from apigw_tui.tui.rows import Row

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.doctor.findings import Finding
    from apigw_tui.tui.glyphs import Glyphs

_MOST: Final = 3
_TOLD_BY_BADGES: Final = frozenset(
    {"no_access_log", "access_unreadable", "execution_unreadable", "level_off", "tracing_off", "metrics_off"}
)


def stage_findings(stage: Stage) -> tuple[Finding, ...]:
    """What its settings alone tell, the worst first, without what the badges say already."""
    return _of_settings(replace(stage, last_event_at=None, retention_days=None))


def finding_rows(stage: Stage, width: int, room: int, glyphs: Glyphs) -> list[Row]:
    """As many findings as `room` rows hold, after an empty one; none for a stage with nothing to find."""
    findings = stage_findings(stage)
    rows: list[Row] = []
    shown = 0
    for finding in findings[:_MOST]:
        some = _drawn(finding, width, glyphs)
        # An empty row before, and one that counts the others.
        if len(rows) + len(some) + 2 > room:
            break
        rows += some
        shown += 1
    if not shown:
        return []
    more = len(findings) - shown
    told = [Row(((" ", ""), (cut(f"{more} more: see doctor", width - 2), "ink-faint")))] if more else []
    return [Row(), *rows, *told]


def _drawn(finding: Finding, width: int, glyphs: Glyphs) -> list[Row]:
    is_error = finding.severity == "error"
    sign, ink = (glyphs.server_error, "status-5xx") if is_error else (glyphs.client_error, "status-4xx")
    if finding.severity == "hint":
        sign, ink = glyphs.success, "ink-muted"
    rows = [Row(((" ", ""), (sign, ink), (" ", ""), (cut(finding.title, width - 4), "ink")))]
    if finding.variable:
        variable = finding.variable.replace("$context.", "")
        rows.append(Row((("   + ", "ink-faint"), (cut(variable, width - 6), "ink-muted"))))
    return rows


@lru_cache(maxsize=256)
def _of_settings(stage: Stage) -> tuple[Finding, ...]:
    found = [finding for finding in later.examine_stage(stage).to_do if finding.code not in _TOLD_BY_BADGES]
    # A format may have many values without quotes: one of each kind tells.
    return tuple({finding.code: finding for finding in reversed(found)}.values())[::-1]
