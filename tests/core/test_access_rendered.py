"""Formats of every style, rendered as API Gateway renders them, give their values back."""

from __future__ import annotations

import json
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.core.access import read_access
from apigw_tui.core.access_format import AccessFormat, sniff
from apigw_tui.core.access_template import tokenise
from apigw_tui.core.access_variables import FIELD_VARIABLES

_ID: Final = "0c9f3f3e-1111-4222-8333-abcdefabcdef"
_FREE: Final = ("identity.userAgent", "error.message", "integration.error", "authorizer.error")
_NUMBERS: Final = ("responseLatency", "integration.latency", "responseLength", "authorizer.latency")
_COLUMN: Final = {variable: column for column, variables in FIELD_VARIABLES.items() for variable in variables}

_WORDS: Final = st.text(
    st.characters(codec="utf-8", categories=("L", "N"), include_characters="_.-+%"), min_size=1, max_size=12
).filter(lambda text: text.strip("-.") != "" and text != "null")
_SHAPED: Final = {
    "requestId": st.just(_ID),
    "extendedRequestId": st.sampled_from(["Bq7xT0abcDEFghI=", "K2G9wEbUoAMEvag="]),
    "status": st.integers(100, 599).map(str),
    "httpMethod": st.sampled_from(["GET", "POST", "PATCH", "OPTIONS"]),
    "resourcePath": _WORDS.map(lambda word: f"/a/{{{word}}}"),
    "identity.sourceIp": st.sampled_from(["192.0.2.9", "2001:db8::1"]),
    "error.responseType": st.sampled_from(["DEFAULT_4XX", "INTEGRATION_TIMEOUT"]),
    "requestTimeEpoch": st.integers(10**12, 2 * 10**12).map(str),
    **dict.fromkeys(_NUMBERS, st.integers(0, 10**7).map(str)),
}
_ANYTHING: Final = (
    st.text(
        st.characters(
            codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Zs"), include_characters=' "\\,{}'
        ),
        max_size=24,
    )
    .map(str.strip)
    .filter(lambda text: text not in ("", "-", "(none)", "null") and not text.startswith('"'))
)
_TAME: Final = (
    st.text(st.characters(codec="ascii", categories=("Lu", "Ll", "Nd"), include_characters=" ()/;."), max_size=24)
    .map(str.strip)
    .filter(lambda text: text not in ("", "null"))
)


def _values(free: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    """What variables hold: ten of a known shape and some free text; what was not there is `-`."""
    present = {name: st.one_of(st.just("-"), values) for name, values in _SHAPED.items()}
    present["requestId"] = _SHAPED["requestId"]
    return st.fixed_dictionaries({**present, **{name: st.one_of(st.just("-"), free) for name in _FREE}})


def rendered(source: str, values: dict[str, str], *, escaped: bool = True) -> str:
    """A line of the format; quotes and backslashes within values are escaped, as they are since 2024."""
    parts = []
    for token in tokenise(source):
        value = values.get(token.text, "-") if token.is_variable else token.text
        quoted = token.is_variable and escaped
        parts.append(json.dumps(value, ensure_ascii=False)[1:-1] if quoted else value)
    return "".join(parts)


def expected(values: dict[str, str], names: list[str]) -> dict[str, Any]:
    numbers = {"status", "requestTimeEpoch", *_NUMBERS}
    return {
        _COLUMN[name]: None if values[name] == "-" else int(values[name]) if name in numbers else values[name]
        for name in names
    }


def read(fmt: AccessFormat, line: str, columns: dict[str, Any]) -> dict[str, Any]:
    row = read_access(pl.Series([line]), fmt).row(0, named=True)
    assert row["readable"]
    return {name: row[name] for name in columns}


_BLANKS: Final = st.sampled_from(["", " ", "  ", "\t"])


@st.composite
def _json_formats(draw: st.DrawFn) -> tuple[str, list[str]]:
    """JSON as people write it: numbers bare, commas missing or trailing, blanks and tabs anywhere, in any order."""
    names = draw(st.permutations(["requestId", *draw(st.sets(st.sampled_from([*_SHAPED, *_FREE])))]))
    names = list(dict.fromkeys(names))
    bare = draw(st.sets(st.sampled_from(["status", *_NUMBERS])))
    braces = draw(st.booleans())
    blank = draw(_BLANKS)
    separator = draw(st.sampled_from([",", ",", ",", " "]))
    members = []
    for name in names:
        variable = f"${{context.{name}}}" if braces else f"$context.{name}"
        key = draw(st.sampled_from([name, name.replace(".", "_"), name.upper(), f"my {name}"]))
        value = variable if name in bare else f'"{variable}"'
        members.append(f'"{key}"{blank}:{blank}{value}')
    end = draw(st.sampled_from(["", "", ",", " "]))
    return "{" + blank + f"{separator}{blank}".join(members) + end + "}", names


@given(_json_formats(), _values(_ANYTHING), st.booleans())
def test_property_a_rendered_json_format_gives_its_values_back(
    drawn: tuple[str, list[str]],
    values: dict[str, str],
    escaped: bool,  # noqa: FBT001  # drawn
) -> None:
    source, names = drawn
    known = values if escaped else {name: value.replace('"', "'").replace("\\", "/") for name, value in values.items()}
    columns = expected(known, names)
    assert read(AccessFormat.compile(source), rendered(source, known), columns) == columns


@given(
    st.lists(st.sampled_from(list(_SHAPED)), unique=True, min_size=1),
    st.sampled_from(["csv", "kv", "kv =", "xml", "blank", "pipe", "tab"]),
    st.sampled_from(_FREE),
    _values(_TAME),
)
def test_property_a_rendered_text_format_gives_its_values_back(
    shaped: list[str], style: str, free: str, values: dict[str, str]
) -> None:
    names = list(dict.fromkeys(["requestId", *shaped, free]))
    source = text_format(style, names)
    columns = expected(values, names)
    assert read(AccessFormat.compile(source), rendered(source, values, escaped=False), columns) == columns


def text_format(style: str, names: list[str]) -> str:
    marks = {name: f"$context.{name}" for name in names}
    if style == "xml":
        inner = " ".join(f"<{name.replace('.', '-')}>{mark}</{name.replace('.', '-')}>" for name, mark in marks.items())
        return f"<entry> {inner} </entry>"
    if style.startswith("kv"):
        between = "=" if style.endswith("=") else ": "
        return ", ".join(f"{name}{between}{mark}" for name, mark in marks.items())
    return {"csv": ",", "blank": " ", "pipe": " | ", "tab": "\t"}[style].join(marks.values())


_MARKS: Final = {
    "~I": ("$context.requestId", _ID),
    "~S": ("$context.status", "502"),
    "~M": ("$context.error.message", "Internal server error"),
    "~Q": ("$context.error.messageString", '"Internal server error"'),
}


@pytest.mark.parametrize(
    "written",
    [
        '{"id":"~I","s":~S,"m":"~Q"}',
        '{"id":"~I","s":~S,"m":~Q}',
        '{"id":"~I","s":~S,"m":~M}',
        '{"id":""~I"","s":""~S"","m":""~M""}',
        r'{"id":"\"~I\"","s":"\"~S\"","m":"\"~M\""}',
        "{'id':'~I','s':'~S','m':'~M'}",
        '{id:~I,s:~S,m:"~M"}',
        '{"id":"~I","error":{"s":"~S"},"error.s":"-","m":"~M"}',
        '{"id":"~I","id":"-","s":"~S","m":"~M"}',
        '{"id":"~I" "s":"~S" "m":"~M",}',
        '{"id":"~I",\n  "s":~S,\n  "m":"~M"\n}\n',
        '[{"id":"~I"},{"s":~S},"~M"]',
        'level=info msg="~M" id=~I s=~S',
        '"~I","~S","~M"',
        "~I;~S;~M\n",
        "id\t~I\ts\t~S\tm\t~M",
        "(~I) ~S ~M",
        "<e><id>~I</id>\n<s>~S</s><m>~M</m></e>",
    ],
)
def test_an_odd_format_gives_id_status_and_message(written: str) -> None:
    source, line = written, written
    for mark, (variable, value) in _MARKS.items():
        source, line = source.replace(mark, variable), line.replace(mark, value)
    columns = {"request_id": _ID, "status": 502, "error_message": "Internal server error"}
    assert read(AccessFormat.compile(source), line, columns) == columns


_SURE: Final = ("requestId", "status", "httpMethod", "responseLatency", "identity.sourceIp", "error.responseType")


@given(st.lists(st.sampled_from([*_SHAPED, *_FREE]), unique=True), _values(_ANYTHING), st.booleans())
def test_property_a_rendered_json_line_is_told_without_its_format(
    more: list[str],
    values: dict[str, str],
    nested: bool,  # noqa: FBT001  # drawn
) -> None:
    """Fields that have the names of their variables; under other names a guess is a guess."""
    names = list(dict.fromkeys([*_SURE, *more]))
    members: dict[str, Any] = {}
    for name in names:
        first, _, rest = name.partition(".")
        node = members.setdefault(first, {}) if nested and rest else members
        node[rest if nested and rest else name] = f"${{context.{name}}}"
    line = rendered(json.dumps(members), values)
    columns = expected(values, names)
    guessed = sniff([line])
    assert guessed is not None
    assert read(guessed, line, columns) == columns


@given(
    st.lists(st.sampled_from([*_SHAPED, "error.messageString"]), unique=True),
    st.sampled_from(["csv", "blank", "pipe", "tab"]),
    st.lists(st.sampled_from(_FREE), unique=True, min_size=2),
    _values(_TAME),
)
def test_property_values_that_run_into_each_other_are_never_told_wrong(
    shaped: list[str], style: str, free: list[str], values: dict[str, str]
) -> None:
    """What cannot be told apart is unknown: where it is told, it is what was rendered."""
    names = ["requestId", *(name for name in shaped if name != "requestId"), *free]
    known = {**values, "error.messageString": f'"{values["error.message"]}"'}
    source = text_format(style, names)
    columns = expected(values, [name for name in names if name != "error.messageString"])
    row = read(AccessFormat.compile(source), rendered(source, known, escaped=False), columns)
    assert all(row[name] is None or row[name] == value for name, value in columns.items())
