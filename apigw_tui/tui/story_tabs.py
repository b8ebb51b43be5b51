"""The other tabs of a story: access fields as logged, payloads pretty-printed, the whole story as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.secrets import mask_value
from apigw_tui.core.story import story_json
from apigw_tui.core.text import mask_secrets
from apigw_tui.tui.line import cut
from apigw_tui.tui.rows import FixedRows, Row, folded, one_line

if TYPE_CHECKING:
    from apigw_tui.core.story import Story
    from apigw_tui.tui.glyphs import Glyphs
    from apigw_tui.tui.line import Line

_JSON_KEY: Final = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*"):(?= |$)|^[A-Za-z][\w.-]*=', re.ASCII)
_WIDEST_NAME: Final = 28
_NOT_LOGGED: Final = ("", "-", None)


@dataclass(frozen=True)
class FieldRows:
    """Names and values in two columns; the cursor stands on a field."""

    fields: tuple[tuple[str, str], ...]
    glyphs: Glyphs
    name_width: int = field(init=False)

    def __post_init__(self) -> None:
        longest = max((len(name) for name, _ in self.fields), default=0)
        object.__setattr__(self, "name_width", min(longest, _WIDEST_NAME))

    def __len__(self) -> int:
        return len(self.fields)

    def stops(self, index: int) -> bool:
        """The cursor stands on every field that has a name."""
        return bool(self.fields[index][0])

    def row(self, index: int, width: int, *, cursor: bool) -> Row:
        """Draw one field; what was not logged is faint."""
        name, value = self.fields[index]
        bar: Line = ((self.glyphs.bar if cursor else " ", "accent"), (" ", ""))
        shown = cut(one_line(value), max(width - self.name_width - 5, 1))
        ink = "ink-faint" if value in _NOT_LOGGED else "ink"
        spans: Line = (
            *bar,
            (cut(name, self.name_width).ljust(self.name_width), "ink-muted"),
            ("  ", ""),
            (shown, ink),
        )
        return Row(spans, "cursor" if cursor else "", stop=bool(name))


@dataclass(frozen=True)
class TextRows:
    """Text as it is, drawn when it comes into view; JSON keys and names of headers recede."""

    texts: tuple[str, ...]
    headings: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.texts)

    def stops(self, index: int) -> bool:  # noqa: ARG002 - the same for each
        """Text scrolls; no cursor stands on it."""
        return False

    def row(self, index: int, width: int, *, cursor: bool) -> Row:  # noqa: ARG002 - no cursor stands on it
        """Draw one row of text."""
        text = self.texts[index]
        if index in self.headings:
            return Row((("  ", ""), (cut(text, width - 3), "ink-strong bold")), stop=False)
        shown = cut(text, width - 3)
        match = _JSON_KEY.match(shown)
        spans: Line = ((shown, "ink"),)
        if match is not None:
            spans = ((shown[: match.end()], "ink-muted"), (shown[match.end() :], "ink"))
        return Row((("  ", ""), *spans), stop=False)


def access_rows(story: Story, glyphs: Glyphs, *, reveal: bool, width: int | None) -> FieldRows | FixedRows:
    """Every field of the access entry, by the name and in the order the format gives; folded to `width`."""
    if not story.access:
        return told("No access entry was read for this request.")
    fields: list[tuple[str, str]] = []
    for name, value in story.access.items():
        text = _shown(value)
        text = text if reveal else mask_value(name, text)
        pieces = folded(text, max(width - _WIDEST_NAME - 6, 10)) if width else [text]
        fields.append((name, pieces[0]))
        fields += [("", piece) for piece in pieces[1:]]
    return FieldRows(tuple(fields), glyphs)


def payload_rows(story: Story, *, reveal: bool, width: int | None) -> TextRows | FixedRows:
    """Headers and bodies as the data trace logged them, pretty-printed."""
    if not story.payloads:
        return told("No payload was logged: the stage's data trace is off, or this request has none.")
    texts: list[str] = []
    headings: set[int] = set()
    for payload in story.payloads:
        if texts:
            texts.append("")
        headings.add(len(texts))
        texts.append(payload.name if payload.known is None else f"{payload.name}  {payload.known}")
        texts += _text_rows(payload.text if reveal else mask_secrets(payload.text), width)
    return TextRows(tuple(texts), frozenset(headings))


def json_rows(story: Story, *, reveal: bool, width: int | None) -> TextRows:
    """The story as `show` prints it."""
    return TextRows(tuple(_text_rows(json_text(story, reveal=reveal), width)))


def json_text(story: Story, *, reveal: bool) -> str:
    """The story as JSON; valid JSON also when secrets in it are masked."""
    value = story_json(story)
    return json.dumps(value if reveal else masked(value), indent=2, ensure_ascii=False, default=str)


def masked(value: Any) -> Any:
    """Mask secrets in every text of a JSON value."""
    if isinstance(value, str):
        return mask_secrets(value)
    if isinstance(value, dict):
        return {
            name: mask_value(name, entry) if isinstance(entry, str) else masked(entry) for name, entry in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked(entry) for entry in value]
    return value


def told(sentence: str) -> FixedRows:
    """A tab that has nothing to show says why."""
    return FixedRows((Row((("  ", ""), (sentence, "ink-muted")), stop=False),))


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _text_rows(text: str, width: int | None) -> list[str]:
    return folded(text, width - 3) if width else text.expandtabs(4).split("\n")
