"""Reads JSON objects that may be broken: what a format string or a log line holds, as paths and texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

Path = tuple[str, ...]

_LONGEST: Final = 65_536  # API Gateway writes a few kB at most; longer text is not worth mending
_SPACE: Final = re.compile(r"[\s,]*")
_KEY: Final = re.compile(r'"((?:[^"\\]|\\.){0,128})"\s*(?::\s*|(?=\{))')
"""A name and its colon, which may be missing before an object."""

_SCALAR: Final = re.compile(r'[^,}\]"\n]*')
_LIST: Final = re.compile(r"\[[^\[\]{}]*\]")
_QUOTE: Final = re.compile(r'["\\]')
_CLOSES: Final = re.compile(
    r'\s*(?:$|[}\]]|,\s*(?:$|[}\]]|"(?:[^"\\]|\\.){0,128}"\s*[:{])|"(?:[^"\\]|\\.){1,128}"\s*:)'
)
"""What follows the quote that ends a value: any other quote belongs to the value."""

_BACKSLASHED: Final = re.compile(r'\\(["\\/])')
_OPENED: Final = re.compile(r'\{\s*"')


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def flatten(value: dict[str, Any]) -> dict[Path, str | None]:
    """The texts of a parsed object by path, nested objects opened; lists stay JSON."""
    found: dict[Path, str | None] = {}
    stack: list[tuple[Path, dict[str, Any]]] = [((), value)]
    while stack:
        path, members = stack.pop()
        for key, member in members.items():
            if isinstance(member, dict) and member:
                stack.append(((*path, key), member))
            else:
                found.setdefault((*path, key), _text(member))
    return found


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        members.setdefault(key, value)
    return members


def strict_pairs(text: str) -> dict[Path, str | None] | None:
    """Paths and texts of a valid JSON object, None for anything else. Of equal keys the first one counts."""
    try:
        value = json.loads(text, strict=False, object_pairs_hook=_first_wins, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    return flatten(value) if isinstance(value, dict) else None


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw
    try:
        value = json.loads(f'"{raw}"', strict=False)
    except ValueError:
        return _BACKSLASHED.sub(r"\1", raw)
    return str(value)


def _string_end(text: str, start: int) -> int:
    """Where the string that starts after an opening quote ends; -1 when it is cut off.

    An object that stands in the value without escapes belongs to it, as in error messages of functions.
    """
    first = -1
    opened = _OPENED.search(text, start)
    for position in _string_ends(text, start):
        if opened is None or position < opened.end() or _is_balanced(text[start:position]):
            return position
        first = position if first < 0 else first
    return first


def _string_ends(text: str, start: int) -> Iterator[int]:
    position = start
    while found := _QUOTE.search(text, position):
        if found[0] == "\\":
            position = found.end() + 1
            continue
        if _CLOSES.match(text, found.end()):
            yield found.start()
        position = found.end()


def _is_balanced(text: str) -> bool:
    return text.count("{") == text.count("}")


class _Reader:
    """One pass over a broken object; keeps what it could read so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = text.find("{") + 1
        self.path: list[str] = []
        self.found: dict[Path, str | None] = {}
        self.paths: list[Path] = []
        self.values: list[str | None] = []

    def read(self) -> dict[Path, str | None]:
        while self.position < len(self.text) and self._member():
            pass
        return self.found

    def _member(self) -> bool:
        """Reads one `key: value` or a closing brace; False at the end or where nothing can be made out."""
        self.position = _SPACE.match(self.text, self.position).end()  # type: ignore[union-attr]  # matches nothing too
        if self.text[self.position : self.position + 1] == "}":
            self.position += 1
            if not self.path:
                return False
            self.path.pop()
            return True
        key = _KEY.match(self.text, self.position)
        if key is None:
            return False
        self.position = key.end()
        return self._value(_unescaped(key[1]))

    def _value(self, key: str) -> bool:
        opening = self.text[self.position : self.position + 1]
        if opening == "{":
            self.path.append(key)
            self.position += 1
            return True
        if opening == '"':
            return self._string(key)
        scalar = _LIST.match(self.text, self.position) or _SCALAR.match(self.text, self.position)
        raw = scalar[0].strip() if scalar else ""
        self.position += len(scalar[0]) if scalar else 0
        self._keep(key, None if raw == "null" else raw)
        return True

    def _string(self, key: str) -> bool:
        start = self.position + 1
        end = _string_end(self.text, start)
        if end < 0:
            return False
        self._keep(key, _unescaped(self.text[start:end]))
        self.position = end + 1
        return True

    def _keep(self, key: str, value: str | None) -> None:
        self.paths.append((*self.path, key))
        self.values.append(value)
        self.found.setdefault((*self.path, key), value)


def mended_pairs(text: str) -> dict[Path, str | None]:
    r"""Paths and texts of an object that is not valid JSON; empty where nothing can be read.

    Reads over missing and trailing commas, values without quotes (`-`), quotes inside of values and doubled
    quotes (`""text""`), and keeps what stands before a cut.
    """
    if len(text) > _LONGEST or "{" not in text:
        return {}
    return _Reader(text).read()


def all_pairs(text: str) -> list[tuple[Path, str | None]]:
    """Paths and texts of all values of an object, valid or not, in order; a path that comes twice is there twice."""
    reader = _Reader(text)
    reader.read()
    return list(zip(reader.paths, reader.values, strict=True))


def all_paths(text: str) -> list[Path]:
    """The paths of `all_pairs`."""
    return [path for path, _ in all_pairs(text)]


def names_of(paths: Iterable[Path]) -> list[str]:
    """The dotted name of each path; those that come again get a number, as `error.message_2` does."""
    names: list[str] = []
    taken: set[str] = set()
    for path in paths:
        name = unique = ".".join(path)
        count = 2
        while unique in taken:
            unique, count = f"{name}_{count}", count + 1
        taken.add(unique)
        names.append(unique)
    return names


def pairs(text: str) -> dict[Path, str | None]:
    """Paths and texts of a JSON object, mended where it is broken; empty for anything else."""
    found = strict_pairs(text)
    return mended_pairs(text) if found is None and text.lstrip().startswith("{") else found or {}
