"""The access formats that the user gave for bare log groups and files, kept for the next run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_guess import told_by
from apigw_tui.errors import AppError, UsageError
from apigw_tui.sources.state_place import StateFile, state_file

GUESS: Final = "guess"
"""What `--access-format` takes to forget a format and guess again."""

_NAME: Final = "access-formats"


@dataclass(frozen=True)
class SaidFormats:
    """The formats of this run by name of group or file, and what is to be said of them."""

    by_name: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    given: str | None = None

    @classmethod
    def of(cls, access_format: str | SaidFormats | None) -> SaidFormats:
        """A format for whatever is read, or what was said of each name."""
        return access_format if isinstance(access_format, SaidFormats) else cls(given=access_format)

    def format(self, *names: str) -> str | None:
        """The format of what has these names, the surest first; None where nothing was said."""
        return self.given or next((self.by_name[name] for name in names if self.by_name.get(name)), None)


@dataclass(frozen=True)
class FormatMemory:
    """The file of all formats given; those of log groups are kept by account, None where nothing tells whose."""

    account: str | None = None

    def said(self, given: str | None, groups: Sequence[str], files: Sequence[str]) -> SaidFormats:
        """The format of each name: the one given now, which is kept, else the one given before.

        Raises UsageError for a format that names no variable. What cannot be kept or read is said.
        """
        now = None if given == GUESS else given
        if now:
            checked_format(now)
        places = self._places(groups, files)
        try:
            kept = self._load()
            if given:
                return SaidFormats(notes=self._changed(given, places, kept), given=now)
        except AppError as error:
            return SaidFormats(notes=(str(error),), given=now)
        known = {name: kept[place] for name, place in places.items() if place in kept}
        return SaidFormats(known, tuple(map(_kept_note, known, known.values())))

    def keep(self, source: str | None, groups: Sequence[str], files: Sequence[str]) -> None:
        """Keep a format for these from now on, or with None none. Raises AppError."""
        places = self._places(groups, files).values()
        kept = {place: other for place, other in self._load().items() if place not in places}
        self._file.save({"formats": kept | (dict.fromkeys(places, source) if source else {})})

    def _changed(self, given: str, places: Mapping[str, str], kept: Mapping[str, str]) -> tuple[str, ...]:
        """Keep or forget, and say of which names that was news."""
        changed = {name: place for name, place in places.items() if kept.get(place, GUESS) != given}
        if not changed:
            return ()
        if given == GUESS:
            gone = set(changed.values())
            self._file.save({"formats": {place: source for place, source in kept.items() if place not in gone}})
            return tuple(f"the access format given for {name} is forgotten" for name in changed)
        self._file.save({"formats": {**kept, **dict.fromkeys(changed.values(), given)}})
        again = f"`--access-format {GUESS}` forgets it"
        return tuple(f"--access-format is remembered for {name}; {again}" for name in changed)

    @property
    def _file(self) -> StateFile:
        return state_file(_NAME)

    def _load(self) -> dict[str, str]:
        kept = self._file.load().get("formats")
        pairs = kept.items() if isinstance(kept, Mapping) else ()
        return {str(place): source for place, source in pairs if isinstance(source, str)}

    def _places(self, groups: Iterable[str], files: Iterable[str]) -> dict[str, str]:
        places = {file: f"file {Path(file).resolve()}" for file in files}
        if self.account is not None:
            places |= {group: f"group {self.account} {group}" for group in groups}
        return places


def checked_format(source: str) -> AccessFormat:
    """A format as a user types it. Raises UsageError when it names no variable."""
    compiled = AccessFormat.compile(source)
    if not compiled.variables:
        raise UsageError(
            f"--access-format {source!r} names no $context variable.",
            f"Give the format of the stage, such as '$context.requestId $context.status', or {GUESS!r} to guess it.",
        )
    return compiled


def _kept_note(name: str, source: str) -> str:
    what = told_by(AccessFormat.compile(source))
    return f"access format of {name} as given before: {what}; `--access-format {GUESS}` forgets it"
