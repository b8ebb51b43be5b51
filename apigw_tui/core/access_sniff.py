"""Guesses the format of access lines whose stage is not known, each line by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import polars as pl

from apigw_tui.core.access_cells import UNKNOWN, positional_source
from apigw_tui.core.access_names import is_entry, variable_of, variables_by_name
from apigw_tui.core.access_template import line_regex, variables_of
from apigw_tui.core.access_words import worded_source
from apigw_tui.core.json_text import Path, pairs
from apigw_tui.core.request_ids import REQUEST_ID

_CLIENT: Final = "$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]"
_ASKED: Final = '"$context.httpMethod $context.routeKey $context.protocol"'
_SENT: Final = '"$context.eventType $context.routeKey $context.connectionId"'
_ANSWERED: Final = "$context.status $context.responseLength"
_CSV: Final = (
    "$context.identity.sourceIp,$context.identity.caller,$context.identity.user,$context.requestTime,"
    "$context.httpMethod,$context.routeKey,$context.protocol,$context.status,$context.responseLength,$context.requestId"
)
_HTTP_CSV: Final = (
    "$context.identity.sourceIp,$context.requestTime,$context.httpMethod,$context.routeKey,$context.protocol,"
    "$context.status,$context.responseLength,$context.requestId"
)
_IDS_CSV: Final = (
    "$context.requestId,$context.identity.sourceIp,$context.identity.caller,$context.identity.user,"
    "$context.requestTime,$context.httpMethod,$context.routeKey,$context.status,$context.protocol,"
    "$context.responseLength"
)
_SOCKET_CSV: Final = (
    "$context.identity.sourceIp,$context.identity.caller,$context.identity.user,$context.requestTime,"
    "$context.eventType,$context.routeKey,$context.connectionId,$context.status,$context.requestId"
)
_BLANKS: Final = (
    "$context.requestId $context.identity.sourceIp $context.identity.caller $context.identity.user "
    "$context.requestTime $context.httpMethod $context.routeKey $context.status $context.protocol "
    "$context.responseLength"
)
_MESSAGE: Final = " $context.integrationErrorMessage"
_IS_MESSAGE: Final = r"^(?:-|[A-Z][^\"]*)$"
_PRESETS: Final = (
    f"{_CLIENT} {_ASKED} {_ANSWERED} $context.requestId",
    f"{_CLIENT} {_ASKED} {_ANSWERED} $context.requestId $context.extendedRequestId",
    f"{_CLIENT} {_ASKED} {_ANSWERED} $context.requestId{_MESSAGE}",
    f"{_CLIENT} {_ASKED} {_ANSWERED} $context.requestId ${{context.{UNKNOWN}}}",
    f"$context.identity.sourceIp - [$context.requestTime] {_ASKED} {_ANSWERED} $context.requestId",
    f"$context.extendedRequestId {_CLIENT} {_ASKED} {_ANSWERED} $context.requestId",
    f"{_CLIENT} {_SENT} $context.requestId",
    f"{_CLIENT} {_SENT} $context.status $context.requestId",
    _CSV,
    f"{_CSV},$context.extendedRequestId",
    f'"{_CSV}"',
    _IDS_CSV,
    _HTTP_CSV,
    _SOCKET_CSV,
    _SOCKET_CSV.replace("caller,", "caller, ").replace("eventType,", "eventType, ").replace("status,", "status, "),
    _BLANKS,
    "$context.requestId",
)
"""The lines of the console's presets and their kin. `routeKey` fits a REST API's resource path too."""

_LOOKS_POSITIONAL: Final = r"(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|[A-Za-z0-9_+/-]{10,22}={1,2}(?:[\s,;|\"\])]|$)"
_VALUES: Final = r':\s*(?:"(?:[^"\\]|\\.)*"|[^"{,}\s]+)'
_LOOKS_WORDED: Final = r"^\{?\s*'?[A-Za-z_][A-Za-z0-9_.-]*'?\s*[:=]"
_LOOKS_JSON: Final = r'^\{\s*"'
_NAMES_ID: Final = r"(?i)request[_.-]?id"
_TAGGED: Final = re.compile(r"<([A-Za-z_][\w.\-]*)>([^<>]*)</\1>")
_ATTRIBUTE: Final = re.compile(r'([A-Za-z_][\w.\-]*)="([^"<>]*)"')
_XML: Final = re.compile(r'\s*<[\w.\-]+(?:\s+[\w.\-]+="[^"<>]*")*\s*>(?:\s*<([\w.\-]+)>[^<>]*</\1>)*\s*</[\w.\-]+>\s*$')
_LONGEST: Final = 8_192  # of a line that is read by a regex of its own
_MOST_FIELDS: Final = 512


def _json_source(found: dict[Path, str]) -> str:
    """A JSON format of these paths and variables."""
    tree: dict[str, Any] = {}
    for path, variable in list(found.items())[:_MOST_FIELDS]:
        if not variable:
            continue
        node = tree
        for step in path[:-1]:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                break
        else:
            node.setdefault(path[-1], f"${{context.{variable}}}")
    return json.dumps(tree)


def json_source(paths: Iterable[Path]) -> str | None:
    """A JSON format of entries with these fields; None when they are not surely those of an access entry."""
    listed = list(paths)
    if not any(re.search(_NAMES_ID, step) for path in listed for step in path):
        return None
    return _json_source(_mapped(listed)) if is_entry(dict.fromkeys(map(".".join, listed))) else None


def _mapped(paths: Iterable[Path]) -> dict[Path, str]:
    """The variable of each path of one entry, "" where none is likely, in the order of the paths."""
    listed = sorted(paths)
    variables = variables_by_name(".".join(path) for path in listed)
    return {path: variables[".".join(path)] for path in listed}


def _guess_json(messages: pl.Series) -> pl.Series:
    """One format with the fields of all entries that name them alike, for each line that is one; null for others."""
    frame = messages.to_frame("m").with_columns(shape=pl.col("m").str.replace_all(_VALUES, ""))
    alike: list[dict[Path, str]] = []
    numbers: dict[str, int] = {}
    for shape, message in frame.group_by("shape").agg(pl.col("m").min()).sort("shape").iter_rows():
        found = pairs(message)
        if is_entry({".".join(path): value for path, value in found.items()}):
            numbers[shape] = _merged(alike, _mapped(found))
    sources = {shape: _json_source(dict(sorted(alike[number].items()))) for shape, number in numbers.items()}
    chosen = pl.col("shape").replace_strict(sources, default=None, return_dtype=pl.String)
    return frame.select(chosen).to_series()


def _merged(alike: list[dict[Path, str]], mapped: dict[Path, str]) -> int:
    """Which of the formats found so far has these fields now: one that means no name otherwise, else a new one."""
    for number, known in enumerate(alike):
        if all(known.get(path, variable) == variable for path, variable in mapped.items()):
            known.update(mapped)
            return number
    alike.append(mapped)
    return len(alike) - 1


def _xml_variable(name: str) -> str:
    return "requestId" if name == "id" else variable_of(name) or name


def _xml_source(message: str) -> str | None:
    """The format of `<request id="…"><name>value</name>…</request>`."""
    if len(message) > _LONGEST or not _XML.match(message):
        return None
    names = [found[1] for found in (*_TAGGED.finditer(message), *_ATTRIBUTE.finditer(message))]
    if len(set(names)) < len(names) or not is_entry({_xml_variable(name): None for name in names}):
        return None
    marked = _TAGGED.sub(lambda found: f"<{found[1]}>${{context.{_xml_variable(found[1])}}}</{found[1]}>", message)
    return _ATTRIBUTE.sub(lambda found: f'{found[1]}="${{context.{_xml_variable(found[1])}}}"', marked)


def _guess_preset(messages: pl.Series) -> pl.Series:
    chain: pl.Expr = pl.lit(None, pl.String)
    for source in reversed(_PRESETS):
        group = variables_of(source).index("requestId") + 1
        fits = pl.col("m").str.extract(line_regex(source), group).str.contains(REQUEST_ID)
        if source.endswith(_MESSAGE):
            fits &= pl.col("m").str.extract(line_regex(source), group + 1).str.contains(_IS_MESSAGE)
        chain = pl.when(fits).then(pl.lit(source)).otherwise(chain)
    found = messages.to_frame("m").select("m", source=chain)
    rest = found.filter(pl.col("source").is_null() & pl.col("m").str.contains(_LOOKS_POSITIONAL))["m"].unique()
    guessed = {line: positional_source(line) for line in rest.to_list()}
    more = pl.col("m").replace_strict(guessed, default=None, return_dtype=pl.String)
    return found.select(pl.coalesce("source", more) if guessed else "source").to_series()


def _guess_worded(messages: pl.Series) -> pl.Series:
    return pl.Series([worded_source(message) for message in messages.to_list()], dtype=pl.String)


def _guess_xml(messages: pl.Series) -> pl.Series:
    return pl.Series([_xml_source(message) for message in messages.to_list()], dtype=pl.String)


def _lane() -> pl.Expr:
    """Which guess a line is worth: most lines of other logs are worth none."""
    line = pl.col("m").str
    names_id = line.contains(_NAMES_ID)
    return (
        pl.when(line.contains(_LOOKS_JSON) & (names_id | line.contains('"request"', literal=True)))
        .then(pl.lit("json"))
        .when(line.starts_with("<") & (names_id | line.contains(r"<request id=")))
        .then(pl.lit("xml"))
        .when(line.contains(_LOOKS_WORDED) & names_id)
        .then(pl.lit("worded"))
        .when(line.contains(r"[0-9A-Fa-f]{12}|="))
        .then(pl.lit("preset"))
    )


_GUESSES: Final = {"json": _guess_json, "xml": _guess_xml, "worded": _guess_worded, "preset": _guess_preset}


def guess_each(messages: pl.Series) -> pl.Series:
    """A format string for each line that looks like an access entry, null for the others; in order."""
    lines = messages.to_frame("m").with_columns(pl.col("m").fill_null("").str.strip_chars())
    frame = lines.with_row_index("row").with_columns(lane=_lane())
    parts = []
    for lane, guess in _GUESSES.items():
        chosen = frame.filter(pl.col("lane") == lane)
        if chosen.height:
            parts.append(chosen.select("row").with_columns(guess(chosen.get_column("m")).alias("source")))
    if not parts:
        return pl.Series("source", [None] * messages.len(), dtype=pl.String)
    found = frame.select("row").join(pl.concat(parts), on="row", how="left", maintain_order="left")
    return found.get_column("source")


def guess_all(messages: Sequence[str]) -> str | None:
    """A format string for these lines; None when there are none or one does not look like an entry."""
    lines = pl.Series([message for message in messages if message.strip()], dtype=pl.String)
    sources = guess_each(lines)
    if sources.len() == 0 or sources.null_count():
        return None
    return str(sources.mode().sort()[0])
