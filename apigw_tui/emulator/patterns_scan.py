"""What all filter patterns are made of: quoted text, %regex%, operands, && || and parentheses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from apigw_tui.emulator.patterns_regex import PatternError, compile_regex

Operator = Literal["=", "!=", "<=", ">=", "<", ">"]

_OPERATORS: Final[tuple[Operator, ...]] = ("!=", "<=", ">=", "=", "<", ">")
_BLANKS: Final = re.compile(r"\s*")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_BARE: Final = re.compile(r"[A-Za-z0-9_.*+\-]+")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MOST_REGEXES: Final = 2
_DEEPEST: Final = 32

Subject = TypeVar("Subject")
Test = Callable[[Subject], bool]


@dataclass(frozen=True)
class Phrase:
    """Text with `*` at its ends as wildcard; a `*` inside stands for itself."""

    text: str
    open_start: bool
    open_end: bool
    quoted: bool

    @classmethod
    def of(cls, source: str, *, quoted: bool) -> Phrase:
        """Read the wildcards off the ends of `source`."""
        open_start, open_end = source.startswith("*"), source.endswith("*")
        text = source.removeprefix("*").removesuffix("*")
        return cls(text, open_start=open_start, open_end=open_end, quoted=quoted)

    def matches(self, value: str) -> bool:
        """Whether all of `value` is this text."""
        if self.open_start and self.open_end:
            return self.text in value
        if self.open_start:
            return value.endswith(self.text)
        if self.open_end:
            return value.startswith(self.text)
        return value == self.text


Operand = Phrase | float | re.Pattern[str]


def number(text: str) -> float | None:
    """The number that `text` is, also in scientific notation."""
    return float(text) if _NUMBER.fullmatch(text) else None


def compare(operator: Operator, left: float, right: float) -> bool:
    """`left operator right`."""
    match operator:
        case "=":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case ">=":
            return left >= right


class Scanner:
    """Reads a pattern from left to right; every refusal names the column."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._regexes = 0

    def finished(self) -> bool:
        """Skip blanks and say whether that was all."""
        self.skip_blanks()
        return self.position >= len(self.text)

    def skip_blanks(self) -> None:
        """Move to the next character that is not blank."""
        found = _BLANKS.match(self.text, self.position)
        self.position = found.end() if found else self.position

    def fail(self, expected: str) -> PatternError:
        """The error to raise here."""
        return PatternError(f"Invalid filter pattern: expected {expected} at column {self.position + 1}")

    def take(self, literal: str) -> bool:
        """Move over `literal` (after blanks) if it is next."""
        self.skip_blanks()
        if not self.text.startswith(literal, self.position):
            return False
        self.position += len(literal)
        return True

    def expect(self, literal: str) -> None:
        """Move over `literal` or fail."""
        if not self.take(literal):
            raise self.fail(f"'{literal}'")

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Move over what `pattern` matches right here, without skipping blanks."""
        found = pattern.match(self.text, self.position)
        if not found:
            return None
        self.position = found.end()
        return found[0]

    def quoted(self) -> str | None:
        """The text between double quotes, if a quote is next."""
        if not self.text.startswith('"', self.position):
            return None
        found = _QUOTED.match(self.text, self.position)
        if not found:
            raise self.fail("a closing quote")
        self.position = found.end()
        return _ESCAPE.sub(r"\1", found[1])

    def regex(self) -> re.Pattern[str] | None:
        """The expression between percent signs, if one is next."""
        if not self.text.startswith("%", self.position):
            return None
        end = self.text.find("%", self.position + 1)
        if end < 0:
            raise self.fail("a closing '%'")
        self._regexes += 1
        if self._regexes > _MOST_REGEXES:
            raise PatternError(f"Invalid filter pattern: at most {_MOST_REGEXES} regular expressions are allowed")
        source = self.text[self.position + 1 : end]
        self.position = end + 1
        return compile_regex(source)

    def operator(self) -> Operator:
        """The comparison that must come next."""
        for operator in _OPERATORS:
            if self.take(operator):
                return operator
        raise self.fail("one of = != < > <= >=")

    def operand(self, operator: Operator) -> Operand:
        """What a comparison compares with; only numbers have an order."""
        operand = self._operand()
        if operator not in {"=", "!="} and not isinstance(operand, float):
            raise self.fail(f"a number after '{operator}'")
        return operand

    def _operand(self) -> Operand:
        self.skip_blanks()
        if (expression := self.regex()) is not None:
            return expression
        if (text := self.quoted()) is not None:
            return Phrase.of(text, quoted=True)
        bare = self.match(_BARE)
        if bare is None:
            raise self.fail("a value (text with other than letters, digits and '_' needs double quotes)")
        value = number(bare)
        return Phrase.of(bare, quoted=False) if value is None else value


def parse_condition(scanner: Scanner, leaf: Callable[[], Test[Subject]], depth: int = 0) -> Test[Subject]:
    """A condition of leaves: parentheses bind tighter than &&, && tighter than ||."""
    if depth > _DEEPEST:
        raise scanner.fail(f"at most {_DEEPEST} nested parentheses")

    def unit() -> Test[Subject]:
        if not scanner.take("("):
            return leaf()
        inner = parse_condition(scanner, leaf, depth + 1)
        scanner.expect(")")
        return inner

    def conjunction() -> Test[Subject]:
        tests = [unit()]
        while scanner.take("&&"):
            tests.append(unit())
        return _all_of(tests)

    tests = [conjunction()]
    while scanner.take("||"):
        tests.append(conjunction())
    return _any_of(tests)


def _all_of(tests: list[Test[Subject]]) -> Test[Subject]:
    return tests[0] if len(tests) == 1 else lambda subject: all(test(subject) for test in tests)


def _any_of(tests: list[Test[Subject]]) -> Test[Subject]:
    return tests[0] if len(tests) == 1 else lambda subject: any(test(subject) for test in tests)
