"""Keys of the config file: what is bound is shown and works, and a mistake is named with file, key and nearest."""

import re

import pytest
from textual.keys import Keys

from apigw_tui.errors import UsageError
from apigw_tui.tui.action_table import ACTIONS
from apigw_tui.tui.actions import footer_keys
from apigw_tui.tui.keymap import _check_key, action_name, keymap, rebound

FILE = "/home/someone/config.toml"


def keys_of(name: str, **bound: tuple[str, ...]) -> tuple[str, ...]:
    return next(action.keys for action in rebound(bound, where=FILE) if action_name(action) == name)


def test_without_a_table_the_usual_keys_hold() -> None:
    assert rebound({}, where=FILE) == ACTIONS
    assert keymap(ACTIONS) == {}


def test_a_bound_action_has_its_new_keys_and_the_others_their_own() -> None:
    assert keys_of("mark", mark=("M", "ctrl+b")) == ("M", "ctrl+b")
    assert keys_of("next_mark", mark=("M",)) == ("u",)
    assert keymap(rebound({"mark": ("M", "ctrl+b")}, where=FILE)) == {"mark": "M,ctrl+b"}


def test_two_actions_can_change_places() -> None:
    assert keys_of("mark", mark=("u",), next_mark=("m",)) == ("u",)


def test_a_range_is_named_with_and_without_brackets() -> None:
    for name in ("look_back-3", "look_back(3)"):
        assert keymap(rebound({name: ("f3",)}, where=FILE)) == {"look_back-3": "f3"}


def test_the_footer_shows_the_bound_key() -> None:
    actions = rebound({"copy_id": ("f5",)}, where=FILE)
    assert ("f5", "copy id") in [(hint.keys, hint.label) for hint in footer_keys("list", actions)]


@pytest.mark.parametrize(
    ("bound", "told"),
    [
        ({"makr": ("M",)}, "[keys] has an unknown action 'makr'. Did you mean 'mark'?"),
        ({"mark": ("ctl+m",)}, "[keys] mark names an unknown key 'ctl+m'. Did you mean 'ctrl+m'?"),
        ({"mark": ("pgup",)}, "[keys] mark names an unknown key 'pgup'."),
        ({"mark": (",",)}, "a comma is called 'comma'"),
        ({"mark": ("",)}, "[keys] mark names an unknown key ''"),
        ({"mark": ("e",)}, "'e' would do both next_failure and mark."),
        ({"mark": ("J",)}, "'J' would do both next_request and mark."),
    ],
)
def test_a_mistake_names_file_key_and_what_is_near(bound: dict[str, tuple[str, ...]], told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)) as caught:
        rebound(bound, where=FILE)
    assert str(caught.value).startswith(FILE)


def test_a_key_of_another_pane_may_have_another_meaning() -> None:
    assert keys_of("select_span", select_span=("m",)) == ("m",)


def test_every_key_that_textual_names_and_people_press_is_known() -> None:
    for key in ("f1", "ctrl+a", "shift+tab", "escape", "question_mark", "?", "ä", "alt+x", "ctrl+shift+left"):
        _check_key(key, where=FILE)
    for named in (Keys.Up, Keys.PageDown, Keys.Backspace, Keys.Delete, Keys.Insert, Keys.F24, Keys.ControlLeft):
        _check_key(named.value, where=FILE)
