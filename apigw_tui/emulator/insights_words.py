"""The words of a Logs Insights query: names, numbers, strings, regular expressions, signs."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NoReturn

from apigw_tui.emulator.wire import ServiceError

_WORD: Final = re.compile(
    r"""\s*(?:\#[^\n]*(?:\n\s*|$))*(?:
        (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<regex>/(?:[^/\\]|\\.)+/[a-z]*)
      | (?P<number>-?\d+(?:\.\d+)?)(?P<unit>[a-z]*)(?![\w.@])
      | `(?P<quoted>[^`]+)`
      | (?P<name>[@A-Za-z_][\w.@]*)
      | (?P<sign>!=|<=|>=|=~|[=<>(),|*\[\]])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Word:
    """A word of a query; `kind` is string, regex, number, name, quoted or sign."""

    kind: str
    text: str
    at: int
    unit: str = ""


def malformed(message: str, at: int | None = None) -> ServiceError:
    """What Insights says to a query that it does not understand, or that is not understood here."""
    place = "" if at is None else f" ([{at}])"
    return ServiceError("MalformedQueryException", f"{message}{place}")


class Words:
    """The words of a query in order, with a place where the parser stands."""

    def __init__(self, query: str) -> None:
        """Split a query. Raises MalformedQueryException."""
        self._words = _split(query)
        self._end = len(query)
        self._place = 0

    @property
    def next(self) -> Word | None:
        """The word that comes; None at the end."""
        return self._words[self._place] if self._place < len(self._words) else None

    def take(self) -> Word:
        """The word that comes, and go on. Raises MalformedQueryException at the end."""
        word = self.next
        if word is None:
            raise malformed("unexpected end of the query", self._end)
        self._place += 1
        return word

    def skip(self, *texts: str) -> str | None:
        """Go on if a name or a sign of these comes; names are the same in capitals. Returns which."""
        word = self.next
        if word is None or word.kind not in {"name", "sign"} or word.text.lower() not in texts:
            return None
        self._place += 1
        return word.text.lower()

    def expect(self, text: str) -> None:
        """Go on if this comes, else refuse the query."""
        if self.skip(text) is None:
            self.refuse(f"'{text}'")

    def take_kind(self, kinds: Collection[str], expected: str) -> Word:
        """A word of one of these kinds, or refuse the query."""
        word = self.next
        if word is None or word.kind not in kinds:
            self.refuse(expected)
        return self.take()

    def refuse(self, expected: str) -> NoReturn:
        """The query goes on with something else than expected."""
        word = self.next
        found = "end of the query" if word is None else f"'{word.text}'"
        raise malformed(f"unexpected {found}, expected {expected}", self._end if word is None else word.at)


def _split(query: str) -> list[Word]:
    words: list[Word] = []
    place = 0
    while query[place:].strip():
        found = _WORD.match(query, place)
        if found is None:
            if not re.sub(r"#[^\n]*", "", query[place:]).strip():
                break
            raise malformed(f"unexpected symbol near '{query[place : place + 20].strip()}'", place)
        words.append(_word(found))
        place = found.end()
    return words


def _word(found: re.Match[str]) -> Word:
    kind = next(name for name in ("string", "regex", "number", "quoted", "name", "sign") if found[name] is not None)
    text, at = found[kind], found.start(kind)
    if kind == "string":
        return Word(kind, _ESCAPE.sub(r"\1", text[1:-1]), at)
    return Word(kind, text, at, found["unit"] or "")
