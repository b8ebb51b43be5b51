"""Every key: bindings, footer, help and documentation, all made from one table."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from textual.binding import Binding

from apigw_tui.tui.action_table import ACTIONS, GROUPS, RANGE_KEYS, Action

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEY_NAMES: Final = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
}
_WIDEST_SPREAD: Final = 12


@dataclass(frozen=True)
class FooterKey:
    """One hint of the footer: `keys` as shown, `action` what a click does."""

    keys: str
    label: str
    action: str


@dataclass(frozen=True)
class HelpLine:
    """One line of the help: keys as shown and what they do."""

    keys: str
    description: str


def actions_of(app: object) -> tuple[Action, ...]:
    """The table with the keys that the app's user has bound."""
    actions: tuple[Action, ...] = getattr(app, "actions", ACTIONS)
    return actions


def help_key(app: object) -> str:
    """The key that shows the help, as the footer names it; nothing where there is none."""
    return next((key_name(action.keys[0]) for action in actions_of(app) if action.id == "help"), "")


def chosen(*ids: str) -> tuple[Action, ...]:
    """The actions with these IDs, for a widget that carries out only them."""
    return tuple(action for action in ACTIONS if action.id in ids)


def bindings(pane: str, actions: Iterable[Action] = ACTIONS) -> list[Binding]:
    """The bindings of one pane; each has its action's ID, by which a keymap can move it."""
    return [
        Binding(
            ",".join(action.keys),
            action.id,
            action.worded(pane).label,
            show=False,
            priority=action.at_once,
            id=_binding_id(action),
        )
        for action in actions
        if pane in action.panes
    ]


def footer_keys(pane: str, actions: Iterable[Action] = ACTIONS) -> tuple[FooterKey, ...]:
    """The hints of one pane in their order; `? help` is not among them, it has its own place."""
    ranked = [
        (words.rank, action, words.label)
        for action in actions
        if pane in action.panes and (words := action.worded(pane)).rank is not None
    ]
    ranked.sort(key=lambda entry: entry[0] or 0)
    hints = []
    for _, group in groupby(ranked, key=lambda entry: entry[0]):
        members = list(group)
        keys = _keys_of_footer([action.keys[0] for _, action, _ in members])
        hints.append(FooterKey(keys, members[0][2], members[0][1].id))
    return tuple(hints)


def help_lines(pane: str, actions: Iterable[Action] = ACTIONS) -> dict[str, list[HelpLine]]:
    """The lines of a pane's help by group; actions with the same description share one."""
    lines: dict[str, list[HelpLine]] = {group: [] for group in GROUPS}
    relevant = [action for action in actions if pane in action.panes]
    for group in GROUPS:
        by_description: dict[str, list[Action]] = {}
        for action in relevant:
            if action.group == group:
                by_description.setdefault(action.worded(pane).description, []).append(action)
        lines[group] = [HelpLine(_keys_shown(members), words) for words, members in by_description.items()]
    return lines


def key_name(key: str) -> str:
    """A key as people read it: `esc`, `↑`, `ctrl+d`."""
    return _KEY_NAMES.get(key, key)


def key_table_markdown(actions: Iterable[Action] = ACTIONS) -> str:
    """The keys as Markdown tables, one per group, for the documentation."""
    chosen = list(actions)
    blocks = []
    for group in GROUPS:
        by_description: dict[str, list[Action]] = {}
        for action in chosen:
            if action.group == group:
                by_description.setdefault(action.description, []).append(action)
        rows = "".join(f"| {_keys_markdown(members)} | {words} |\n" for words, members in by_description.items())
        blocks.append(f"**{group}**\n\n| key | does |\n| --- | --- |\n{rows}")
    return "\n".join(blocks)


def _keys_of_footer(keys: list[str]) -> str:
    """Return keys side by side, many neighbours as first and last."""
    return f"{keys[0]}…{keys[-1]}" if keys == list(RANGE_KEYS) else " ".join(map(key_name, keys))


def _binding_id(action: Action) -> str:
    return action.id.replace("(", "-").replace(")", "")


def _keys_shown(members: list[Action]) -> str:
    names = [key_name(key) for key in _interleaved(members)]
    if names == list(RANGE_KEYS):
        return f"{names[0]} … {names[-1]}"
    if len(names) > 2:  # noqa: PLR2004 - a pair is set wide, more keys are not
        return " ".join(_shortest(names))
    spread = "  ".join(names)
    return spread if len(spread) <= _WIDEST_SPREAD else " ".join(names)


def _shortest(names: list[str]) -> list[str]:
    """Leave out the synonyms that everyone tries anyway, where the column would overflow."""
    return [name for name in names if name not in ("home", "end")] or names


def _interleaved(members: list[Action]) -> list[str]:
    longest = max(len(action.keys) for action in members)
    return [action.keys[place] for place in range(longest) for action in members if place < len(action.keys)]


def _keys_markdown(members: list[Action]) -> str:
    names = [key_name(key).replace("|", "\\|") for key in _interleaved(members)]
    return " ".join(f"`{name}`" for name in names)
