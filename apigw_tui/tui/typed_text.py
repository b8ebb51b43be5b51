"""Keys that lead into an input at once, and are text in it."""

from __future__ import annotations

from typing import Final

from textual.dom import DOMNode
from textual.widgets import Input

from apigw_tui.tui.action_table import ACTIONS

AT_ONCE: Final = frozenset(action.id for action in ACTIONS if action.at_once)


class TypedTextFirst(DOMNode):
    """For widgets and screens that bind keys which must be done at once: an input that has the focus gets them."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave such keys to the input."""
        if action in AT_ONCE and isinstance(self.screen.focused, Input):
            return False
        return super().check_action(action, parameters)
