"""Filter patterns on JSON messages: `{ $.status = 5* && $.path != "/health" }`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from apigw_tui.emulator.patterns_regex import PatternError
from apigw_tui.emulator.patterns_scan import (
    Operand,
    Operator,
    Phrase,
    Scanner,
    Test,
    compare,
    parse_condition,
)

_NAME: Final = re.compile(r"[A-Za-z0-9_\-]+")
_INDEX: Final = re.compile(r"[0-9]+")
_KEY: Final = re.compile(r"'(?:[^'\\]|\\.)*'")
_STATE: Final = re.compile(r"(IS)\s+(NULL|TRUE|FALSE)(?![A-Za-z])|(NOT)\s+(EXISTS)(?![A-Za-z])")
_STATES: Final[dict[str, bool | None]] = {"NULL": None, "TRUE": True, "FALSE": False}
_MOST_WILDCARDS: Final = 3

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


@dataclass(frozen=True)
class _Wildcard:
    """Any element of an array or any field of an object."""


Step = str | int | _Wildcard


def compile_json(text: str) -> Callable[[str], bool]:
    """Compile a pattern in braces. Messages that are no JSON never match."""
    test = _Parser(text).parse()

    def matches(message: str) -> bool:
        if message.lstrip()[:1] not in {"{", "["}:
            return False
        try:
            document: Json = json.loads(message)
        except (ValueError, RecursionError):
            return False
        return test(document)

    return matches


class _Parser:
    def __init__(self, text: str) -> None:
        self._scanner = Scanner(text)
        self._wildcards = 0

    def parse(self) -> Test[Json]:
        self._scanner.expect("{")
        test = parse_condition(self._scanner, self._comparison)
        self._scanner.expect("}")
        if not self._scanner.finished():
            raise self._scanner.fail("nothing after '}'")
        return test

    def _comparison(self) -> Test[Json]:
        steps = self._selector()
        self._scanner.skip_blanks()
        if state := self._scanner.match(_STATE):
            return _state_test(steps, state)
        operator = self._scanner.operator()
        node_test = _node_test(operator, self._scanner.operand(operator))
        return lambda document: any(node_test(node) for node in _nodes(document, steps))

    def _selector(self) -> tuple[Step, ...]:
        scanner = self._scanner
        scanner.expect("$")
        steps: list[Step] = []
        while (step := self._step()) is not None:
            steps.append(step)
        if not steps:
            raise scanner.fail("a selector such as $.status")
        found = sum(isinstance(step, _Wildcard) for step in steps)
        self._wildcards += found
        if found > 1 or self._wildcards > _MOST_WILDCARDS:
            raise PatternError("Invalid filter pattern: at most one wildcard in a selector and three in a pattern")
        return tuple(steps)

    def _step(self) -> Step | None:
        """One `.name`, `.*`, `[0]`, `[*]`, `['na.me']` or `.['na.me']`; blanks end a selector."""
        scanner = self._scanner
        here = scanner.text[scanner.position : scanner.position + 2]
        if here.startswith("[") or here == ".[":
            scanner.position += here.index("[") + 1
            return self._bracket()
        if not here.startswith("."):
            return None
        scanner.position += 1
        if here == ".*":
            scanner.position += 1
            return _Wildcard()
        if name := scanner.match(_NAME):
            return name
        raise scanner.fail("a property name")

    def _bracket(self) -> Step:
        scanner = self._scanner
        step: Step
        if (index := scanner.match(_INDEX)) is not None:
            step = int(index)
        elif (key := scanner.match(_KEY)) is not None:
            step = re.sub(r"\\(.)", r"\1", key[1:-1])
        elif scanner.take("*"):
            step = _Wildcard()
        else:
            raise scanner.fail("an index, '*' or a quoted property")
        scanner.expect("]")
        return step


def _nodes(node: Json, steps: tuple[Step, ...]) -> Iterator[Json]:
    """All nodes that the selector points to."""
    if not steps:
        yield node
        return
    step, rest = steps[0], steps[1:]
    match step:
        case str() if isinstance(node, dict) and step in node:
            yield from _nodes(node[step], rest)
        case int() if isinstance(node, list) and step < len(node):
            yield from _nodes(node[step], rest)
        case _Wildcard() if isinstance(node, (dict, list)):
            for child in node.values() if isinstance(node, dict) else node:
                yield from _nodes(child, rest)


def _state_test(steps: tuple[Step, ...], state: str) -> Test[Json]:
    wanted = state.split()[1]
    if wanted == "EXISTS":
        return lambda document: not any(True for _ in _nodes(document, steps))
    expected = _STATES[wanted]
    return lambda document: any(node is expected for node in _nodes(document, steps))


def _node_test(operator: Operator, operand: Operand) -> Test[Json]:
    """A test of one node. Only strings and numbers are value nodes: on others even != is false."""
    if isinstance(operand, float):
        return _number_test(operator, operand)
    equals = _text_test(operand)
    if operator == "=":
        return lambda node: _is_value(node) and equals(node)
    return lambda node: _is_value(node) and not equals(node)


def _number_test(operator: Operator, operand: float) -> Test[Json]:
    # Whether AWS takes the string "500" for the number 500 is not documented. Strict is the safe reading:
    # what relies on the lenient one would silently lose events.
    def test(node: Json) -> bool:
        if isinstance(node, (int, float)) and not isinstance(node, bool):
            return compare(operator, node, operand)
        return operator == "!=" and isinstance(node, str)

    return test


def _text_test(operand: Phrase | re.Pattern[str]) -> Test[Json]:
    if isinstance(operand, re.Pattern):
        return lambda node: operand.search(str(node)) is not None
    if operand.quoted:
        return lambda node: isinstance(node, str) and operand.matches(node)
    return lambda node: operand.matches(str(node))


def _is_value(node: Json) -> bool:
    return isinstance(node, (str, int, float)) and not isinstance(node, bool)
