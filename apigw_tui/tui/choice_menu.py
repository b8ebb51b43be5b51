"""A menu of names, such as profiles or regions: type to find one, enter chooses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.overlay import Overlay
from apigw_tui.tui.rows import FixedRows, Row, spread

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.tui.line import Line

_MOST_ROWS: Final = 16
_FRAME_ROWS: Final = 7


@dataclass(frozen=True)
class Choices:
    """What there is to choose from; `current` is in force. With `is_open` any other name can be typed, too."""

    noun: str
    names: tuple[str, ...]
    current: str | None = None
    is_open: bool = False
    does: str = "reads"
    """What `enter` does with the chosen name."""


@dataclass(frozen=True)
class NameRows:
    """The names that fit what was typed."""

    names: tuple[str, ...]
    current: str | None
    glyphs: Glyphs

    def __len__(self) -> int:
        return len(self.names)

    def stops(self, index: int) -> bool:  # noqa: ARG002 - the same for each
        """The cursor stands on every name."""
        return True

    def row(self, index: int, width: int, *, cursor: bool) -> Row:
        """Draw one name; the one in force says so."""
        name = self.names[index]
        bar: Line = ((self.glyphs.bar if cursor else " ", "accent"), (" ", ""))
        left: Line = (*bar, (cut(name, width - 8), "bold ink-strong" if cursor else "ink"))
        right: Line = (("now", "ink-muted"), ("  ", "")) if name == self.current else ()
        return Row(spread(left, right, width), "cursor" if cursor else "raised")


class ChoiceMenu(Overlay[str | None]):
    """Gives back the chosen name, or None."""

    DEFAULT_CSS = """
    ChoiceMenu #choice-sign { width: 4; height: 1; }
    """
    WIDEST = 64
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("down,ctrl+n", "step(1)", show=False),
        Binding("up,ctrl+p", "step(-1)", show=False),
        Binding("pagedown", "step(10)", show=False),
        Binding("pageup", "step(-10)", show=False),
    ]

    def __init__(self, choices: Choices, *, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(glyphs=glyphs)
        self._choices = choices
        self._sign = LineView(widget_id="choice-sign", glyphs=glyphs, thumb=False)
        hint = "type a name" if choices.is_open else "type to find"
        self._typed = Input(placeholder=hint, compact=True)
        self._list = LineView(widget_id="choice-list", glyphs=glyphs)

    def body(self) -> ComposeResult:
        """What is typed, the names."""
        with Horizontal(id="overlay-typed"):
            yield self._sign
            yield self._typed
        yield self._list

    def on_mount(self) -> None:
        """Stand on the name in force."""
        self._typed.focus()
        names, current = self._choices.names, self._choices.current
        self._draw(names.index(current) if current in names else 0)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw(self._list.cursor or 0)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Leave the names that contain what was typed."""
        event.stop()
        self._draw(0)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Choose."""
        event.stop()
        self.dismiss(self._chosen())

    def on_line_view_clicked(self, event: LineView.Clicked) -> None:
        """Choose the clicked name."""
        event.stop()
        if event.view is self._list:
            self.dismiss(self._names()[event.index])

    def action_step(self, rows: int) -> None:
        """Go some names down or up."""
        self._list.move(rows)
        self._draw_foot()

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)

    def _names(self) -> tuple[str, ...]:
        typed = self._typed.value.strip().casefold()
        return tuple(name for name in self._choices.names if typed in name.casefold())

    def _chosen(self) -> str | None:
        names, cursor = self._names(), self._list.cursor
        if names and cursor is not None:
            return names[cursor]
        return (self._typed.value.strip() or None) if self._choices.is_open else None

    def _draw(self, cursor: int) -> None:
        names = self._names()
        room = max(self.size.height - _FRAME_ROWS, 1)
        self._list.styles.height = max(1, min(len(self._choices.names), _MOST_ROWS, room))
        left: Line = (("  ", ""), (self._choices.noun.capitalize(), "bold accent"))
        right: Line = (("esc", "bold accent"), (" closes", "ink-muted"), ("  ", ""))
        self._head.show(self.head_rows(left, right))
        self._sign.show(FixedRows((Row((("  ", ""), ("/", "bold accent"))),)))
        if names:
            self._list.show(NameRows(names, self._choices.current, self._glyphs), cursor=cursor)
        else:
            self._list.show(FixedRows((Row((("  ", ""), (self._nothing(), "ink-muted")), stop=False),)))
        self._draw_foot()

    def _draw_foot(self) -> None:
        chosen = self._chosen()
        does = f" {self._choices.does} {cut(chosen or '', 40)}"
        told: Line = (("  ", ""), ("enter", "bold accent"), (does, "ink-muted")) if chosen else ()
        count = f"{len(self._names())} of {len(self._choices.names)}"
        right: Line = ((count, "ink-muted"), ("  ", ""))
        self._foot.show(self.foot_rows(told, right))

    def _nothing(self) -> str:
        return f"No known {self._choices.noun} has this in its name."


def choices_of(noun: str, names: Sequence[str], current: str | None, *, is_open: bool = False) -> Choices:
    """The choices with the one in force among them, also where it was not listed."""
    known = tuple(names)
    if current and current not in known:
        known = (current, *known)
    return Choices(noun, known, current, is_open)
