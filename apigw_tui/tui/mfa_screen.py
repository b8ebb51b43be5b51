"""The question for an MFA code: six digits, asked on screen while the thread that needs them waits."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input

from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut_middle
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.overlay import Overlay
from apigw_tui.tui.rows import FixedRows, Row

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.sources.mfa import MfaQuestion
    from apigw_tui.tui.line import Line

_DIGITS: Final = 6
_LOOK_EVERY_S: Final = 0.5


class PendingCode:
    """A question on its way from a thread to the screen and back; the first answer counts."""

    def __init__(self, question: MfaQuestion) -> None:
        self.question = question
        self._code: str | None = None
        self._answered = Event()

    @property
    def is_over(self) -> bool:
        """Whether nobody waits any more."""
        return self._answered.is_set()

    def answer(self, code: str | None) -> None:
        """Give the code, or None when there will be none."""
        if not self._answered.is_set():
            self._code = code
            self._answered.set()

    def wait(self, seconds: float) -> str | None:
        """Block until it is answered, or give up."""
        self._answered.wait(seconds)
        self.answer(None)
        return self._code


class MfaScreen(Overlay[None]):
    """Answers a pending question: enter sends the code, esc says that there is none."""

    DEFAULT_CSS = """
    MfaScreen #overlay-head { height: 7; }
    MfaScreen #mfa-label { width: 10; height: 1; }
    """
    WIDEST = 64
    LEFT_BY_CLICK = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def __init__(self, pending: PendingCode, *, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(glyphs=glyphs)
        self._pending = pending
        self._label = LineView(widget_id="mfa-label", glyphs=glyphs, thumb=False)
        self._typed = Input(placeholder="six digits", restrict=r"[0-9]{0,6}", compact=True)

    def body(self) -> ComposeResult:
        """The code, behind its label."""
        with Horizontal(id="overlay-typed"):
            yield self._label
            yield self._typed

    def on_mount(self) -> None:
        """Wait for digits; leave when the thread has given up."""
        self._typed.focus()
        self.set_interval(_LOOK_EVERY_S, self._look)
        self._draw()

    def on_unmount(self) -> None:
        """However it was closed: nobody may wait for ever."""
        self._pending.answer(None)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say how many digits are missing."""
        event.stop()
        self._draw_foot()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Send the code once it is whole."""
        event.stop()
        if len(event.value) == _DIGITS:
            self._pending.answer(event.value)
            self.dismiss(None)

    def action_leave(self) -> None:
        """There is no code."""
        self._pending.answer(None)
        self.dismiss(None)

    def _look(self) -> None:
        if self._pending.is_over and self.is_current:
            self.dismiss(None)

    def _draw(self) -> None:
        width, question = self.box_width, self._pending.question
        left: Line = (("  ", ""), ("MFA code", "bold accent"))
        right: Line = (("esc", "bold accent"), (" goes on without", "ink-muted"), ("  ", ""))
        who = f"AWS asks for one, for {question.who} and its device"
        told: Line = (
            (("The last code was refused. ", "status-4xx"), ("Each works once.", "ink-muted")) if question.again else ()
        )
        rows = (
            Row((("  ", ""), (who, "ink-muted"))),
            Row((("  ", ""), (cut_middle(question.serial, width - 4), "ink-strong"))),
            Row((("  ", ""), *told)),
            Row(),
        )
        self._head.show(self.head_rows(left, right, *rows))
        self._label.show(FixedRows((Row((("  ", ""), ("Code", "ink-muted"))),)))
        self._draw_foot()

    def _draw_foot(self) -> None:
        missing = _DIGITS - len(self._typed.value)
        told: Line = (
            (("  ", ""), (f"{missing} more {'digit' if missing == 1 else 'digits'}", "ink-muted"))
            if missing
            else (("  ", ""), ("enter", "bold accent"), (" sends it", "ink-muted"))
        )
        self._foot.show(self.foot_rows(told))
