"""Blanks in front of every line of a file: logs that were pasted into a ticket or a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from apigw_tui.core.execution import ID_PREFIX, TEST_DATE

_BLANKS: Final = re.compile(r"[ \t]*")
_LOG_LINE: Final = re.compile(rf"{ID_PREFIX}|{TEST_DATE}|^\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d")


def indent_of(lines: Sequence[str]) -> str:
    """The blanks that all these lines begin with; empty where no log line stands behind them."""
    full = [line for line in lines if line.strip()]
    blanks = [_blanks(line) for line in full]
    shared = zip(min(blanks, default=""), max(blanks, default=""), strict=False)
    indent = "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], shared))
    return indent if any(_LOG_LINE.match(line[len(indent) :]) for line in full) else ""


def without_indent(block: bytes, indent: str) -> bytes:
    """The lines of a block without these blanks; a line that lacks them stays as it is."""
    return re.sub(b"(?m)^" + re.escape(indent).encode(), b"", block) if indent else block


def _blanks(line: str) -> str:
    found = _BLANKS.match(line)
    return found[0] if found else ""
