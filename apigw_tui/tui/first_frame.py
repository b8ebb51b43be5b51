"""The first frame: what is going to be opened, on screen before the explorer's modules are loaded."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TextIO

_ENTER: Final = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"
_LEAVE: Final = "\x1b[?25h\x1b[?1049l"
_USUAL_WIDTH: Final = 80
_OPENING: Final = "  opening ..."


@contextmanager
def first_frame(targets: Sequence[str], terminal: TextIO | None = None) -> Iterator[None]:
    """Show the targets on the terminal's other screen, where the explorer goes on; on an error leave it again."""
    out = sys.__stderr__ if terminal is None else terminal
    if out is None or not out.isatty():
        yield
        return
    title = "".join(sign for sign in " ".join(targets) or "apigw-tui" if sign.isprintable())
    room = (os.get_terminal_size(out.fileno()).columns or _USUAL_WIDTH) - len(_OPENING) - 2
    out.write(f"{_ENTER} {title[: max(0, room)]}{_OPENING}")
    out.flush()
    try:
        yield
    except BaseException:
        out.write(_LEAVE)
        out.flush()
        raise
