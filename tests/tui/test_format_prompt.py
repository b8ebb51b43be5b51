"""The format of a file can be corrected where it is read, from the guess on."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from apigw_tui.core.access_guess import guesses
from apigw_tui.sources.files import FileSource
from apigw_tui.sources.targets import resolve
from apigw_tui.tui.format_prompt import FormatPrompt, format_asked
from apigw_tui.tui.text_prompt import Question

ENTRY = '{"requestId":"5d0c7a1e-2222-4333-8444-0123456789ab","status":"404","method":"GET","latency":"31"}'


def asked(tmp_path: Path, access_format: str | None = None) -> Question:
    (tmp_path / "access.log").write_text(f"{ENTRY}\n", encoding="utf-8")
    source = resolve([str(tmp_path / "access.log")], None, access_format=access_format)
    events = pl.DataFrame({"log_group": [str(tmp_path / "access.log")], "message": [ENTRY]})
    question = format_asked(source, guesses(events, source.formats))
    assert question is not None
    return question


def test_the_question_starts_from_the_guess(tmp_path: Path) -> None:
    question = asked(tmp_path)
    assert "is guessed: JSON with request ID, status, method, latency" in question.about
    assert '"latency": "${context.responseLatency}"' in question.text


def test_the_question_starts_from_the_format_that_was_given(tmp_path: Path) -> None:
    assert asked(tmp_path, access_format="$context.requestId $context.status").text == (
        "$context.requestId $context.status"
    )


def test_what_is_typed_is_checked() -> None:
    prompt = FormatPrompt(Question("", "", "", "reads", "forgets it and guesses again"))
    assert prompt.told("$context.requestId $context.status") == "reads text with request ID, status"
    assert prompt.told("requestId") == "does nothing: no $context variable is named"
    assert prompt.told("") == "forgets it and guesses again"
    assert [prompt.is_answer(text) for text in ("$context.status", "requestId", "")] == [True, False, True]


def test_nothing_is_asked_before_something_is_open() -> None:
    assert format_asked(None, ()) is None
    assert format_asked(FileSource(["access.log"]), ()) is not None
