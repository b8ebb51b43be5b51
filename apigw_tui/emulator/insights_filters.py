"""The conditions of `filter`: comparisons, like, in, ispresent, isIpv4InSubnet, and, or, not."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Final

from apigw_tui.emulator.insights_rows import Row, Value, number_of, text_of
from apigw_tui.emulator.insights_words import Word, Words, malformed

Test = Callable[[Row], bool]

_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPERATORS: Final = ("=", "!=", *_COMPARISONS)
_SUBNETS: Final = {"isipv4insubnet": 4, "isipv6insubnet": 6}
_FIELD: Final = ("name", "quoted")
_LITERAL: Final = ("string", "number")


def parse_test(words: Words) -> Test:
    """A condition. Raises MalformedQueryException."""
    tests = [_conjunction(words)]
    while words.skip("or"):
        tests.append(_conjunction(words))
    return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)


def field_name(words: Words) -> str:
    """The name of a field."""
    return words.take_kind(_FIELD, "a field").text


def compiled(word: Word) -> re.Pattern[str]:
    """The regular expression of a word `/…/`, `i` behind it for any case."""
    pattern, _, flags = word.text[1:].rpartition("/")
    try:
        return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", pattern), re.IGNORECASE if "i" in flags else 0)
    except re.error as error:
        raise malformed(f"invalid regular expression /{pattern}/: {error}", word.at) from error


def _conjunction(words: Words) -> Test:
    tests = [_negation(words)]
    while words.skip("and"):
        tests.append(_negation(words))
    return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)


def _negation(words: Words) -> Test:
    if words.skip("not"):
        test = _negation(words)
        return lambda row: not test(row)
    if words.skip("("):
        test = parse_test(words)
        words.expect(")")
        return test
    return _comparison(words)


def _comparison(words: Words) -> Test:
    if words.skip("ispresent"):
        words.expect("(")
        name = field_name(words)
        words.expect(")")
        return lambda row: row.value(name) is not None
    if which := words.skip(*_SUBNETS):
        return _subnet(words, _SUBNETS[which])
    name = field_name(words)
    if words.skip("not"):
        test = _membership(words, name)
        return lambda row: not test(row)
    sign = words.skip(*_OPERATORS)
    return _compared(words, name, sign) if sign else _membership(words, name)


def _subnet(words: Words, version: int) -> Test:
    words.expect("(")
    name = field_name(words)
    words.expect(",")
    word = words.take_kind(("string",), "a subnet")
    words.expect(")")
    try:
        subnet = ip_network(word.text, strict=False)
    except ValueError as error:
        raise malformed(f"'{word.text}' is no subnet: {error}", word.at) from error

    def test(row: Row) -> bool:
        try:
            address = ip_address(_text(row, name))
        except ValueError:
            return False
        return address.version == version and address in subnet

    return test


def _membership(words: Words, name: str) -> Test:
    which = words.skip("like", "=~", "in")
    if which is None:
        words.refuse("a comparison")
    if which == "in":
        return _one_of(words, name)
    word = words.take_kind(("string", "regex"), "a string or a regular expression")
    if word.kind == "string":
        return lambda row: word.text in _text(row, name)
    pattern = compiled(word)
    return lambda row: pattern.search(_text(row, name)) is not None


def _one_of(words: Words, name: str) -> Test:
    words.expect("[")
    wanted = [_literal(words)]
    while words.skip(","):
        wanted.append(_literal(words))
    words.expect("]")
    return lambda row: any(_is_equal(row.value(name), value) for value in wanted)


def _compared(words: Words, name: str, sign: str) -> Test:
    wanted = _literal(words)
    if sign == "=":
        return lambda row: _is_equal(row.value(name), wanted)
    if sign == "!=":
        return lambda row: not _is_equal(row.value(name), wanted)
    compare, bound = _COMPARISONS[sign], number_of(wanted)
    if bound is None:
        raise malformed(f"'{sign}' compares numbers, not '{wanted}'")

    def test(row: Row) -> bool:
        value = number_of(row.value(name))
        return value is not None and compare(value, bound)

    return test


def _literal(words: Words) -> Value:
    word = words.take_kind(_LITERAL, "a string or a number")
    return word.text if word.kind == "string" else float(word.text)


def _is_equal(value: Value | None, wanted: Value) -> bool:
    """Numbers by value, also where one of them is spelled in text; anything else as text."""
    if value is None:
        return False
    one, other = number_of(value), number_of(wanted)
    return one == other if one is not None and other is not None else text_of(value) == text_of(wanted)


def _text(row: Row, name: str) -> str:
    value = row.value(name)
    return "" if value is None else text_of(value)
