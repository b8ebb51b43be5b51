"""Files, directories and stdin as a source: log lines, JSON and tables of events, gz of each.

What a file holds is told by its beginning, never by its name. A file is read forward, in batches, with a few
blocks of it in memory; a table and a JSON document are in memory as a whole.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import FileIO, RawIOBase
from itertools import chain
from pathlib import Path
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

import polars as pl

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.lambda_lines import LAMBDA_GROUP
from apigw_tui.core.parse import parse_events
from apigw_tui.core.stage import EXECUTION_GROUP_PREFIX
from apigw_tui.errors import AppError
from apigw_tui.sources.base import Batch, Progress, Trouble, Update
from apigw_tui.sources.byte_blocks import CutShortError, read_blocks, unpacked, whole_lines
from apigw_tui.sources.clock import wall_clock
from apigw_tui.sources.envelopes import CutJsonError, read_documents
from apigw_tui.sources.event_records import Origin, frame_of, read_record_lines
from apigw_tui.sources.file_shapes import shape_of, without_comments
from apigw_tui.sources.format_memory import SaidFormats
from apigw_tui.sources.indentation import indent_of, without_indent
from apigw_tui.sources.laid_out_lines import LaidOutLines
from apigw_tui.sources.line_layouts import sniff_layout
from apigw_tui.sources.raw_lines import RawLines
from apigw_tui.sources.tables import read_table

if TYPE_CHECKING:
    from apigw_tui.core.timerange import TimeRange
    from apigw_tui.sources.base import RequestRef

STDIN: Final = "-"
_RELATED: Final = ("request_id", "extended_request_id", "integration_request_id", "authorizer_request_id")
_BEGINNING: Final = 65_536
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_MOST_HELD: Final = 1_000
_FEW_ODD: Final = 10  # of a text, less than one character in ten is no text
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class FileSource:
    """Some files, directories (all files below, hidden ones left out) or `-` for stdin."""

    live = False

    def __init__(
        self,
        paths: Sequence[str],
        *,
        access_format: str | SaidFormats | None = None,
        stdin: RawIOBase | None = None,
        clock: Callable[[], int] = wall_clock,
    ) -> None:
        self._paths = tuple(paths)
        self._said = SaidFormats.of(access_format)
        self._stdin = stdin
        self._clock = clock
        self._events = 0
        self._files = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the files' formats."""
        return self._said.notes

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
        """The formats that were given, now or before; other files are sniffed."""
        return {file: found for file in self.groups if (found := self._format_of(file))}

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

    def failing_events(self, requests: Sequence[RequestRef], stop: StopFlag) -> Iterator[Update]:  # noqa: ARG002
        """Nothing, for the same reason."""
        return iter(())

    def find(self, identifier: str, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        """Yield the lines of the requests that the ID names, with those of their functions.

        Lines that do not carry the ID of their request themselves come too. Stdin can be read only once: all of
        it comes.
        """
        if STDIN in self._paths:
            yield from self.backfill(time_range, stop)
            return
        wanted: set[str] = set()
        for update in self.backfill(time_range, stop):
            if isinstance(update, Batch):
                wanted |= self._related(update.events, {identifier})
            elif isinstance(update, Trouble):
                yield update
        if not wanted:
            return
        for update in self.backfill(time_range, stop):
            if isinstance(update, Batch) and (batch := self._lines_of(update.events, wanted)).height:
                yield Batch(batch)

    def _related(self, events: pl.DataFrame, identifiers: set[str]) -> set[str]:
        """The IDs, when a message holds one of them, and those of the requests and invocations it speaks of."""
        parsed, carriers = self._carriers(events, identifiers)
        if not carriers.any():
            return set()
        requests = parsed.filter(carriers)["request_id"].drop_nulls()
        rows = parsed.filter(pl.col("request_id").is_in(requests.implode()) | carriers)
        found = (rows[name].drop_nulls().to_list() for name in _RELATED)
        return identifiers.union(*found)

    def _lines_of(self, events: pl.DataFrame, identifiers: set[str]) -> pl.DataFrame:
        parsed, carriers = self._carriers(events, identifiers)
        named = parsed["request_id"].is_in(sorted(identifiers)).fill_null(value=False)
        return events.filter(carriers | named) if carriers.any() else events.clear()

    def _carriers(self, events: pl.DataFrame, identifiers: set[str]) -> tuple[pl.DataFrame, pl.Series]:
        """The events, parsed where any message holds one of the IDs, and which messages do."""
        carriers = events["message"].str.contains_any(sorted(identifiers))
        return parse_events(events if carriers.any() else events.clear(), self.formats), carriers

    def _read_file(self, file: str, time_range: TimeRange, stop: StopFlag) -> Iterator[Update]:
        name, before = _shown(file), self._events
        try:
            with self._opened(file) as stream:
                for frame in self._frames(file, stream, stop):
                    chosen = _in_range(_in_file(frame, file) if self._format_of(file) else frame, time_range)
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

    def _format_of(self, file: str) -> AccessFormat | None:
        source = self._said.format(file, self._target_of(file))
        return AccessFormat.compile(source) if source else None

    def _target_of(self, file: str) -> str:
        """What the user named: the file, or a directory above it."""
        return next((path for path in self._paths if Path(path) in Path(file).parents), file)

    def _frames(self, file: str, stream: RawIOBase, stop: StopFlag) -> Iterator[pl.DataFrame]:
        """The events of one file. Raises what its bytes raise, after the events before the damage."""
        fallback = self._clock() if file == STDIN else int(Path(file).stat().st_mtime * 1000)
        origin = Origin(file, fallback)
        blocks = whole_lines(unpacked(read_blocks(stream, stop)))
        first = next(blocks, b"").removeprefix(_BYTE_ORDER_MARK)
        if stop.is_set():
            return
        _require_text(first, _shown(file))
        comments, first = without_comments(first)
        while not first and (more := next(blocks, b"")):
            others, first = without_comments(more)
            comments += others
        frames = self._shaped(chain([first], blocks) if first else blocks, first, origin)
        # A pipe may go on for ever: what it says is not held back.
        yield from _below(comments, _with_its_end(frames) if stream.seekable() else frames, origin)

    def _shaped(self, blocks: Iterator[bytes], first: bytes, origin: Origin) -> Iterator[pl.DataFrame]:
        match shape_of(first):
            case "documents":
                return read_documents(blocks, origin)
            case "records":
                return chain.from_iterable(read_record_lines(block, origin) for block in blocks)
            case "table":
                return _table(blocks, origin)
        indent = indent_of(_first_lines(first))
        blocks = (without_indent(block, indent) for block in blocks)
        layout = sniff_layout(_first_lines(without_indent(first, indent)), self._format_of(origin.group))
        if layout is None:
            return _lines(blocks, RawLines(origin.group, origin.fallback_time, self._format_of(origin.group)))
        return _lines(blocks, LaidOutLines(layout, origin.group, origin.fallback_time))


def _below(comments: list[str], frames: Iterator[pl.DataFrame], origin: Origin) -> Iterator[pl.DataFrame]:
    """The comments at the head of a file, at the time of the first event below them, and the events."""
    if not comments:
        yield from frames
        return
    first = next((frame for frame in frames if frame.height), None)
    at = origin.fallback_time if first is None else first["timestamp"][0]
    yield frame_of([{"message": line, "timestamp": at} for line in comments], origin)
    if first is not None:
        yield first
    yield from frames


def _lines(blocks: Iterator[bytes], lines: RawLines | LaidOutLines) -> Iterator[pl.DataFrame]:
    try:
        for block in blocks:
            yield from lines.read(block)
    except CutShortError:
        yield from lines.finish()
        raise
    yield from lines.finish()


def _with_its_end(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The frames, but a last one of a single event with those before it, which may tell whose it is."""
    held: list[pl.DataFrame] = []
    cut: CutShortError | None = None
    try:
        for frame in frames:
            if held and (frame.height > 1 or len(held) >= _MOST_HELD):
                yield pl.concat(held)
                held = []
            held.append(frame)
    except CutShortError as error:
        cut = error
    if held:
        yield pl.concat(held)
    if cut is not None:
        raise cut


def _table(blocks: Iterator[bytes], origin: Origin) -> Iterator[pl.DataFrame]:
    text = bytearray()
    cut: CutShortError | None = None
    try:
        for block in blocks:
            text += block
    except CutShortError as error:
        cut = error
    yield from read_table(text.decode("utf-8", errors="replace").lstrip(), origin)
    if cut is not None:
        raise cut


def _first_lines(block: bytes) -> list[str]:
    return [line.rstrip("\r") for line in block[:_BEGINNING].decode("utf-8", errors="replace").split("\n")]


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


def _in_file(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    """The events as those of the file, for which a format is known, whatever access log they were copied from."""
    group = pl.col("log_group")
    told = group.str.starts_with(EXECUTION_GROUP_PREFIX) | group.str.starts_with(LAMBDA_GROUP)
    return frame.with_columns(pl.when(told).then(group).otherwise(pl.lit(file)).alias("log_group"))


def _require_text(beginning: bytes, name: str) -> None:
    if not beginning.strip():
        raise AppError(f"There is nothing in {name}.", "Name a file that holds log lines or events.")
    if beginning.startswith(_UTF16_MARKS):
        raise AppError(f"{name} is UTF-16 text.", f"Convert it: `iconv -f UTF-16 -t UTF-8 {name}`.")
    if _is_binary(beginning[:_BEGINNING]):
        raise AppError(f"{name} is no text: it looks like a binary file.", "Name a text file or a gz of one.")


def _is_binary(beginning: bytes) -> bool:
    """Whether a file with NUL bytes is no text. A log may hold some too: what a client sent, or a crash left."""
    if b"\0" not in beginning:
        return False
    text = beginning.decode("utf-8", "replace")
    odd = sum(1 for character in text if character == "\ufffd" or (character < " " and character not in "\t\r\n\x1b"))
    return odd * _FEW_ODD > len(text)
