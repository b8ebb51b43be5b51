"""CloudWatch filter patterns: terms, phrases, ?optional, -excluded, %regex%, {JSON} and [space-delimited]."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from apigw_tui.emulator.patterns_json import compile_json
from apigw_tui.emulator.patterns_regex import PatternError
from apigw_tui.emulator.patterns_scan import Scanner, Test
from apigw_tui.emulator.patterns_space import compile_space

__all__ = ["PatternError", "compile_pattern"]

_TERM: Final = re.compile(r"[A-Za-z0-9_]+")


@lru_cache(maxsize=256)
def compile_pattern(text: str) -> Callable[[str], bool]:
    """A function that says whether a message matches the pattern.

    Raises PatternError for what CloudWatch refuses. Source: "Filter pattern syntax" of its user guide. A
    blank pattern matches everything.
    """
    stripped = text.strip()
    if stripped.startswith("{"):
        return compile_json(stripped)
    if stripped.startswith("["):
        return compile_space(stripped)
    return _compile_terms(stripped)


def _compile_terms(text: str) -> Callable[[str], bool]:
    scanner = Scanner(text)
    required: list[Test[str]] = []
    excluded: list[Test[str]] = []
    optional: list[Test[str]] = []
    while not scanner.finished():
        if scanner.take("?"):
            optional.append(_term(scanner))
        elif scanner.take("-"):
            excluded.append(_term(scanner))
        else:
            required.append(_term(scanner))
        if not scanner.finished() and not scanner.text[scanner.position - 1].isspace():
            raise scanner.fail("a blank between terms")
    if optional and not required and not excluded:
        return lambda message: any(test(message) for test in optional)
    # Beside any other term CloudWatch ignores all optional ones.
    return lambda message: all(test(message) for test in required) and not any(test(message) for test in excluded)


def _term(scanner: Scanner) -> Test[str]:
    if (expression := scanner.regex()) is not None:
        return lambda message: expression.search(message) is not None
    if (phrase := scanner.quoted()) is not None:
        # `" "` is the documented way to match everything, also messages without a blank.
        return (lambda message: phrase in message) if phrase.strip() else (lambda _message: True)
    term = scanner.match(_TERM)
    if term is None:
        raise scanner.fail("a term; characters other than letters, digits and '_' need double quotes")
    return lambda message: term in message
