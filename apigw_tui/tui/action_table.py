"""The table of all keys: what each does, in which panes, and what it is called there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GROUPS: Final = ("Move", "Narrow down", "Read", "Take away")
"""The blocks of the help, in reading order."""

PANES: Final = ("list", "story", "stages", "query", "histogram", "board", "difference", "picker")
"""Where a key can work: the request or event list, the story, the stage pane, the query bar, the histogram,
the board, what differs and the stage picker at the start."""

EVERYWHERE: Final = PANES
WHILE_READING: Final = ("list", "story", "stages", "histogram", "board", "difference")
ROWS: Final = ("list", "story", "stages", "board", "difference", "picker")
RANGE_KEYS: Final = "0123456"


@dataclass(frozen=True)
class Wording:
    """What an action is called in one pane: `rank` is its place in the footer, None for not there."""

    pane: str
    rank: int | None = None
    label: str = ""
    description: str = ""


@dataclass(frozen=True)
class Action:
    """Something that keys do. Neighbours with the same description are one line of the help."""

    id: str
    keys: tuple[str, ...]
    label: str
    group: str
    panes: tuple[str, ...]
    description: str
    wording: tuple[Wording, ...] = ()
    at_once: bool = False
    """Whether it must be done before the next key is looked at: what is typed ahead goes where this one leads."""

    def worded(self, pane: str) -> Wording:
        """How this action is called in a pane."""
        own = next((words for words in self.wording if words.pane == pane), Wording(pane))
        return Wording(pane, own.rank, own.label or self.label, own.description or self.description)


_MOVE: Final = (
    Action("cursor_down", ("j", "down"), "down", "Move", ROWS, "one row"),
    Action("cursor_up", ("k", "up"), "up", "Move", ROWS, "one row"),
    Action("half_page_down", ("ctrl+d",), "half a page down", "Move", ROWS, "half a page"),
    Action("half_page_up", ("ctrl+u",), "half a page up", "Move", ROWS, "half a page"),
    Action("page_down", ("pagedown",), "page down", "Move", ROWS, "one page"),
    Action("page_up", ("pageup",), "page up", "Move", ROWS, "one page"),
    Action(
        "first",
        ("g", "home"),
        "first",
        "Move",
        ROWS,
        "first, last",
        (Wording("list", description="first, last; again: older, live"),),
    ),
    Action(
        "last",
        ("G", "end"),
        "last",
        "Move",
        ROWS,
        "first, last",
        (Wording("list", description="first, last; again: older, live"),),
    ),
    Action(
        "next_failure",
        ("e",),
        "next 5xx",
        "Move",
        ("list", "story"),
        "next, previous 5xx",
        (Wording("list", 5),),
    ),
    Action("previous_failure", ("E",), "previous 5xx", "Move", ("list", "story"), "next, previous 5xx"),
    Action("next_match", ("n",), "next match", "Move", ("list", "story"), "next, previous match"),
    Action("previous_match", ("N",), "previous match", "Move", ("list", "story"), "next, previous match"),
    Action(
        "next_of_request",
        ("o",),
        "next of request",
        "Move",
        ("list", "story"),
        "next, previous of this request",
        (Wording("story", 5, "next line", "next, previous line that tells"),),
    ),
    Action(
        "previous_of_request",
        ("O",),
        "previous of request",
        "Move",
        ("list", "story"),
        "next, previous of this request",
        (Wording("story", description="next, previous line that tells"),),
    ),
    Action("next_request", ("J",), "next request", "Move", ("story",), "next, previous request"),
    Action("previous_request", ("K",), "previous request", "Move", ("story",), "next, previous request"),
    Action("mark", ("m",), "mark", "Move", ("list",), "mark, again: its note; next mark"),
    Action("next_mark", ("u",), "next mark", "Move", ("list",), "mark, again: its note; next mark"),
    Action(
        "bar_left",
        ("left",),
        "earlier",
        "Move",
        ("histogram",),
        "one bar",
        (Wording("histogram", 1, "move"),),
    ),
    Action(
        "bar_right",
        ("right",),
        "later",
        "Move",
        ("histogram",),
        "one bar",
        (Wording("histogram", 1, "move"),),
    ),
    Action(
        "next_pane",
        ("tab",),
        "next pane",
        "Move",
        WHILE_READING,
        "next, previous pane",
        (
            Wording("board", 5, "next table", "next, previous table"),
            Wording("difference", 4, "other sides", "compare others"),
        ),
    ),
    Action(
        "previous_pane",
        ("shift+tab",),
        "previous pane",
        "Move",
        WHILE_READING,
        "next, previous pane",
        (
            Wording("board", description="next, previous table"),
            Wording("difference", description="compare others"),
        ),
    ),
)

_NARROW: Final = (
    Action(
        "edit_query",
        ("/",),
        "query",
        "Narrow down",
        (*WHILE_READING, "picker"),
        "query bar",
        (
            Wording("list", 4),
            Wording("difference", 5),
            Wording("stages", 2, "filter", "type to filter"),
            Wording("picker", 2, "filter", "type to filter"),
        ),
        at_once=True,
    ),
    Action("complete_query", ("tab",), "complete", "Narrow down", ("query",), "complete", (Wording("query", 2),)),
    Action(
        "include_value",
        ("+",),
        "include",
        "Narrow down",
        ("list", "story", "board", "difference"),
        "include, exclude this value",
        (Wording("board", 2), Wording("difference", 2)),
    ),
    Action(
        "exclude_value",
        ("-",),
        "exclude",
        "Narrow down",
        ("list", "story", "board", "difference"),
        "include, exclude this value",
        (Wording("board", 3), Wording("difference", 3)),
    ),
    Action(
        "terms",
        ("f",),
        "terms",
        "Narrow down",
        ("list", "board", "difference"),
        "terms: off, out, what each hides",
    ),
    Action(
        "show_connection",
        ("C",),
        "connection",
        "Narrow down",
        ("list", "story"),
        "all requests of the connection",
    ),
    Action("toggle_hiding", ("x",), "show all", "Narrow down", ("list",), "hide or highlight"),
    Action("query_back", ("[",), "query back", "Narrow down", WHILE_READING, "query back, forward"),
    Action("query_forward", ("]",), "query forward", "Narrow down", WHILE_READING, "query back, forward"),
    *(
        Action(
            f"look_back({place})",
            (key,),
            "range",
            "Narrow down",
            WHILE_READING,
            "live, 1m 5m 15m 30m 1h 3h",
            (Wording("board", 6), Wording("difference", 6)),
        )
        for place, key in enumerate(RANGE_KEYS)
    ),
    Action(
        "histogram",
        ("i",),
        "histogram",
        "Narrow down",
        ("list", "story", "board", "difference"),
        "histogram: select a span",
    ),
    Action(
        "select_span",
        ("v",),
        "span",
        "Narrow down",
        ("histogram",),
        "select a span; its other end",
        (Wording("histogram", 2),),
    ),
    Action("zoom_in", ("z",), "zoom in", "Narrow down", ("histogram",), "zoom in, out", (Wording("histogram", 4),)),
    Action("zoom_out", ("Z",), "zoom out", "Narrow down", ("histogram",), "zoom in, out", (Wording("histogram", 5),)),
    Action(
        "toggle_stages",
        ("s",),
        "stages",
        "Narrow down",
        WHILE_READING,
        "stage pane",
        (Wording("stages", 3, "close"),),
    ),
    Action(
        "choose_profile",
        ("P",),
        "profile",
        "Narrow down",
        (*WHILE_READING, "picker"),
        "profile, region",
        (Wording("picker", 3),),
    ),
    Action(
        "choose_region",
        ("R",),
        "region",
        "Narrow down",
        (*WHILE_READING, "picker"),
        "profile, region",
        (Wording("picker", 4),),
    ),
)

_READ: Final = (
    Action(
        "open",
        ("enter",),
        "open",
        "Read",
        EVERYWHERE,
        "open; one step back",
        (
            Wording("list", 1, description="open; back, stop reading"),
            Wording("stages", 1),
            Wording("picker", 1),
            Wording("board", 1, "show rows", "rows behind it; one step back"),
            Wording("difference", 1, "show rows", "rows behind it; one step back"),
            Wording("histogram", 3, "apply", "apply; one step back"),
            Wording("query", 1, "apply", "apply; leave"),
            Wording("story", description="unfold; one step back"),
        ),
    ),
    Action(
        "back",
        ("escape",),
        "back",
        "Read",
        EVERYWHERE,
        "open; one step back",
        (
            Wording("list", description="open; back, stop reading"),
            Wording("story", 1, "list", "unfold; one step back"),
            Wording("board", description="rows behind it; one step back"),
            Wording("difference", description="rows behind it; one step back"),
            Wording("stages", 4, "list"),
            Wording("histogram", 6, "back", "apply; one step back"),
            Wording("query", 3, "leave", "apply; leave"),
        ),
    ),
    Action("previous_tab", ("left",), "tabs", "Read", ("story",), "story tabs", (Wording("story", 4),)),
    Action("next_tab", ("right",), "tabs", "Read", ("story",), "story tabs", (Wording("story", 4),)),
    Action("toggle_events", ("v",), "events", "Read", ("list",), "requests or events"),
    Action(
        "toggle_board",
        ("b",),
        "board",
        "Read",
        ("list", "story", "board", "difference"),
        "board",
        (Wording("list", 6), Wording("board", 7, "requests", "back to the requests")),
    ),
    Action(
        "toggle_difference",
        ("d",),
        "what differs",
        "Read",
        ("list", "story", "board", "difference"),
        "what sets failing requests apart",
        (Wording("board", 4), Wording("difference", 7, "requests", "back to the requests")),
    ),
    Action("choose_columns", ("T",), "columns", "Read", ("list",), "choose columns; sort by one"),
    Action("sort_rows", ("S",), "sort", "Read", ("list",), "choose columns; sort by one"),
    Action("previous_cell", ("left",), "cell left", "Read", ("list",), "cell that + - S go by"),
    Action("next_cell", ("right",), "cell right", "Read", ("list",), "cell that + - S go by"),
    Action("scroll_left", ("<",), "scroll left", "Read", ("list",), "columns: half a screen aside"),
    Action("scroll_right", (">",), "scroll right", "Read", ("list",), "columns: half a screen aside"),
    Action(
        "wrap",
        ("w",),
        "wrap",
        "Read",
        ("list", "story"),
        "wrap; local, UTC, relative",
        (Wording("story", 6),),
    ),
    Action(
        "cycle_zone",
        ("t",),
        "time zone",
        "Read",
        ("list", "story", "board", "difference"),
        "wrap; local, UTC, relative",
        (Wording("board", description="local or UTC"), Wording("difference", description="local or UTC")),
    ),
    Action(
        "command_palette",
        ("ctrl+p", ":"),
        "commands",
        "Read",
        (*WHILE_READING, "picker"),
        "commands",
        (Wording("picker", 5),),
    ),
    Action("help", ("?",), "help", "Read", (*WHILE_READING, "picker"), "this help; quit"),
    Action("quit", ("q",), "quit", "Read", (*WHILE_READING, "picker"), "this help; quit", (Wording("picker", 6),)),
)

_TAKE: Final = (
    Action(
        "copy_id",
        ("c",),
        "copy id",
        "Take away",
        ("list", "story"),
        "copy the request ID",
        (Wording("list", 2), Wording("story", 2)),
    ),
    Action(
        "copy_menu",
        ("y",),
        "copy…",
        "Take away",
        ("list", "story"),
        "copy menu",
        (Wording("list", 3), Wording("story", 3)),
    ),
    Action("pick", ("Q",), "quit, print id", "Take away", ("list", "story"), "quit and print the request ID"),
    Action(
        "write_incident",
        ("X",),
        "incident bundle",
        "Take away",
        ("list", "story", "board", "difference"),
        "write an incident bundle",
    ),
    Action("pause", ("space",), "pause", "Take away", WHILE_READING, "pause, resume", (Wording("list", 7),)),
    Action("toggle_live_tail", ("L",), "live tail", "Take away", WHILE_READING, "Live Tail, for a price per minute"),
)

ACTIONS: Final = (*_MOVE, *_NARROW, *_READ, *_TAKE)
"""Every action, in the order of the help."""
