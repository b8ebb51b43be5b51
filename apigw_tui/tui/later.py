"""What the explorer needs only once there are rows: loaded after its first frame, all of it by the engine's thread.

`later.NAME` loads the module of a name when it is first asked for. Polars comes with most of them, and the thread that
loads Polars first decides how much its pool gives way to the keys.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from apigw_tui.core.access_entries import AccessEntries
    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.board import narrowed, with_terms
    from apigw_tui.core.difference_sides import Sides
    from apigw_tui.core.store import EventStore
    from apigw_tui.doctor.stage_checks import examine_stage
    from apigw_tui.sources.format_memory import GUESS
    from apigw_tui.tui.board_feed import BoardFeed
    from apigw_tui.tui.causes import Causes
    from apigw_tui.tui.copy_menu import CopyMenu
    from apigw_tui.tui.copying import copy_content
    from apigw_tui.tui.format_prompt import FormatPrompt, format_asked
    from apigw_tui.tui.list_rows import ListRows
    from apigw_tui.tui.observed_values import observed
    from apigw_tui.tui.opened_source import OpenedSource
    from apigw_tui.tui.stories import Stories
    from apigw_tui.tui.story_layout import lay_out, tabs
    from apigw_tui.tui.story_lines import StoryLineRows
    from apigw_tui.tui.story_row import story_of_row
    from apigw_tui.tui.story_search import next_match
    from apigw_tui.tui.story_tabs import FieldRows

__all__ = [
    "GUESS",
    "AccessEntries",
    "AccessFormat",
    "BoardFeed",
    "Causes",
    "CopyMenu",
    "EventStore",
    "FieldRows",
    "FormatPrompt",
    "ListRows",
    "OpenedSource",
    "Sides",
    "Stories",
    "StoryLineRows",
    "copy_content",
    "examine_stage",
    "format_asked",
    "lay_out",
    "narrowed",
    "next_match",
    "observed",
    "pl",
    "story_of_row",
    "tabs",
    "with_terms",
]

_MODULES: Final = {
    "apigw_tui.tui.opened_source": ("OpenedSource",),
    "apigw_tui.core.store": ("EventStore",),
    "apigw_tui.tui.board_feed": ("BoardFeed",),
    "apigw_tui.tui.causes": ("Causes",),
    "apigw_tui.tui.stories": ("Stories",),
    "apigw_tui.tui.list_rows": ("ListRows",),
    "apigw_tui.core.access_entries": ("AccessEntries",),
    "apigw_tui.core.access_format": ("AccessFormat",),
    "apigw_tui.core.board": ("narrowed", "with_terms"),
    "apigw_tui.core.difference_sides": ("Sides",),
    "apigw_tui.doctor.stage_checks": ("examine_stage",),
    "apigw_tui.sources.format_memory": ("GUESS",),
    "apigw_tui.tui.story_layout": ("lay_out", "tabs"),
    "apigw_tui.tui.story_lines": ("StoryLineRows",),
    "apigw_tui.tui.story_row": ("story_of_row",),
    "apigw_tui.tui.story_search": ("next_match",),
    "apigw_tui.tui.story_tabs": ("FieldRows",),
    "apigw_tui.tui.observed_values": ("observed",),
    "apigw_tui.tui.format_prompt": ("FormatPrompt", "format_asked"),
    "apigw_tui.tui.copying": ("copy_content",),
    "apigw_tui.tui.copy_menu": ("CopyMenu",),
}
"""What lies where."""

FIRST: Final = ("pl", "OpenedSource", "EventStore", "BoardFeed", "Causes", "Stories", "ListRows")
"""Without these there are no rows; all else has time until they are on screen."""
_PLACES: Final = {name: module for module, names in _MODULES.items() for name in names}


def load(names: Iterable[str] = ("pl", *_PLACES)) -> None:
    """Load some of it, or all."""
    for name in names:
        if name not in globals():
            __getattr__(name)


def __getattr__(name: str) -> Any:
    if name == "pl":
        value: Any = import_module("polars")
    elif name in _PLACES:
        value = getattr(import_module(_PLACES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value
