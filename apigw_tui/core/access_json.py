"""JSON access lines to columns of text: the whole batch at once where it is valid, line by line where not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from apigw_tui.core.json_text import Path, pairs

_NOT_ONE_LINE: Final = r"[\n\r]|\\u[dD][89a-fA-F]"
"""Line breaks would split a line in two; lone surrogates come out as NUL."""

_BARE_DASH: Final = r"[:,]\s*-\s*[,}]"

_Tree = dict[str, Any]


def _tree(paths: Sequence[Path]) -> _Tree:
    """Names to nested trees, or to the number of the path that ends there."""
    tree: _Tree = {}
    for number, path in enumerate(paths):
        if not path:
            continue
        node = tree
        for step in path[:-1]:
            below = node.setdefault(step, {})
            if not isinstance(below, dict):
                break
            node = below
        else:
            node.setdefault(path[-1], number)
    return tree


def _schema(tree: _Tree) -> dict[str, pl.DataType]:
    return {name: pl.Struct(_schema(node)) if isinstance(node, dict) else pl.String() for name, node in tree.items()}


def _leaves(tree: _Tree, parent: pl.Expr | None = None) -> list[pl.Expr]:
    leaves: list[pl.Expr] = []
    for name, node in tree.items():
        here = pl.col(f"^{_escaped(name)}$") if parent is None else parent.struct.field(name)
        if isinstance(node, dict):
            leaves.extend(_leaves(node, here))
        else:
            leaves.append(here.alias(str(node)))
    return leaves


def _escaped(name: str) -> str:
    return pl.escape_regex(name)


def _at_once(messages: pl.Series, tree: _Tree, count: int) -> pl.DataFrame | None:
    """One String column per path number; None when a line is not a JSON object."""
    joined = messages.str.join("\n").cast(pl.Binary).item()
    try:
        frame = pl.read_ndjson(joined, schema=_schema(tree), ignore_errors=True)
    except pl.exceptions.PolarsError:
        return None
    if frame.height != messages.len():
        return None
    found = frame.select(_leaves(tree))
    missing = [pl.lit(None, pl.String).alias(str(n)) for n in range(count) if str(n) not in found.columns]
    return found.with_columns(missing).select([str(n) for n in range(count)])


def _is_broken(messages: pl.Series) -> pl.Series:
    """Whether each line is not valid JSON; slower than reading it."""
    return messages.to_frame("m").select(pl.col("m").str.json_path_match("$").is_null()).to_series()


def _one_line_objects(messages: pl.Series) -> pl.Series:
    line = pl.col("m").str
    looks = line.starts_with("{") & line.ends_with("}") & ~line.contains(_NOT_ONE_LINE)
    return messages.to_frame("m").select(looks.fill_null(value=False)).to_series()


def _has_broken_dash(messages: pl.Series) -> pl.Series:
    """Whether a line is broken and holds a `-` without quotes: most broken lines of formats with bare variables."""
    suspect = messages.to_frame("m").select(pl.col("m").str.contains(_BARE_DASH)).to_series()
    broken = suspect.arg_true().filter(_is_broken(messages.filter(suspect)))
    return pl.int_range(messages.len(), dtype=pl.UInt32, eager=True).is_in(broken.implode())


def read_valid(messages: pl.Series, paths: Sequence[Path]) -> tuple[pl.Series, pl.DataFrame]:
    """Which of the stripped messages are valid JSON objects on one line, and their texts by path number.

    One broken line fails a whole batch, so the batch is tried as it is, then without the lines that are broken
    in the usual way, then without all that are broken.
    """
    tree, chosen = _tree(paths), _one_line_objects(messages)
    for broken in (None, _has_broken_dash, _is_broken):
        if broken is not None:
            chosen = chosen & ~broken(messages)
        if not chosen.any():
            break
        frame = _at_once(messages.filter(chosen), tree, len(paths))
        if frame is not None:
            return chosen, frame
    none = pl.repeat(value=False, n=messages.len(), eager=True)
    return none, pl.DataFrame(schema={str(n): pl.String for n in range(len(paths))})


def read_broken(messages: pl.Series, paths: Sequence[Path]) -> pl.DataFrame:
    """Texts by path number of any lines, one by one, mended as far as they can be."""
    rows = []
    for message in messages.to_list():
        found = pairs(message)
        rows.append([_encodable(found.get(path)) for path in paths])
    return pl.DataFrame(rows, schema={str(n): pl.String for n in range(len(paths))}, orient="row")


def _encodable(text: str | None) -> str | None:
    return None if text is None else text.encode(errors="replace").decode()
