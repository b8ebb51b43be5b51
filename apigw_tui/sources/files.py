"""Files, directories and stdin as a source: raw lines, event JSON, gz of each.

What a file holds is told by its beginning, never by its name. A file is read forward, in batches, with a few
blocks of it in memory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import FileIO, RawIOBase
from itertools import chain
from pathlib import Path
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.parse import parse_events
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Progress, Trouble, Update
from apigw_tui.sources.byte_blocks import CutShortError, read_blocks, unpacked, whole_lines
from apigw_tui.sources.clock import wall_clock
from apigw_tui.sources.event_records import (
    CutJsonError,
    is_record,
    read_documents,
    read_record_lines,
    records_of,
)
from apigw_tui.sources.raw_lines import RawLines

if TYPE_CHECKING:
    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.sources.base import RequestRef

STDIN: Final = "-"
_BEGINNING: Final = 65_536
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_DOCUMENT_KEYS: Final = ('"events"', '"logEvents"', '"nextToken"', '"searchedLogStreams"', '"messageType"')
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")

Shape = Literal["documents", "records", "lines"]


class FileSource:
    """Some files, directories (all files below, hidden ones left out) or `-` for stdin."""

    live = False

    def __init__(
        self,
        paths: Sequence[str],
        *,
        access_format: str | None = None,
        stdin: RawIOBase | None = None,
        clock: Callable[[], int] = wall_clock,
    ) -> None:
        self._paths = tuple(paths)
        self._format = AccessFormat.compile(access_format) if access_format else None
        self._stdin = stdin
        self._clock = clock
        self._events = 0
        self._files = 0

    @property
    def title(self) -> str:
        """The paths as given."""
        return ", ".join("stdin" if path == STDIN else path for path in self._paths)

    @property
    def groups(self) -> tuple[str, ...]:
        """The files; those of a directory as they are now."""
        return tuple(chain.from_iterable(_files_of(path) for path in self._paths))

    @property
    def formats(self) -> Mapping[str, AccessFormat]:
        """The format that was given, for every file; else they are sniffed."""
        return {} if self._format is None else dict.fromkeys(self.groups, self._format)

    def backfill(self, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        """Yield the events of all files in the range, in the order of the files.

        Raises AppError when a file that was named, or every file of the directories, cannot be read; a file
        of a directory that cannot is yielded as trouble.
        """
        self._events = self._files = 0
        files = self.groups
        if not files:
            raise AppError(f"There is no file in {self.title}.", "Name a file, or a directory of logs.")
        last_error: AppError | None = None
        for file in files:
            if stop.is_set():
                return
            try:
                yield from self._read_file(file, time_range, stop)
                self._files += 1
            except AppError as error:
                if file in self._paths:
                    raise
                last_error = error
                yield Trouble(error, retry_at=None)
        if self._files == 0 and last_error is not None:
            raise AppError(f"None of the {len(files)} files in {self.title} can be read.", last_error.message)
        if not stop.is_set():
            yield Progress(self._events, self._files, read_from=time_range.start, done=True)

    def follow(self, since: int, stop: StopFlag) -> Iterator[Update]:  # noqa: ARG002 - as every source
        """Nothing: files are read once."""
        return iter(())

    def request_events(self, request: RequestRef, stop: StopFlag) -> Iterator[Update]:  # noqa: ARG002
        """Nothing: all lines that the files hold are read by `backfill`."""
        return iter(())

    def find(self, identifier: str, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        """Yield the lines that carry the ID, then the other lines of the same requests.

        Stdin can be read only once: all of it comes.
        """
        if STDIN in self._paths:
            yield from self.backfill(time_range, stop)
            return
        carriers = pl.col("message").str.contains(identifier, literal=True)
        requests: set[str] = set()
        for update in self.backfill(time_range, stop):
            if isinstance(update, Batch) and (batch := update.events.filter(carriers)).height:
                requests.update(parse_events(batch, self.formats)["request_id"].drop_nulls())
                yield Batch(batch)
            elif isinstance(update, Trouble):
                yield update
        requests.discard(identifier)
        if not requests:
            return
        related = pl.col("message").str.contains_any(sorted(requests)) & ~carriers
        for update in self.backfill(time_range, stop):
            if isinstance(update, Batch) and (batch := update.events.filter(related)).height:
                yield Batch(batch)

    def _read_file(self, file: str, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        name, before = _shown(file), self._events
        try:
            with self._opened(file) as stream:
                for frame in self._frames(file, stream, stop):
                    chosen = _in_range(frame, time_range)
                    self._events += chosen.height
                    if chosen.height:
                        yield Batch(chosen)
        except OSError as error:
            raise AppError(f"Could not read {name}: {error.strerror or error}.", "Check the path.") from None
        except (CutShortError, CutJsonError) as error:
            what = "gzip stream" if isinstance(error, CutShortError) else "JSON"
            read = self._events - before
            told = f"its {what} is damaged or cut short"
            if read == 0:
                raise AppError(f"Could not read {name}: {told}.", "Fetch it again.") from None
            cut = AppError(f"{name} was read only up to event {read}: {told}.", "Fetch it again.")
            yield Trouble(cut, retry_at=None)

    def _opened(self, file: str) -> RawIOBase:
        if file != STDIN:
            return FileIO(file)
        if self._stdin is not None:
            return self._stdin
        return FileIO(sys.stdin.fileno(), closefd=False)

    def _frames(self, file: str, stream: RawIOBase, stop: StopFlag) -> Iterator[pl.DataFrame]:
        """The events of one file. Raises what its bytes raise, after the events before the damage."""
        fallback = self._clock() if file == STDIN else int(Path(file).stat().st_mtime * 1000)
        blocks = whole_lines(unpacked(read_blocks(stream, stop)))
        first = next(blocks, b"").removeprefix(_BYTE_ORDER_MARK)
        if stop.is_set():
            return
        _require_text(first, _shown(file))
        shape = shape_of(first)
        every = chain([first], blocks)
        if shape == "documents":
            yield from _documents(every, file, fallback)
        elif shape == "records":
            for block in every:
                yield from read_record_lines(block, file, fallback)
        else:
            yield from _raw_lines(every, RawLines(file, fallback, self._format))


def _raw_lines(blocks: Iterator[bytes], lines: RawLines) -> Iterator[pl.DataFrame]:
    try:
        for block in blocks:
            yield from lines.read(block)
    except CutShortError:
        yield from lines.finish()
        raise
    yield from lines.finish()


def _documents(blocks: Iterator[bytes], file: str, fallback: int) -> Iterator[pl.DataFrame]:
    text = bytearray()
    cut: CutShortError | None = None
    try:
        for block in blocks:
            text += block
    except CutShortError as error:
        cut = error
    yield from read_documents(text.decode("utf-8", errors="replace"), file, fallback)
    if cut is not None:
        raise cut


def _shown(file: str) -> str:
    return "stdin" if file == STDIN else file


def _files_of(path: str) -> tuple[str, ...]:
    directory = Path(path)
    if path == STDIN or not directory.is_dir():
        return (path,)
    below = (file.relative_to(directory) for file in sorted(directory.rglob("*")) if file.is_file())
    return tuple(str(directory / file) for file in below if not any(part.startswith(".") for part in file.parts))


def _in_range(frame: pl.DataFrame, time_range: TimeRange) -> pl.DataFrame:
    if time_range.start <= 0 and time_range.end is None:
        return frame
    inside = pl.col("timestamp") >= time_range.start
    if time_range.end is not None:
        inside &= pl.col("timestamp") <= time_range.end
    return frame.filter(inside)


def _require_text(beginning: bytes, name: str) -> None:
    if not beginning.strip():
        raise AppError(f"There is nothing in {name}.", "Name a file that holds log lines or events.")
    if beginning.startswith(_UTF16_MARKS):
        raise AppError(f"{name} is UTF-16 text.", f"Convert it: `iconv -f UTF-16 -t UTF-8 {name}`.")
    if b"\0" in beginning[:_BEGINNING]:
        raise AppError(f"{name} is no text: it looks like a binary file.", "Name a text file or a gz of one.")


def shape_of(beginning: bytes) -> Shape:
    """What a text holds: JSON documents of events, an event per line, or raw lines."""
    text = beginning[:_BEGINNING].decode("utf-8", errors="replace").lstrip()
    if not text.startswith(("{", "[")):
        return "lines"
    first_line = beginning.lstrip().partition(b"\n")[0].decode("utf-8", errors="replace")
    try:
        value = json.loads(first_line)
    except (ValueError, RecursionError):
        return "documents" if _looks_like_document(text) else "lines"
    if records_of(value) is not None:
        return "documents"
    return "records" if is_record(value) else "lines"


def _looks_like_document(text: str) -> bool:
    """Whether JSON that does not end on its first line begins as a list of events does."""
    inside = text[1:].lstrip()
    if text.startswith("{"):
        return inside.startswith(('"events"', '"logEvents"', '"nextToken"', '"searchedLogStreams"', '"messageType"'))
    return inside.startswith("{") and '"message"' in inside
