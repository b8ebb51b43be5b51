"""Payloads are laid out without being understood."""

from __future__ import annotations

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.payload_text import map_entries, pretty_payload
from apigw_tui.core.secrets import count_secrets

_JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(codec="utf-8")),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=12,
).filter(lambda value: isinstance(value, dict | list))


def test_json_is_indented_by_two_blanks() -> None:
    assert pretty_payload('{"order":{"id":42,"lines":[1,2],"none":{},"empty":[]}}') == (
        '{\n  "order": {\n    "id": 42,\n    "lines": [\n      1,\n      2\n    ],\n'
        '    "none": {},\n    "empty": []\n  }\n}'
    )


def test_numbers_duplicate_keys_and_escapes_stay_as_they_were_logged() -> None:
    assert pretty_payload('{"n":1.10,"n":12345678901234567890,"s":"\\u00e9\\u001b"}') == (
        '{\n  "n": 1.10,\n  "n": 12345678901234567890,\n  "s": "\\u00e9\\u001b"\n}'
    )


def test_cut_json_is_indented_up_to_the_cut() -> None:
    assert pretty_payload('{"a":[1,{"b":"unfin [TRUNCATED]') == (
        '{\n  "a": [\n    1,\n    {\n      "b": "unfin [TRUNCATED]'
    )


def test_a_body_that_holds_json_is_unpacked_one_level() -> None:
    inner = json.dumps({"note": 'a "b"', "deep": json.dumps({"c": 1})}, separators=(",", ":"))
    assert pretty_payload(json.dumps({"statusCode": 200, "body": inner})) == (
        '{\n  "statusCode": 200,\n  "body": {\n    "note": "a \\"b\\"",\n    "deep": "{\\"c\\": 1}"\n  }\n}'
    )


def test_a_body_cut_within_its_json_is_unpacked_too() -> None:
    assert pretty_payload('{"body":"{\\"id\\":7,\\"na [TRUNCATED]') == (
        '{\n  "body": {\n    "id": 7,\n    "na [TRUNCATED]'
    )


def test_unpacking_never_makes_a_control_character() -> None:
    shown = pretty_payload('{"body":"{\\"a\\":\\"\\u001b[2J\\u007f\\\\u0007\\"}"}')
    assert "\\u001b[2J\\u007f\\u0007" in shown
    assert shown.replace("\n", "").isprintable()


def test_quotes_escaped_by_code_are_unpacked() -> None:
    assert pretty_payload('{"body":"{\\u0022id\\u0022:1}"}') == '{\n  "body": {\n    "id": 1\n  }\n}'


def test_several_values_back_to_back_start_on_their_own_lines() -> None:
    assert pretty_payload('{"a":1}{"b":2} [3]') == '{\n  "a": 1\n}\n{\n  "b": 2\n}\n[\n  3\n]'


def test_xml_is_indented_with_text_beside_its_tags() -> None:
    text = '<?xml version="1.0"?><order a="x>y"><id>42</id><!-- n --><empty/><lines><l>1</l></lines></order>'
    assert pretty_payload(text) == (
        '<?xml version="1.0"?>\n<order a="x>y">\n  <id>42</id>\n  <!-- n -->\n  <empty/>\n'
        "  <lines>\n    <l>1</l>\n  </lines>\n</order>"
    )


def test_cut_xml_is_indented_up_to_the_cut() -> None:
    assert pretty_payload('<a><b x="un [TRUNCATED]') == '<a>\n  <b x="un [TRUNCATED]'


def test_a_form_body_stands_one_pair_a_line() -> None:
    assert pretty_payload("user=kim&items%5B%5D=2&note=") == "user=kim\nitems%5B%5D=2\nnote="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  spaced  ",
        "plain words",
        "[INFO] started",
        "[$connect]",
        "a=b",
        "https://shop.example/?a=1&b=2",
        "1 < 2",
        "42",
        "cut words [TRUNCATED]",
    ],
)
def test_anything_else_is_unchanged(text: str) -> None:
    assert pretty_payload(text) == text


@given(_JSON)
def test_property_valid_json_keeps_its_value(value: object) -> None:
    text = json.dumps(value)
    if "\\" in text or '"{' in text or '"[' in text:
        return
    assert json.loads(pretty_payload(text)) == value
    assert pretty_payload(text) == json.dumps(value, indent=2)


@given(st.one_of(st.text(), st.text('{}[],:" \\tn1<>/a=&', max_size=40)))
def test_property_only_white_space_separators_and_one_level_of_escapes_change(text: str) -> None:
    def bare(shown: str) -> str:
        return re.sub(r'[\s&"\\]', "", shown.replace("\\n", "").replace("\\t", ""))

    entries = map_entries(text)
    if entries is not None:
        assert ", ".join(entries) == text.strip().removeprefix("{").removesuffix("}")
        return
    assert bare(pretty_payload(text)) == bare(text)


@given(_JSON, st.integers(0, 200))
def test_property_json_cut_anywhere_starts_like_the_whole(value: object, length: int) -> None:
    text = json.dumps(value, ensure_ascii=False)
    if "\\" in text or '"{' in text or '"[' in text:
        return
    cut = pretty_payload(text[:length])
    assert re.sub(r"\s", "", pretty_payload(text)).startswith(re.sub(r"\s", "", cut))


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("{Accept=*/*, Host=shop.example}", ["Accept=*/*", "Host=shop.example"]),
        ("{Accept=application/json, text/plain, */*, a=b}", ["Accept=application/json, text/plain, */*", "a=b"]),
        ("{Cookie=a=b; c=d, X-Real=192.0.2.1, 192.0.2.2}", ["Cookie=a=b; c=d", "X-Real=192.0.2.1, 192.0.2.2"]),
        ("{Cache-Control=public, max-age=0, Age=1}", ["Cache-Control=public, max-age=0", "Age=1"]),
        ("{Date=Sun, 29 Sep 2024 09:24:35 GMT, a=b}", ["Date=Sun, 29 Sep 2024 09:24:35 GMT", "a=b"]),
        ("{Location=, Content-Type=text/html}", ["Location=", "Content-Type=text/html"]),
        ("{filter[a]=1, sort=-b}", ["filter[a]=1", "sort=-b"]),
        ("{Accept=*/*, User-Agent=Moz [TRUNCATED]", ["Accept=*/*", "User-Agent=Moz [TRUNCATED]"]),
        ("{Set-Cookie=a=b; Path=/,c=d; Secure, Via=1.1 x}", ["Set-Cookie=a=b; Path=/,c=d; Secure", "Via=1.1 x"]),
    ],
)  # fmt: skip
def test_a_map_of_headers_is_split_as_far_as_it_can_be(text: str, entries: list[str]) -> None:
    assert map_entries(text) == entries
    assert pretty_payload(text) == "\n".join(entries)


@pytest.mark.parametrize("text", ["", "{}", '{"a":"b=c"}', "{not a map}", "{a=b", "a=b, c=d"])
def test_other_texts_are_no_maps(text: str) -> None:
    assert map_entries(text) is None


def test_splitting_a_map_hides_no_secret_from_the_mask() -> None:
    text = "{Cookie=session=abcdef0123456789; theme=dark, X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE, Accept=*/*}"
    assert count_secrets(pretty_payload(text)) == count_secrets(text) == 2


def test_a_base64_body_of_an_envelope_is_shown_in_clear() -> None:
    body = base64.b64encode(b'{"sku": "A7"}').decode()
    found = pretty_payload(f'{{"statusCode":200,"body":"{body}","isBase64Encoded":true}}')
    assert '"sku": "A7"' in found
    assert body not in found
    words = base64.b64encode("Größe: 3".encode()).decode()
    assert '"body": "Größe: 3"' in pretty_payload(f'{{"isBase64Encoded":true,"body":"{words}"}}')


def test_a_base64_body_that_was_cut_is_shown_as_far_as_it_goes() -> None:
    body = base64.b64encode(b'{"sku": "A7", "words": "a long text"}').decode()[:30]
    found = pretty_payload(f'{{"isBase64Encoded":true,"body":"{body} [TRUNCATED]')
    assert '"sku": "A7"' in found
    assert found.endswith(" [TRUNCATED]")


@pytest.mark.parametrize(
    "text",
    [
        '{"body":"eyJhIjoxfQ==","isBase64Encoded":false}',
        '{"body":"eyJhIjoxfQ=="}',
        '{"body":"/9j/4AAQSkZJRg==","isBase64Encoded":true}',
        '{"body":"G1szMW0=","isBase64Encoded":true}',
        '{"body":"no base64!","isBase64Encoded":true}',
    ],
)
def test_a_body_that_is_not_said_to_be_base64_text_stays_as_it_is(text: str) -> None:
    assert json.loads(text)["body"] in pretty_payload(text)
