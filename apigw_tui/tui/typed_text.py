"""Keys that lead into an input at once, and are text in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.widgets import Input

from apigw_tui.tui.action_table import ACTIONS

if TYPE_CHECKING:
    from textual.dom import DOMNode as _Mixed
else:
    # Textual takes the default CSS of the first base that is a DOM node: this one has none to give.
    _Mixed = object

AT_ONCE: Final = frozenset(action.id for action in ACTIONS if action.at_once)


class TypedTextFirst(_Mixed):
    """For widgets and screens that bind keys which must be done at once: an input that has the focus gets them."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave such keys to the input."""
        if action in AT_ONCE and isinstance(self.screen.focused, Input):
            return False
        return super().check_action(action, parameters)
