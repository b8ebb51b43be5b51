"""What is going to be opened is on screen before the explorer is loaded."""

import io
import os
import pty
from collections.abc import Iterator

import pytest

from apigw_tui.tui.first_frame import first_frame


@pytest.fixture
def terminal() -> Iterator[tuple[io.TextIOWrapper, int]]:
    """A terminal to write to, and its other end."""
    other, side = pty.openpty()
    with os.fdopen(side, "w", encoding="utf-8") as out:
        yield out, other
    os.close(other)


def test_the_target_is_shown_on_the_other_screen(terminal: tuple[io.TextIOWrapper, int]) -> None:
    out, other = terminal
    with first_frame(["orders/prod\x1b[31m"], out):
        said = os.read(other, 1_000).decode()
    assert said.startswith("\x1b[?1049h")
    assert "orders/prod[31m  opening ..." in said


def test_what_fails_is_told_on_the_screen_that_was_there_before(terminal: tuple[io.TextIOWrapper, int]) -> None:
    out, other = terminal
    with pytest.raises(ValueError, match="no"), first_frame([], out):
        raise ValueError("no")
    assert os.read(other, 1_000).decode().endswith("\x1b[?1049l")


def test_what_is_no_terminal_gets_nothing() -> None:
    out = io.StringIO()
    with first_frame(["orders/prod"], out):
        pass
    assert out.getvalue() == ""
