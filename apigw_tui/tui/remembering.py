"""What a run leaves to the next: the view, the queries, the marks of each target; by account, the demo apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.errors import AppError
from apigw_tui.sources.state_place import StateFile, state_file
from apigw_tui.tui.marks import Mark, marks_of_record, marks_record

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.tui.session import Session

_FOLDER: Final = "sessions"
_MOST_QUERIES: Final = 200
_MOST_TARGETS: Final = 500
_STDIN: Final = "-"


@dataclass(frozen=True)
class Memory:
    """`command` opens the last view; `marks` by what was opened."""

    command: str | None = None
    queries: tuple[str, ...] = ()
    marks: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Memory:
        """Out of JSON; what is not as it should be is left out."""
        command, queries, marks = record.get("command"), record.get("queries"), record.get("marks")
        return cls(
            command=command if isinstance(command, str) else None,
            queries=tuple(query for query in queries if isinstance(query, str)) if isinstance(queries, list) else (),
            marks={str(name): marks_of_record(some) for name, some in marks.items()} if isinstance(marks, dict) else {},
        )

    def record(self) -> dict[str, Any]:
        """As JSON."""
        named = {name: marks_record(some) for name, some in self.marks.items() if some}
        return {
            "command": self.command,
            "queries": list(self.queries[-_MOST_QUERIES:]),
            "marks": dict([*named.items()][-_MOST_TARGETS:]),
        }

    def after(self, other: Memory) -> Memory:
        """What this run knows, and what another one wrote meanwhile."""
        queries = (*(query for query in other.queries if query not in self.queries), *self.queries)
        return replace(self, queries=queries, marks={**other.marks, **self.marks})


@dataclass(frozen=True)
class MemoryFile:
    """Where the memory of an account lies; `file` is None where nothing is to be kept."""

    file: StateFile | None

    @classmethod
    def of(cls, config: Config) -> MemoryFile:
        """The file of this profile, region and endpoint as they were asked for."""
        if config.demo:
            return cls(state_file(_FOLDER, "demo"))
        said = (config.profile, config.region, config.endpoint_url)
        return cls(state_file(_FOLDER, " ".join(value or "-" for value in said) if any(said) else "default"))

    def load(self) -> Memory:
        """What is remembered. Raises AppError where that cannot be read."""
        return Memory() if self.file is None else Memory.of(self.file.load())

    def save(self, memory: Memory) -> None:
        """Keep this beside what other runs wrote meanwhile. Raises AppError."""
        if self.file is not None:
            self.file.save(memory.after(self.load()).record())


def recalled(place: MemoryFile) -> tuple[Memory, AppError | None]:
    """What is remembered, or nothing and why."""
    try:
        return place.load(), None
    except AppError as error:
        return Memory(), error


def lasting(session: Session) -> Session | None:
    """The session as it can be opened from any folder; None for what was piped in, which is gone."""
    if _STDIN in session.targets:
        return None
    return replace(session, targets=tuple(map(_anywhere, session.targets)))


def marks_name(targets: Iterable[str]) -> str:
    """By what the marks of these targets are remembered."""
    return " ".join(map(_anywhere, targets))


def _anywhere(target: str) -> str:
    from apigw_tui.sources.targets import FileTarget, parse_target  # noqa: PLC0415 - loads polars

    try:
        found = parse_target(target)
    except AppError:  # a file that is no more
        return target
    return str(Path(found.path).absolute()) if isinstance(found, FileTarget) else target
