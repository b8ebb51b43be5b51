"""The terms menu: each term of the query with what it hides; switched off, turned round or taken out by a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding

from apigw_tui.core import units
from apigw_tui.core.query import parse
from apigw_tui.core.query_ast import Not, Query
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line import cut, width_of
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.overlay import Overlay
from apigw_tui.tui.row_motions import MOTIONS, RowMotions
from apigw_tui.tui.rows import Row, spread

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.core.term_effects import TermEffect
    from apigw_tui.tui.line import Line

_FRAME_ROWS: Final = 6


@dataclass(frozen=True)
class Switch:
    """One term, on or off."""

    term: str
    on: bool = True

    def turned_round(self) -> Switch:
        """What this term excludes, or no longer excludes."""
        [node] = parse(self.term).terms
        return replace(self, term=str(Query((node.node if isinstance(node, Not) else Not(node),))))


@dataclass(frozen=True)
class Terms:
    """The terms of a query, in order, with those that are switched off."""

    switches: tuple[Switch, ...]

    @classmethod
    def of(cls, query: str, off: tuple[str, ...] = ()) -> Terms:
        """The terms that are on, then those that are off."""
        on = (Switch(str(Query((term,)))) for term in parse(query).terms)
        return cls((*on, *(Switch(term, on=False) for term in off)))

    @property
    def query(self) -> str:
        """The query of the terms that are on."""
        return str(Query(tuple(node for switch in self.switches if switch.on for node in parse(switch.term).terms)))

    @property
    def off(self) -> tuple[str, ...]:
        """The terms that are off."""
        return tuple(switch.term for switch in self.switches if not switch.on)

    def changed(self, place: int, switch: Switch | None) -> Terms:
        """The terms with another one at a place, or with none there."""
        new = () if switch is None else (switch,)
        return Terms((*self.switches[:place], *new, *self.switches[place + 1 :]))


@dataclass(frozen=True)
class SwitchRows:
    """Terms, one below the other, each with what it hides."""

    switches: tuple[Switch, ...]
    effects: tuple[TermEffect, ...]
    glyphs: Glyphs

    def __len__(self) -> int:
        return len(self.switches)

    def stops(self, index: int) -> bool:  # noqa: ARG002 - the same for each
        """The cursor stands on every term."""
        return True

    def row(self, index: int, width: int, *, cursor: bool) -> Row:
        """Draw one term: on or off, its text, what it does."""
        switch = self.switches[index]
        sign = (self.glyphs.live, "ink") if switch.on else (self.glyphs.waiting, "ink-muted")
        bar: Line = ((self.glyphs.bar if cursor else " ", "accent"), (" ", ""), sign, (" ", ""))
        right: Line = (*self._does(switch), ("  ", ""))
        room = width - width_of(bar) - width_of(right) - 2
        spec = "bold ink-strong" if cursor and switch.on else "ink" if switch.on else "ink-muted"
        left: Line = (*bar, (cut(switch.term, max(8, room), self.glyphs.ellipsis), spec))
        return Row(spread(left, right, width), "cursor" if cursor else "raised")

    def _does(self, switch: Switch) -> Line:
        if not switch.on:
            return (("off", "ink-muted"),)
        effect = next((effect for effect in self.effects if effect.term == switch.term), None)
        return (("counting", "ink-faint"),) if effect is None else effect_line(effect)


def effect_line(effect: TermEffect) -> Line:
    """Return what a term does: `hides 1 204 of 1 204`, or that it hides nothing which others do not."""
    if not effect.hides:
        return ((f"hides nothing more · alone {units.count(effect.alone)}", "ink-muted"),)
    hides, of = units.count(effect.hides), units.count(effect.of)
    loud = "bold ink-strong" if effect.hides == effect.of else "ink-strong"
    return (("hides ", "ink-muted"), (hides, loud), (f" of {of}", "ink-muted"))


class TermsMenu(RowMotions, Overlay[Terms | None]):
    """Gives back the terms as they are at the end, None where all is to be as before.

    `show` is called with each change, so that the list behind the menu follows.
    """

    WIDEST = 84
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("list", chosen(*MOTIONS)),
        Binding("space,x", "switch", show=False),
        Binding("minus,plus", "turn_round", show=False),
        Binding("delete,backspace,d", "take_out", show=False),
        Binding("enter,f", "keep", show=False),
        Binding("escape,q", "leave", show=False),
    ]

    def __init__(
        self, terms: Terms, *, show: Callable[[Terms], None], cursor: int = 0, glyphs: Glyphs = UNICODE
    ) -> None:
        super().__init__(glyphs=glyphs)
        self.terms = terms
        self._before = terms
        self._tell = show
        self._cursor = cursor
        self._effects: tuple[TermEffect, ...] = ()
        self._list = LineView(widget_id="terms-list", glyphs=glyphs)

    def body(self) -> ComposeResult:
        """The terms."""
        yield self._list

    @property
    def moved_view(self) -> LineView:
        """What the keys move."""
        return self._list

    def on_mount(self) -> None:
        """Stand on the term that was asked for."""
        self._draw(self._cursor)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw(self._list.cursor or 0)

    def show_effects(self, effects: tuple[TermEffect, ...]) -> None:
        """Show what the terms do."""
        self._effects = effects
        if self.is_mounted:
            self._draw(self._list.cursor or 0)

    def on_line_view_clicked(self, event: LineView.Clicked) -> None:
        """Switch the clicked term."""
        event.stop()
        if event.view is self._list:
            self._list.move_to(event.index)
            self.action_switch()

    def leave_by_click(self) -> None:
        """Keep the terms as they are."""
        self.action_keep()

    def action_switch(self) -> None:
        """Switch the term off, or on again."""
        switch = self.terms.switches[self._place]
        self._change(replace(switch, on=not switch.on))

    def action_turn_round(self) -> None:
        """Exclude what the term includes, or the other way round."""
        self._change(self.terms.switches[self._place].turned_round())

    def action_take_out(self) -> None:
        """Take the term out of the query."""
        self._change(None)

    def action_keep(self) -> None:
        """Leave with the terms as they are."""
        self.dismiss(self.terms)

    def action_leave(self) -> None:
        """Leave with the terms as they were."""
        self._tell(self._before)
        self.dismiss(None)

    @property
    def _place(self) -> int:
        return self._list.cursor or 0

    def _change(self, switch: Switch | None) -> None:
        self.terms = self.terms.changed(self._place, switch)
        self._effects = ()
        self._tell(self.terms)
        if self.terms.switches:
            self._draw(min(self._place, len(self.terms.switches) - 1))
        else:
            self.action_keep()

    def _draw(self, cursor: int) -> None:
        switches = self.terms.switches
        self._list.styles.height = max(1, min(len(switches), self.size.height - _FRAME_ROWS))
        left: Line = (("  ", ""), ("Terms", "bold accent"), ("  of the query", "ink"))
        right: Line = (("enter", "bold accent"), (" keeps   ", "ink-muted"), ("esc", "bold accent"), (" undoes  ", ""))
        self._head.show(self.head_rows(left, right))
        self._list.show(SwitchRows(switches, self._effects, self._glyphs), cursor=cursor)
        keys = (("space", "on, off"), ("-", "turn round"), ("d", "take out"))
        told = (span for key, label in keys for span in ((key, "bold accent"), (f" {label}   ", "ink-muted")))
        self._foot.show(self.foot_rows((("  ", ""), *told)))
