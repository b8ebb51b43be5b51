"""Where a run keeps on disk what does not fit into memory: a private folder that goes with the run.

Log text lies there as it was read, secrets too: only this user may enter the folder. What a run that crashed left
behind is removed by the next one, which knows by the lock that nobody holds any more.
"""

from __future__ import annotations

import os
import shutil
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import ref

from apigw_tui.sources.cache_place import cache_root
from apigw_tui.sources.private_files import make_private

if TYPE_CHECKING:
    import polars as pl

DEFAULT_MAX_DISK: Final = 50_000_000_000
_LEAST_FREE: Final = 1_000_000_000
"""Bytes that are left free for everybody else on the disk."""

_ROW_GROUP: Final = 8_192
"""As few rows as are read for one screenful."""

_WAITING: Final = 2
"""So many frames wait for the writer, in memory beside what is meant to be there."""

_LOCK: Final = "lock"
_OPEN_PRIVATE: Final = os.O_RDWR | os.O_CREAT


class SpillFolder:
    """Frames as Parquet files; each is there as long as the value that `put` returned lives. From any thread.

    A thread of its own writes them: until its file is whole a frame is read from memory, and for ever where it cannot
    be written. Only so many wait to be written; who puts more waits, too.
    """

    def __init__(self, root: Path | None = None, *, max_bytes: int = DEFAULT_MAX_DISK) -> None:
        self._root = root
        self._max_bytes = max_bytes
        self._folder: Path | None = None
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._sizes: dict[Path, int] = {}
        self._unwritten: deque[ref[SpilledFrame]] = deque()
        self._places = threading.BoundedSemaphore(_WAITING)
        self._writer: threading.Thread | None = None
        self._broken = False

    @property
    def size(self) -> int:
        """How many bytes its files have."""
        with self._lock:
            return sum(self._sizes.values())

    def put(self, frame: pl.DataFrame) -> SpilledFrame | None:
        """Take a frame; None when there is no room for it, or no way to write there."""
        if self._broken or self.size >= self._max_bytes:
            return None
        try:
            folder = self._opened()
            if shutil.disk_usage(folder).free < _LEAST_FREE:
                return None
        except OSError:
            self._broken = True
            return None
        self._places.acquire()
        spilled = SpilledFrame(frame, folder / f"{next(self._numbers)}.parquet", self)
        with self._lock:
            self._unwritten.append(ref(spilled))
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_all, name="spill", daemon=True)
                self._writer.start()
        return spilled

    def settle(self) -> None:
        """Wait until all that was put is written."""
        with self._lock:
            writer = self._writer
        if writer is not None:
            writer.join()

    def _write_all(self) -> None:
        """In the writer's thread, which ends when there is nothing to write: it must not outlive the folder's owner."""
        while True:
            with self._lock:
                if not self._unwritten:
                    self._writer = None
                    return
                spilled = self._unwritten.popleft()()
            try:
                self._write(spilled)
            finally:
                del spilled
                self._places.release()

    def _write(self, spilled: SpilledFrame | None) -> None:
        if spilled is None or self._broken:
            return
        try:
            size = spilled.write()
        except Exception:  # noqa: BLE001 - Polars raises what it likes; the frame stays where it is
            self._broken = True
            return
        with self._lock:
            self._sizes[spilled.path] = size

    def remove_orphans(self) -> None:
        """Remove the folders of runs that are no more."""
        root = self._place()
        for folder in root.iterdir() if root.is_dir() else ():
            lock = _locked(folder / _LOCK)
            if lock is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)

    def close(self) -> None:
        """Remove the folder. Nothing can be read any more."""
        self._broken = True
        self.settle()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def forget(self, path: Path) -> None:
        """Remove a file that nobody needs any more."""
        path.unlink(missing_ok=True)
        with self._lock:
            self._sizes.pop(path, None)

    def _place(self) -> Path:
        return self._root or cache_root() / "spill"

    def _opened(self) -> Path:
        if self._folder is None:
            make_private(self._place())
            self.remove_orphans()
            folder = self._place() / f"{os.getpid()}-{os.urandom(4).hex()}"
            folder.mkdir(0o700)
            # Held until the process ends, however it does.
            self._held = _locked(folder / _LOCK, create=True)
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self._folder = folder
        return self._folder


class SpilledFrame:
    """A frame in the folder, or on its way there."""

    def __init__(self, frame: pl.DataFrame, path: Path, folder: SpillFolder) -> None:
        self.path = path
        self._frame: pl.DataFrame | None = frame
        self._size = 0
        weakref.finalize(self, folder.forget, path).atexit = False

    @property
    def is_written(self) -> bool:
        """Whether its file is whole."""
        return self._frame is None

    @property
    def is_gone(self) -> bool:
        """Whether somebody removed or spoiled its file."""
        if not self.is_written:
            return False
        try:
            return self.path.stat().st_size != self._size
        except OSError:
            return True

    def write(self) -> int:
        """Write its file, and let go of what is in memory; return the file's bytes."""
        if self._frame is not None:
            self._frame.write_parquet(self.path, compression="lz4", row_group_size=_ROW_GROUP, statistics=False)
        self._size = self.path.stat().st_size
        self._frame = None
        return self._size

    def read(self, names: Sequence[str], *, start: int = 0, count: int | None = None) -> pl.DataFrame | None:
        """Return these columns of its rows; None when the file is gone."""
        frame = self._frame
        if frame is not None:
            return frame.select(names).slice(start, count)
        import polars as pl  # noqa: PLC0415 - loaded long since by whoever has a frame

        try:
            if count is None:
                return pl.read_parquet(self.path, columns=list(names)).select(names)
            return pl.scan_parquet(self.path).select(names).slice(start, count).collect(engine="in-memory")
        except (OSError, pl.exceptions.PolarsError):
            if self.is_gone:
                return None
            raise


def _locked(path: Path, *, create: bool = False) -> int | None:
    """The lock's handle; None when somebody else holds it, or when it cannot be told (Windows)."""
    try:
        import fcntl  # noqa: PLC0415 - not everywhere

        handle = os.open(path, _OPEN_PRIVATE if create else os.O_RDWR, 0o600)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
