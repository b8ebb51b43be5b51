"""The command palette: the actions that work at this moment, and the themes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.command import CommandPalette, DiscoveryHit, Hit, Provider, SearchIcon
from textual.content import Content

from apigw_tui.tui.action_table import Action
from apigw_tui.tui.actions import actions_of, key_name
from apigw_tui.tui.memories import Memories
from apigw_tui.tui.panes import Panes
from apigw_tui.tui.pasted import is_command
from apigw_tui.tui.stages_screen import StagesScreen
from apigw_tui.tui.theme import DARK, LIGHT, SIXTEEN

if TYPE_CHECKING:
    from textual.command import Hits
    from textual.screen import Screen
    from textual.types import IgnoreReturnCallbackType

COMMANDS: Final[Mapping[str, str]] = {
    "open": "row: open",
    "copy_id": "request ID: copy",
    "copy_menu": "copy menu: open",
    "edit_query": "query: edit",
    "include_value": "value: include in the query",
    "exclude_value": "value: exclude from the query",
    "query_back": "query: back",
    "query_forward": "query: forward",
    "show_connection": "connection: all requests",
    "terms": "query: terms one by one",
    "toggle_hiding": "matches: hide the rest or highlight",
    "next_match": "match: next",
    "previous_match": "match: previous",
    "next_failure": "5xx: next",
    "previous_failure": "5xx: previous",
    "next_of_request": "same request: next",
    "previous_of_request": "same request: previous",
    "next_request": "request: next",
    "previous_request": "request: previous",
    "mark": "mark: set, or its note",
    "next_mark": "mark: next",
    "toggle_events": "rows: requests or events",
    "toggle_board": "board: show or hide",
    "toggle_difference": "what differs: show or hide",
    "histogram": "histogram: select a span",
    "select_span": "span: begin, other end",
    "zoom_in": "histogram: zoom in",
    "zoom_out": "histogram: zoom out",
    "look_back(0)": "range: live",
    "look_back(1)": "range: last 1 min",
    "look_back(2)": "range: last 5 min",
    "look_back(3)": "range: last 15 min",
    "look_back(4)": "range: last 30 min",
    "look_back(5)": "range: last 1 h",
    "look_back(6)": "range: last 3 h",
    "pause": "tail: pause or resume",
    "toggle_live_tail": "tail: Live Tail on or off",
    "previous_tab": "story tab: previous",
    "next_tab": "story tab: next",
    "wrap": "lines: wrap or cut",
    "choose_columns": "columns: choose",
    "sort_rows": "rows: sort by a column",
    "scroll_left": "columns: half a screen left",
    "scroll_right": "columns: half a screen right",
    "cycle_zone": "times: local, UTC, relative",
    "toggle_stages": "stages: show or hide",
    "choose_profile": "profile: choose",
    "choose_region": "region: choose",
    "pick": "request ID: quit and print it",
    "write_incident": "incident: write a bundle",
    "help": "help: keys and signs",
    "quit": "explorer: quit",
}
"""What an action is called, noun first, by its ID. Plain movement has no place among commands."""

_WIDTH: Final = 59
"""Cells of a line: the palette's width without its margins and scroll bar."""

THEMES: Final[Mapping[str, str]] = {"theme: dark": DARK, "theme: light": LIGHT, "theme: 16 colours": SIXTEEN}


@dataclass(frozen=True)
class Command:
    """One line of the palette."""

    title: str
    keys: str
    run: IgnoreReturnCallbackType


class Palette(CommandPalette):
    """Textual's palette in the looks of our overlays."""

    DEFAULT_CSS = """
    Palette { align-horizontal: center; background: $background 60%; color: $ink; }
    Palette:ansi { background: transparent; }
    Palette > Vertical { width: 64; max-width: 100%; margin-top: 3; background: transparent; }
    Palette #--input { height: 3; padding: 1 2 0 2; border: none; background: $raised; }
    Palette #--input.--list-visible { border: none; }
    Palette SearchIcon { margin: 0; width: 2; color: $accent; text-style: bold; }
    Palette CommandInput, Palette CommandInput:focus { border: none; height: 1; padding: 0; color: $ink-strong; }
    Palette CommandList, Palette CommandList:focus {
        border: none; padding: 0 0 1 0; background: $raised; scrollbar-size-vertical: 1;
    }
    Palette CommandList > .option-list--option { padding: 0 2; color: $ink; text-style: none; }
    Palette CommandList > .option-list--option-highlighted {
        color: $ink-strong; background: $cursor; text-style: bold;
    }
    Palette:ansi CommandList > .option-list--option-highlighted { text-style: reverse; }
    Palette > .command-palette--highlight { color: $accent; text-style: bold; }
    Palette LoadingIndicator { display: none; }
    """

    def __init__(self) -> None:
        super().__init__(placeholder="type to find a command")

    def on_mount(self) -> None:
        """Show our sign for typing in the place of an emoji."""
        self.query_one(SearchIcon).icon = "/"


class ActionCommands(Provider):
    """Offers what the keys of the focused pane do."""

    async def discover(self) -> Hits:
        """All commands, in the order of the table."""
        for command in self._commands():
            line = _line(Content.styled(command.title, "$ink"), command.keys)
            yield DiscoveryHit(line, command.run, text=command.title)

    async def search(self, query: str) -> Hits:
        """The commands that fit what is typed."""
        if is_command(query):
            run = partial(self._open, query)
            yield Hit(1.0, _line(Content.styled("view: open this command", "$ink"), "enter"), run, query)
            return
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.title)
            if score > 0:
                yield Hit(score, _line(matcher.highlight(command.title), command.keys), command.run, command.title)

    def _open(self, command: str) -> None:
        if isinstance(self.app, Memories):
            self.app.open_command(command)

    def _commands(self) -> Iterator[Command]:
        for action in reachable(self.screen):
            keys = " ".join(key_name(key) for key in action.keys)
            yield Command(COMMANDS[action.id], keys, partial(perform, self.screen, action))
        if isinstance(self.app, Memories):
            for title, run in self.app.own_commands():
                yield Command(title, "", run)
        if not self.app.no_color:
            for title, name in THEMES.items():
                if name != self.app.theme:
                    yield Command(title, "", partial(setattr, self.app, "theme", name))


def _line(title: Content, keys: str) -> Content:
    blanks = max(_WIDTH - title.cell_length - len(keys), 1)
    return Content.assemble(title, " " * blanks, (keys, "$ink-muted"))


def pane_of(screen: Screen[object]) -> str | None:
    """The pane that has the keys; None on a screen with keys of its own."""
    if isinstance(screen, StagesScreen):
        return "picker"
    return screen.focused_pane if isinstance(screen, Panes) else None


def reachable(screen: Screen[object]) -> list[Action]:
    """The actions of the focused pane, in the order of the palette."""
    pane = pane_of(screen)
    bound = {active.binding.action for active in screen.active_bindings.values()}
    by_id = {action.id: action for action in actions_of(screen.app)}
    listed = (by_id[name] for name in COMMANDS if name in by_id)
    return [action for action in listed if pane in action.panes and action.id in bound]


async def perform(screen: Screen[object], action: Action) -> None:
    """Do what the action's key would do."""
    for active in screen.active_bindings.values():
        if active.binding.action == action.id:
            await screen.app.run_action(action.id, active.node)
            return
