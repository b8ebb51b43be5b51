"""Payloads of a story: what there is of them, how much of a cut one, and what unfolds below their lines."""

from __future__ import annotations

from apigw_tui.core.story_texts import StoryTexts
from tests.tui import story_samples as samples


def texts_of(*, reveal: bool = False, as_logged: bool = False) -> StoryTexts:
    lines = samples.authorized_story().lines
    return StoryTexts(lines, None, reveal=reveal, as_logged=as_logged)


def place_of(texts: StoryTexts, line_kind: str, *, last: bool = True) -> int:
    places = [place for place, line in enumerate(texts.lines) if line.line_kind == line_kind]
    return places[-1 if last else 0]


def test_a_cut_body_says_how_much_of_it_is_known() -> None:
    body = next(each for each in samples.authorized_story().payloads if each.name == "Request body")
    assert body.known == "truncated: 45 of 4096 bytes logged"


def test_a_cut_payload_of_unknown_length_claims_none() -> None:
    cut = next(each for each in samples.timeout_story().payloads if each.truncated)
    assert cut.known == "truncated: 29 bytes logged"


def test_a_whole_payload_has_no_note() -> None:
    assert samples.authorized_story().payloads[0].known is None


def test_headers_unfold_one_a_row_and_a_value_that_may_go_on_stays_whole() -> None:
    details = (texts := texts_of()).details(place_of(texts, "request_headers"))
    assert details is not None
    assert details.label == "4 headers"
    assert details.rows[0] == "Accept=application/json, text/plain, */*"
    assert details.rows[1].startswith("Authorization=Bearer ****")


def test_secrets_unfold_only_when_they_are_revealed() -> None:
    texts = texts_of(reveal=True)
    details = texts.details(place_of(texts, "request_headers"))
    assert details is not None
    assert details.rows[1] == "Authorization=Bearer sesame-0123456789abcdef"


def test_a_cut_body_unfolds_up_to_the_cut() -> None:
    details = (texts := texts_of()).details(place_of(texts, "request_body"))
    assert details is not None
    assert details.rows[0] == "{"
    assert details.rows[-1].strip() == '"sku" [TRUNCATED]'


def test_a_crash_is_one_row_with_its_frames_below() -> None:
    texts = texts_of()
    place = place_of(texts, "lambda_error")
    details = texts.details(place)
    assert texts.headline(place) == "ERROR StockError: no stock of A-1"
    assert details is not None
    assert details.label == "3 frames"
    assert details.rows[0] == "    at reserve (/var/task/lib/stock.js:18:17)"


def test_as_logged_a_crash_keeps_its_own_text() -> None:
    texts = texts_of(as_logged=True)
    assert "Invoke Error" in texts.headline(place_of(texts, "lambda_error"))


def test_a_report_reads_as_its_numbers() -> None:
    texts = texts_of()
    assert texts.headline(place_of(texts, "lambda_report")) == (
        "REPORT  ended with error, ran 24 ms, billed 25 ms, memory 121 of 512 MB, cold start 240 ms"
    )


def test_the_authorizers_lines_say_whose_they_are() -> None:
    texts = texts_of()
    assert texts.headline(place_of(texts, "lambda_start", last=False)).startswith("START (authorizer) RequestId: ")
    assert texts.headline(place_of(texts, "lambda_report", last=False)).startswith("REPORT (authorizer) ran 19 ms")


def test_every_row_of_every_line_is_there_where_there_is_room() -> None:
    texts = texts_of(reveal=True, as_logged=True)
    told = "\n".join(row for place in range(len(texts.lines)) for row in texts.rows(place))
    for said in ("Host=api.example.com", '"sku": "A-1"', "no stock of A-1", "Method completed with status: 502"):
        assert said in told
