"""CloudWatch's limited regular expressions, translated to Python's."""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z0-9:_#=@/;, -]")
_CLASSES: Final = frozenset("dDsSwW")
_OPERATORS: Final = frozenset("^$?[]{}|\\*+.")
_REPEAT: Final = re.compile(r"[?*+]|\{(?:\d+(?:, ?\d*)?|, ?\d+)\}", re.ASCII)
_HEX: Final = re.compile(r"x([0-9A-Fa-f]{2})")


class PatternError(ValueError):
    """A filter pattern that CloudWatch would refuse."""


def compile_regex(source: str) -> re.Pattern[str]:
    r"""Compile what stands between two percent signs.

    Letters, digits, blanks and `:_#=@/;,-`; the operators `^ $ ? [] {m,n} | \ * + .`; the escapes `\d \s \w`
    (and their opposites) and `\xhh`. No groups, nothing outside ASCII.
    """
    if not source:
        raise PatternError("Invalid filter pattern: an empty regular expression")
    try:
        return re.compile(_Translation(source).python(), re.ASCII | re.DOTALL)
    except (re.error, OverflowError) as error:
        raise PatternError(f"Invalid filter pattern: %{source}%: {error}") from error


class _Translation:
    """Goes over the source once and builds Python's form of it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def python(self) -> str:
        parts: list[str] = []
        while self._at < len(self._source):
            parts.append(self._piece(repeatable=bool(parts) and parts[-1] not in {"^", "|", r"\Z"}))
        return "".join(parts)

    def _piece(self, *, repeatable: bool) -> str:
        character = self._source[self._at]
        if character in "?*+{":
            return self._repeat(repeatable=repeatable)
        self._at += 1
        match character:
            case "\\":
                piece = self._escape()
            case "[":
                piece = self._character_class()
            case "$":
                return r"\Z"
            case "^" | "|":
                return character
            case ".":
                piece = character
            case _ if _PLAIN.fullmatch(character):
                piece = re.escape(character)
            case _:
                raise self._refusal(character)
        return piece + self._repeat(repeatable=True)

    def _repeat(self, *, repeatable: bool) -> str:
        """The quantifier that comes next, if any; there is never a second one."""
        found = _REPEAT.match(self._source, self._at)
        if not found:
            if self._source[self._at : self._at + 1] == "{":
                raise self._refusal("{")
            return ""
        if not repeatable:
            raise self._refusal(found[0])
        self._at = found.end()
        if _REPEAT.match(self._source, self._at):
            raise self._refusal(self._source[self._at])
        quantifier = found[0].replace(" ", "")
        return quantifier.replace("{,", "{0,")

    def _escape(self) -> str:
        if found := _HEX.match(self._source, self._at):
            self._at = found.end()
            return re.escape(chr(int(found[1], 16)))
        character = self._source[self._at : self._at + 1]
        self._at += 1
        if character in _CLASSES:
            return f"\\{character}"
        if character in _OPERATORS or (character and not character.isalnum() and _PLAIN.fullmatch(character)):
            return re.escape(character)
        raise self._refusal(f"\\{character}")

    def _character_class(self) -> str:
        end = self._source.find("]", self._at)
        parts = ["["]
        if self._source.startswith("^", self._at):
            parts.append("^")
            self._at += 1
        while self._at < len(self._source) and self._source[self._at] != "]":
            parts.append(self._member())
        if self._at >= len(self._source) or end < 0 or parts in (["["], ["[", "^"]):
            raise self._refusal("[")
        self._at += 1
        return "".join([*parts, "]"])

    def _member(self) -> str:
        character = self._source[self._at]
        self._at += 1
        if character == "\\":
            return self._escape()
        if character == "-":
            # "--" would be a set operation in a later Python.
            return r"\-" if self._source.startswith("-", self._at) else "-"
        if _PLAIN.fullmatch(character) or character in _OPERATORS:
            return re.escape(character)
        raise self._refusal(character)

    def _refusal(self, piece: str) -> PatternError:
        return PatternError(f"Invalid filter pattern: '{piece}' is not supported in %{self._source}%")
