"""The table of keys: bindings, footer, help and documentation agree because they are made from it."""

from __future__ import annotations

from collections import Counter

import pytest

from apigw_tui.tui.action_table import ACTIONS, GROUPS, PANES
from apigw_tui.tui.actions import (
    bindings,
    chosen,
    footer_keys,
    help_lines,
    key_name,
    key_table_markdown,
)


@pytest.mark.parametrize("pane", PANES)
def test_no_key_does_two_things_in_a_pane(pane: str) -> None:
    keys = Counter(key for action in ACTIONS if pane in action.panes for key in action.keys)
    assert [key for key, times in keys.items() if times > 1] == []


def test_every_action_has_its_own_id_a_group_and_known_panes() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    assert {action.group for action in ACTIONS} == set(GROUPS)
    assert all(set(action.panes) <= set(PANES) for action in ACTIONS)
    assert all({words.pane for words in action.wording} <= set(action.panes) for action in ACTIONS)


def test_the_list_has_every_key_of_the_contract() -> None:
    keys = {key for action in ACTIONS if "list" in action.panes for key in action.keys}
    contract = "j k up down pageup pagedown ctrl+u ctrl+d g G home end enter escape tab shift+tab space c y v b"
    more = "m u 0 1 2 3 4 5 6 w s / x n N e E o O + - i t [ ] P R ctrl+p : ? q"
    assert {*contract.split(), *more.split()} <= keys


def test_a_binding_carries_the_actions_id_so_that_a_keymap_can_move_it() -> None:
    by_id = {binding.id: binding for binding in bindings("list")}
    assert by_id["cursor_down"].key == "j,down"
    assert by_id["look_back-3"].action == "look_back(3)"


@pytest.mark.parametrize("pane", PANES)
def test_the_footer_has_at_most_seven_keys_beside_help(pane: str) -> None:
    assert len(footer_keys(pane)) <= 7


def test_the_footers_of_list_and_story_say_what_the_pictures_say() -> None:
    in_list = [(hint.keys, hint.label) for hint in footer_keys("list")]
    assert in_list == [
        ("enter", "open"),
        ("c", "copy id"),
        ("y", "copy…"),
        ("/", "query"),
        ("e", "next 5xx"),
        ("b", "board"),
        ("space", "pause"),
    ]
    in_story = [(hint.keys, hint.label) for hint in footer_keys("story")]
    assert in_story == [
        ("esc", "list"),
        ("c", "copy id"),
        ("y", "copy…"),
        ("← →", "tabs"),
        ("o", "next line"),
        ("w", "wrap"),
    ]


def test_the_footer_of_the_histogram_says_what_the_picture_says() -> None:
    assert [(hint.keys, hint.label) for hint in footer_keys("histogram")] == [
        ("← →", "move"),
        ("v", "span"),
        ("enter", "apply"),
        ("z", "zoom in"),
        ("Z", "zoom out"),
        ("esc", "back"),
    ]


def test_neighbours_with_the_same_description_share_a_line_of_the_help() -> None:
    move = {line.description: line.keys for line in help_lines("list")["Move"]}
    assert move["one row"] == "j k ↓ ↑"
    assert move["half a page"] == "ctrl+d ctrl+u"
    assert move["next, previous 5xx"] == "e  E"
    narrow = {line.description: line.keys for line in help_lines("list")["Narrow down"]}
    assert narrow["live, 1m 5m 15m 30m 1h 3h"] == "0 … 6"


def test_actions_that_are_left_out_are_in_no_footer_and_no_help() -> None:
    few = chosen("open", "copy_id")
    assert [hint.action for hint in footer_keys("list", few)] == ["open", "copy_id"]
    assert [line.description for lines in help_lines("list", few).values() for line in lines] == [
        "open; back, stop reading",
        "copy the request ID",
    ]


def test_the_markdown_table_names_every_key_once_per_group() -> None:
    table = key_table_markdown()
    assert table.count("| key | does |") == len(GROUPS)
    for action in ACTIONS:
        assert f"`{key_name(action.keys[0])}`" in table
        assert action.description in table
