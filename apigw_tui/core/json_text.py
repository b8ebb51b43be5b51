"""Reads JSON objects that may be broken: what a format string or a log line holds, as paths and texts."""

from __future__ import annotations

import json
import re
from typing import Any, Final

Path = tuple[str, ...]

_LONGEST: Final = 65_536  # API Gateway writes a few kB at most; longer text is not worth mending
_SPACE: Final = re.compile(r"[\s,]*")
_KEY: Final = re.compile(r'"((?:[^"\\]|\\.){0,128})"\s*:\s*')
_SCALAR: Final = re.compile(r'[^,}\]"\n]*')
_LIST: Final = re.compile(r"\[[^\[\]{}]*\]")
_QUOTE: Final = re.compile(r'["\\]')
_CLOSES: Final = re.compile(r'\s*(?:$|[}\]]|,\s*(?:$|[}\]]|"(?:[^"\\]|\\.){0,128}"\s*:)|"(?:[^"\\]|\\.){1,128}"\s*:)')
"""What follows the quote that ends a value: any other quote belongs to the value."""


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
        return raw
    return str(value)


def _string_end(text: str, start: int) -> int:
    """Where the string that starts after an opening quote ends; -1 when it is cut off."""
    position = start
    while found := _QUOTE.search(text, position):
        if found[0] == "\\":
            position = found.end() + 1
        elif _CLOSES.match(text, found.end()):
            return found.start()
        else:
            position = found.end()
    return -1


class _Reader:
    """One pass over a broken object; keeps what it could read so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = text.find("{") + 1
        self.path: list[str] = []
        self.found: dict[Path, str | None] = {}
        self.paths: list[Path] = []

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
        self.found.setdefault((*self.path, key), value)


def mended_pairs(text: str) -> dict[Path, str | None]:
    r"""Paths and texts of an object that is not valid JSON; empty where nothing can be read.

    Reads over missing and trailing commas, values without quotes (`-`), quotes inside of values and doubled
    quotes (`""text""`), and keeps what stands before a cut.
    """
    if len(text) > _LONGEST or "{" not in text:
        return {}
    return _Reader(text).read()


def all_paths(text: str) -> list[Path]:
    """The paths of all values of an object, valid or not, in order; a path that comes twice is there twice."""
    reader = _Reader(text)
    reader.read()
    return reader.paths


def pairs(text: str) -> dict[Path, str | None]:
    """Paths and texts of a JSON object, mended where it is broken; empty for anything else."""
    found = strict_pairs(text)
    return mended_pairs(text) if found is None and text.lstrip().startswith("{") else found or {}
