"""The columns that were chosen for each stage, remembered from run to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from apigw_tui.sources.state_place import StateFile, state_file
from apigw_tui.tui.column_table import Chosen, chosen_of, chosen_record

if TYPE_CHECKING:
    from apigw_tui.tui.session import Session

_MOST_STAGES: Final = 500
_STAGES: Final = "stages"


class ColumnMemory:
    """Columns by what is open; the demo's apart from those of an account's stages of the same names."""

    def __init__(self, file: StateFile | None = None) -> None:
        self._file = file or state_file("columns")

    def load(self, session: Session) -> Chosen:
        """The columns of what a session shows; none where none were chosen. Raises AppError."""
        return chosen_of(self._stages().get(_name(session)))

    def save(self, session: Session, chosen: Chosen) -> None:
        """Remember columns, or with none that none are chosen any more. Raises AppError."""
        stages = self._stages()
        stages.pop(_name(session), None)
        if chosen:
            stages[_name(session)] = chosen_record(chosen)
        self._file.save({_STAGES: dict([*stages.items()][-_MOST_STAGES:])})

    def _stages(self) -> dict[str, Any]:
        stages = self._file.load().get(_STAGES)
        return stages if isinstance(stages, dict) else {}


def _name(session: Session) -> str:
    targets = " ".join(sorted(session.targets))
    return f"demo {targets}" if session.demo else " ".join((targets, *session.options))
