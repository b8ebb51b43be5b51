"""The query's terms one by one: what each hides, and switching them off without forgetting them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on

from apigw_tui.core.query import parse
from apigw_tui.core.query_ast import Query
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.messages import TermsWeighed
from apigw_tui.tui.narrowing import Narrowing
from apigw_tui.tui.query_bar import QueryBar
from apigw_tui.tui.terms_menu import Terms, TermsMenu

if TYPE_CHECKING:
    from textual.binding import BindingType

    from apigw_tui.tui.picture import Picture
    from apigw_tui.tui.term_weights import TermWeights

_WEIGHED_FOR_MS: Final = 10_000
"""So long what terms hide is shown while rows arrive, before it is counted anew."""


class TermSwitches(Narrowing):
    """Panes whose query can be taken apart."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list", chosen("terms"))]

    _menu: TermsMenu | None = None
    _asked: tuple[str, int] | None = None

    def action_terms(self) -> None:
        """Show the terms, to switch them off or take them out."""
        self._show_terms(0)

    @on(QueryBar.TermClicked)
    def _term_clicked(self, event: QueryBar.TermClicked) -> None:
        event.stop()
        self._show_terms(event.place)

    def _tell_weights(self, weights: TermWeights) -> None:
        """Pass on what was counted; called from the thread that counted it."""
        self.post_message(TermsWeighed(weights))

    @on(TermsWeighed)
    def _terms_weighed(self, message: TermsWeighed) -> None:
        """Show what the terms of a query hide, if it is still the one that is asked about."""
        weights = self._weights = message.weights
        if self._menu is not None and self._menu.is_current and str(weights.query) == self._menu.terms.query:
            self._menu.show_effects(weights.effects)
        if self._picture is not None and self.has_class("-empty"):
            self._show_rows(keep=True)

    def _show_terms(self, place: int) -> None:
        terms = Terms.of(self._history.current, self._off)
        if not terms.switches:
            self._flash("There is no query: nothing is hidden.")
            return
        place = min(place, len(terms.switches) - 1)
        self._menu = TermsMenu(terms, show=self._try_terms, cursor=place, glyphs=self._glyphs)
        self._engine.weigh(self._tell_weights)
        self.app.push_screen(self._menu, self._take_terms)

    def _try_terms(self, terms: Terms) -> None:
        """Look at the rows of these terms, as long as the menu is open."""
        if self._session is not None:
            self._engine.narrow(replace(self._session, query=terms.query))
            self._engine.weigh(self._tell_weights)

    def _take_terms(self, terms: Terms | None) -> None:
        self._menu = None
        if terms is None:
            return
        self._off = terms.off
        self.apply_query(terms.query)
        self._show_counts()

    def apply_query(self, text: str) -> None:
        """Narrow to a query; terms that it has are no longer off."""
        on = {str(Query((term,))) for term in parse(text).terms}
        self._off = tuple(term for term in self._off if term not in on)
        super().apply_query(text)

    def _show_emptiness(self, picture: Picture) -> None:
        """Say why nothing is to be seen, and have counted which term hides it."""
        super()._show_emptiness(picture)
        query, now = picture.session.query, picture.now
        if not query or picture.reading:
            return
        if self._asked is None or self._asked[0] != query or now - self._asked[1] >= _WEIGHED_FOR_MS:
            self._asked = (query, now)
            self._engine.weigh(self._tell_weights)
