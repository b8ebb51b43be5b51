"""Filter patterns on space-delimited messages: `[ip, ..., status=4*, bytes>1000]`."""

from __future__ import annotations

import re
from collections.abc import Callable
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
    number,
    parse_condition,
)

_NAME: Final = re.compile(r"[A-Za-z0-9_\-]*")
_FIELD: Final = re.compile(r'\[(?P<bracketed>[^\]]*)\]|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>\S+)')
_ELLIPSIS: Final = "..."


@dataclass(frozen=True)
class _Columns:
    """The tests of the columns before and after the ellipsis; `after` is None without one."""

    before: tuple[Test[str] | None, ...]
    after: tuple[Test[str] | None, ...] | None

    def match(self, message: str) -> bool:
        if self.after is None:
            fields = _fields(message, at_most=len(self.before))
            return len(fields) == len(self.before) and _all_pass(self.before, fields)
        fields = _fields(message, at_most=None)
        if len(fields) < len(self.before) + len(self.after):
            return False
        tail = fields[len(fields) - len(self.after) :]
        return _all_pass(self.before, fields[: len(self.before)]) and _all_pass(self.after, tail)


def compile_space(text: str) -> Callable[[str], bool]:
    """Compile a pattern in brackets.

    A message needs a field for every column; the last column takes all that is left. `...` stands for any
    number of fields. What is in brackets or double quotes is one field.
    """
    scanner = Scanner(text)
    scanner.expect("[")
    groups: list[list[Test[str] | None]] = [[]]
    while True:
        if scanner.take(_ELLIPSIS):
            groups.append([])
        else:
            groups[-1].append(_column(scanner))
        if not scanner.take(","):
            break
    scanner.expect("]")
    if not scanner.finished():
        raise scanner.fail("nothing after ']'")
    if len(groups) > 2:  # noqa: PLR2004 - before and after the one ellipsis
        raise PatternError("Invalid filter pattern: only one '...' is allowed")
    after = tuple(groups[1]) if len(groups) > 1 else None
    return _Columns(tuple(groups[0]), after).match


def _column(scanner: Scanner) -> Test[str] | None:
    """One column: a name, a condition on that name, or nothing."""
    start = scanner.position
    name = _name(scanner)
    scanner.skip_blanks()
    if not name and not scanner.text.startswith("(", scanner.position):
        return None
    if name and scanner.text[scanner.position : scanner.position + 1] in {",", "]", ""}:
        return None
    scanner.position = start
    names: set[str] = set()

    def leaf() -> Test[str]:
        names.add(_name(scanner))
        operator = scanner.operator()
        return _field_test(operator, scanner.operand(operator))

    test = parse_condition(scanner, leaf)
    if len(names) > 1 or "" in names:
        raise scanner.fail("conditions on one named column")
    return test


def _name(scanner: Scanner) -> str:
    scanner.skip_blanks()
    return scanner.match(_NAME) or ""


def _fields(message: str, *, at_most: int | None) -> list[str]:
    fields: list[str] = []
    position = 0
    while found := _FIELD.search(message, position):
        if at_most is not None and len(fields) == at_most - 1 and found.end() < len(message.rstrip()):
            fields.append(message[found.start() :].rstrip())
            break
        fields.append(found[found.lastgroup or 0])
        position = found.end()
    return fields


def _all_pass(tests: tuple[Test[str] | None, ...], fields: list[str]) -> bool:
    return all(test is None or test(field) for test, field in zip(tests, fields, strict=True))


def _field_test(operator: Operator, operand: Operand) -> Test[str]:
    if isinstance(operand, float):
        return _number_test(operator, operand)
    equals = _equals(operand)
    return equals if operator == "=" else lambda field: not equals(field)


def _equals(operand: Phrase | re.Pattern[str]) -> Test[str]:
    if isinstance(operand, re.Pattern):
        return lambda field: operand.search(field) is not None
    return operand.matches


def _number_test(operator: Operator, operand: float) -> Test[str]:
    def test(field: str) -> bool:
        value = number(field)
        return operator == "!=" if value is None else compare(operator, value, operand)

    return test
