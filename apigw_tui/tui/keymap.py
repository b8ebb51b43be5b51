"""Keys that the config file binds: which action each does, checked before the screen is taken.

Loads no Textual, so that every command can tell a mistake in the file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Final

from apigw_tui.config import nearest
from apigw_tui.errors import UsageError
from apigw_tui.tui.action_table import ACTIONS, Action

_NAMED: Final = (
    frozenset(("up", "down", "left", "right", "home", "end", "pageup", "pagedown"))
    | {"escape", "enter", "tab", "space", "backspace", "delete", "insert"}
    | {f"f{number}" for number in range(1, 25)}
)
_MODIFIERS: Final = ("ctrl", "alt", "shift")
_SIGNS: Final = frozenset({"slash", "backslash", "at", "minus", "plus", "underscore"})
"""What Textual calls signs otherwise than Unicode does."""
_ONE_SCREEN: Final = frozenset({"list", "story"})
"""Panes whose keys the main screen has in one map."""


def action_name(action: Action) -> str:
    """What an action is called in the config file: `look_back-3`."""
    return action.id.replace("(", "-").replace(")", "")


def rebound(keys: Mapping[str, tuple[str, ...]], *, where: str) -> tuple[Action, ...]:
    """The table of actions with these keys; an action that is not named keeps its own.

    Raises UsageError, with the file's name `where`, for an unknown action or key and for a key with two meanings.
    """
    known = {action_name(action): action for action in ACTIONS}
    named: dict[str, tuple[str, ...]] = {}
    for said, wanted in keys.items():
        name = said.replace("(", "-").replace(")", "")
        if name not in known:
            raise UsageError(f"{where}, [keys] has an unknown action {said!r}.{nearest(name, known)}")
        for key in wanted:
            _check_key(key, where=f"{where}, [keys] {said}")
        named[name] = wanted
    actions = tuple(replace(action, keys=named.get(action_name(action), action.keys)) for action in ACTIONS)
    _check_meanings(actions, frozenset(named), where=where)
    return actions


def keymap(actions: tuple[Action, ...]) -> dict[str, str]:
    """The actions whose keys are not the usual ones, as Textual takes them."""
    usual = {action.id: action.keys for action in ACTIONS}
    return {action_name(action): ",".join(action.keys) for action in actions if action.keys != usual[action.id]}


def _check_key(key: str, *, where: str) -> None:
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    is_known = last in _NAMED or last in _SIGNS or _is_character(last)
    if is_known and all(modifier in _MODIFIERS for modifier in modifiers):
        return
    if key == ",":
        raise UsageError(f"{where}: a comma is called 'comma'.")
    names = {*_NAMED, *_SIGNS, *(f"{modifier}+{last}" for modifier in _MODIFIERS)}
    raise UsageError(f"{where} names an unknown key {key!r}.{nearest(key, names)}")


def _is_character(name: str) -> bool:
    if len(name) == 1:
        return name.isprintable() and name not in ", "
    try:
        unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return False
    return True


def _check_meanings(actions: tuple[Action, ...], named: frozenset[str], *, where: str) -> None:
    for one, other in combinations(actions, 2):
        shared = set(one.keys) & set(other.keys)
        if shared and {action_name(one), action_name(other)} & named and _meet(one, other):
            key, names = min(shared), f"{action_name(one)} and {action_name(other)}"
            raise UsageError(f"{where}, [keys]: {key!r} would do both {names}.", f"Give one of {names} another key.")


def _meet(one: Action, other: Action) -> bool:
    """Whether a key of both would have two meanings somewhere."""
    if set(one.panes) & set(other.panes):
        return True
    return bool(_ONE_SCREEN & set(one.panes)) and bool(_ONE_SCREEN & set(other.panes))
