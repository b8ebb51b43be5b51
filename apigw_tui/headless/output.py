"""Records on stdout in the form that was asked for."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final, TextIO, cast

import polars as pl

from apigw_tui.errors import UsageError

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Record = Mapping[str, Any]
TextRows = Callable[[Iterable[Record]], Iterable[str]]

FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "events": ("text", "json", "ndjson", "csv", "parquet"),
    "requests": ("text", "table", "json", "ndjson", "csv", "parquet", "markdown"),
    "tail": ("text", "ndjson"),
    "show": ("text", "json", "ndjson", "markdown"),
    "stats": ("text", "json", "ndjson", "markdown"),
    "stages": ("text", "table", "json", "ndjson", "csv", "markdown"),
    "doctor": ("text", "json", "ndjson", "markdown"),
    "config": ("table", "json", "ndjson", "csv", "markdown"),
    "cache": ("table", "json", "ndjson", "csv", "markdown"),
}
"""The forms that each command supports, its default first."""


def choose_form(command: str, asked_for: str | None) -> str:
    """The form to print, checked against what the command supports."""
    forms = FORMS[command]
    if asked_for is None:
        return forms[0]
    if asked_for not in forms:
        raise UsageError(f"`{command}` cannot print {asked_for!r}.", f"Use -o {', '.join(forms[:-1])} or {forms[-1]}.")
    return asked_for


def dumps(value: object) -> str:
    """JSON on one line, non-ASCII as it is."""
    return _ENCODER.encode(value)


def write_records(records: Iterable[Record], form: str, *, text: TextRows, stream: TextIO | None = None) -> int:
    """Print the records; return how many there were."""
    out = stream or sys.stdout
    counted = _Counted(records)
    if form in ("text", "table"):
        _write_lines(text(counted), out)
    elif form == "ndjson":
        _write_lines((dumps(record) for record in counted), out)
    elif form == "json":
        _write_array(counted, out)
    elif form == "markdown":
        _write_lines(_markdown(counted), out)
    elif form == "csv":
        _write_csv(counted, out)
    else:
        _write_parquet(counted, cast("BinaryIO", out.buffer))
    return counted.count


def write_lines(lines: Iterable[str]) -> None:
    """Print lines on stdout."""
    _write_lines(lines, sys.stdout)


def flatten(record: Record, prefix: str = "") -> dict[str, Any]:
    """Nested objects as dotted columns; what a stage's own format logged stays one JSON text."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if name == "access":
            flat[prefix + name] = None if value is None else dumps(value)
        elif isinstance(value, Mapping):
            flat.update(flatten(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = dumps(value) if isinstance(value, list | tuple) else value
    return flat


class _Counted:
    """Counts the records that pass."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = records
        self.count = 0

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            self.count += 1
            yield record


def _write_lines(lines: Iterable[str], out: TextIO) -> None:
    for line in lines:
        out.write(line)
        out.write("\n")
    out.flush()


def _write_array(records: Iterable[Record], out: TextIO) -> None:
    separator = "[\n"
    for record in records:
        out.write(separator + dumps(record))
        separator = ",\n"
    out.write("[]\n" if separator == "[\n" else "\n]\n")
    out.flush()


def _write_csv(records: Iterable[Record], out: TextIO) -> None:
    rows = [flatten(record) for record in records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    out.flush()


def _write_parquet(records: Iterable[Record], out: BinaryIO) -> None:
    frame = pl.DataFrame([flatten(record) for record in records], infer_schema_length=None)
    whole = io.BytesIO()
    frame.write_parquet(whole)
    out.write(whole.getvalue())
    out.flush()


def _markdown(records: Iterable[Record]) -> Iterator[str]:
    names: list[str] = []
    for record in records:
        row = {name: value for name, value in flatten(record).items() if name != "access"}
        if not names:
            names = list(row)
            yield f"| {' | '.join(names)} |"
            yield f"|{' --- |' * len(names)}"
        yield f"| {' | '.join(_cell(row.get(name)) for name in names)} |"


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", "<br>")
