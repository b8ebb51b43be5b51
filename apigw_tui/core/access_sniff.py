"""Guesses the format of access lines whose stage is not known, each line by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import polars as pl

from apigw_tui.core.access_template import line_regex, variables_of
from apigw_tui.core.access_variables import KNOWN, variable_of
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
_PRESETS: Final = (
    f"{_CLIENT} {_ASKED} {_ANSWERED} $context.requestId",
    f"{_CLIENT} {_ASKED} {_ANSWERED} $context.requestId $context.extendedRequestId",
    f"{_CLIENT} {_ASKED} {_ANSWERED} $context.requestId $context.integrationErrorMessage",
    f"$context.extendedRequestId {_CLIENT} {_ASKED} {_ANSWERED} $context.requestId",
    f"{_CLIENT} {_SENT} $context.requestId",
    f"{_CLIENT} {_SENT} $context.status $context.requestId",
    _CSV,
    f"{_CSV},$context.extendedRequestId",
    "$context.requestId",
)
"""The lines of the console's presets and their kin. `routeKey` fits a REST API's resource path too."""

_IDS: Final = frozenset({"requestId", "extendedRequestId"})
_WEAK: Final = _IDS | {"error.message", "error.messageString", "identity.user", "stage", "path", "accountId"}
_EVIDENCE: Final = frozenset(KNOWN) - _WEAK
_ENOUGH: Final = 2
_APPLICATION_KEYS: Final = (
    {"level", "message"},
    {"level", "msg"},
    {"severity", "message"},
    {"log_level", "message"},
)
_VALUES: Final = r':\s*(?:"(?:[^"\\]|\\.)*"|[^"{,}\s]+)'
_WORDED: Final = re.compile(r"(?:^|(?<=[\s,;|&]))([A-Za-z_][\w.\-]*)\s*[:=]\s*")
_LOOKS_WORDED: Final = r"^\s*[A-Za-z_][A-Za-z0-9_.-]*\s*[:=]"
_NAMES_ID: Final = r"(?i)request[_.-]?id"
_TAGGED: Final = re.compile(r"<([A-Za-z_][\w.\-]*)>([^<>]*)</\1>")
_ATTRIBUTE: Final = re.compile(r'([A-Za-z_][\w.\-]*)="([^"<>]*)"')
_XML: Final = re.compile(r'\s*<[\w.\-]+(?:\s+[\w.\-]+="[^"<>]*")*\s*>(?:\s*<([\w.\-]+)>[^<>]*</\1>)*\s*</[\w.\-]+>\s*$')
_LONGEST: Final = 8_192  # of a line that is read by a regex of its own
_MOST_FIELDS: Final = 512


def _is_entry(names: Iterable[str]) -> bool:
    """Whether fields of these names are those of an access entry and not of an application's log."""
    listed = list(names)
    lowered = {name.lower() for name in listed}
    if any(keys <= lowered for keys in _APPLICATION_KEYS):
        return False
    variables = {variable_of(name) for name in listed}
    return bool(variables & _IDS) and len(variables & _EVIDENCE) >= _ENOUGH


def _json_source(found: dict[Path, str]) -> str:
    """A JSON format of these paths and variables."""
    tree: dict[str, Any] = {}
    for path, variable in list(found.items())[:_MOST_FIELDS]:
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
    if not _is_entry(".".join(path) for path in listed):
        return None
    found = {path: variable for path in listed if (variable := variable_of(".".join(path)))}
    return _json_source(dict(sorted(found.items())))


def _guess_json(messages: pl.Series) -> pl.Series:
    """One format with the fields of all entries, for each line that is an entry; null for the others."""
    frame = messages.to_frame("m").with_columns(shape=pl.col("m").str.replace_all(_VALUES, ""))
    found: dict[Path, str] = {}
    shapes = []
    for shape, message in frame.group_by("shape").agg(pl.col("m").min()).sort("shape").iter_rows():
        paths = pairs(message)
        if _is_entry(".".join(path) for path in paths):
            shapes.append(shape)
            found.update({path: variable for path in paths if (variable := variable_of(".".join(path)))})
    source = _json_source(dict(sorted(found.items())))
    return frame.select(pl.when(pl.col("shape").is_in(shapes)).then(pl.lit(source))).to_series()


def _worded_source(message: str) -> str | None:
    """The format of `name: value, name: value`."""
    if len(message) > _LONGEST:
        return None
    first = {variable_of(found[1]): found for found in reversed([*_WORDED.finditer(message)])}
    anchors = sorted((found for variable, found in first.items() if variable), key=re.Match.start)
    if not _is_entry(found[1] for found in anchors):
        return None
    parts = [message[: anchors[0].start()]]
    for anchor, following in zip(anchors, [*anchors[1:], None], strict=True):
        value = message[anchor.end() : following.start() if following else len(message)]
        separator = "" if following is None else value[len(value.rstrip(" \t,;|&")) :]
        quoted = len(value) > 1 and value.startswith('"') and value.rstrip(" \t,;|&").endswith('"')
        mark = f"${{context.{variable_of(anchor[1])}}}"
        parts.extend((anchor[0], f'"{mark}"' if quoted else mark, separator))
    return "".join(parts)


def _xml_variable(name: str) -> str:
    return "requestId" if name == "id" else variable_of(name) or name


def _xml_source(message: str) -> str | None:
    """The format of `<request id="…"><name>value</name>…</request>`."""
    if len(message) > _LONGEST or not _XML.match(message):
        return None
    names = [found[1] for found in (*_TAGGED.finditer(message), *_ATTRIBUTE.finditer(message))]
    if len(set(names)) < len(names) or not _is_entry(_xml_variable(name) for name in names):
        return None
    marked = _TAGGED.sub(lambda found: f"<{found[1]}>${{context.{_xml_variable(found[1])}}}</{found[1]}>", message)
    return _ATTRIBUTE.sub(lambda found: f'{found[1]}="${{context.{_xml_variable(found[1])}}}"', marked)


def _guess_preset(messages: pl.Series) -> pl.Series:
    chain: pl.Expr = pl.lit(None, pl.String)
    for source in reversed(_PRESETS):
        group = variables_of(source).index("requestId") + 1
        fits = pl.col("m").str.extract(line_regex(source), group).str.contains(REQUEST_ID)
        chain = pl.when(fits).then(pl.lit(source)).otherwise(chain)
    return messages.to_frame("m").select(chain).to_series()


def _guess_worded(messages: pl.Series) -> pl.Series:
    return pl.Series([_worded_source(message) for message in messages.to_list()], dtype=pl.String)


def _guess_xml(messages: pl.Series) -> pl.Series:
    return pl.Series([_xml_source(message) for message in messages.to_list()], dtype=pl.String)


def _lane() -> pl.Expr:
    """Which guess a line is worth: most lines of other logs are worth none."""
    line = pl.col("m").str
    names_id = line.contains(_NAMES_ID)
    return (
        pl.when(line.starts_with("{") & names_id)
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
