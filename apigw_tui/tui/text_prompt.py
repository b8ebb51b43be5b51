"""A question that one line of text answers: the note of a mark, the name of a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.rows import FixedRows, Row, spread

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.tui.line import Line

_WIDEST: Final = 72


@dataclass(frozen=True)
class Question:
    """What is asked: `about` says of what, `label` stands before the text, `enter` and `empty` say what enter does."""

    title: str
    about: str
    label: str
    enter: str
    empty: str
    text: str = ""
    restrict: str | None = None
    """What may be typed, as a regular expression of the whole text."""


class TextPrompt(ModalScreen[str | None]):
    """Gives back what was typed, or None after `esc`."""

    DEFAULT_CSS = """
    TextPrompt { align: center middle; background: $background 60%; color: $ink; }
    TextPrompt:ansi { background: transparent; }
    TextPrompt #prompt-box { background: $raised; width: 72; max-width: 100%; height: auto; }
    TextPrompt #prompt-box:ansi { border: round $rule; }
    TextPrompt #prompt-head { height: 5; }
    TextPrompt #prompt-foot { height: 3; }
    TextPrompt #prompt-typed { height: 1; background: $raised; }
    TextPrompt #prompt-label { width: 8; height: 1; }
    TextPrompt Input, TextPrompt Input:focus {
        width: 1fr; height: 1; padding: 0; border: none;
        background: $raised; background-tint: $raised 0%; color: $ink-strong;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def __init__(self, question: Question, *, glyphs: Glyphs = UNICODE) -> None:
        super().__init__()
        self.question = question
        self._glyphs = glyphs
        self._head = LineView(widget_id="prompt-head", glyphs=glyphs, thumb=False)
        self._label = LineView(widget_id="prompt-label", glyphs=glyphs, thumb=False)
        self._typed = Input(question.text, restrict=question.restrict, compact=True, select_on_focus=False)
        self._foot = LineView(widget_id="prompt-foot", glyphs=glyphs, thumb=False)

    def compose(self) -> ComposeResult:
        """What is asked, the text, what the keys do."""
        with Vertical(id="prompt-box"):
            yield self._head
            with Horizontal(id="prompt-typed"):
                yield self._label
                yield self._typed
            yield self._foot

    def on_mount(self) -> None:
        """Wait for text."""
        self._typed.focus()
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what enter would do now."""
        event.stop()
        self._draw_foot()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the text back."""
        event.stop()
        if self.is_answer(event.value.strip()):
            self.dismiss(event.value.strip())

    def told(self, text: str) -> str:
        """What enter would do with this text."""
        return self.question.enter if text else self.question.empty

    def is_answer(self, text: str) -> bool:  # noqa: ARG002 - for those that ask for more
        """Whether the text can be the answer."""
        return True

    def action_leave(self) -> None:
        """Nothing is changed."""
        self.dismiss(None)

    def _draw(self) -> None:
        width, question = self._width(), self.question
        left: Line = (("  ", ""), (question.title, "bold accent"))
        right: Line = (("esc", "bold accent"), (" leaves", "ink-muted"), ("  ", ""))
        rows = (
            Row(),
            Row(spread(left, right, width), "raised"),
            Row((("─" * width, "rule"),), "raised"),
            Row((("  ", ""), (cut(question.about, width - 4, self._glyphs.ellipsis), "ink-muted"))),
            Row(),
        )
        self._head.show(FixedRows(rows))
        self._label.show(FixedRows((Row((("  ", ""), (question.label, "ink-muted"))),)))
        self._draw_foot()

    def _draw_foot(self) -> None:
        width = self._width()
        does = cut(self.told(self._typed.value.strip()), width - 10, self._glyphs.ellipsis)
        told: Line = (("  ", ""), ("enter", "bold accent"), (f" {does}", "ink-muted"))
        hairline = Row((("─" * width, "rule"),), "raised")
        self._foot.show(FixedRows((hairline, Row(told, "raised"), Row())))

    def _width(self) -> int:
        return min(_WIDEST, self.size.width)
