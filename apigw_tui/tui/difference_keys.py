"""Keys around what differs: it takes the place of the list, compares at its own pace, and narrows the query."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message

from apigw_tui.core.onset import Onset
from apigw_tui.core.query import parse
from apigw_tui.core.timerange import TimeRange
from apigw_tui.tui import later
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.difference_feed import ComparingPace
from apigw_tui.tui.difference_pane import DifferencePane
from apigw_tui.tui.narrowing import Narrowing

if TYPE_CHECKING:
    from textual.binding import BindingType

    from apigw_tui.core.difference import Difference
    from apigw_tui.core.difference_sides import Differences, Sides
    from apigw_tui.sources.base import Source
    from apigw_tui.tui.picture import Picture
    from apigw_tui.tui.remembering import Memory
    from apigw_tui.tui.session import Session
    from apigw_tui.tui.table_pane import Wish


class DifferencesFound(Message):
    """What sets some requests of a source apart was found out."""

    def __init__(self, generation: int, differences: Differences) -> None:
        super().__init__()
        self.generation = generation
        self.differences = differences


class Differing(Narrowing):
    """Panes of which one says what sets the failing requests apart."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list", chosen("toggle_difference"))]

    def on_mount(self) -> None:
        """Nothing was compared yet."""
        self._pace = ComparingPace()
        self._sides: Sides | None = None

    def action_toggle_difference(self) -> None:
        """What sets the failing requests apart, or those with the cause of the open story; or back."""
        shown = self.has_class("-difference")
        story = self.opened_story
        cause = story.cause.code if story is not None and story.cause is not None else None
        if self._opened is not None:
            self._close_story()
        self._sides = later.Sides("cause", cause) if cause and not shown else None
        self._difference.show(None, now=0)
        self._pace.forget()
        self._show_difference(shown=not shown)
        self._compare()

    def watch_source(
        self, source: Source, session: Session, *, place: tuple[str | None, str | None], memory: Memory | None = None
    ) -> None:
        """Forget what was found out of the source before."""
        super().watch_source(source, session, place=place, memory=memory)
        self._pace.forget()
        self._difference.show(None, now=0)

    def show_picture(self, picture: Picture) -> None:
        """Show a picture; what differs follows it at its own pace."""
        super().show_picture(picture)
        self._compare()

    @on(DifferencesFound)
    def _differences_found(self, message: DifferencesFound) -> None:
        picture = self._picture
        if picture is None or message.generation != picture.generation:
            return
        self._pace.answered()
        self._sides = message.differences.sides if self._sides is not None else None
        self._difference.show(message.differences, now=picture.now)

    @on(DifferencePane.OtherSidesWanted)
    def _other_sides_wanted(self, event: DifferencePane.OtherSidesWanted) -> None:
        found = self._difference.differences
        if found is None:
            return
        if len(found.choices) < 2:  # noqa: PLR2004 - nothing else
            self._flash("There is nothing else to compare: a query such as latency>1s gives two sides.")
            return
        place = found.choices.index(found.sides)
        self._sides = found.choices[(place + event.step) % len(found.choices)]
        self._compare()

    @on(DifferencePane.RowChosen)
    def _difference_chosen(self, event: DifferencePane.RowChosen) -> None:
        """Narrow to the row's requests, or to all others; `enter` shows them."""
        if isinstance(event.row, Onset):
            self._show_time(event.row, event.wish)
        elif event.row.terms:
            self._narrow_by(event.row, event.wish)
        else:
            self._flash(
                f"The query language has no field for the {event.row.field}: a row beside it may narrow as far."
            )

    def _narrow_by(self, row: Difference, wish: Wish) -> None:
        query = later.with_terms(parse(self._history.current), row.terms, excluded=wish == "exclude")
        if wish == "rows":
            self._show_difference(shown=False)
        self.apply_query(str(query))
        self._flash(f"The query is {query} now: [ goes back.")

    def _show_time(self, row: Onset, wish: Wish) -> None:
        if wish == "exclude":
            self._flash("A span of time cannot be excluded: i selects one in the histogram.")
            return
        picture = self._picture
        last = row.end if row.end is not None or picture is None else max(picture.span[1], row.start + row.step_ms)
        if wish == "rows":
            self._show_difference(shown=False)
        self.show_span(TimeRange(row.start, None if last is None else last - 1))
        self._flash("Only this span is shown: esc goes back to the whole range.")

    def _compare(self) -> None:
        picture = self._picture
        if picture is None or not self.has_class("-difference"):
            return
        about = (picture.generation, picture.session.query, picture.narrowed_to, self._sides)
        if self._pace.is_due(about, picture.everything.version):
            self._engine.compare(self._tell_differences, self._sides)

    def _tell_differences(self, generation: int, differences: Differences) -> None:
        """Pass on what was found; called from the thread that compared."""
        self.post_message(DifferencesFound(generation, differences))
