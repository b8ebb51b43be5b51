"""The question for the access format of a bare group or file: the guess to start from, checked while it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_guess import told_by
from apigw_tui.sources.base import Staged
from apigw_tui.tui.text_prompt import Question, TextPrompt

if TYPE_CHECKING:
    from apigw_tui.core.access_guess import Guess
    from apigw_tui.sources.base import Source

_INVALID: Final = "does nothing: no $context variable is named"


class FormatPrompt(TextPrompt):
    """Gives back a `$context` string, "" to guess again, or None after `esc`."""

    def told(self, text: str) -> str:
        """What enter would do with this text."""
        if not text:
            return self.question.empty
        compiled = AccessFormat.compile(text)
        return f"reads {told_by(compiled)}" if compiled.variables else _INVALID

    def is_answer(self, text: str) -> bool:
        """Whether the text can be the answer."""
        return not text or bool(AccessFormat.compile(text).variables)


def format_asked(source: Source | None, guesses: Sequence[Guess]) -> Question | None:
    """What is asked of the source's groups and files without a stage; None where stages say their formats."""
    if source is None or (isinstance(source, Staged) and source.stages):
        return None
    known = [access_format.source for access_format in source.formats.values()]
    about = guesses[0].told if guesses else f"access format of {source.title}"
    text = known[0] if known else guesses[0].format.source if guesses else "$context.requestId"
    return Question("Correct the access format", about, "Reads", "reads", "forgets it and guesses again", text)
