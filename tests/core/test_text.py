"""Hostile text becomes visible text."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.text import sanitise
from apigw_tui.core.text_columns import sanitise_expr

_HOSTILE = [
    *(chr(code) for code in range(0x20)),
    "\x7f",
    "\x85",
    "\x9b",
    "\u061c",
    "\u200b",
    "\u200f",
    "\u2028",
    "\u202e",
    "\u2066",
    "\ufeff",
    "\ufffa",
    "\U000e0041",
    "\r\n",
]
_TEXT = st.lists(st.one_of(st.sampled_from(_HOSTILE), st.characters(exclude_categories=["Cs"])), max_size=30)


def test_an_escape_sequence_is_shown_and_not_obeyed() -> None:
    assert sanitise("\x1b[2Jgone\x07") == "␛[2Jgone␇"


def test_tab_and_newline_stay_and_carriage_returns_become_newlines() -> None:
    assert sanitise("a\tb\r\nc\rd\n") == "a\tb\nc\nd\n"


def test_characters_that_reorder_or_hide_text_are_replaced_one_for_one() -> None:
    assert sanitise("user\u202egnp.exe\x9b\ufeff\U000e0041\x7f") == "user\ufffdgnp.exe\ufffd\ufffd\ufffd\u2421"


def test_words_of_other_scripts_and_emoji_stay() -> None:
    text = "Zürich 東京 नमस्ते \u0645\u06cc\u200c\u062e\u0648 👩\u200d💻 ✗"
    assert sanitise(text) == text


def test_a_lone_surrogate_becomes_something_that_can_be_encoded() -> None:
    assert sanitise("a\ud800b").encode() == "a\ufffdb".encode()


def test_a_column_without_anything_to_replace_stays_as_it_is() -> None:
    frame = pl.DataFrame({"message": ["plain", None, "Größe\t1\n"]})
    assert frame.select(sanitise_expr(pl.col("message"))).equals(frame)


def test_an_empty_column_can_be_sanitised_lazily() -> None:
    frame = pl.LazyFrame({"message": []}, schema={"message": pl.String})
    assert frame.select(sanitise_expr(pl.col("message"))).collect().schema == {"message": pl.String}


@given(st.lists(st.one_of(st.none(), _TEXT.map("".join)), max_size=8))
def test_property_a_column_is_sanitised_as_each_text_is(texts: list[str | None]) -> None:
    column = pl.DataFrame({"message": texts}, schema={"message": pl.String})
    cleaned = column.select(sanitise_expr(pl.col("message")))["message"].to_list()
    assert cleaned == [None if text is None else sanitise(text) for text in texts]


@given(st.one_of(st.text(), _TEXT.map("".join)))
def test_property_no_control_character_is_left_and_sanitising_twice_changes_nothing(text: str) -> None:
    cleaned = sanitise(text)
    assert not [c for c in cleaned if unicodedata.category(c) in {"Cc", "Zl", "Zp", "Cs"} and c not in "\t\n"]
    assert sanitise(cleaned) == cleaned
    assert len(cleaned) == len(text) - text.count("\r\n")


@pytest.mark.parametrize("char", [c for c in _HOSTILE if c not in "\t\n\r\n"])
def test_every_hostile_character_is_replaced(char: str) -> None:
    assert char not in sanitise(f"a{char}b")
