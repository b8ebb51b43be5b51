"""Events that were read once and cannot change any more, kept on this machine: one folder per log group.

`events/ACCOUNT/REGION/GROUP/START-END-COUNT.parquet` holds all events of a span, inclusive in ms. Files never
change: they are whole or not there, and other processes may add and remove some at any time. Overlaps do no harm.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from apigw_tui.core.schema import RAW_EVENTS
from apigw_tui.sources.private_files import make_private, write_private

KEPT_COLUMNS: Final = pl.Schema({name: RAW_EVENTS[name] for name in RAW_EVENTS if name not in ("log_group", "scope")})
SMALL_FILE_EVENTS: Final = 20_000
"""A file of fewer events is united with its neighbours in time."""

MEGABYTE: Final = 1_000_000
_PRUNED_TO: Final = 0.9
_ABOUT: Final = "group.json"
_FILE_NAME: Final = re.compile(r"(?P<start>\d{1,15})-(?P<end>\d{1,15})-(?P<events>\d{1,9})\.parquet")
_FOLDER_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_READABLE: Final = 60
_LEFTOVER_MS: Final = 3_600_000


@dataclass(frozen=True)
class GroupIdentity:
    """Which log group: one that was deleted and made again under the same name is another.

    `place` is its region, and the endpoint where that is not AWS's own.
    """

    account: str
    place: str
    log_group: str
    created_at: int

    @property
    def folder(self) -> Path:
        """Where it is kept, below the root; safe on any file system, however the group is called."""
        digest = hashlib.sha256(repr((self.account, self.place, self.log_group, self.created_at)).encode()).hexdigest()
        return Path(_safe(self.account)) / _safe(self.place) / f"{_readable(self.log_group)}-{digest[:16]}"


@dataclass(frozen=True)
class KeptFile:
    """All events of a span of a group, in one file."""

    path: Path
    start: int
    end: int
    events: int

    @classmethod
    def at(cls, path: Path) -> KeptFile | None:
        """What the name says; None for a file that is not the cache's."""
        found = _FILE_NAME.fullmatch(path.name)
        if found is None or int(found["start"]) > int(found["end"]):
            return None
        return cls(path, int(found["start"]), int(found["end"]), int(found["events"]))


@dataclass(frozen=True)
class KeptGroup:
    """What is kept of one log group."""

    identity: GroupIdentity
    files: tuple[KeptFile, ...]
    bytes: int


class GroupShelf:
    """The kept events of one log group."""

    def __init__(self, folder: Path, identity: GroupIdentity) -> None:
        self.identity = identity
        self.torn = 0
        self._folder = folder

    def spans(self) -> list[tuple[int, int]]:
        """What is kept: disjoint spans, inclusive, oldest first; each lies within one file."""
        spans: list[tuple[int, int]] = []
        for file in self._files():
            start = max(file.start, spans[-1][1] + 1) if spans else file.start
            if start <= file.end:
                spans.append((start, file.end))
        return spans

    def read(self, start: int, end: int) -> pl.DataFrame | None:
        """The events stamped `start` … `end`, in KEPT_COLUMNS and in order of time; None when no file has them all.

        A file that turns out to be torn is removed and counted.
        """
        for file in self._files():
            if file.start <= start and end <= file.end:
                events = self._content(file)
                if events is not None:
                    return events.filter(pl.col("timestamp").is_between(start, end))
        return None

    def write(self, start: int, end: int, events: pl.DataFrame) -> None:
        """Keep all events of a span, which must be settled. Raises OSError."""
        kept = _orderly(events.select(KEPT_COLUMNS.names()))
        replaced: list[KeptFile] = []
        if kept.height < SMALL_FILE_EVENTS:
            for file in self._files():
                beside = file.end + 1 == start or file.start == end + 1
                content = self._content(file) if beside and file.events < SMALL_FILE_EVENTS else None
                if content is not None:
                    start, end = min(start, file.start), max(end, file.end)
                    kept = _orderly(pl.concat([kept, content]))
                    replaced.append(file)
        self._put(start, end, kept)
        for file in replaced:
            file.path.unlink(missing_ok=True)

    def _put(self, start: int, end: int, events: pl.DataFrame) -> None:
        about = self._folder / _ABOUT
        if not about.is_file():
            write_private(about, json.dumps(vars(self.identity)).encode())
        content = io.BytesIO()
        events.write_parquet(content, compression="zstd")
        write_private(self._folder / f"{start}-{end}-{events.height}.parquet", content.getvalue())

    def _files(self) -> list[KeptFile]:
        """By start; the longer of two that begin together comes first."""
        return sorted(_kept_files(self._folder), key=lambda file: (file.start, -file.end))

    def _content(self, file: KeptFile) -> pl.DataFrame | None:
        try:
            # Read as a whole: another process may remove it meanwhile.
            content = file.path.read_bytes()
        except OSError:
            return None
        try:
            events = pl.read_parquet(io.BytesIO(content))
        except (Exception, pl.exceptions.PanicException):  # noqa: BLE001 - whatever torn bytes make Polars do
            self._discard(file)
            return None
        if not _holds(file, events):
            self._discard(file)
            return None
        with suppress(OSError):
            file.path.touch()
        return events

    def _discard(self, file: KeptFile) -> None:
        self.torn += 1
        with suppress(OSError):
            file.path.unlink(missing_ok=True)


class EventCache:
    """All that is kept, below one private folder, at most `megabytes`: what was not used for longest goes first."""

    def __init__(self, root: Path, *, megabytes: int) -> None:
        self._root = root
        self._most_bytes = megabytes * MEGABYTE

    def shelf(self, identity: GroupIdentity) -> GroupShelf:
        """The shelf of a group; its folder is made with the first file. Raises OSError."""
        make_private(self._root)
        self._root.chmod(0o700)
        return GroupShelf(self._root / identity.folder, identity)

    def may_hold(self, log_group: str) -> bool:
        """Whether anything may be kept of a group of this name, in whatever account."""
        return any(self._root.glob(f"*/*/{_readable(log_group)}-*"))

    def groups(self) -> list[KeptGroup]:
        """What is kept, by account, region and name; folders that say nothing of themselves are left out."""
        found = [kept for folder in self._folders() if (kept := _kept_group(folder)) is not None]
        return sorted(found, key=lambda kept: (kept.identity.account, kept.identity.place, kept.identity.log_group))

    def clear(self, names: Iterable[str] = ()) -> list[KeptGroup]:
        """Remove the groups of these names, or all; returns what was removed."""
        wanted = frozenset(names)
        cleared = [kept for kept in self.groups() if not wanted or kept.identity.log_group in wanted]
        for kept in cleared:
            folder = self._root / kept.identity.folder
            for file in kept.files:
                file.path.unlink(missing_ok=True)
            _remove_if_empty(folder)
        return cleared

    def prune(self, *, now: int) -> None:
        """Remove what is beyond the cap, and what crashes left behind. `now` in ms."""
        files: list[tuple[float, int, Path]] = []
        for folder in self._folders():
            for path in _entries(folder):
                with suppress(OSError):
                    stat = path.stat()
                    if KeptFile.at(path) is not None:
                        files.append((stat.st_mtime, stat.st_size, path))
                    elif path.name.startswith(".") and now - stat.st_mtime * 1000 > _LEFTOVER_MS:
                        path.unlink(missing_ok=True)
        total = sum(size for _, size, _ in files)
        if total <= self._most_bytes:
            return
        for _, size, path in sorted(files):
            with suppress(OSError):
                path.unlink(missing_ok=True)
            _remove_if_empty(path.parent)
            total -= size
            if total <= self._most_bytes * _PRUNED_TO:
                return

    def _folders(self) -> list[Path]:
        return [path for path in self._root.glob("*/*/*") if path.is_dir()]


def _safe(text: str) -> str:
    return _FOLDER_NAME.sub("-", text).strip(".") or "-"


def _readable(log_group: str) -> str:
    return _safe(log_group)[-_READABLE:].strip("._-") or "group"


def _orderly(events: pl.DataFrame) -> pl.DataFrame:
    """Each event once, in order of time."""
    named = events.filter(pl.col("event_id").is_not_null()).unique("event_id", keep="first", maintain_order=True)
    return pl.concat([named, events.filter(pl.col("event_id").is_null())]).sort("timestamp", maintain_order=True)


def _holds(file: KeptFile, events: pl.DataFrame) -> bool:
    """Whether the content is what the name promises."""
    if events.schema != KEPT_COLUMNS or events.height != file.events:
        return False
    times = events["timestamp"]
    return not len(times) or (file.start <= int(times[0]) <= int(times[-1]) <= file.end and times.is_sorted())


def _entries(folder: Path) -> Sequence[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return ()


def _kept_files(folder: Path) -> Iterator[KeptFile]:
    for path in _entries(folder):
        file = KeptFile.at(path)
        if file is not None:
            yield file


def _kept_group(folder: Path) -> KeptGroup | None:
    try:
        said: Any = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        identity = GroupIdentity(**said)
        if folder.parts[-3:] != identity.folder.parts:
            return None
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    files: list[KeptFile] = []
    size = 0
    for file in _kept_files(folder):
        with suppress(OSError):
            size += file.path.stat().st_size
            files.append(file)
    return KeptGroup(identity, tuple(sorted(files, key=lambda file: file.start)), size)


def _remove_if_empty(folder: Path) -> None:
    if any(_kept_files(folder)):
        return
    with suppress(OSError):
        (folder / _ABOUT).unlink(missing_ok=True)
        folder.rmdir()
