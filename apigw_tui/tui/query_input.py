"""The input of the query bar: coloured as it is typed, with keys that are not text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.highlighter import Highlighter
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.ink import Inks
from apigw_tui.tui.query_text import chips

if TYPE_CHECKING:
    from rich.text import Text
    from textual.theme import Theme


class QueryInput(Input):
    """The text of the query; field names in accent, values strong."""

    DEFAULT_CSS = """
    QueryInput, QueryInput:focus {
        width: 1fr; height: 1; border: none; padding: 0;
        background: $raised; background-tint: $raised 0%; color: $ink-strong;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("query", chosen("back", "complete_query", "open")),
        Binding("down", "ask('down')", "next completion", show=False, id="next_completion"),
        Binding("up", "ask('up')", "previous completion", show=False, id="previous_completion"),
        Binding("ctrl+u", "clear_all", "clear", show=False, id="clear_query"),
    ]

    class Asked(Message):
        """A key that is not text: `cancel`, `complete`, `down` or `up`."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False

    def on_mount(self) -> None:
        """Colour the text by the theme."""
        self._recolour()
        self.app.theme_changed_signal.subscribe(self, self._theme_changed)

    def action_ask(self, what: str) -> None:
        """Hand a key to the bar."""
        self.post_message(self.Asked(what))

    def action_back(self) -> None:
        """Close the completions, or leave the bar."""
        self.action_ask("cancel")

    def action_complete_query(self) -> None:
        """Accept the chosen completion, or ask for some."""
        self.action_ask("complete")

    async def action_open(self) -> None:
        """Apply the query."""
        await self.action_submit()

    def action_clear_all(self) -> None:
        """Empty the input."""
        self.value = ""

    def _theme_changed(self, _theme: Theme) -> None:
        self._recolour()

    def _recolour(self) -> None:
        self.highlighter = QueryHighlighter(Inks.of(self.app))
        self.refresh()


class QueryHighlighter(Highlighter):
    """Colours a query while it is typed."""

    def __init__(self, inks: Inks) -> None:
        self._inks = inks

    def highlight(self, text: Text) -> None:
        """Colour fields, operators, minus signs and the words between terms."""
        for chip in chips(text.plain):
            at = chip.start
            if chip.excluded:
                text.stylize(self._inks.style("status-4xx"), at, at + 1)
                at += 1
            if chip.is_word:
                text.stylize(self._inks.style("ink-muted"), at, at + len(chip.value))
            if chip.field:
                field_end = at + len(chip.field)
                text.stylize(self._inks.style("accent"), at, field_end)
                text.stylize(self._inks.style("ink-muted"), field_end, field_end + len(chip.operator))
