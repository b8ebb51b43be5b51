"""A question that one line of text answers: the note of a mark, the name of a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.overlay import Overlay
from apigw_tui.tui.rows import FixedRows, Row

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.tui.line import Line


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


class TextPrompt(Overlay[str | None]):
    """Gives back what was typed, or None after `esc`."""

    DEFAULT_CSS = """
    TextPrompt #overlay-head { height: 5; }
    TextPrompt #prompt-label { width: 8; height: 1; }
    """
    WIDEST = 72
    LEFT_BY_CLICK = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def __init__(self, question: Question, *, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(glyphs=glyphs)
        self.question = question
        self._label = LineView(widget_id="prompt-label", glyphs=glyphs, thumb=False)
        self._typed = Input(question.text, restrict=question.restrict, compact=True, select_on_focus=False)

    def body(self) -> ComposeResult:
        """The text, behind its label."""
        with Horizontal(id="overlay-typed"):
            yield self._label
            yield self._typed

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
        width, question = self.box_width, self.question
        left: Line = (("  ", ""), (question.title, "bold accent"))
        right: Line = (("esc", "bold accent"), (" leaves", "ink-muted"), ("  ", ""))
        rows = (
            Row((("  ", ""), (cut(question.about, width - 4, self._glyphs.ellipsis), "ink-muted"))),
            Row(),
        )
        self._head.show(self.head_rows(left, right, *rows))
        self._label.show(FixedRows((Row((("  ", ""), (question.label, "ink-muted"))),)))
        self._draw_foot()

    def _draw_foot(self) -> None:
        width = self.box_width
        does = cut(self.told(self._typed.value.strip()), width - 10, self._glyphs.ellipsis)
        told: Line = (("  ", ""), ("enter", "bold accent"), (f" {does}", "ink-muted"))
        self._foot.show(self.foot_rows(told))
