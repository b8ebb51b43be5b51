"""The texts of a story's lines: as logged, or as read; secrets masked until they are wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from apigw_tui.core.text import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.story import StoryLine

_FUNCTION_LINE: Final = re.compile(
    r"(?:\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]*\t(?P<level>[A-Z]+)\t|\[(?P<mark>[A-Z]+)\]\s+(?:\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]*\t)?)"
)
_LEVEL_CELLS: Final = 6


@dataclass(frozen=True)
class StoryTexts:
    """The texts of a story's lines; secrets stay masked until `reveal`."""

    lines: Sequence[StoryLine]
    evidence: str | None
    """What proves the cause: of a long access entry only this is shown in the story."""
    reveal: bool
    as_logged: bool
    """Whether functions' lines keep their time and ID in front, and access entries all their fields."""

    def full(self, index: int) -> str:
        """The whole text of a line, its own line breaks in it."""
        line = self.lines[index]
        text = line.text
        if not self.as_logged:
            text = self._as_read(line, text)
        return text if self.reveal else mask_secrets(text)

    def _as_read(self, line: StoryLine, text: str) -> str:
        if line.kind == "access" and line.evidence and self.evidence:
            return self.evidence
        prefix = function_prefix(line)
        if prefix is None:
            return text
        start, level = prefix
        return f"{level.ljust(max(_LEVEL_CELLS, len(level) + 1))}{text[start:]}"


def function_prefix(line: StoryLine) -> tuple[int, str] | None:
    """How long the time, ID and level in front of a function's line are, and the level."""
    if line.kind != "lambda" or (match := _FUNCTION_LINE.match(line.message)) is None:
        return None
    return match.end(), match["level"] or match["mark"]
