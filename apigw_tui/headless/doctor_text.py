"""What an examination found, for people: the worst first, each with its remedy."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from apigw_tui.doctor.findings import SEVERITIES

if TYPE_CHECKING:
    from apigw_tui.doctor.findings import Examined, Finding, Severity
    from apigw_tui.headless.text import TextStyle

_GLYPHS: Final[dict[Severity, str]] = {"error": "✗", "warning": "!", "hint": "·", "note": " "}
_COLORS: Final[dict[Severity, str]] = {"error": "1;31", "warning": "33", "hint": "36", "note": "2"}
_WELL: Final = "1;32"
_FAINT: Final = "2"
_TITLE_CELLS: Final = 28
_LEAST_WIDTH: Final = 60
_MOST_WIDTH: Final = 120


def report_lines(examined: Sequence[Examined], style: TextStyle, *, is_overview: bool) -> Iterator[str]:
    """Everything that was examined; an overview names what there is to do, but not how."""
    width = min(max(shutil.get_terminal_size((100, 24)).columns, _LEAST_WIDTH), _MOST_WIDTH)
    for index, one in enumerate(examined):
        if index:
            yield ""
        yield _heading(one, style)
        yield from _overview(one, style, width) if is_overview else _details(one, style, width)
    yield from _notes(examined, style, width)
    if is_overview and any(one.to_do for one in examined):
        yield ""
        yield "`apigw-tui doctor TARGET` says what to do: the commands, and an access log format to paste."


def markdown_lines(examined: Sequence[Examined]) -> Iterator[str]:
    """A section for everything that was examined."""
    for index, one in enumerate(examined):
        if index:
            yield ""
        yield f"## {_cell(_title(one))}"
        yield ""
        if not one.to_do:
            yield "All is well."
            yield ""
        if one.findings:
            yield "| severity | finding | means | do |"
            yield "| --- | --- | --- | --- |"
        for finding in one.findings:
            remedy = f"`{finding.fix}`" if finding.is_command else _cell(finding.fix or "")
            yield f"| {finding.severity} | {_cell(finding.title)} | {_cell(finding.detail)} | {_code_cell(remedy)} |"
        if one.access_format and one.command:
            yield from ("", "```json", one.access_format, "```", "", "```sh", one.command, "```")


def _heading(one: Examined, style: TextStyle) -> str:
    told = _counted(one.to_do) or "all is well"
    return f"{_title(one)}  {style.paint(told, _COLORS[one.worst] if one.to_do else _WELL)}"


def _overview(one: Examined, style: TextStyle, width: int) -> Iterator[str]:
    for group in _grouped(finding for finding in one.to_do if finding.severity != "hint"):
        yield from _first_lines(group, style, width)
    hints = [finding.title for finding in one.to_do if finding.severity == "hint"]
    if hints:
        listed = list(_wrapped(f"  {_GLYPHS['hint']} {', '.join(dict.fromkeys(hints))}", width, indent="    "))
        yield f"  {style.paint(_GLYPHS['hint'], _COLORS['hint'])} {listed[0].strip()[2:]}"
        yield from listed[1:]


def _details(one: Examined, style: TextStyle, width: int) -> Iterator[str]:
    for group in _grouped(one.to_do):
        yield from _first_lines(group, style, width)
        yield from _remedy(group, style, width)
    if one.access_format is None or one.command is None:
        return
    yield ""
    yield "  The access log format that tells everything:"
    yield one.access_format
    if not any(one.command in (finding.fix or "") for finding in one.to_do):
        yield ""
        yield "  Set it with:"
        yield one.command


def _first_lines(group: Sequence[Finding], style: TextStyle, width: int) -> Iterator[str]:
    first, indent = group[0], " " * (_TITLE_CELLS + 4)
    details = _wrapped(_detail(group), width, indent=indent)
    glyph = style.paint(_GLYPHS[first.severity], _COLORS[first.severity])
    yield f"  {glyph} {first.title:<{_TITLE_CELLS}}{details[0].strip()}"
    yield from details[1:]


def _remedy(group: Sequence[Finding], style: TextStyle, width: int) -> Iterator[str]:
    first, indent = group[0], " " * (_TITLE_CELLS + 4)
    if first.is_command:
        yield f"    {style.paint(first.fix or '', _FAINT)}"
    elif len(group) > 1:
        yield from _wrapped(f"→ Write each with its quotes, as {first.variable}.", width, indent=indent)
    elif first.fix is not None:
        yield from _wrapped(f"→ {first.fix}", width, indent=indent)


def _notes(examined: Sequence[Examined], style: TextStyle, width: int) -> Iterator[str]:
    """What is to be known beside: once for all, or with the names of those that it holds for."""
    notes: dict[tuple[str, str], list[str]] = {}
    for one in examined:
        for finding in one.findings:
            if finding.severity == "note":
                notes.setdefault((finding.title, finding.detail), []).append(one.target)
    if not notes:
        return
    yield ""
    yield style.paint("To know besides:", _FAINT)
    for (title, detail), targets in notes.items():
        named = "" if len(targets) == sum(one.stage is not None for one in examined) else f" ({', '.join(targets)})"
        first, *more = _wrapped(f"- {title}{named}. {detail}", width, indent="    ")
        yield f"  {first.strip()}"
        yield from more


def _grouped(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Findings of one code together: a format may have many values without quotes."""
    groups: dict[tuple[str, str | None], list[Finding]] = {}
    for finding in findings:
        alike = finding.code == "unquoted_value"
        groups.setdefault((finding.code, None if alike else finding.detail), []).append(finding)
    yield from groups.values()


def _detail(group: Sequence[Finding]) -> str:
    if len(group) == 1:
        return group[0].detail
    named = ", ".join((finding.variable or "").strip('"') for finding in group)
    return f"{named}: a value that is not there is written - and breaks the JSON."


def _title(one: Examined) -> str:
    if one.stage is None:
        return f"{one.target}  {one.kind}"
    return f"{one.target}  {one.stage.api_type}  {one.stage.api_id}"


def _counted(findings: Sequence[Finding]) -> str:
    counts = [(sum(finding.severity == severity for finding in findings), severity) for severity in SEVERITIES]
    return ", ".join(f"{number} {severity}{'' if number == 1 else 's'}" for number, severity in counts if number)


def _wrapped(text: str, width: int, *, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")


def _code_cell(text: str) -> str:
    return text if "\\|" in text else text.replace("|", "\\|")
