"""The query bar: chips at rest, an input with completions while it is edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from apigw_tui.core import units
from apigw_tui.tui.completions import QUERY_LEFT, Completer, Dropdown, no_completions
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import Line, Span, between, cut, cut_line, width_of
from apigw_tui.tui.painted import Painted
from apigw_tui.tui.query_input import QueryInput
from apigw_tui.tui.query_text import Chip, chips

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


@dataclass(frozen=True)
class Counts:
    """How many rows match, of how many; how many arrived while the list was held.

    `progress` stands in the counts' place while a range is read, `kept` says where rows lie that are not in memory.
    """

    matches: int | None = None
    total: int | None = None
    new_rows: int = 0
    progress: str = ""
    kept: str = ""
    order: str = ""
    """How the rows are sorted, where not by time."""


class QueryBar(Vertical):
    """One row at rest; while it is edited an input, below it an error or completions."""

    DEFAULT_CSS = """
    QueryBar { height: auto; background: $background; }
    QueryBar #query-edit { height: 1; background: $raised; display: none; }
    QueryBar.-editing #query-edit { display: block; }
    QueryBar.-editing QueryRest { display: none; }
    QueryBar QueryPrompt { width: 4; background: $raised; }
    QueryBar QueryCount { width: 28; background: $raised; }
    """

    class QueryChanged(Message):
        """The text was edited; it may be wrong or not finished."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class QuerySubmitted(Message):
        """The text is to be applied."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class QueryCancelled(Message):
        """Editing ended; the query from before stands."""

    class TermClicked(Message):
        """A term at rest was clicked, the one at this place."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(
        self,
        *,
        complete: Completer = no_completions,
        glyphs: Glyphs = UNICODE,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(id=widget_id)
        self._complete = complete
        self._text = ""
        self._off: tuple[str, ...] = ()
        self._rest = QueryRest(glyphs=glyphs)
        self._input = QueryInput()
        self._count = QueryCount(glyphs=glyphs)
        self._error = QueryError(glyphs=glyphs)
        self._dropdown = Dropdown(glyphs=glyphs)

    def compose(self) -> ComposeResult:
        """Lay out both forms; CSS shows one."""
        yield self._rest
        with Horizontal(id="query-edit"):
            yield QueryPrompt()
            yield self._input
            yield self._count
        yield self._error
        yield self._dropdown

    @property
    def editing(self) -> bool:
        """True while the input is open."""
        return self.has_class("-editing")

    @property
    def text(self) -> str:
        """The text in the input while it is open, else the query at rest."""
        return self._input.value if self.editing else self._text

    def show(self, text: str, counts: Counts, *, off: tuple[str, ...] = ()) -> None:
        """Show a query at rest and what it matches; behind it the terms that are switched off."""
        self._text, self._off = text, off
        self._rest.show(text, counts, off)
        self._count.show(counts)

    def show_counts(self, counts: Counts) -> None:
        """Show what the query, or the text while it is edited, matches."""
        self._rest.show(self._text, counts, self._off)
        self._count.show(counts)

    def show_error(self, column: int | None, message: str = "") -> None:
        """Point at what is wrong, by its column (1-based); None takes the error away.

        A value for which there are completions is not wrong but not finished yet.
        """
        if column is not None and self._dropdown.is_open and column > self._dropdown.start:
            return
        self._error.show(column, message, self._input.value)
        if column is not None:
            self._dropdown.close()

    def edit(self, text: str | None = None) -> None:
        """Open the input with the query, or with a text, and focus it."""
        value = self._text if text is None else text
        self.add_class("-editing")
        with self.prevent(Input.Changed):
            self._input.value = value
        self._input.cursor_position = len(value)
        # Not by `focus`, which is done later: keys may be waiting that are text of the query.
        self.screen.set_focus(self._input)

    def close(self) -> None:
        """Go back to chips; the text at rest stays."""
        self.remove_class("-editing")
        self._error.show(None, "", "")
        self._dropdown.close()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say so, and offer ways to go on."""
        event.stop()
        if not self.editing or event.value != self._input.value:
            return  # more was typed meanwhile, which is told by itself
        self._error.show(None, "", "")
        found = self._complete(event.value, self._input.cursor_position)
        self._dropdown.show(found, self._input.cursor_position)
        self.post_message(self.QueryChanged(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the text over; whoever applies it closes the bar or shows an error."""
        event.stop()
        self._dropdown.close()
        self.post_message(self.QuerySubmitted(event.value))

    def on_query_input_asked(self, event: QueryInput.Asked) -> None:
        """Act on the keys that are not text."""
        event.stop()
        if event.what == "cancel" and self._dropdown.is_open:
            self._dropdown.close()
        elif event.what == "cancel":
            self.close()
            self.post_message(self.QueryCancelled())
        elif event.what == "complete":
            self._accept()
        else:
            self._dropdown.choose(1 if event.what == "down" else -1)

    def _accept(self) -> None:
        chosen = self._dropdown.chosen
        if chosen is None:
            found = self._complete(self._input.value, self._input.cursor_position)
            self._dropdown.show(found, self._input.cursor_position)
            return
        value, cursor = self._input.value, self._input.cursor_position
        head = value[: self._dropdown.start] + chosen.text
        self._dropdown.close()
        self._input.value = head + value[cursor:]
        self._input.cursor_position = len(head)


class QueryRest(Painted):
    """The query as chips, its counts at the right end."""

    DEFAULT_CSS = """
    QueryRest { height: 1; background: $background; color: $ink; }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(glyphs=glyphs)
        self._text = ""
        self._off: tuple[str, ...] = ()
        self._counts = Counts()

    def show(self, text: str, counts: Counts, off: tuple[str, ...]) -> None:
        """Show a query, the terms that are off, and the counts."""
        if (text, counts, off) != (self._text, self._counts, self._off):
            self._text, self._counts, self._off = text, counts, off
            self.repaint()

    def on_click(self, event: events.Click) -> None:
        """Tell which term was clicked."""
        place = term_at(self._text, self._off, event.x, self.glyphs)
        if place is not None:
            event.stop()
            self.post_message(QueryBar.TermClicked(place))

    def paint(self, width: int, _height: int, /) -> list[Line]:
        """Return the row."""
        return [rest_line(self._text, self._counts, width, self.glyphs, off=self._off)]


def term_at(text: str, off: tuple[str, ...], column: int, glyphs: Glyphs = UNICODE) -> int | None:
    """Return which term stands in a column of the row at rest; None beside them."""
    left = QUERY_LEFT
    for place, line in enumerate(_chip_lines(text, off, glyphs)):
        right = left + width_of(line)
        if left <= column < right:
            return place
        left = right + 1
    return None


def _chip_lines(text: str, off: tuple[str, ...], glyphs: Glyphs) -> list[Line]:
    on = [chip_line(chip, glyphs) for chip in chips(text)]
    return [*on, *(((f"{glyphs.waiting} {term.replace(chr(10), ' ')}", "ink-muted"),) for term in off)]


def rest_line(text: str, counts: Counts, width: int, glyphs: Glyphs = UNICODE, *, off: tuple[str, ...] = ()) -> Line:
    """Return the chips that fit (the others are counted) and the counts."""
    right = (*counts_line(counts), *_badge(counts.new_rows, glyphs))
    room = width - QUERY_LEFT - width_of(right) - 3
    slash: Line = (("  ", ""), ("/", "bold accent"), (" ", ""))
    terms = _chip_lines(text, off, glyphs)
    if not terms:
        hint = cut("all requests; type a query such as status:5xx route:/orders*", max(0, room), glyphs.ellipsis)
        return between((*slash, (hint, "ink-faint")), right, width - 1)
    spans: list[Span] = [*slash]
    for shown, line in enumerate(terms):
        left = len(terms) - shown - 1
        reserve = len(f" +{left} more") if left else 0
        if width_of(line) + reserve > room:
            spans += _what_fits(line, room, len(terms) - shown, glyphs)
            break
        spans += [*line, (" ", "")]
        room -= width_of(line) + 1
    return between(tuple(spans), right, width - 1)


def _what_fits(line: Line, room: int, hidden: int, glyphs: Glyphs) -> list[Span]:
    more = f"+{hidden} more"
    if hidden == 1 and room > len(more) + 6:
        return [*cut_line(line, room, glyphs.ellipsis)]
    return [(cut(more, max(0, room), glyphs.ellipsis), "ink-muted")]


def chip_line(chip: Chip, glyphs: Glyphs = UNICODE) -> Line:
    """Return one term on its own ground: field muted, operator faint, value strong."""
    if chip.is_word:
        return ((chip.value, "ink-muted"),)
    ground = " on raised"
    spans: list[Span] = [(" ", ground.strip())]
    if chip.excluded:
        spans.append((glyphs.minus, f"status-4xx{ground}"))
    if chip.field:
        spans += [(chip.field, f"ink-muted{ground}"), (chip.operator, f"ink-faint{ground}")]
    value = chip.value.replace("\n", " ").replace("\t", " ")
    return (*spans, (f"{value} ", f"ink-strong{ground}"))


def counts_line(counts: Counts) -> Line:
    """Return `38 443 of 47 902`, or what is being read."""
    kept: Line = ((f" · {counts.kept}", "ink-muted"),) if counts.kept else ()
    order: Line = (*kept, *((f" · {counts.order}", "accent"),)) if counts.order else kept
    if counts.progress:
        return ((counts.progress, "ink-muted"), *order)
    if counts.matches is None:
        return ()
    spans: Line = ((units.count(counts.matches), "bold ink-strong" if counts.matches == 0 else "ink-strong"),)
    if counts.total is None or counts.total == counts.matches:
        return (*spans, *order)
    return (*spans, (f" of {units.count(counts.total)}", "ink-muted"), *order)


def _badge(new_rows: int, glyphs: Glyphs) -> Line:
    if not new_rows:
        return ()
    return (("   ", ""), (f" +{units.count(new_rows)} new {glyphs.newer} ", "bold badge-ink on tint-accent"))


class QueryPrompt(Painted):
    """The `/` before the input."""

    def paint(self, _width: int, _height: int, /) -> list[Line]:
        """Return the prompt."""
        return [(("  ", ""), ("/", "bold accent"))]


class QueryCount(Painted):
    """The counts at the right of the input."""

    def __init__(self, *, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(glyphs=glyphs)
        self._counts = Counts()

    def show(self, counts: Counts) -> None:
        """Show counts."""
        self._counts = counts
        self.repaint()

    def paint(self, width: int, _height: int, /) -> list[Line]:
        """Return the counts at the right end."""
        line = counts_line(self._counts)
        return [between((), line, width - 1)]


class QueryError(Painted):
    """The row below the input: what is wrong at which column."""

    DEFAULT_CSS = """
    QueryError { height: 1; background: $background; color: $ink; display: none; }
    QueryError.-shown { display: block; }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(glyphs=glyphs)
        self._column: int | None = None
        self._message = ""
        self._text = ""

    def show(self, column: int | None, message: str, text: str) -> None:
        """Show an error in a text; None hides the row."""
        self._column, self._message, self._text = column, message, text
        self.set_class(column is not None, "-shown")
        self.repaint()

    def paint(self, width: int, _height: int, /) -> list[Line]:
        """Return the row."""
        if self._column is None:
            return []
        return [error_line(self._column, self._message, self._text, width=width, glyphs=self.glyphs)]


def error_line(column: int, message: str, text: str, *, width: int, glyphs: Glyphs = UNICODE) -> Line:
    """Return a caret under the column and the message beside it, on the side that has room."""
    says = f"col {column}: {message}"
    at = QUERY_LEFT + width_of(((text[: column - 1], ""),))
    caret: Span = (glyphs.pointer, "bold status-4xx")
    if at + 2 + len(says) <= width - 1:
        return ((" " * at, ""), caret, (f" {says}", "status-4xx"))
    if len(says) + 1 <= at - QUERY_LEFT and at < width - 1:
        return ((" " * (at - len(says) - 1), ""), (f"{says} ", "status-4xx"), caret)
    return ((" " * QUERY_LEFT, ""), (cut(says, width - QUERY_LEFT - 1, glyphs.ellipsis), "status-4xx"))
